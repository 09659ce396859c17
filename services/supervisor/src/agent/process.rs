//! The agent's life: connect, take tasks one after the other, finish, end.

use std::os::fd::AsFd;
use std::time::Duration;

use async_nats::jetstream::Message;
use mistersmith_common::backoff::{Backoff, Retry};
use mistersmith_common::config::Secret;
use mistersmith_common::messages::{AgentState, Envelope, Task};
use mistersmith_common::nats::{Nats, NatsOptions};
use mistersmith_common::shutdown::{Phase, Shutdown, Trigger, manual};
use mistersmith_common::streams::Topology;
use mistersmith_common::trace::Trace;
use tokio::net::UnixStream;
use tokio::signal::unix::{SignalKind, signal};
use tracing::Instrument;

use super::delivery::Delivery;
use super::desk::{self, Desk};
use super::queue::Queue;
use super::task::Workbench;
use crate::error::Fatal;
use crate::wire::{Assignment, split};

/// Runs an agent whose stdin is the line to the supervisor.
///
/// # Errors
/// It was not started by a supervisor, or NATS cannot be spoken to at all.
pub async fn run() -> Result<(), Fatal> {
    let (trigger, shutdown) = manual();
    drain_on_sigterm(trigger.clone()).map_err(|error| Fatal::system("signals", &error))?;
    let line = line_to_supervisor()
        .map_err(|error| Fatal::system("an agent is started by the supervisor", &error))?;
    let (reader, writer) = split(line);
    let opened = desk::open(reader, writer, trigger).await;
    let (assignment, desk) = opened.map_err(|error| Fatal::system("the line to the supervisor", &error))?;
    let span = tracing::info_span!("agent", agent_id = %assignment.agent_id);
    live(assignment, desk, shutdown).instrument(span).await
}

async fn live(assignment: Assignment, desk: Desk, shutdown: Shutdown) -> Result<(), Fatal> {
    let nats = Nats::connect(NatsOptions {
        url: assignment.nats_url.clone(),
        seed: assignment.nats_seed.clone().map(Secret::new),
        role: "supervisor".to_owned(),
        name: assignment.agent_id.to_string(),
    })
    .await?;
    let topology = Topology::embedded();
    let seconds = topology.stream("WORK").map_or(0, |stream| stream.max_age_seconds);
    let job_life = Duration::from_secs(seconds);
    let bench = Workbench {
        assignment,
        nats,
        desk,
        shutdown,
        job_life,
    };
    work(&bench, &topology).await;
    bench.desk.state(AgentState::Stopped, None).await;
    bench.nats.drain().await;
    Ok(())
}

async fn work(bench: &Workbench, topology: &Topology) {
    let ack_wait = topology
        .consumer("agents-normal")
        .map_or(30, |consumer| consumer.ack_wait_seconds);
    let ack_wait = Duration::from_secs(ack_wait);
    // The number at the end of the name spreads the agents over the queues.
    let digits = bench
        .assignment
        .agent_id
        .as_str()
        .rsplit('-')
        .next()
        .and_then(|text| text.parse().ok());
    let mut queue = Queue::new(&bench.nats, digits.unwrap_or(0));
    let mut retry = Retry::new(Backoff::connection());
    while bench.shutdown.is_running() {
        let ready = tokio::select! {
            ready = queue.check() => ready,
            () = bench.shutdown.draining() => return,
        };
        match ready {
            Ok(()) => break,
            Err(error) => tracing::debug!(%error, "the queues are not there yet"),
        }
        retry.wait().await;
    }
    retry.reset();
    bench.desk.state(AgentState::Idle, None).await;
    while bench.shutdown.is_running() {
        if bench.desk.is_paused() {
            pause(bench).await;
            continue;
        }
        match queue.next().await {
            Ok(Some(message)) => {
                one_task(bench, message, ack_wait).await;
                retry.reset();
            }
            Ok(None) => retry.reset(),
            Err(error) => {
                tracing::debug!(%error, "no tasks can be taken");
                tokio::select! {
                    () = retry.wait() => {}
                    () = bench.shutdown.draining() => {}
                }
            }
        }
    }
}

async fn pause(bench: &Workbench) {
    bench.desk.state(AgentState::Paused, None).await;
    tokio::select! {
        () = bench.desk.resumed() => bench.desk.state(AgentState::Idle, None).await,
        () = bench.shutdown.draining() => {}
    }
}

async fn one_task(bench: &Workbench, message: Message, ack_wait: Duration) {
    let trace = Trace::of(message.headers.as_ref()).child();
    let task = Envelope::<Task>::decode(&message.payload);
    let delivery = Delivery::hold(message, bench.desk.clone(), ack_wait).await;
    match task {
        Ok(task) => {
            let task = task.payload;
            let span = tracing::info_span!("task", task_id = %task.task_id, trace_id = trace.id());
            async {
                bench.desk.state(AgentState::Working, Some(task.task_id)).await;
                tracing::info!(attempt = delivery.attempt, "task taken");
                bench.handle(delivery, &task, &trace).await;
            }
            .instrument(span)
            .await;
        }
        Err(error) => bench.refuse(delivery, &error.to_string()).await,
    }
    if bench.shutdown.is_running() {
        bench.desk.state(AgentState::Idle, None).await;
    }
}

fn drain_on_sigterm(trigger: Trigger) -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        while terminate.recv().await.is_some() {
            trigger.advance(Phase::Draining);
        }
    });
    Ok(())
}

/// stdin is copied, because the standard library never gives it away.
fn line_to_supervisor() -> std::io::Result<UnixStream> {
    let socket = std::io::stdin().as_fd().try_clone_to_owned()?;
    let stream = std::os::unix::net::UnixStream::from(socket);
    stream.peer_addr()?;
    stream.set_nonblocking(true)?;
    UnixStream::from_std(stream)
}
