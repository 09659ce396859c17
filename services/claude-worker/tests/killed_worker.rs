//! A worker that is killed in the middle of a job loses nothing but time.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod support;

use mistersmith_common::messages::{Cost, JobResult, Outcome};
use mistersmith_common::streams::Topology;
use rustix::process::Signal;
use support::{System, job, wait_until};

#[tokio::test]
async fn its_job_is_done_by_another_one_once() {
    let system = System::with_ack_wait(Some(2)).await;
    let worker = system.ready_worker("worker-1", &[]);
    let runs = system.path("runs");
    let pid = system.path("pid");
    let job = job(&format!(
        "echo run >> {0}; if [ $(wc -l < {0}) = 1 ]; then echo $$ > {1}; sleep 300; fi; result ok",
        runs.display(),
        pid.display()
    ));
    system.submit(&job).await;
    wait_until("the CLI runs", || pid.exists());
    let _other = system.ready_worker("worker-2", &[]);
    worker.signal(Signal::KILL);

    let result = system.result(&job).await;
    assert_eq!(
        (result.outcome, result.worker_id.as_str()),
        (Outcome::Succeeded, "worker-2")
    );
    let orphan = std::fs::read_to_string(&pid).unwrap();
    assert!(!std::path::Path::new(&format!("/proc/{}", orphan.trim())).exists());
    // More than an ack wait later there is still one result and nothing in the queue.
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    let results: Vec<JobResult> = system.all("RESULTS", "jobs.*.result").await;
    assert_eq!(results.len(), 1);
    let mut work = system.nats.jetstream.get_stream("WORK").await.unwrap();
    assert_eq!(work.info().await.unwrap().state.messages, 0);
}

#[tokio::test]
async fn its_directory_is_removed_by_the_next_one() {
    let system = System::with_ack_wait(Some(2)).await;
    let worker = system.ready_worker("worker-1", &[]);
    let started = system.path("started");
    system
        .submit(&job(&format!("touch {}; sleep 300", started.display())))
        .await;
    wait_until("the CLI runs", || started.exists());
    worker.signal(Signal::KILL);
    wait_until("the worker is gone", || worker.get("/health/live").is_err());
    assert_eq!(system.left_behind().len(), 1);
    let stale = system.left_behind().remove(0);
    let _next = system.worker("worker-2", &[]);
    wait_until("the directory is gone", || !stale.exists());
}

#[tokio::test]
async fn an_attempt_that_cost_something_is_in_the_ledger_although_its_result_is_not() {
    let system = System::with_ack_wait(Some(2)).await;
    let worker = system.ready_worker("worker-1", &[]);
    let (started, go) = (system.path("started"), system.path("go"));
    let job = job(&format!(
        "touch {}; while ! test -e {}; do sleep 0.05; done; result ok 0.25",
        started.display(),
        go.display()
    ));
    system.submit(&job).await;
    wait_until("the CLI runs", || started.exists());
    // Without its stream the result cannot be stored, so the worker is caught between cost and result.
    system.nats.jetstream.delete_stream("RESULTS").await.unwrap();
    std::fs::write(go, "").unwrap();
    system.wait_for::<Cost>("LEDGER", "cost.worker-1", 1).await;
    worker.signal(Signal::KILL);
    let mut topology = Topology::embedded();
    for consumer in &mut topology.consumers {
        consumer.ack_wait_seconds = 2;
    }
    topology.ensure(&system.nats.jetstream, 1).await.unwrap();
    let _other = system.ready_worker("worker-2", &[]);
    assert_eq!(system.result(&job).await.outcome, Outcome::Succeeded);

    let costs: Vec<Cost> = system.all("LEDGER", "cost.*").await;
    let told: Vec<_> = costs
        .iter()
        .map(|cost| {
            (
                cost.worker_id.as_str(),
                cost.attempt,
                cost.cost_usd,
                cost.is_final,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("worker-1", Some(1), 0.25, true),
            ("worker-2", Some(2), 0.25, true)
        ]
    );
}
