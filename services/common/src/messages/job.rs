//! Subject `work.claude`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Name, Payload, bounds, present};

/// One run of the Claude CLI that waits for a worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// Identity of the job, `<task_id>-<n>`; also its Nats-Msg-Id and part of a subject.
    pub job_id: String,
    /// Task.
    pub task_id: Uuid,
    /// Agent that owns the task.
    pub agent_id: Name,
    /// Role of that agent.
    pub role: Name,
    /// What is to be done, UTF-8.
    pub prompt: String,
    /// JWT for the gateway; names agent and task and expires.
    pub mcp_token: String,
    /// Money the job may cost, USD.
    pub budget_usd: f64,
    /// Time the job may take, ms.
    pub timeout_ms: u64,
    /// Session to resume; a new one without it.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub session_id: Option<Uuid>,
}

impl Payload for Job {
    fn check(&self) -> Result<(), String> {
        bounds::job_id(&self.job_id)?;
        bounds::text("prompt", &self.prompt, bounds::PROMPT)?;
        bounds::text("mcp_token", &self.mcp_token, usize::MAX)?;
        bounds::budget(self.budget_usd)?;
        bounds::timeout(self.timeout_ms)
    }
}
