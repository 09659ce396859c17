//! NATS and Postgres may be away: the supervisor lives, says so, and goes on when they are back.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod support;

use mistersmith_common::messages::{Outcome, Priority};
use mistersmith_test_support::{Database, NatsServer};
use serde_json::Value;

use support::{SOON, System};

fn checks(system: &System) -> Value {
    let (_, body) = system.supervisor.get("/health/ready").unwrap();
    serde_json::from_str::<Value>(&body).unwrap()["checks"].clone()
}

#[tokio::test]
async fn without_nats_and_postgres_it_lives_and_becomes_ready_when_they_come() {
    let (mut server, database) = (NatsServer::start_with_roles(), Database::create().await);
    server.stop();
    database.cut();
    let mut system = System::start_with(server, database, &[]).await;
    system.supervisor.wait_for_message("supervisor started", SOON);
    assert_eq!(system.supervisor.get("/health/live").unwrap().0, 200);
    assert_eq!(system.supervisor.get("/health/ready").unwrap().0, 503);
    system.server.start_again();
    system.database.restore();
    system.until_ready();
    assert_eq!(system.supervisor.get("/health/ready").unwrap().0, 200);
}

#[tokio::test]
async fn without_room_for_its_streams_it_says_so_and_becomes_ready_when_there_is() {
    let (mut server, database) = (NatsServer::start_with_roles(), Database::create().await);
    server.start_again_with_room(1 << 20);
    let mut system = System::start_with(server, database, &[]).await;
    system.supervisor.wait_for_message("supervisor started", SOON);
    let no_room = system
        .supervisor
        .wait_for("MS-NATS-004", SOON, |line| line["code"] == "MS-NATS-004");
    assert!(
        no_room["msg"].as_str().unwrap().contains("max_file_store"),
        "{no_room}"
    );
    assert_eq!(system.supervisor.get("/health/ready").unwrap().0, 503);
    system.server.start_again_with_room(1 << 40);
    system.supervisor.wait_for("the streams", SOON, |line| {
        line["msg"] == "check is good" && line["check"] == "streams"
    });
}

#[tokio::test]
async fn while_postgres_is_away_work_goes_on_and_nothing_is_lost_or_doubled() {
    let mut system = System::start(&[]).await;
    system.database.cut();
    let line = system.supervisor.wait_for_message("check is bad", SOON);
    assert_eq!(line["check"], "postgres");
    assert_eq!(system.supervisor.get("/health/ready").unwrap().0, 503);
    assert_eq!(checks(&system)["nats"], "ok");
    for _ in 0..5 {
        let id = system.submit("Do it.", Priority::Normal).await;
        let (job, message) = system.next_job().await;
        system.finish_job(&job.payload, &message).await;
        assert_eq!(system.result_of(id).await.outcome, Outcome::Succeeded);
    }
    system.database.restore();
    system.supervisor.wait_for_message("check is good", SOON);
    system
        .until_count(
            "SELECT count(*) FROM tasks WHERE outcome = 'succeeded' AND prompt = 'Do it.'",
            5,
        )
        .await;
    // queued, assigned, succeeded
    system.until_count("SELECT count(*) FROM task_events", 15).await;
}

#[tokio::test]
async fn while_nats_is_away_agents_stay_and_tasks_flow_when_it_is_back() {
    let mut system = System::start(&[]).await;
    let before: Vec<_> = system.pool().agents.iter().map(|agent| agent.pid).collect();
    system.server.stop();
    let line = system.supervisor.wait_for_message("check is bad", SOON);
    assert_eq!(line["check"], "nats");
    assert_eq!(system.supervisor.get("/health/live").unwrap().0, 200);
    system.server.start_again();
    system.supervisor.wait_for_message("check is good", SOON);
    let id = system.submit("Do it.", Priority::Normal).await;
    let (job, message) = system.next_job().await;
    system.finish_job(&job.payload, &message).await;
    assert_eq!(system.result_of(id).await.outcome, Outcome::Succeeded);
    let after: Vec<_> = system.pool().agents.iter().map(|agent| agent.pid).collect();
    assert_eq!(before, after);
}

#[tokio::test]
async fn a_paused_nats_is_noticed_and_so_is_its_return() {
    let mut system = System::start(&[]).await;
    system.server.pause();
    let line = system.supervisor.wait_for_message("check is bad", SOON);
    assert_eq!(line["check"], "nats");
    assert_eq!(system.supervisor.get("/health/live").unwrap().0, 200);
    system.server.resume();
    let line = system.supervisor.wait_for_message("check is good", SOON);
    assert_eq!(line["check"], "nats");
}
