//! `msctl task`.

use std::io::Read;

use async_nats::jetstream::consumer::DeliverPolicy;
use futures_util::{StreamExt, stream};
use mistersmith_common::fault::Fault;
use mistersmith_common::messages::{
    AgentOutput, Envelope, Outcome, Payload, Priority, Task, TaskProgress, TaskResult, TaskState,
};
use mistersmith_common::publish::{publish, publish_as};
use mistersmith_common::trace::Trace;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::command_line::{PriorityArg, SubmitArgs};
use crate::connection::Connection;
use crate::error::{ARGUMENT, FILE, NOT_THERE, no_answer};
use crate::screen::{Screen, brief, word};
use crate::stream_reader::{all, follow};

/// The stream of states and results.
const STREAM: &str = "RESULTS";
/// Who submits, as the task says.
const SUBMITTER: &str = "operator";
/// Width of a line of output.
const LINE: usize = 160;

/// Puts a task into the queue; `true` when it was followed and did not succeed.
///
/// # Errors
/// The task is not valid, or NATS does not answer.
pub(crate) async fn submit(
    connection: &Connection,
    screen: Screen,
    given: &SubmitArgs,
) -> Result<bool, Fault> {
    let task = task(given)?;
    let id = task.task_id;
    let trace = Trace::start();
    store(connection, task, &trace)
        .await
        .map_err(|error| no_answer("the queue", &error))?;
    screen.one(&json!({ "task_id": id, "trace_id": trace.id() }), &id.to_string());
    if given.watch {
        watch(connection, screen, id, false).await
    } else {
        Ok(false)
    }
}

/// The state first, so that whatever is in the queue can be asked for.
async fn store(
    connection: &Connection,
    task: Task,
    trace: &Trace,
) -> Result<(), async_nats::jetstream::context::PublishError> {
    let id = task.task_id;
    let queue = format!("tasks.queue.{}", word(task.priority));
    let queued = TaskProgress {
        task_id: id,
        state: TaskState::Queued,
        agent_id: None,
        job_id: None,
        worker_id: None,
        attempt: None,
        task: Some(task.clone()),
    };
    let jetstream = &connection.jetstream;
    let message = Envelope::new(queued).about(id);
    publish(jetstream, format!("tasks.{id}.progress"), &message, trace).await?;
    let message = Envelope::new(task).about(id);
    publish_as(jetstream, queue, &id.to_string(), &message, trace).await?;
    Ok(())
}

fn task(given: &SubmitArgs) -> Result<Task, Fault> {
    let mut prompt = given.prompt.clone();
    if prompt == "-" {
        prompt.clear();
        let read = std::io::stdin().read_to_string(&mut prompt);
        read.map_err(|error| Fault::new(FILE, format!("standard input: {error}")))?;
    }
    let timeout = given.timeout.map(|time| u64::try_from(time.as_millis()));
    let task = Task {
        task_id: Uuid::now_v7(),
        prompt,
        role: given.role.clone(),
        priority: match given.priority {
            PriorityArg::High => Priority::High,
            PriorityArg::Normal => Priority::Normal,
            PriorityArg::Low => Priority::Low,
        },
        budget_usd: given.budget_usd,
        timeout_ms: timeout.and_then(Result::ok),
        session_id: given.session_id,
        submitted_by: SUBMITTER.to_owned(),
    };
    match task.check() {
        Ok(()) => Ok(task),
        Err(reason) => Err(Fault::new(ARGUMENT, format!("the task is not valid: {reason}"))),
    }
}

/// Shows where a task is; `true` when it ended without success.
///
/// # Errors
/// There is no such task, or NATS does not answer.
pub(crate) async fn get(connection: &Connection, screen: Screen, id: Uuid) -> Result<bool, Fault> {
    let ended = all::<TaskResult>(connection, STREAM, &format!("tasks.{id}.result")).await?;
    if let Some(stored) = ended.last() {
        return Ok(show_result(screen, &stored.envelope));
    }
    let states = all::<TaskProgress>(connection, STREAM, &format!("tasks.{id}.progress")).await?;
    let Some(stored) = states.last() else {
        return Err(Fault::new(NOT_THERE, format!("there is no task {id}")));
    };
    show_progress(screen, &stored.envelope);
    Ok(false)
}

/// Follows a task to its end; `true` when it ends without success.
///
/// # Errors
/// There is no such task, or NATS does not answer.
pub(crate) async fn watch(
    connection: &Connection,
    screen: Screen,
    id: Uuid,
    output: bool,
) -> Result<bool, Fault> {
    let known = all::<TaskProgress>(connection, STREAM, &format!("tasks.{id}.progress")).await?;
    if known.is_empty() {
        return Err(Fault::new(NOT_THERE, format!("there is no task {id}")));
    }
    let subjects = ["progress", "result"].map(|kind| format!("tasks.{id}.{kind}"));
    let states = follow(connection, STREAM, subjects.into(), DeliverPolicy::All).await?;
    let mut messages = if output {
        let subjects = vec!["agent.*.output".to_owned()];
        let lines = follow(connection, "AGENT_EVENTS", subjects, DeliverPolicy::All).await?;
        stream::select(states, lines).boxed()
    } else {
        states.boxed()
    };
    while let Some(message) = messages.next().await {
        let message = message.map_err(|error| no_answer("NATS", &error))?;
        if let Ok(line) = Envelope::<AgentOutput>::decode(&message.payload) {
            if line.payload.task_id == id {
                show_line(screen, &line);
            }
        } else if let Ok(progress) = Envelope::<TaskProgress>::decode(&message.payload) {
            show_progress(screen, &progress);
        } else if let Ok(result) = Envelope::<TaskResult>::decode(&message.payload) {
            return Ok(show_result(screen, &result));
        }
    }
    Err(no_answer("NATS", &"the stream ended before the task"))
}

fn show_progress(screen: Screen, message: &Envelope<TaskProgress>) {
    let progress = &message.payload;
    let mut text = format!("{}  {}", message.timestamp, word(progress.state));
    let places = [
        ("agent", progress.agent_id.as_ref()),
        ("worker", progress.worker_id.as_ref()),
    ];
    for (what, name) in places {
        if let Some(name) = name {
            text += &format!("  {what} {name}");
        }
    }
    screen.one(&dated(message), &text);
}

fn show_line(screen: Screen, message: &Envelope<AgentOutput>) {
    let line = &message.payload;
    let event = Value::Object(line.event.clone());
    let text = format!(
        "{}  {:>5}  {}",
        message.timestamp,
        line.sequence,
        brief(&event.to_string(), LINE)
    );
    screen.one(&dated(message), &text);
}

fn show_result(screen: Screen, message: &Envelope<TaskResult>) -> bool {
    let result = &message.payload;
    let mut text = format!(
        "{}  {}  {:.4} USD  {} ms",
        message.timestamp,
        word(result.outcome),
        result.cost_usd,
        result.duration_ms
    );
    if let Some(reason) = &result.error {
        text += &format!("\n{} {}", reason.code, reason.message);
    }
    if let Some(answer) = &result.result {
        text += &format!("\n{answer}");
    }
    screen.one(&dated(message), &text);
    result.outcome != Outcome::Succeeded
}

fn dated<P: Payload>(message: &Envelope<P>) -> Value {
    let mut item = json!(message.payload);
    item["timestamp"] = json!(message.timestamp);
    item
}
