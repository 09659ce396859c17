//! Every message is written once, whatever order and however often it comes.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod support;

use support::System;

const EXAMPLES: [(&str, &[u8]); 6] = [
    (
        "agent.agent-3.events",
        include_bytes!("../../contracts/examples/agent-event.valid.json"),
    ),
    (
        "agent.agent-3.status",
        include_bytes!("../../contracts/examples/agent-status.valid.json"),
    ),
    (
        "cost.worker-1",
        include_bytes!("../../contracts/examples/cost.valid.json"),
    ),
    (
        "discoveries.agent-3.pattern",
        include_bytes!("../../contracts/examples/discovery.valid.json"),
    ),
    (
        "tasks.01980f2e-7c1a-7b3e-9d52-3a8f6c1e0b47.progress",
        include_bytes!("../../contracts/examples/task-progress.valid.json"),
    ),
    (
        "tasks.01980f2e-7c1a-7b3e-9d52-3a8f6c1e0b47.result",
        include_bytes!("../../contracts/examples/task-result.valid.json"),
    ),
];

/// The golden messages all have the same identity; those of one table need their own.
fn examples() -> Vec<(&'static str, String)> {
    let number = |(index, (subject, data)): (usize, &(&'static str, &[u8]))| {
        let text = String::from_utf8(data.to_vec()).unwrap();
        (
            *subject,
            text.replace("8000-000000000001", &format!("8000-00000000000{index}")),
        )
    };
    EXAMPLES.iter().enumerate().map(number).collect()
}

#[tokio::test]
async fn the_golden_messages_are_recorded_once_although_they_are_sent_thrice() {
    let system = System::start(&[("WORKER_POOL_SIZE", "1")]).await;
    for _ in 0..3 {
        for (subject, data) in examples() {
            // Without an identity in the headers the stream stores every copy.
            let js = &system.nats.jetstream;
            js.publish(subject, data.into()).await.unwrap().await.unwrap();
        }
    }
    system
        .until_metric(r#"mistersmith_supervisor_recorder_written_total{stream="LEDGER"} 3"#)
        .await;
    system
        .until_metric(r#"mistersmith_supervisor_recorder_written_total{stream="RESULTS"} 6"#)
        .await;
    system
        .until_metric(r#"mistersmith_supervisor_recorder_written_total{stream="DISCOVERIES"} 3"#)
        .await;
    system
        .until_count(
            "SELECT count(*) FROM cost_ledger WHERE cost_usd = 0.0123 AND final AND attempt = 1",
            1,
        )
        .await;
    system.until_count("SELECT count(*) FROM discoveries", 1).await;
    system.until_count("SELECT count(*) FROM task_events", 2).await;
    system
        .until_count(
            "SELECT count(*) FROM agent_restarts WHERE agent_id = 'agent-3'",
            1,
        )
        .await;
    system
        .until_count(
            "SELECT count(*) FROM agents WHERE agent_id = 'agent-3' AND state = 'working'",
            1,
        )
        .await;
    let result =
        "SELECT count(*) FROM tasks WHERE state = 'succeeded' AND worker_id = 'worker-1' AND attempt = 1";
    system.until_count(result, 1).await;
    let search = "SELECT count(*) FROM discoveries WHERE search @@ to_tsquery('english', 'imports & change')";
    system.until_count(search, 1).await;
}

#[tokio::test]
async fn every_attempt_at_a_job_has_its_own_cost() {
    use mistersmith_common::messages::{Cost, Envelope};
    use mistersmith_common::publish::publish_as;
    use mistersmith_common::trace::Trace;
    let system = System::start(&[("WORKER_POOL_SIZE", "1")]).await;
    let example = Envelope::<Cost>::decode(EXAMPLES[2].1).unwrap().payload;
    for attempt in [1, 1, 2] {
        let cost = Cost {
            attempt: Some(attempt),
            ..example.clone()
        };
        let identity = format!("{}-cost-{attempt}", cost.job_id);
        publish_as(
            &system.nats.jetstream,
            EXAMPLES[2].0.to_owned(),
            &identity,
            &Envelope::new(cost),
            &Trace::start(),
        )
        .await
        .unwrap();
    }
    system
        .until_metric(r#"mistersmith_supervisor_recorder_written_total{stream="LEDGER"} 2"#)
        .await;
    let sum =
        "SELECT count(*) FROM cost_ledger GROUP BY job_id HAVING sum(cost_usd) = 0.0246 AND max(attempt) = 2";
    system.until_count(sum, 2).await;
}

#[tokio::test]
async fn a_late_step_does_not_undo_the_end_of_a_task() {
    let system = System::start(&[("WORKER_POOL_SIZE", "1")]).await;
    let js = &system.nats.jetstream;
    for (subject, data) in examples().into_iter().skip(4).rev() {
        js.publish(subject, data.into()).await.unwrap().await.unwrap();
    }
    system.until_count("SELECT count(*) FROM task_events", 2).await;
    system
        .until_count(
            "SELECT count(*) FROM tasks WHERE state = 'succeeded' AND outcome = 'succeeded'",
            1,
        )
        .await;
}

#[tokio::test]
async fn a_text_that_postgres_cannot_store_is_stored_without_what_it_cannot() {
    let system = System::start(&[("WORKER_POOL_SIZE", "1")]).await;
    let text = String::from_utf8(EXAMPLES[3].1.to_vec())
        .unwrap()
        .replace("Every slow", "Every\\u0000slow");
    system
        .nats
        .jetstream
        .publish(EXAMPLES[3].0, text.into())
        .await
        .unwrap()
        .await
        .unwrap();
    system
        .until_count(
            "SELECT count(*) FROM discoveries WHERE content LIKE 'Every_slow%'",
            1,
        )
        .await;
}
