//! Subject `tasks.queue.{high,normal,low}`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Name, Payload, bounds, present};

/// A task that waits for an agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Identity of the task; also its Nats-Msg-Id.
    pub task_id: Uuid,
    /// What is to be done, UTF-8.
    pub prompt: String,
    /// Role the agent should have; any role without it.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub role: Option<Name>,
    /// Queue that the task waits in.
    pub priority: Priority,
    /// Money the task may cost, USD.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub budget_usd: Option<f64>,
    /// Time the job may take, ms.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub timeout_ms: Option<u64>,
    /// CLI session to go on with.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub session_id: Option<Uuid>,
    /// Subject of the token that submitted the task.
    pub submitted_by: String,
}

impl Payload for Task {
    fn check(&self) -> Result<(), String> {
        bounds::text("prompt", &self.prompt, bounds::PROMPT)?;
        bounds::optional(self.budget_usd, bounds::budget)?;
        bounds::optional(self.timeout_ms, bounds::timeout)
    }
}

/// Queue that the task waits in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// High.
    High,
    /// Normal.
    Normal,
    /// Low.
    Low,
}
