//! `msctl doctor`: every part is asked, and what is wrong is told with the next step.

use mistersmith_common::fault::Fault;
use mistersmith_common::messages::{Command, Control, WorkerState};
use mistersmith_common::streams::Topology;
use serde_json::json;
use url::Url;

use crate::commands::pool::SYSTEM;
use crate::commands::{dlq, pool, workers};
use crate::connection::Connection;
use crate::error::{DEAD_LETTERS, MISSING, NOT_READY, no_answer};
use crate::http_get;
use crate::screen::Screen;
use crate::settings::Settings;

/// A part and how it is: a remark, or what is wrong.
struct Finding {
    part: &'static str,
    state: Result<String, Fault>,
}

/// Checks everything; `true` when something is wrong.
pub(crate) async fn examine(settings: &Settings, screen: Screen) -> bool {
    let mut findings = Vec::new();
    let mut note = |part, state| findings.push(Finding { part, state });
    match Connection::open(settings).await {
        Err(fault) => note("nats", Err(fault)),
        Ok(connection) => {
            note("nats", round_trip(&connection, settings).await);
            note("streams", streams(&connection).await);
            note("supervisor", supervisor(&connection).await);
            note("pool", agents(&connection).await);
            note("workers", living(&connection).await);
            note("dead letters", letters(&connection).await);
        }
    }
    note("gateway", gateway(settings));
    show(screen, &findings);
    findings.iter().any(|finding| finding.state.is_err())
}

fn show(screen: Screen, findings: &[Finding]) {
    let items: Vec<_> = findings
        .iter()
        .map(|finding| match &finding.state {
            Ok(remark) => json!({ "part": finding.part, "ok": true, "remark": remark }),
            Err(fault) => json!({
                "part": finding.part, "ok": false, "code": fault.code.as_str(),
                "remark": fault.detail, "next": fault.code.next(),
            }),
        })
        .collect();
    let rows: Vec<_> = findings
        .iter()
        .map(|finding| {
            let (mark, remark) = match &finding.state {
                Ok(remark) => ("ok", remark.clone()),
                Err(fault) => ("WRONG", fault.to_string()),
            };
            vec![finding.part.to_owned(), mark.to_owned(), remark]
        })
        .collect();
    screen.list(&items, &["PART", "STATE", "REMARK"], &rows);
}

async fn round_trip(connection: &Connection, settings: &Settings) -> Result<String, Fault> {
    let begun = std::time::Instant::now();
    connection
        .client
        .flush()
        .await
        .map_err(|error| no_answer("NATS", &error))?;
    let identity = if settings.nats_seed.is_some() {
        "with"
    } else {
        "without"
    };
    Ok(format!(
        "answers in {} µs, {identity} an identity",
        begun.elapsed().as_micros()
    ))
}

async fn streams(connection: &Connection) -> Result<String, Fault> {
    let topology = Topology::embedded();
    let mut missing = Vec::new();
    let names = topology.streams.iter().map(|stream| stream.name.clone());
    let buckets = topology
        .key_value
        .iter()
        .map(|bucket| format!("KV_{}", bucket.bucket));
    let stores = topology
        .object_stores
        .iter()
        .map(|store| format!("OBJ_{}", store.bucket));
    let all: Vec<String> = names.chain(buckets).chain(stores).collect();
    for name in &all {
        if connection.jetstream.get_stream(name).await.is_err() {
            missing.push(name.clone());
        }
    }
    for consumer in &topology.consumers {
        let found: Result<async_nats::jetstream::consumer::PullConsumer, _> = connection
            .jetstream
            .get_consumer_from_stream(&consumer.name, &consumer.stream)
            .await;
        if found.is_err() {
            missing.push(format!("{}/{}", consumer.stream, consumer.name));
        }
    }
    if missing.is_empty() {
        let consumers = topology.consumers.len();
        Ok(format!(
            "{} streams and {consumers} consumers are there",
            all.len()
        ))
    } else {
        Err(Fault::new(MISSING, format!("missing: {}", missing.join(", "))))
    }
}

async fn supervisor(connection: &Connection) -> Result<String, Fault> {
    let request = Control {
        command: Command::SystemHealth,
        agent_id: None,
        role: None,
        input: None,
    };
    let reply = connection.control(SYSTEM, request).await?;
    let health = reply
        .health
        .ok_or_else(|| no_answer("the supervisor", &"its answer has no health"))?;
    let checks: Vec<String> = health
        .checks
        .iter()
        .flatten()
        .map(|(name, state)| format!("{name}: {state}"))
        .collect();
    let checks = checks.join(", ");
    if health.ready {
        Ok(format!("ready ({checks})"))
    } else {
        Err(Fault::new(
            NOT_READY,
            format!("the supervisor is not ready ({checks})"),
        ))
    }
}

async fn agents(connection: &Connection) -> Result<String, Fault> {
    let pool = pool::ask(connection).await?;
    let remark = format!("{} of {} agents are ready", pool.ready, pool.size);
    if pool.ready > 0 {
        Ok(remark)
    } else {
        Err(Fault::new(NOT_READY, remark))
    }
}

async fn living(connection: &Connection) -> Result<String, Fault> {
    let workers = workers::alive(connection).await?;
    let useful = workers
        .iter()
        .filter(|worker| matches!(worker.state, WorkerState::Idle | WorkerState::Busy))
        .count();
    let remark = format!("{useful} of {} workers take jobs", workers.len());
    if useful > 0 {
        Ok(remark)
    } else {
        Err(Fault::new(NOT_READY, remark))
    }
}

async fn letters(connection: &Connection) -> Result<String, Fault> {
    match dlq::letters(connection).await?.len() {
        0 => Ok("none".to_owned()),
        count => Err(Fault::new(
            DEAD_LETTERS,
            format!("{count} messages could not be handled"),
        )),
    }
}

fn gateway(settings: &Settings) -> Result<String, Fault> {
    let Some(address) = &settings.gateway_url else {
        return Ok("not asked: GATEWAY_URL is not set".to_owned());
    };
    let wrong = |reason: String| no_answer(&format!("the gateway at {address}"), &reason);
    let url = Url::parse(address)
        .and_then(|url| url.join("/health/ready"))
        .map_err(|error| wrong(error.to_string()))?;
    match http_get::get(&url).map_err(wrong)? {
        (200, _) => Ok("ready".to_owned()),
        (status, body) => Err(Fault::new(
            NOT_READY,
            format!("the gateway answers {status} {body}"),
        )),
    }
}
