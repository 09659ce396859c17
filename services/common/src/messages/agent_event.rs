//! Subject `agent.<agent_id>.events`.

use serde::{Deserialize, Serialize};

use super::{Name, Payload, bounds, present};

/// Something that happened to an agent process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentEvent {
    /// Agent.
    pub agent_id: Name,
    /// What happened.
    pub event: AgentEventKind,
    /// Role.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub role: Option<Name>,
    /// Place in the pool, from 0.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub slot: Option<u32>,
    /// Process id inside the container.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub pid: Option<u32>,
    /// Exit code of the process.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub exit_code: Option<u8>,
    /// Signal that ended it.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub signal: Option<u8>,
    /// Restarts of the slot so far.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub restarts: Option<u32>,
    /// Wait before the restart, ms.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub delay_ms: Option<u64>,
    /// Why, for a person.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub reason: Option<String>,
}

impl Payload for AgentEvent {
    fn check(&self) -> Result<(), String> {
        bounds::optional(self.pid, |value| bounds::from_one("pid", value.into()))?;
        match self.signal {
            Some(0 | 65..) => Err("signal is not between 1 and 64".to_owned()),
            _ => Ok(()),
        }
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentEventKind {
    /// Spawned.
    Spawned,
    /// Ready.
    Ready,
    /// Exited.
    Exited,
    /// Restart scheduled.
    RestartScheduled,
    /// Quarantined.
    Quarantined,
    /// Released.
    Released,
    /// Stopped.
    Stopped,
}
