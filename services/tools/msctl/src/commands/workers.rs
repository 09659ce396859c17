//! `msctl workers`.

use mistersmith_common::fault::Fault;
use mistersmith_common::messages::WorkerPresence;
use serde_json::json;

use crate::connection::Connection;
use crate::error::no_answer;
use crate::screen::{Screen, word};

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
    mistersmith_common::workers::alive(&connection.jetstream)
        .await
        .map_err(|error| no_answer("the bucket WORKERS", &error))
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
