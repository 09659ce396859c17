//! Tells CloudWatch how much work waits, so that workers can be scaled by it: one line of the embedded metric format
//! on stdout per interval, which the log driver carries along and CloudWatch turns into metrics.

use std::time::{Duration, SystemTime};

use async_nats::jetstream::consumer::PullConsumer;
use mistersmith_common::logging;
use mistersmith_common::messages::{WorkerPresence, WorkerState};
use mistersmith_common::nats::Nats;
use mistersmith_common::workers;
use serde_json::{Map, Value, json};
use tokio::time::MissedTickBehavior;

/// Namespace of the metrics.
const NAMESPACE: &str = "MisterSmith";
/// Where jobs wait.
const STREAM: &str = "WORK";
const CONSUMER: &str = "workers";
/// Longest wait for the numbers; without them there is no line, because a wrong zero would scale workers in.
const PATIENCE: Duration = Duration::from_secs(10);

/// When the metrics are told and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Time between two lines.
    pub every: Duration,
    /// Value of the dimension `Environment`.
    pub environment: String,
}

/// How much waits for how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Measured {
    /// Jobs that wait or run.
    depth: u64,
    /// Workers that take jobs.
    workers: u64,
}

/// Tells the metrics for as long as the process lives.
pub async fn run(nats: Nats, service: &'static str, settings: Settings) {
    let mut ticks = tokio::time::interval(settings.every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match tokio::time::timeout(PATIENCE, measure(&nats)).await {
            Ok(Ok(measured)) => {
                let now = SystemTime::now()
                    .duration_since(SystemTime::UNIX_EPOCH)
                    .unwrap_or_default();
                let fields = document(measured, &settings.environment, now);
                logging::write(service, "work queue measured", fields);
            }
            Ok(Err(error)) => tracing::debug!(%error, "the work queue is not measured"),
            Err(_) => tracing::debug!("the work queue is not measured: no answer in time"),
        }
    }
}

async fn measure(nats: &Nats) -> Result<Measured, async_nats::Error> {
    let consumer: PullConsumer = nats.jetstream.get_consumer_from_stream(CONSUMER, STREAM).await?;
    let about = consumer.cached_info();
    let running = u64::try_from(about.num_ack_pending).unwrap_or(u64::MAX);
    Ok(Measured {
        depth: about.num_pending.saturating_add(running),
        workers: count(&workers::alive(&nats.jetstream).await?),
    })
}

/// A worker that drains or has spent its money takes no more jobs, and scaling must not count on it.
fn count(workers: &[WorkerPresence]) -> u64 {
    let takes = |worker: &&WorkerPresence| matches!(worker.state, WorkerState::Idle | WorkerState::Busy);
    workers.iter().filter(takes).count() as u64
}

/// The members of a log line that CloudWatch reads.
fn document(measured: Measured, environment: &str, now: Duration) -> Map<String, Value> {
    let Measured { depth, workers } = measured;
    let metric = |name: &str, unit: &str| json!({ "Name": name, "Unit": unit });
    let directive = json!({
        "Namespace": NAMESPACE,
        "Dimensions": [["Environment"]],
        "Metrics": [
            metric("QueueDepth", "Count"),
            metric("Workers", "Count"),
            metric("QueueDepthPerWorker", "None"),
        ],
    });
    let members = json!({
        "_aws": {
            "Timestamp": u64::try_from(now.as_millis()).unwrap_or(u64::MAX),
            "CloudWatchMetrics": [directive],
        },
        "Environment": environment,
        "QueueDepth": depth,
        "Workers": workers,
        // Without a worker every job waits for the first one.
        "QueueDepthPerWorker": depth as f64 / workers.max(1) as f64,
    });
    members.as_object().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use mistersmith_common::messages::Envelope;

    fn told(depth: u64, workers: u64) -> Value {
        let now = Duration::from_millis(1_764_000_000_123);
        Value::Object(document(Measured { depth, workers }, "production", now))
    }

    #[test]
    fn the_document_is_that_of_the_embedded_metric_format() {
        let document = told(6, 4);
        assert_eq!(document["_aws"]["Timestamp"], 1_764_000_000_123_u64);
        let directive = &document["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Namespace"], "MisterSmith");
        assert_eq!(directive["Dimensions"], json!([["Environment"]]));
        assert_eq!(document["Environment"], "production");
        let names: Vec<&str> = directive["Metrics"]
            .as_array()
            .unwrap()
            .iter()
            .map(|metric| metric["Name"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["QueueDepth", "Workers", "QueueDepthPerWorker"]);
        // Every metric and every dimension names a member of the line.
        let values: Vec<f64> = names
            .iter()
            .map(|name| document[*name].as_f64().unwrap())
            .collect();
        assert_eq!(values, [6.0, 4.0, 1.5]);
    }

    #[test]
    fn without_workers_the_whole_queue_waits_for_the_first() {
        assert_eq!(told(7, 0)["QueueDepthPerWorker"], 7.0);
        assert_eq!(told(0, 0)["QueueDepthPerWorker"], 0.0);
    }

    #[test]
    fn only_workers_that_take_jobs_count() {
        let example = include_bytes!("../../contracts/examples/worker-presence.valid.json");
        let example = Envelope::<WorkerPresence>::decode(example).unwrap().payload;
        let in_state = |state| WorkerPresence {
            state,
            ..example.clone()
        };
        use WorkerState::{Busy, Draining, Idle, OverBudget};
        assert_eq!(count(&[Idle, Busy, Draining, OverBudget].map(in_state)), 2);
    }
}
