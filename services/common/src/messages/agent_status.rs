//! Subject `agent.<agent_id>.status`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Name, Payload, present};

/// The state of an agent; the newest counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentStatus {
    /// Agent.
    pub agent_id: Name,
    /// Role.
    pub role: Name,
    /// State.
    pub state: AgentState,
    /// Task in hand.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub task_id: Option<Uuid>,
}

impl Payload for AgentStatus {}

/// State.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentState {
    /// Starting.
    Starting,
    /// Idle.
    Idle,
    /// Working.
    Working,
    /// Paused.
    Paused,
    /// Draining.
    Draining,
    /// Stopped.
    Stopped,
}
