//! Time, output, rate and money of a job are bounded, and what a job started ends with it.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod support;

use std::time::{Duration, Instant};

use mistersmith_common::messages::{Job, JobResult, Outcome};
use support::{PATIENCE, System, events, job, metric, wait_until};

fn code(result: &JobResult) -> &str {
    result.error.as_ref().map_or("", |reason| reason.code.as_str())
}

fn short(prompt: &str) -> Job {
    Job {
        timeout_ms: 1000,
        ..job(prompt)
    }
}

#[tokio::test]
async fn a_job_that_takes_too_long_still_tells_its_cost() {
    let system = System::start().await;
    let _worker = system.ready_worker("worker-1", &[]);
    let job = short("trap 'result partly 0.5; exit 0' INT; while :; do sleep 0.05; done");
    let result = system.run(&job).await;
    assert_eq!(
        (result.outcome, code(&result)),
        (Outcome::TimedOut, "MS-WORK-004")
    );
    assert_eq!((result.cost_usd, result.result), (0.5, None));
    assert!(system.costs("worker-1").await[0].is_final);
}

#[tokio::test]
async fn a_job_that_does_not_listen_is_killed_with_all_that_it_started() {
    let system = System::start().await;
    let _worker = system.ready_worker("worker-1", &[]);
    let pids = system.path("pids");
    let prompt = format!(
        "trap '' INT TERM; sleep 300 & echo $! > {0}; setsid sleep 300 & echo $! >> {0}; say '{{\"type\":\"assistant\",\"message\":{{\"id\":\"a\",\"model\":\"m\",\"usage\":{{\"input_tokens\":7}}}}}}'; while :; do sleep 0.05; done",
        pids.display()
    );
    let begun = Instant::now();
    let result = system.run(&short(&prompt)).await;
    assert_eq!(result.outcome, Outcome::TimedOut);
    assert!(begun.elapsed() < Duration::from_secs(10));
    let cost = &system.costs("worker-1").await[0];
    assert_eq!(
        (cost.is_final, cost.cost_usd, cost.input_tokens),
        (false, 0.0, Some(7))
    );
    let started = std::fs::read_to_string(&pids).unwrap();
    assert_eq!(started.lines().count(), 2);
    for pid in started.lines() {
        wait_until("the process is gone", || {
            !std::path::Path::new(&format!("/proc/{pid}")).exists()
        });
    }
    assert!(system.left_behind().is_empty());
}

#[tokio::test]
async fn output_is_kept_up_to_a_size() {
    let system = System::start().await;
    let worker = system.ready_worker("worker-1", &[("MAX_OUTPUT_BYTES", "20000")]);
    let flood = "line=$(printf 'x%.0s' $(seq 500)); while :; do say \"$line\"; done";
    let job = job(flood);
    let result = system.run(&job).await;
    assert_eq!(
        (result.outcome, code(&result)),
        (Outcome::OverOutput, "MS-WORK-006")
    );
    assert!(system.output(&job).await.len() <= 40);
    let endless = self::job("head -c 100000000 /dev/zero; sleep 60");
    let result = system.run(&endless).await;
    assert_eq!(result.outcome, Outcome::OverOutput);
    assert!(metric(&worker, "output_lines_total") > 0.0);
}

#[tokio::test]
async fn output_is_published_up_to_a_rate_and_the_summary_always() {
    let system = System::start().await;
    let worker = system.ready_worker("worker-1", &[("MAX_OUTPUT_LINES_PER_SECOND", "5")]);
    let job =
        job("for i in $(seq 100); do say \"{\\\"type\\\":\\\"user\\\",\\\"n\\\":$i}\"; done; result ok");
    assert_eq!(system.run(&job).await.outcome, Outcome::Succeeded);
    let output = system.output(&job).await;
    assert!((5..20).contains(&output.len()), "{} lines", output.len());
    let last = output.last().unwrap();
    assert_eq!(
        (last.sequence, last.event["type"].as_str()),
        (101, Some("result"))
    );
    let dropped: u64 = output.iter().filter_map(|line| line.dropped).sum();
    assert_eq!(dropped + output.len() as u64, 101);
    assert_eq!(metric(&worker, "dropped_output_lines_total") as u64, dropped);
}

#[tokio::test]
async fn what_is_longer_than_a_message_is_cut() {
    let system = System::start().await;
    let _worker = system.ready_worker("worker-1", &[]);
    let job = job("long=$(head -c 2000000 /dev/zero | tr '\\0' a); result \"$long\"");
    let result = system.run(&job).await;
    assert_eq!(result.outcome, Outcome::Succeeded);
    let answer = result.result.unwrap();
    assert!(answer.len() > 100_000 && answer.ends_with("[cut: longer than a message may be]"));
    let shown = &events(&system.output(&job).await)[0];
    assert_eq!(shown["type"], "omitted");
}

#[tokio::test]
async fn money_that_ran_out_is_told_with_the_cost() {
    let system = System::start().await;
    let _worker = system.ready_worker("worker-1", &[]);
    let line = r#"{"type":"result","subtype":"error_max_budget_usd","is_error":true,"errors":["Reached maximum budget ($0.01)"],"total_cost_usd":0.07}"#;
    let result = system.run(&job(&format!("say '{line}'; exit 1"))).await;
    assert_eq!(
        (result.outcome, code(&result)),
        (Outcome::OverBudget, "MS-WORK-005")
    );
    assert_eq!(result.cost_usd, 0.07);
}

#[tokio::test]
async fn a_container_that_spent_its_money_takes_no_more_jobs() {
    let system = System::start().await;
    let mut worker = system.ready_worker("worker-1", &[("MAX_COST_USD_PER_CONTAINER", "0.4")]);
    assert_eq!(
        system.run(&job("result one 0.3")).await.outcome,
        Outcome::Succeeded
    );
    assert_eq!(
        system.run(&job("result two 0.3")).await.outcome,
        Outcome::Succeeded
    );
    worker.wait_for("the total is told", PATIENCE, |line| {
        line["code"] == "MS-WORK-008"
    });
    let left = job("result three");
    system.submit(&left).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(metric(&worker, "over_budget"), 1.0);
    // A restart would begin a new total, so the worker stays healthy and says what it is.
    assert_eq!(worker.get("/health/ready").unwrap().0, 200);
    let _other = system.ready_worker("worker-2", &[]);
    assert_eq!(system.result(&left).await.worker_id.as_str(), "worker-2");
}
