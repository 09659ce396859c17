//! Subject `tasks.<task_id>.result`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Name, Outcome, Payload, Reason, bounds, present};

/// The end of a task; exactly one per task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskResult {
    /// Task.
    pub task_id: Uuid,
    /// Job.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub job_id: Option<String>,
    /// Agent that owns the task.
    pub agent_id: Name,
    /// Worker that ran the job.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub worker_id: Option<Name>,
    /// How the job ended.
    pub outcome: Outcome,
    /// Answer of the CLI.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub result: Option<String>,
    /// Error.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub error: Option<Reason>,
    /// Cost, USD.
    pub cost_usd: f64,
    /// Time from pull to end, ms.
    pub duration_ms: u64,
    /// Turns of the model.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub turns: Option<u64>,
    /// CLI session that can be resumed.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub session_id: Option<Uuid>,
}

impl Payload for TaskResult {
    fn check(&self) -> Result<(), String> {
        bounds::optional(self.job_id.as_deref(), bounds::job_id)?;
        bounds::optional(self.error.as_ref(), Reason::check)?;
        bounds::amount("cost_usd", self.cost_usd)
    }
}
