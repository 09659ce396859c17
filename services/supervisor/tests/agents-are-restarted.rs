//! Agents that crash come back, and those that crash too often are left alone for a while.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod support;

use mistersmith_common::messages::{AgentEvent, AgentEventKind, Envelope, Outcome, Priority, SlotState};

use support::{System, count, kill};

const FAST: [(&str, &str); 2] = [("RESTART_BACKOFF_MIN_MS", "1"), ("RESTART_BACKOFF_MAX_MS", "5")];

#[tokio::test]
async fn a_killed_agent_is_back_and_the_event_names_the_signal() {
    let system = System::start(&FAST).await;
    let before = system.pool().agents[1].clone();
    kill(before.pid.unwrap());
    let pool = system
        .until_pool("restarted", |pool| {
            pool.agents[1].restarts == 1 && pool.agents[1].state == SlotState::Idle
        })
        .await;
    assert_ne!(pool.agents[1].pid, before.pid);
    assert_eq!(count(&pool, SlotState::Idle), 3);
    system
        .until_count(
            "SELECT count(*) FROM agent_restarts WHERE event = 'exited' AND signal = 9",
            1,
        )
        .await;
    system
        .until_count(
            "SELECT count(*) FROM agents WHERE restarts = 1 AND agent_id = 'agent-2'",
            1,
        )
        .await;
}

#[tokio::test]
async fn a_killed_agents_task_goes_to_another_at_once_and_its_result_arrives_once() {
    let system = System::start(&FAST).await;
    let id = system.submit("Do it.", Priority::Normal).await;
    let (job, message) = system.next_job().await;
    let pool = system.pool();
    let holder = pool
        .agents
        .iter()
        .find(|agent| agent.task_id == Some(id))
        .unwrap();
    kill(holder.pid.unwrap());
    // Redelivery by time alone would take the ack wait of 30 s, longer than anything here waits.
    system
        .until_pool("taken over", |pool| {
            pool.agents
                .iter()
                .any(|agent| agent.task_id == Some(id) && agent.pid != holder.pid)
        })
        .await;
    system.finish_job(&job.payload, &message).await;
    assert_eq!(system.result_of(id).await.outcome, Outcome::Succeeded);
    system
        .until_pool("idle", |pool| count(pool, SlotState::Idle) == 3)
        .await;
    assert_eq!(system.count_on("RESULTS", &format!("tasks.{id}.result")).await, 1);
    system.until_none_on("WORK", "work.claude").await;
    system
        .until_count("SELECT count(*) FROM task_events WHERE event = 'succeeded'", 1)
        .await;
    system.until_count("SELECT attempt FROM tasks", 2).await;
}

#[tokio::test]
async fn a_slot_that_used_up_its_budget_is_quarantined_and_released() {
    let extra = [
        FAST[0],
        FAST[1],
        ("RESTART_BUDGET", "1"),
        ("RESTART_WINDOW_SECONDS", "1"),
    ];
    let system = System::start(&extra).await;
    for restarts in 1..=2 {
        kill(system.pool().agents[0].pid.unwrap());
        let wanted = if restarts == 1 {
            SlotState::Idle
        } else {
            SlotState::Quarantined
        };
        system
            .until_pool("judged", |pool| {
                pool.agents[0].state == wanted && pool.agents[0].restarts >= 1
            })
            .await;
    }
    let (status, _) = system.supervisor.get("/health/ready").unwrap();
    assert_eq!(status, 200, "one bad slot must not end the others");
    system
        .until_pool("released", |pool| pool.agents[0].state == SlotState::Idle)
        .await;
    let message = system.first_on("AGENT_EVENTS", "agent.agent-1.events").await;
    let event = Envelope::<AgentEvent>::decode(&message.payload).unwrap().payload;
    assert_eq!(event.event, AgentEventKind::Spawned);
    system
        .until_count(
            "SELECT count(*) FROM agent_restarts WHERE event = 'quarantined'",
            1,
        )
        .await;
    system
        .until_count("SELECT count(*) FROM agent_restarts WHERE event = 'released'", 1)
        .await;
}

#[tokio::test]
async fn agents_have_limits_no_secrets_and_die_with_the_supervisor() {
    let mut system = System::start(&[("AGENT_MAX_OPEN_FILES", "99"), ("AGENT_MEMORY_LIMIT_MIB", "48")]).await;
    let supervisor = system.supervisor.pid();
    let pids: Vec<u32> = system
        .pool()
        .agents
        .iter()
        .map(|agent| agent.pid.unwrap())
        .collect();
    for pid in &pids {
        let environment = std::fs::read_to_string(format!("/proc/{pid}/environ")).unwrap();
        let names: Vec<&str> = environment
            .split('\0')
            .filter_map(|entry| entry.split('=').next())
            .collect();
        assert_eq!(names, ["LOG_LEVEL", ""]);
        let command = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap();
        assert_eq!(command, "/proc/self/exe\0agent\0");
        let limits = std::fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
        let line = |name: &str| {
            limits
                .lines()
                .find(|line| line.starts_with(name))
                .unwrap()
                .to_owned()
        };
        assert!(line("Max open files").contains(" 99 "));
        assert!(line("Max data size").contains(" 50331648 "));
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        let group = stat
            .rsplit(')')
            .next()
            .unwrap()
            .split(' ')
            .nth(3)
            .unwrap()
            .to_owned();
        assert_eq!(group, pid.to_string());
    }
    kill(supervisor);
    // The log ends when the last process that writes it has ended.
    assert_eq!(system.supervisor.wait(support::SOON), 137);
}
