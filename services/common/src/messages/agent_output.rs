//! Subject `agent.<agent_id>.output`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Name, Payload, bounds, present};

/// One line of the CLI's stream-json output, published by the worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentOutput {
    /// Agent.
    pub agent_id: Name,
    /// Task.
    pub task_id: Uuid,
    /// Job.
    pub job_id: String,
    /// Worker.
    pub worker_id: Name,
    /// Line number within the job.
    pub sequence: u64,
    /// Lines dropped before this one by the rate limit.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub dropped: Option<u64>,
    /// The line as the CLI wrote it.
    pub event: serde_json::Map<String, serde_json::Value>,
}

impl Payload for AgentOutput {
    fn check(&self) -> Result<(), String> {
        bounds::job_id(&self.job_id)?;
        bounds::from_one("sequence", self.sequence)
    }
}
