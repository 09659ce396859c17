//! Tasks are submitted as the contracts say, and followed to their end.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod support;

use mistersmith_common::messages::{Envelope, Name, Outcome, Reason, Task, TaskResult};
use mistersmith_common::publish::publish;
use mistersmith_common::trace::Trace;
use support::System;
use uuid::Uuid;

async fn end(system: &System, id: Uuid, outcome: Outcome) {
    let failed = outcome != Outcome::Succeeded;
    let result = TaskResult {
        task_id: id,
        job_id: None,
        agent_id: Name::new("agent-1").unwrap(),
        worker_id: None,
        outcome,
        result: (!failed).then(|| "42".to_owned()),
        error: failed.then(|| Reason {
            code: "MS-WORK-004".to_owned(),
            message: "too slow".to_owned(),
        }),
        cost_usd: 0.5,
        duration_ms: 7,
        turns: None,
        session_id: None,
    };
    let subject = format!("tasks.{id}.result");
    let message = Envelope::new(result);
    publish(&system.nats.jetstream, subject, &message, &Trace::start())
        .await
        .unwrap();
}

async fn submitted(system: &System, arguments: &[&str]) -> Uuid {
    let mut all = vec!["task", "submit"];
    all.extend(arguments);
    let ended = system.msctl(&all).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    ended.out.trim().parse().unwrap()
}

#[tokio::test]
async fn a_task_lies_in_its_queue_with_its_state() {
    let system = System::start().await;
    let more = [
        "--role",
        "critic",
        "--priority",
        "high",
        "--budget-usd",
        "0.25",
        "--timeout",
        "2m",
    ];
    let mut arguments = vec!["find out why"];
    arguments.extend(more);
    let id = submitted(&system, &arguments).await;
    let stream = system.nats.jetstream.get_stream("TASKS").await.unwrap();
    let stored = stream
        .get_last_raw_message_by_subject("tasks.queue.high")
        .await
        .unwrap();
    assert_eq!(
        stored.headers.get("Nats-Msg-Id").unwrap().as_str(),
        id.to_string()
    );
    assert!(stored.headers.get("traceparent").is_some());
    let task = Envelope::<Task>::decode(&stored.payload).unwrap().payload;
    assert_eq!((task.task_id, task.prompt.as_str()), (id, "find out why"));
    assert_eq!((task.budget_usd, task.timeout_ms), (Some(0.25), Some(120_000)));
    assert_eq!(task.submitted_by, "operator");

    let state = system
        .msctl(&["task", "get", &id.to_string(), "--json"])
        .await
        .json();
    assert_eq!(
        (&state["state"], &state["task"]["role"]),
        (&"queued".into(), &"critic".into())
    );
}

#[tokio::test]
async fn the_end_of_a_task_decides_the_exit_code() {
    let system = System::start().await;
    let good = submitted(&system, &["x"]).await;
    let bad = submitted(&system, &["y"]).await;
    end(&system, good, Outcome::Succeeded).await;
    end(&system, bad, Outcome::TimedOut).await;
    let watched = system.msctl(&["task", "watch", &good.to_string()]).await;
    assert_eq!(watched.code, 0);
    let lines: Vec<&str> = watched.out.lines().collect();
    assert!(lines[0].ends_with("queued") && lines[1].contains("succeeded  0.5000 USD") && lines[2] == "42");
    let got = system.msctl(&["task", "get", &bad.to_string()]).await;
    assert_eq!(got.code, 1);
    assert!(got.out.contains("timed_out") && got.out.contains("MS-WORK-004 too slow"));
}

#[tokio::test]
async fn a_task_is_followed_as_it_goes() {
    let system = System::start().await;
    let (mut child, mut lines) = system.follow(&["task", "submit", "x", "--watch", "--json"]);
    let first: serde_json::Value = serde_json::from_str(&lines.next().unwrap()).unwrap();
    let id: Uuid = first["task_id"].as_str().unwrap().parse().unwrap();
    assert!(lines.next().unwrap().contains("queued"));
    end(&system, id, Outcome::Succeeded).await;
    assert!(lines.next().unwrap().contains("succeeded"));
    assert!(child.wait().unwrap().success());
}

#[tokio::test]
async fn what_is_not_there_or_not_valid_is_told() {
    let system = System::start().await;
    let nobody = Uuid::from_u128(7).to_string();
    for command in ["get", "watch"] {
        let ended = system.msctl(&["task", command, &nobody]).await;
        assert_eq!(ended.code, 1);
        assert!(
            ended.err.starts_with("MS-CTL-004 there is no task"),
            "{}",
            ended.err
        );
    }
    let ended = system.msctl(&["task", "submit", ""]).await;
    assert!(
        ended.err.starts_with("MS-CTL-001 the task is not valid"),
        "{}",
        ended.err
    );
    let ended = system.msctl(&["task", "submit", "x", "--budget-usd", "-1"]).await;
    assert_ne!(ended.code, 0);
    let ended = system.msctl(&["task", "submit", "x", "--role", "Bad Role"]).await;
    assert_eq!(ended.code, 64);
    assert!(ended.err.starts_with("MS-CTL-001"), "{}", ended.err);
}
