//! Subject `system.control` or `agent.command`.

use serde::{Deserialize, Serialize};

use super::{Name, Payload, bounds, present};

/// Longest input, characters.
const INPUT: usize = 65_536;

/// A request to the supervisor; answered at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// What to do; PoolStatus and SystemHealth on system.control, the others on agent.command.
    pub command: Command,
    /// Agent it is for.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub agent_id: Option<Name>,
    /// Role of an agent to spawn.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub role: Option<Name>,
    /// Text for the agent's inbox.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub input: Option<String>,
}

impl Payload for Control {
    fn check(&self) -> Result<(), String> {
        bounds::optional(self.input.as_deref(), |text| {
            bounds::at_most("input", text, INPUT)
        })
    }
}

/// What to do; PoolStatus and SystemHealth on system.control, the others on agent.command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// The state of every slot.
    PoolStatus,
    /// Whether the system is well.
    SystemHealth,
    /// Fill a free slot.
    Spawn,
    /// End an agent; its slot becomes free.
    Stop,
    /// Let an agent finish and take no more tasks.
    Pause,
    /// Let an agent take tasks again.
    Resume,
    /// The state of one agent.
    Status,
    /// Put a text into an agent's inbox.
    Input,
    /// Whether an agent, or the pool, is well.
    HealthCheck,
}
