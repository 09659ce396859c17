//! `msctl workers`.

use async_nats::jetstream::stream::Stream;
use futures_util::TryStreamExt;
use mistersmith_common::fault::Fault;
use mistersmith_common::messages::{Envelope, WorkerPresence};
use serde_json::json;

use crate::connection::Connection;
use crate::error::no_answer;
use crate::screen::{Screen, word};

/// The bucket of those who are alive.
const BUCKET: &str = "WORKERS";

/// Shows the workers that are alive.
///
/// # Errors
/// NATS does not answer.
pub(crate) async fn show(connection: &Connection, screen: Screen) -> Result<(), Fault> {
    let workers = alive(connection).await?;
    let items: Vec<_> = workers.iter().map(|worker| json!(worker)).collect();
    let rows: Vec<Vec<String>> = workers.iter().map(row).collect();
    screen.list(
        &items,
        &["WORKER", "STATE", "SLOTS", "DONE", "COST USD", "VERSION", "JOBS"],
        &rows,
    );
    Ok(())
}

/// The workers that are alive, by name.
///
/// # Errors
/// NATS does not answer.
pub(crate) async fn alive(connection: &Connection) -> Result<Vec<WorkerPresence>, Fault> {
    let fail = |error: &dyn std::fmt::Display| no_answer("the bucket WORKERS", error);
    let bucket = connection
        .jetstream
        .get_key_value(BUCKET)
        .await
        .map_err(|error| fail(&error))?;
    if is_empty(&bucket.stream).await {
        return Ok(Vec::new());
    }
    let keys = bucket.keys().await.map_err(|error| fail(&error))?;
    let mut names: Vec<String> = keys.try_collect().await.map_err(|error| fail(&error))?;
    names.sort();
    let mut workers = Vec::new();
    for name in names {
        // An entry may expire between the question and the answer.
        let entry = bucket.get(name).await.map_err(|error| fail(&error))?;
        let presence = entry.and_then(|data| Envelope::<WorkerPresence>::decode(&data).ok());
        workers.extend(presence.map(|envelope| envelope.payload));
    }
    Ok(workers)
}

/// The client library waits for keys of a bucket that has none.
async fn is_empty(stream: &Stream) -> bool {
    stream
        .get_info()
        .await
        .is_ok_and(|about| about.state.messages == 0)
}

fn row(worker: &WorkerPresence) -> Vec<String> {
    vec![
        worker.worker_id.to_string(),
        word(worker.state),
        worker.slots.to_string(),
        worker.jobs_done.to_string(),
        format!("{:.4}", worker.cost_usd),
        worker.version.clone().unwrap_or_default(),
        worker.job_ids.clone().unwrap_or_default().join(" "),
    ]
}
