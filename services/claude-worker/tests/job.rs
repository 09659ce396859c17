//! A job becomes output, cost and result, and nothing secret leaves the worker.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod support;

use mistersmith_common::messages::{Outcome, TaskProgress, TaskState};
use mistersmith_test_support::NatsServer;
use serde_json::{Value, json};
use support::{API_KEY, PATIENCE, System, TOKEN, events, job, metric, wait_until};

#[tokio::test]
async fn becomes_output_cost_and_result() {
    let system = System::start().await;
    let worker = system.ready_worker("worker-1", &[]);
    let job = job(r#"say '{"type":"system","subtype":"init"}'; result "all done" 0.125"#);
    let result = system.run(&job).await;
    assert_eq!(result.outcome, Outcome::Succeeded);
    assert_eq!(result.result.as_deref(), Some("all done"));
    assert_eq!((result.cost_usd, result.turns), (0.125, Some(1)));
    assert_eq!(result.worker_id.as_str(), "worker-1");

    let output = system.output(&job).await;
    assert_eq!(
        output.iter().map(|line| line.sequence).collect::<Vec<_>>(),
        [1, 2]
    );
    assert_eq!(events(&output)[0], json!({ "type": "system", "subtype": "init" }));

    let costs = system.costs("worker-1").await;
    assert_eq!(costs.len(), 1);
    assert!(costs[0].is_final && costs[0].outcome == Outcome::Succeeded);
    assert_eq!(costs[0].model.as_deref(), Some("model-1"));
    assert_eq!(
        (costs[0].input_tokens, costs[0].output_tokens),
        (Some(10), Some(4))
    );

    let subject = format!("tasks.{}.progress", job.task_id);
    let progress: Vec<TaskProgress> = system.all("RESULTS", &subject).await;
    assert_eq!((progress.len(), progress[0].state), (1, TaskState::Running));
    assert_eq!(progress[0].worker_id.as_ref().unwrap().as_str(), "worker-1");

    wait_until("the job is acknowledged", || {
        metric(&worker, "running_jobs") == 0.0
    });
    assert_eq!(metric(&worker, "cost_usd_total"), 0.125);
    assert!(system.left_behind().is_empty());
}

#[tokio::test]
async fn reaches_the_cli_with_its_token_and_nothing_of_the_worker() {
    let system = System::start().await;
    let _worker = system.ready_worker("worker-1", &[("CLAUDE_MODEL", "model-9")]);
    let copy = system.path("seen");
    let prompt = format!(
        "env > {0}.env; echo \"$arguments\" > {0}.arguments; cp ../mcp.json {0}.mcp; stat -c %a ../mcp.json > {0}.mode; result ok",
        copy.display()
    );
    let job = job(&prompt);
    let trace = system.submit(&job).await;
    assert_eq!(system.result(&job).await.outcome, Outcome::Succeeded);

    let seen = |kind: &str| std::fs::read_to_string(format!("{}.{kind}", copy.display())).unwrap();
    assert!(seen("env").contains(&format!("ANTHROPIC_API_KEY={API_KEY}")));
    assert!(seen("env").contains("ENABLE_TOOL_SEARCH=false"));
    assert!(!seen("env").contains("NATS_"), "{}", seen("env"));
    let arguments = seen("arguments");
    assert!(arguments.contains("--model model-9") && arguments.contains("--max-budget-usd 0.5"));
    assert!(!arguments.contains(API_KEY) && !arguments.contains(TOKEN));
    let mcp: Value = serde_json::from_str(&seen("mcp")).unwrap();
    let server = &mcp["mcpServers"]["mistersmith"];
    assert_eq!(server["headers"]["Authorization"], format!("Bearer {TOKEN}"));
    assert!(
        server["headers"]["traceparent"]
            .as_str()
            .unwrap()
            .contains(&trace.id())
    );
    assert_eq!(seen("mode").trim(), "600");
}

#[tokio::test]
async fn secrets_that_the_cli_shows_do_not_leave_the_worker() {
    let system = System::start().await;
    let mut worker = system.ready_worker("worker-1", &[("LOG_LEVEL", "trace")]);
    let prompt = format!(
        r#"say '{{"type":"user","content":"key {API_KEY}"}}'; say 'plain {TOKEN}'; echo "stderr {API_KEY}" >&2; exit 3"#
    );
    let job = job(&prompt);
    let result = system.run(&job).await;
    assert_eq!(result.outcome, Outcome::Failed);
    let output = events(&system.output(&job).await);
    assert_eq!(output[0]["content"], "key ***");
    assert_eq!(output[1], json!({ "type": "text", "text": "plain ***" }));
    assert!(result.error.as_ref().unwrap().message.contains("stderr ***"));
    wait_until("the job is acknowledged", || {
        metric(&worker, "running_jobs") == 0.0
    });
    for secret in [API_KEY, TOKEN] {
        let line = worker.log().iter().find(|line| line.to_string().contains(secret));
        assert_eq!(line, None);
    }
}

#[tokio::test]
async fn a_job_that_is_sent_twice_is_done_once() {
    let system = System::start().await;
    let _worker = system.ready_worker("worker-1", &[("WORKER_SLOTS", "2")]);
    let job = job(&format!("echo x >> {}; result ok", system.path("runs").display()));
    system.submit(&job).await;
    system.submit(&job).await;
    assert_eq!(system.result(&job).await.outcome, Outcome::Succeeded);
    assert_eq!(std::fs::read_to_string(system.path("runs")).unwrap(), "x\n");
}

#[tokio::test]
async fn slots_are_jobs_at_the_same_time() {
    let system = System::start().await;
    let _worker = system.ready_worker("worker-1", &[("WORKER_SLOTS", "2")]);
    // Each waits for the other one: only together do they end.
    let meet = |me: &str, other: &str| {
        let path = |name: &str| system.path(name).display().to_string();
        job(&format!(
            "touch {}; while ! test -e {}; do sleep 0.05; done; result ok",
            path(me),
            path(other)
        ))
    };
    let (first, second) = (meet("a", "b"), meet("b", "a"));
    system.submit(&first).await;
    system.submit(&second).await;
    assert_eq!(system.result(&first).await.outcome, Outcome::Succeeded);
    assert_eq!(system.result(&second).await.outcome, Outcome::Succeeded);
}

#[tokio::test]
async fn nats_may_be_away_when_a_job_ends() {
    let mut system = System::start().await;
    let _worker = system.ready_worker("worker-1", &[]);
    let started = system.path("started");
    let job = job(&format!("touch {}; sleep 1; result late", started.display()));
    system.submit(&job).await;
    wait_until("the CLI runs", || started.exists());
    NatsServer::stop(&mut system.server);
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    system.server.start_again();
    assert_eq!(system.result(&job).await.result.as_deref(), Some("late"));
}

#[tokio::test]
async fn a_gateway_that_the_cli_does_not_reach_is_told() {
    let system = System::start().await;
    let mut worker = system.ready_worker("worker-1", &[]);
    let line =
        r#"{"type":"system","subtype":"init","mcp_servers":[{"name":"mistersmith","status":"failed"}]}"#;
    let job = job(&format!("say '{line}'; result ok"));
    let trace = system.submit(&job).await;
    assert_eq!(system.result(&job).await.outcome, Outcome::Succeeded);
    let told = worker.wait_for("the warning", PATIENCE, |line| line["code"] == "MS-WORK-013");
    assert_eq!(
        (&told["job_id"], &told["agent_id"]),
        (&job.job_id.as_str().into(), &"agent-3".into())
    );
    assert_eq!(
        (&told["trace_id"], &told["worker_id"]),
        (&trace.id().into(), &"worker-1".into())
    );
}
