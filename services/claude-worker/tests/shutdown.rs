//! A worker ends in order: its jobs are done, or done by another one at once.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod support;

use std::time::{Duration, Instant};

use mistersmith_common::messages::Outcome;
use mistersmith_test_support::Service;
use rustix::process::Signal;
use support::{PATIENCE, System, job, wait_until};

fn ends_well(worker: &mut Service) {
    assert_eq!(worker.wait(PATIENCE), 0);
}

#[tokio::test]
async fn a_job_in_hand_is_finished_and_no_other_is_taken() {
    let system = System::start().await;
    let mut worker = system.ready_worker("worker-1", &[]);
    let started = system.path("started");
    let first = job(&format!("touch {}; sleep 1; result ok", started.display()));
    system.submit(&first).await;
    wait_until("the CLI runs", || started.exists());
    worker.signal(Signal::TERM);
    wait_until("the worker is not ready", || {
        worker.get("/health/ready").unwrap().0 == 503
    });
    assert_eq!(worker.get("/health/live").unwrap().0, 200);
    let second = job("result ok");
    system.submit(&second).await;
    assert_eq!(system.result(&first).await.outcome, Outcome::Succeeded);
    ends_well(&mut worker);
    let _other = system.ready_worker("worker-2", &[]);
    assert_eq!(system.result(&second).await.worker_id.as_str(), "worker-2");
}

#[tokio::test]
async fn a_job_that_takes_too_long_is_handed_back_and_done_at_once() {
    let system = System::start().await;
    let drain = [("DRAIN_TIMEOUT_SECONDS", "2"), ("JOB_KILL_GRACE_SECONDS", "1")];
    let mut worker = system.ready_worker("worker-1", &drain);
    let runs = system.path("runs");
    // The first run never ends; the second one sees that there was a first.
    let job = job(&format!(
        "echo run >> {0}; trap 'result partly 0.25; exit' INT; if [ $(wc -l < {0}) = 1 ]; then while :; do sleep 0.05; done; fi; result ok 0.5",
        runs.display()
    ));
    system.submit(&job).await;
    wait_until("the CLI runs", || runs.exists());
    let _other = system.ready_worker("worker-2", &[]);
    let begun = Instant::now();
    worker.signal(Signal::TERM);
    let result = system.result(&job).await;
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "at once means without the ack wait"
    );
    assert_eq!(
        (result.outcome, result.worker_id.as_str()),
        (Outcome::Succeeded, "worker-2")
    );
    ends_well(&mut worker);
    let given_up = &system.costs("worker-1").await[0];
    assert_eq!(
        (given_up.is_final, given_up.outcome, given_up.cost_usd),
        (false, Outcome::Killed, 0.25)
    );
    let done = &system.costs("worker-2").await[0];
    assert_eq!((done.is_final, done.cost_usd), (true, 0.5));
    assert!(system.left_behind().is_empty());
}

#[tokio::test]
async fn a_second_signal_hurries() {
    let system = System::start().await;
    let mut worker = system.ready_worker("worker-1", &[]);
    let started = system.path("started");
    system
        .submit(&job(&format!("touch {}; sleep 60", started.display())))
        .await;
    wait_until("the CLI runs", || started.exists());
    worker.signal(Signal::TERM);
    worker.wait_for_message("draining", PATIENCE);
    let begun = Instant::now();
    worker.signal(Signal::TERM);
    ends_well(&mut worker);
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn an_idle_worker_ends_at_once() {
    let system = System::start().await;
    let mut worker = system.ready_worker("worker-1", &[]);
    let begun = Instant::now();
    worker.signal(Signal::TERM);
    ends_well(&mut worker);
    assert!(begun.elapsed() < Duration::from_secs(3));
}
