//! Key-value bucket `WORKERS`, key `<worker_id>`.

use serde::{Deserialize, Serialize};

use super::{Name, Payload, bounds, present};

/// A worker that is alive; the entry expires when it is not renewed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkerPresence {
    /// Worker.
    pub worker_id: Name,
    /// State.
    pub state: WorkerState,
    /// Jobs at the same time.
    pub slots: u64,
    /// Job_ids.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub job_ids: Option<Vec<String>>,
    /// Jobs ended since start.
    pub jobs_done: u64,
    /// Cost since start, USD.
    pub cost_usd: f64,
    /// Version of the worker.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub version: Option<String>,
}

impl Payload for WorkerPresence {
    fn check(&self) -> Result<(), String> {
        bounds::from_one("slots", self.slots)?;
        for id in self.job_ids.iter().flatten() {
            bounds::job_id(id)?;
        }
        bounds::amount("cost_usd", self.cost_usd)
    }
}

/// State.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkerState {
    /// Idle.
    Idle,
    /// Busy.
    Busy,
    /// Draining.
    Draining,
    /// Over budget.
    OverBudget,
}
