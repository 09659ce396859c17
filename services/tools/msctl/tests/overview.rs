//! The operator sees pool, workers, costs and what is wrong.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod support;

use std::io::{Read, Write};
use std::net::TcpListener;

use futures_util::StreamExt;
use mistersmith_common::messages::{
    AgentView, Cost, Envelope, HealthView, Name, PoolView, SlotState, WorkerPresence, WorkerState,
};
use mistersmith_common::messages::{Command, Control, ControlReply};
use mistersmith_common::publish::publish;
use mistersmith_common::trace::Trace;
use support::{System, ended, msctl};

/// Answers control requests as a supervisor with one agent does.
async fn supervisor(system: &System) {
    let client = system.nats.client.clone();
    let mut requests = client.subscribe("system.control").await.unwrap();
    client.flush().await.unwrap();
    tokio::spawn(async move {
        while let Some(request) = requests.next().await {
            let command = Envelope::<Control>::decode(&request.payload)
                .unwrap()
                .payload
                .command;
            let mut reply = ControlReply::done();
            match command {
                Command::PoolStatus => reply.pool = Some(pool()),
                _ => {
                    reply.health = Some(HealthView {
                        live: true,
                        ready: true,
                        checks: None,
                    });
                }
            }
            let answer = Envelope::new(reply).encode();
            client.publish(request.reply.unwrap(), answer).await.unwrap();
        }
    });
}

fn pool() -> PoolView {
    let agent = AgentView {
        agent_id: Name::new("agent-1").unwrap(),
        role: Name::new("critic").unwrap(),
        slot: 0,
        pid: Some(12),
        state: SlotState::Idle,
        restarts: 3,
        task_id: None,
        since: None,
    };
    PoolView {
        size: 2,
        ready: 1,
        agents: vec![agent],
    }
}

async fn worker(system: &System, name: &str) {
    let presence = WorkerPresence {
        worker_id: Name::new(name).unwrap(),
        state: WorkerState::Idle,
        slots: 1,
        job_ids: None,
        jobs_done: 4,
        cost_usd: 0.25,
        version: None,
    };
    let bucket = system.nats.jetstream.get_key_value("WORKERS").await.unwrap();
    bucket.put(name, Envelope::new(presence).encode()).await.unwrap();
}

#[tokio::test]
async fn the_pool_is_shown() {
    let system = System::start().await;
    let alone = system.msctl(&["pool"]).await;
    assert_eq!(alone.code, 1);
    assert!(
        alone.err.starts_with("MS-CTL-002 the supervisor"),
        "{}",
        alone.err
    );
    supervisor(&system).await;
    let shown = system.msctl(&["pool"]).await;
    assert!(shown.out.contains("agent-1  critic  idle"), "{}", shown.out);
    assert!(shown.out.ends_with("1 of 2 ready\n"));
    let json = system.msctl(&["--json", "pool"]).await.json();
    assert_eq!(json["agents"][0]["restarts"], 3);
}

#[tokio::test]
async fn workers_are_shown_by_name() {
    let system = System::start().await;
    assert_eq!(
        system.msctl(&["workers", "--json"]).await.json(),
        serde_json::json!([])
    );
    worker(&system, "worker-b").await;
    worker(&system, "worker-a").await;
    let shown = system.msctl(&["workers"]).await.out;
    let names: Vec<&str> = shown
        .lines()
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(names, ["WORKER", "worker-a", "worker-b"]);
}

#[tokio::test]
async fn costs_are_added_up() {
    let system = System::start().await;
    assert_eq!(
        system.msctl(&["cost", "--json"]).await.json(),
        serde_json::json!([])
    );
    let example = include_bytes!("../../../contracts/examples/cost.valid.json");
    let record = Envelope::<Cost>::decode(example).unwrap().payload;
    for (worker, cost_usd) in [("worker-1", 0.5), ("worker-1", 0.25), ("worker-2", 1.0)] {
        let cost = Cost {
            worker_id: Name::new(worker).unwrap(),
            cost_usd,
            ..record.clone()
        };
        let message = Envelope::new(cost);
        let subject = format!("cost.{worker}");
        publish(&system.nats.jetstream, subject, &message, &Trace::start())
            .await
            .unwrap();
    }
    let sums = system.msctl(&["cost", "--json"]).await.json();
    assert_eq!(
        (&sums[0]["name"], &sums[0]["cost_usd"]),
        (&"worker-1".into(), &0.75.into())
    );
    assert_eq!(
        (&sums[0]["jobs"], &sums[1]["name"]),
        (&2.into(), &"worker-2".into())
    );
    let table = system.msctl(&["cost", "--by", "model"]).await.out;
    assert!(table.lines().last().unwrap().starts_with("total"), "{table}");
}

#[tokio::test]
async fn the_doctor_finds_what_is_wrong() {
    let system = System::start().await;
    let sick = system.msctl(&["doctor", "--json"]).await;
    assert_eq!(sick.code, 1);
    let found = sick.json();
    let of = |part: &str| {
        found
            .as_array()
            .unwrap()
            .iter()
            .find(|item| item["part"] == part)
            .unwrap()
            .clone()
    };
    assert_eq!(
        (&of("nats")["ok"], &of("streams")["ok"]),
        (&true.into(), &true.into())
    );
    assert_eq!(
        (&of("supervisor")["code"], &of("workers")["code"]),
        (&"MS-CTL-002".into(), &"MS-CTL-006".into())
    );

    supervisor(&system).await;
    worker(&system, "worker-a").await;
    let gateway = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", gateway.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = gateway.accept().unwrap();
        let _ = stream.read(&mut [0; 1024]).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n{}").unwrap();
    });
    let mut command = msctl(&["doctor"]);
    command
        .env("NATS_URL", system.server.url())
        .env("NATS_NKEY_SEED", system.server.seed("operator"))
        .env("GATEWAY_URL", address);
    let well = tokio::task::spawn_blocking(move || ended(&mut command))
        .await
        .unwrap();
    assert_eq!(well.code, 0, "{well:?}");

    system.nats.jetstream.delete_stream("LEDGER").await.unwrap();
    let missing = system.msctl(&["doctor"]).await;
    assert!(
        missing
            .out
            .contains("MS-CTL-005 missing: LEDGER, LEDGER/recorder-ledger"),
        "{}",
        missing.out
    );
}

#[test]
fn the_doctor_tells_that_nats_is_away() {
    let nowhere = format!("nats://127.0.0.1:{}", mistersmith_test_support::free_port());
    let found = ended(msctl(&["doctor"]).env("NATS_URL", nowhere));
    assert_eq!(found.code, 1);
    assert!(found.out.contains("MS-CTL-002 NATS"), "{found:?}");
}
