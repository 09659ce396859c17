//! The length of the work queue is told in the embedded metric format, when that is asked for.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod support;

use async_nats::jetstream::AckKind;
use mistersmith_common::messages::{Envelope, Priority, WorkerPresence, WorkerState};
use serde_json::Value;

use support::{SOON, System};

async fn shows(system: &System, name: &str, state: WorkerState) {
    let example = include_bytes!("../../contracts/examples/worker-presence.valid.json");
    let mut message = Envelope::<WorkerPresence>::decode(example).unwrap();
    message.payload.state = state;
    let bucket = system.nats.jetstream.get_key_value("WORKERS").await.unwrap();
    bucket.put(name, message.encode()).await.unwrap();
}

fn numbers(line: &Value) -> [f64; 3] {
    ["QueueDepth", "Workers", "QueueDepthPerWorker"].map(|name| line[name].as_f64().unwrap_or(-1.0))
}

#[tokio::test]
async fn waiting_and_running_jobs_are_counted_per_worker_that_takes_jobs() {
    let emf = [("EMF_INTERVAL_SECONDS", "1"), ("EMF_ENVIRONMENT", "staging")];
    let mut system = System::start(&emf).await;
    for _ in 0..3 {
        system.submit("Do it.", Priority::Normal).await;
    }
    let line = system
        .supervisor
        .wait_for("three jobs and no worker", SOON, |line| {
            numbers(line) == [3.0, 0.0, 3.0]
        });
    assert_eq!(line["Environment"], "staging");
    assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Namespace"], "MisterSmith");
    for name in ["time", "level", "service", "msg"] {
        assert!(line[name].is_string(), "{name} in {line}");
    }

    shows(&system, "worker-1", WorkerState::Busy).await;
    shows(&system, "worker-2", WorkerState::Idle).await;
    shows(&system, "worker-3", WorkerState::Draining).await;
    let (job, message) = system.next_job().await;
    message.ack_with(AckKind::Progress).await.unwrap();
    system
        .supervisor
        .wait_for("a running job counts as a waiting one", SOON, |line| {
            numbers(line) == [3.0, 2.0, 1.5]
        });
    system.finish_job(&job.payload, &message).await;
    system
        .supervisor
        .wait_for("a job that is done counts no more", SOON, |line| {
            numbers(line) == [2.0, 2.0, 1.0]
        });
}

#[tokio::test]
async fn nothing_is_told_unless_it_is_asked_for() {
    let mut system = System::start(&[("WORKER_POOL_SIZE", "1")]).await;
    let id = system.submit("Do it.", Priority::Normal).await;
    let (job, message) = system.next_job().await;
    system.finish_job(&job.payload, &message).await;
    system.result_of(id).await;
    assert!(system.supervisor.log().iter().all(|line| line["_aws"].is_null()));
}
