//! Hooks run at the four moments, and a pre-task hook can refuse a job.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod support;

use mistersmith_common::messages::Outcome;
use rustix::process::Signal;
use serde_json::Value;
use support::{PATIENCE, System, TOKEN, job, metric, wait_until};

#[tokio::test]
async fn every_moment_has_its_document() {
    let system = System::start().await;
    for moment in ["start", "pre-task", "post-task", "stop"] {
        let seen = system.path(moment);
        system.hook(
            moment,
            "10-copy",
            &format!("cat > {}; env > {0}.env", seen.display()),
        );
    }
    let mut worker = system.ready_worker("worker-1", &[]);
    let job = job("result ok");
    assert_eq!(system.run(&job).await.outcome, Outcome::Succeeded);
    worker.signal(Signal::TERM);
    assert_eq!(worker.wait(PATIENCE), 0);

    let text = |moment: &str| std::fs::read_to_string(system.path(moment)).unwrap();
    let document = |moment: &str| serde_json::from_str::<Value>(&text(moment)).unwrap();
    assert_eq!(document("start")["worker_id"], "worker-1");
    assert_eq!(document("pre-task")["job"]["prompt"], "result ok");
    assert_eq!(document("post-task")["result"]["outcome"], "succeeded");
    assert_eq!(document("stop")["worker_id"], "worker-1");
    assert!(!text("pre-task").contains(TOKEN) && !text("post-task").contains(TOKEN));
    assert!(!text("pre-task.env").contains("ANTHROPIC"));
}

#[tokio::test]
async fn a_pre_task_hook_refuses_with_its_reason() {
    let system = System::start().await;
    system.hook("pre-task", "10-fine", "exit 0");
    system.hook("pre-task", "20-no", "echo 'no jobs on Sundays'; exit 1");
    system.hook(
        "pre-task",
        "30-late",
        &format!("touch {}", system.path("late").display()),
    );
    let worker = system.ready_worker("worker-1", &[]);
    let result = system.run(&job("touch ran; result ok")).await;
    assert_eq!(result.outcome, Outcome::Refused);
    let reason = result.error.unwrap();
    assert_eq!(reason.code, "MS-WORK-007");
    assert!(reason.message.contains("20-no") && reason.message.contains("no jobs on Sundays"));
    assert!(!system.path("late").exists());
    assert_eq!(system.costs("worker-1").await[0].cost_usd, 0.0);
    assert_eq!(metric(&worker, "hook_failures_total"), 1.0);
}

#[tokio::test]
async fn a_hook_that_takes_too_long_is_killed() {
    let system = System::start().await;
    system.hook("post-task", "10-slow", "sleep 60");
    let mut worker = system.ready_worker("worker-1", &[("HOOK_TIMEOUT_SECONDS", "1")]);
    assert_eq!(system.run(&job("result ok")).await.outcome, Outcome::Succeeded);
    let line = worker.wait_for("the hook is told", PATIENCE, |line| line["code"] == "MS-WORK-009");
    assert!(line["msg"].as_str().unwrap().contains("took longer than 1 s"));
    wait_until("the hook is gone", || metric(&worker, "running_jobs") == 0.0);
}

#[tokio::test]
async fn a_worker_whose_start_hook_fails_takes_no_jobs() {
    let system = System::start().await;
    system.hook("start", "10-prepare", "echo 'no proxy'; exit 7");
    let mut worker = system.worker("worker-1", &[]);
    assert_eq!(worker.wait(PATIENCE), 1);
    let told = worker.log().iter().any(|line| {
        line["code"] == "MS-WORK-009" && line["msg"].as_str().is_some_and(|text| text.contains("no proxy"))
    });
    assert!(told);
}
