//! SIGTERM: not ready, no new tasks, finish or hand back, exit code 0.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod support;

use std::time::{Duration, Instant};

use mistersmith_common::messages::{Outcome, Priority};
use rustix::process::Signal;

use support::{SOON, System};

#[tokio::test]
async fn an_idle_supervisor_ends_quickly_and_tells_that_its_agents_stopped() {
    let mut system = System::start(&[]).await;
    let started = Instant::now();
    system.supervisor.signal(Signal::TERM);
    assert_eq!(system.supervisor.wait(SOON), 0);
    assert!(
        started.elapsed() < Duration::from_secs(3),
        "{:?}",
        started.elapsed()
    );
    system
        .until_count(
            "SELECT count(*) FROM agents WHERE last_event = 'stopped' AND state = 'stopped'",
            3,
        )
        .await;
}

#[tokio::test]
async fn a_task_in_flight_is_finished_and_no_other_is_taken() {
    let mut system = System::start(&[("WORKER_POOL_SIZE", "1")]).await;
    let id = system.submit("Do it.", Priority::Normal).await;
    let (job, message) = system.next_job().await;
    system.supervisor.signal(Signal::TERM);
    system.supervisor.wait_for_message("draining", SOON);
    let (status, body) = system.supervisor.get("/health/ready").unwrap();
    assert_eq!(status, 503, "{body}");
    assert_eq!(system.supervisor.get("/health/live").unwrap().0, 200);
    system.submit("Not for this one.", Priority::Normal).await;
    system.finish_job(&job.payload, &message).await;
    assert_eq!(system.result_of(id).await.outcome, Outcome::Succeeded);
    assert_eq!(system.supervisor.wait(SOON), 0);
    assert_eq!(system.count_on("TASKS", "tasks.queue.normal").await, 1);
    system
        .until_count("SELECT count(*) FROM tasks WHERE outcome = 'succeeded'", 1)
        .await;
}

#[tokio::test]
async fn a_second_sigterm_hands_the_task_back_and_the_next_supervisor_finishes_it() {
    let mut system = System::start(&[("WORKER_POOL_SIZE", "1")]).await;
    let id = system.submit("Do it.", Priority::Normal).await;
    let (job, message) = system.next_job().await;
    system.supervisor.signal(Signal::TERM);
    system.supervisor.wait_for_message("draining", SOON);
    system.supervisor.signal(Signal::TERM);
    assert_eq!(system.supervisor.wait(Duration::from_secs(5)), 0);
    system.replace_supervisor();
    system
        .until_pool("taken over", |pool| pool.agents[0].task_id == Some(id))
        .await;
    system.finish_job(&job.payload, &message).await;
    assert_eq!(system.result_of(id).await.outcome, Outcome::Succeeded);
    assert_eq!(system.count_on("RESULTS", &format!("tasks.{id}.result")).await, 1);
    system.until_none_on("WORK", "work.claude").await;
}

#[tokio::test]
async fn the_deadline_hurries_too() {
    let mut system = System::start(&[("WORKER_POOL_SIZE", "1"), ("DRAIN_TIMEOUT_SECONDS", "1")]).await;
    system.submit("Do it.", Priority::Normal).await;
    system.next_job().await;
    system.supervisor.signal(Signal::TERM);
    assert_eq!(system.supervisor.wait(Duration::from_secs(5)), 0);
}
