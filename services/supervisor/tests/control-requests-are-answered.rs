//! Every control request is answered, also those that cannot be carried out.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod support;

use mistersmith_common::messages::{Command, Control, Name, Priority, SlotState};

use support::{System, control, count};

const SYSTEM: &str = "system.control";
const AGENT: &str = "agent.command";

#[tokio::test]
async fn what_cannot_be_done_has_a_code() {
    let system = System::start(&[]).await;
    let code = |reply: mistersmith_common::messages::ControlReply| {
        assert!(!reply.ok);
        reply.error.unwrap().code
    };
    let unknown = br#"{"message_id":"01980f2e-7c1b-7000-8000-000000000001","timestamp":"2026-11-24T12:00:00Z","payload":{"command":"Dance"}}"#;
    assert_eq!(code(system.ask_raw(AGENT, unknown.to_vec()).await), "MS-SUP-005");
    assert_eq!(code(system.ask_raw(AGENT, b"{".to_vec()).await), "MS-NATS-002");
    assert_eq!(code(system.ask_raw(SYSTEM, b"[]".to_vec()).await), "MS-NATS-002");
    assert_eq!(
        code(system.ask(AGENT, control(Command::PoolStatus, None)).await),
        "MS-SUP-005"
    );
    assert_eq!(
        code(system.ask(SYSTEM, control(Command::Spawn, None)).await),
        "MS-SUP-005"
    );
    assert_eq!(
        code(system.ask(AGENT, control(Command::Spawn, None)).await),
        "MS-SUP-001"
    );
    assert_eq!(
        code(system.ask(AGENT, control(Command::Status, Some("agent-9"))).await),
        "MS-SUP-002"
    );
    assert_eq!(
        code(system.ask(AGENT, control(Command::Stop, None)).await),
        "MS-NATS-002"
    );
    assert_eq!(
        code(system.ask(AGENT, control(Command::Input, Some("agent-1"))).await),
        "MS-NATS-002"
    );
}

#[tokio::test]
async fn the_pool_and_its_health_are_shown() {
    let system = System::start(&[("AGENT_ROLES", "critic, writer")]).await;
    let pool = system
        .ask(SYSTEM, control(Command::PoolStatus, None))
        .await
        .pool
        .unwrap();
    assert_eq!((pool.size, pool.ready), (3, 3));
    let roles: Vec<&str> = pool.agents.iter().map(|agent| agent.role.as_str()).collect();
    assert_eq!(roles, ["critic", "writer", "critic"]);
    let health = system
        .ask(SYSTEM, control(Command::SystemHealth, None))
        .await
        .health
        .unwrap();
    assert!(health.ready);
    assert_eq!(health.checks.unwrap().len(), 4);
    let reply = system
        .ask(AGENT, control(Command::HealthCheck, Some("agent-2")))
        .await;
    assert!(reply.health.unwrap().ready);
    assert_eq!(reply.agent.unwrap().agent_id.as_str(), "agent-2");
}

#[tokio::test]
async fn a_stopped_agents_slot_can_be_filled_with_another_role() {
    let system = System::start(&[]).await;
    assert!(
        system
            .ask(AGENT, control(Command::Stop, Some("agent-2")))
            .await
            .ok
    );
    system
        .until_pool("stopped", |pool| pool.agents[1].state == SlotState::Stopped)
        .await;
    assert!(
        !system
            .ask(AGENT, control(Command::Pause, Some("agent-2")))
            .await
            .ok
    );
    let spawn = Control {
        role: Some(Name::new("writer").unwrap()),
        ..control(Command::Spawn, None)
    };
    let reply = system.ask(AGENT, spawn).await;
    assert_eq!(reply.agent.unwrap().agent_id.as_str(), "agent-2");
    let pool = system
        .until_pool("idle", |pool| pool.agents[1].state == SlotState::Idle)
        .await;
    assert_eq!(pool.agents[1].role.as_str(), "writer");
    assert_eq!(pool.agents[1].restarts, 0);
}

#[tokio::test]
async fn a_paused_agent_takes_no_task_and_an_input_reaches_the_next_prompt() {
    let system = System::start(&[("WORKER_POOL_SIZE", "1")]).await;
    assert!(
        system
            .ask(AGENT, control(Command::Pause, Some("agent-1")))
            .await
            .ok
    );
    system
        .until_pool("paused", |pool| count(pool, SlotState::Paused) == 1)
        .await;
    let input = Control {
        input: Some("Be brief.".to_owned()),
        ..control(Command::Input, Some("agent-1"))
    };
    assert!(system.ask(AGENT, input).await.ok);
    system.submit("Do it.", Priority::High).await;
    assert_eq!(system.count_on("TASKS", "tasks.queue.high").await, 1);
    assert_eq!(count(&system.pool(), SlotState::Paused), 1);
    assert!(
        system
            .ask(AGENT, control(Command::Resume, Some("agent-1")))
            .await
            .ok
    );
    let (job, _) = system.next_job().await;
    assert!(
        job.payload.prompt.contains("The operator says: Be brief."),
        "{}",
        job.payload.prompt
    );
}
