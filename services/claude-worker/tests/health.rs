//! Live at once, ready when jobs can come, and honest about what is missing.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod support;

use std::process::Command;
use std::time::Duration;

use futures_util::StreamExt;
use mistersmith_common::messages::{Envelope, WorkerPresence, WorkerState};
use mistersmith_common::streams::Topology;
use mistersmith_test_support::Service;
use rustix::process::Signal;
use support::{PATIENCE, System, job, wait_until};

fn status(worker: &Service, path: &str) -> u16 {
    worker.get(path).map_or(0, |(status, _)| status)
}

#[tokio::test]
async fn a_worker_may_start_before_everything_else() {
    let mut system = System::without_streams().await;
    system.server.stop();
    let worker = system.worker("worker-1", &[]);
    wait_until("the worker lives", || status(&worker, "/health/live") == 200);
    let (code, body) = worker.get("/health/ready").unwrap();
    assert_eq!(code, 503);
    assert!(body.contains("not connected"), "{body}");

    system.server.start_again();
    wait_until("the consumer is missed", || {
        worker
            .get("/health/ready")
            .unwrap()
            .1
            .contains("consumer workers")
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    Topology::embedded()
        .ensure(&system.nats.jetstream, 1)
        .await
        .unwrap();
    wait_until("the worker is ready", || status(&worker, "/health/ready") == 200);

    system.server.pause();
    assert_eq!(status(&worker, "/health/live"), 200);
    system.server.resume();
    system.server.stop();
    wait_until("the loss is noticed", || status(&worker, "/health/ready") == 503);
    system.server.start_again();
    wait_until("the worker is back", || status(&worker, "/health/ready") == 200);
}

#[tokio::test]
async fn a_worker_without_its_cli_is_not_ready() {
    let system = System::start().await;
    let worker = system.worker("worker-1", &[("CLAUDE_CLI_PATH", "/nowhere/claude")]);
    wait_until("the CLI is missed", || {
        worker
            .get("/health/ready")
            .is_ok_and(|(code, body)| code == 503 && body.contains("/nowhere/claude"))
    });
}

#[tokio::test]
async fn presence_tells_what_the_worker_does() {
    let system = System::start().await;
    let mut worker = system.ready_worker("worker-1", &[("WORKER_SLOTS", "3")]);
    let bucket = system.nats.jetstream.get_key_value("WORKERS").await.unwrap();
    let mut changes = bucket.watch_with_history("worker-1").await.unwrap();
    let go = system.path("go");
    let job = job(&format!(
        "while ! test -e {}; do sleep 0.05; done; result ok 0.25",
        go.display()
    ));
    system.submit(&job).await;
    let mut next = async |wanted: WorkerState| loop {
        let entry = tokio::time::timeout(PATIENCE, changes.next())
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        let presence = Envelope::<WorkerPresence>::decode(&entry.value).unwrap().payload;
        if presence.state == wanted {
            return presence;
        }
    };
    assert_eq!(
        next(WorkerState::Busy).await.job_ids.unwrap(),
        [job.job_id.as_str()]
    );
    std::fs::write(go, "").unwrap();
    let idle = next(WorkerState::Idle).await;
    assert_eq!((idle.slots, idle.jobs_done, idle.cost_usd), (3, 1, 0.25));
    worker.signal(Signal::TERM);
    assert_eq!(worker.wait(PATIENCE), 0);
    assert_eq!(bucket.get("worker-1").await.unwrap(), None);
}

fn program(arguments: &[&str], environment: &[(&str, &str)]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_claude-worker"));
    let output = command
        .args(arguments)
        .env_clear()
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code().unwrap(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn bad_settings_are_all_told() {
    let (code, _, told) = program(&["run"], &[("WORKER_SLOTS", "many"), ("NATS_URL", "nowhere")]);
    assert_eq!(code, 78);
    for part in [
        "MS-CONF-001 WORKER_SLOTS=many",
        "MS-CONF-001 NATS_URL",
        "MS-CONF-002 ANTHROPIC_API_KEY",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
}

#[test]
fn the_table_of_settings_is_that_of_the_spec() {
    let (code, table, _) = program(&["config", "--json"], &[]);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&table).unwrap();
    assert_eq!((code, &rows[0]["name"]), (0, &"NATS_URL".into()));
}

#[tokio::test]
async fn the_health_command_asks_the_worker() {
    let system = System::start().await;
    let port = mistersmith_test_support::free_port().to_string();
    let environment = [("HTTP_PORT", port.as_str())];
    assert_eq!(program(&["health", "--ready"], &environment).0, 1);
    let worker = system.worker("worker-1", &environment);
    wait_until("the worker is ready", || {
        program(&["health", "--ready"], &environment).0 == 0
    });
    assert_eq!(program(&["health"], &environment).0, 0);
    drop(worker);
    assert_eq!(program(&["health"], &environment).0, 1);
}

#[tokio::test]
async fn a_scratch_directory_that_is_not_there_is_told() {
    let system = System::start().await;
    let mut worker = system.worker("worker-1", &[("WORK_DIR", "/nowhere")]);
    assert_eq!(worker.wait(PATIENCE), 1);
    assert!(worker.log().iter().any(|line| line["code"] == "MS-WORK-011"));
}
