//! Subject `jobs.<job_id>.result`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Name, Payload, Reason, bounds, present};

/// The end of a job, from the worker to the agent; exactly one per job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobResult {
    /// Task.
    pub task_id: Uuid,
    /// Job.
    pub job_id: String,
    /// Agent that owns the task.
    pub agent_id: Name,
    /// Worker that ran the job.
    pub worker_id: Name,
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

impl Payload for JobResult {
    fn check(&self) -> Result<(), String> {
        bounds::job_id(&self.job_id)?;
        bounds::optional(self.error.as_ref(), Reason::check)?;
        bounds::amount("cost_usd", self.cost_usd)
    }
}

/// How the job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Succeeded.
    Succeeded,
    /// Failed.
    Failed,
    /// Refused.
    Refused,
    /// Timed out.
    TimedOut,
    /// Over budget.
    OverBudget,
    /// Over output.
    OverOutput,
    /// Killed.
    Killed,
}

impl Outcome {
    /// The outcome as it is written in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::TimedOut => "timed_out",
            Self::OverBudget => "over_budget",
            Self::OverOutput => "over_output",
            Self::Killed => "killed",
        }
    }
}
