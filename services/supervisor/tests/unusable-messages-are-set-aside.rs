//! What is not valid, and what cannot be done, is set aside and told.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod support;

use mistersmith_common::messages::{DeadLetter, Envelope, Outcome, PoolView, Priority, SlotState};

use support::{System, count, kill};

#[tokio::test]
async fn a_malformed_task_is_set_aside_at_once() {
    let system = System::start(&[]).await;
    let js = &system.nats.jetstream;
    js.publish("tasks.queue.normal", "no task".into())
        .await
        .unwrap()
        .await
        .unwrap();
    let letter = system.first_on("DLQ", "dlq.TASKS").await;
    let letter = Envelope::<DeadLetter>::decode(&letter.payload).unwrap().payload;
    assert_eq!(letter.reason.code, "MS-NATS-002");
    assert_eq!(letter.subject, "tasks.queue.normal");
    assert_eq!(letter.data_base64, "bm8gdGFzaw==");
    assert_eq!(letter.attempts, 1);
    let pool = system
        .until_pool("idle", |pool| count(pool, SlotState::Idle) == 3)
        .await;
    assert!(pool.agents.iter().all(|agent| agent.restarts == 0));
    system
        .until_metric("mistersmith_supervisor_tasks_malformed_total 1")
        .await;
}

#[tokio::test]
async fn a_task_that_kills_its_agents_is_given_up_with_a_result() {
    let fast = [("RESTART_BACKOFF_MIN_MS", "1"), ("RESTART_BACKOFF_MAX_MS", "10")];
    let system = System::start(&fast).await;
    let id = system.submit("Deadly.", Priority::Normal).await;
    let mut killed = Vec::new();
    for _ in 0..3 {
        // The next agent may have the task before anybody sees that nobody has it.
        let holder = |pool: &PoolView| {
            let mut agents = pool.agents.iter().filter(|agent| agent.task_id == Some(id));
            agents.find_map(|agent| agent.pid.filter(|pid| !killed.contains(pid)))
        };
        let pool = system.until_pool("working", |pool| holder(pool).is_some()).await;
        let pid = holder(&pool).unwrap();
        kill(pid);
        killed.push(pid);
    }
    let result = system.result_of(id).await;
    assert_eq!(result.outcome, Outcome::Failed);
    assert_eq!(result.error.unwrap().code, "MS-SUP-006");
    let letter = system.first_on("DLQ", "dlq.TASKS").await;
    let letter = Envelope::<DeadLetter>::decode(&letter.payload).unwrap().payload;
    assert_eq!(letter.reason.code, "MS-SUP-006");
    assert_eq!(letter.attempts, 3);
    system
        .until_count("SELECT count(*) FROM tasks WHERE outcome = 'failed'", 1)
        .await;
    system.until_none_on("TASKS", "tasks.queue.*").await;
}

#[tokio::test]
async fn a_job_that_no_worker_survives_fails_its_task() {
    use async_nats::jetstream::AckKind;
    let system = System::start(&[]).await;
    let id = system.submit("Deadly.", Priority::Normal).await;
    for _ in 0..3 {
        let (_, message) = system.next_job().await;
        message.ack_with(AckKind::Nak(None)).await.unwrap();
    }
    // NATS notices at the next pull, and some worker always pulls.
    let pulling = system.next_job();
    let result = tokio::select! {
        result = system.result_of(id) => result,
        _ = pulling => panic!("a fourth delivery"),
    };
    assert_eq!(result.outcome, Outcome::Failed);
    assert_eq!(result.error.unwrap().code, "MS-SUP-006");
    system.first_on("DLQ", "dlq.WORK").await;
    system.until_none_on("WORK", "work.claude").await;
}

#[tokio::test]
async fn a_message_that_cannot_be_recorded_does_not_stop_the_others() {
    let system = System::start(&[]).await;
    let js = &system.nats.jetstream;
    js.publish("cost.worker-1", "{}".into())
        .await
        .unwrap()
        .await
        .unwrap();
    let valid = include_bytes!("../../contracts/examples/cost.valid.json");
    js.publish("cost.worker-1", valid.to_vec().into())
        .await
        .unwrap()
        .await
        .unwrap();
    let letter = system.first_on("DLQ", "dlq.LEDGER").await;
    let letter = Envelope::<DeadLetter>::decode(&letter.payload).unwrap().payload;
    assert_eq!(letter.reason.code, "MS-NATS-002");
    system.until_count("SELECT count(*) FROM cost_ledger", 1).await;
}
