//! Messages that were delivered as often as allowed: they are set aside and whoever waits for them is told.
//!
//! NATS says so in an advisory. Advisories are kept in a stream, so that none is lost while no supervisor runs, and
//! everything done here carries an identity, so that doing it twice changes nothing.

use async_nats::jetstream::consumer::PullConsumer;
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::LastRawMessageErrorKind;
use futures_util::StreamExt;
use mistersmith_common::backoff::{Backoff, Retry};
use mistersmith_common::dead_letter::{Buried, copy};
use mistersmith_common::fault::Fault;
use mistersmith_common::messages::{
    Envelope, Job, JobResult, Name, Outcome, Reason, Task, TaskProgress, TaskResult,
};
use mistersmith_common::nats::Nats;
use mistersmith_common::publish::publish_as;
use mistersmith_common::trace::Trace;
use serde::Deserialize;
use uuid::Uuid;

use crate::error::GIVEN_UP;
use crate::metrics::{DeskMetrics, StreamLabel};

const STREAM: &str = "ADVISORIES";
const CONSUMER: &str = "dead-letters";

#[derive(Debug, Deserialize)]
struct Advisory {
    stream: String,
    stream_seq: u64,
    deliveries: u64,
}

/// Whether it is done, or why it has to be tried again.
type Done = Result<(), async_nats::Error>;

/// Buries given up messages for as long as the process lives.
pub async fn run(nats: Nats, metrics: DeskMetrics) {
    let mut retry = Retry::new(Backoff::connection());
    loop {
        if let Err(error) = follow(&nats, &metrics, &mut retry).await {
            tracing::debug!(%error, "advisories are not read");
        }
        retry.wait().await;
    }
}

async fn follow(nats: &Nats, metrics: &DeskMetrics, retry: &mut Retry) -> Done {
    let consumer: PullConsumer = nats.jetstream.get_consumer_from_stream(CONSUMER, STREAM).await?;
    let mut advisories = consumer.messages().await?;
    retry.reset();
    while let Some(message) = advisories.next().await {
        let message = message?;
        if let Ok(advisory) = serde_json::from_slice::<Advisory>(&message.payload) {
            bury(nats, &advisory).await?;
            metrics
                .given_up
                .get_or_create(&StreamLabel {
                    stream: advisory.stream,
                })
                .inc();
        }
        message.ack().await?;
    }
    Ok(())
}

async fn bury(nats: &Nats, advisory: &Advisory) -> Done {
    let stream = nats.jetstream.get_stream_no_info(&advisory.stream).await?;
    let message = match stream.get_raw_message(advisory.stream_seq).await {
        Ok(message) => message,
        Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let reason = Fault::new(
        GIVEN_UP,
        format!("given up after {} deliveries", advisory.deliveries),
    );
    let buried = Buried {
        stream: &advisory.stream,
        subject: &message.subject,
        sequence: advisory.stream_seq,
        attempts: advisory.deliveries,
        headers: Some(&message.headers),
        data: &message.payload,
    };
    copy(&nats.jetstream, buried, &reason).await?;
    tell_those_who_wait(nats, &advisory.stream, &message, &reason).await?;
    stream.delete_message(advisory.stream_seq).await?;
    Ok(())
}

async fn tell_those_who_wait(nats: &Nats, stream: &str, message: &StreamMessage, reason: &Fault) -> Done {
    let trace = Trace::of(Some(&message.headers)).child();
    if stream == "TASKS" {
        if let Ok(task) = Envelope::<Task>::decode(&message.payload) {
            fail_task(nats, &task.payload, reason, &trace).await?;
        }
    } else if let Ok(job) = Envelope::<Job>::decode(&message.payload) {
        fail_job(nats, &job.payload, reason, &trace).await?;
    }
    Ok(())
}

/// The task's result when nobody else will write it.
async fn fail_task(nats: &Nats, task: &Task, reason: &Fault, trace: &Trace) -> Done {
    let last = last_progress(nats, task.task_id).await;
    let result = TaskResult {
        task_id: task.task_id,
        job_id: last.as_ref().and_then(|progress| progress.job_id.clone()),
        agent_id: last
            .and_then(|progress| progress.agent_id)
            .unwrap_or_else(ourselves),
        worker_id: None,
        outcome: Outcome::Failed,
        result: None,
        error: Some(Reason::from(reason)),
        cost_usd: 0.0,
        duration_ms: 0,
        turns: None,
        session_id: None,
    };
    let message = Envelope::new(result).about(task.task_id);
    let subject = format!("tasks.{}.result", task.task_id);
    let identity = format!("{}-result", task.task_id);
    publish_as(&nats.jetstream, subject, &identity, &message, trace).await?;
    Ok(())
}

/// The job's result when no worker could write one; the agent that waits turns it into the task's.
async fn fail_job(nats: &Nats, job: &Job, reason: &Fault, trace: &Trace) -> Done {
    let last = last_progress(nats, job.task_id).await;
    let result = JobResult {
        task_id: job.task_id,
        job_id: job.job_id.clone(),
        agent_id: job.agent_id.clone(),
        worker_id: last
            .and_then(|progress| progress.worker_id)
            .unwrap_or_else(ourselves),
        outcome: Outcome::Failed,
        result: None,
        error: Some(Reason::from(reason)),
        cost_usd: 0.0,
        duration_ms: 0,
        turns: None,
        session_id: None,
    };
    let message = Envelope::new(result).about(job.task_id);
    let subject = format!("jobs.{}.result", job.job_id);
    let identity = format!("{}-result", job.job_id);
    publish_as(&nats.jetstream, subject, &identity, &message, trace).await?;
    Ok(())
}

async fn last_progress(nats: &Nats, task_id: Uuid) -> Option<TaskProgress> {
    let results = nats.jetstream.get_stream_no_info("RESULTS").await.ok()?;
    let last = results
        .direct_get_last_for_subject(format!("tasks.{task_id}.progress"))
        .await
        .ok()?;
    Envelope::<TaskProgress>::decode(&last.payload)
        .ok()
        .map(|message| message.payload)
}

fn ourselves() -> Name {
    #[expect(clippy::expect_used, reason = "a constant")]
    Name::new("supervisor").expect("a name")
}
