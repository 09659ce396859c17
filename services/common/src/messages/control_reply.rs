//! The answer to a request on `system.control` or `agent.command`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Name, Payload, Reason, Timestamp, bounds, present};
use crate::fault::Fault;

/// The answer to a control request: ok with data, or an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlReply {
    /// Whether the request was carried out.
    pub ok: bool,
    /// Why not.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub error: Option<Reason>,
    /// The pool, for `PoolStatus`.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub pool: Option<PoolView>,
    /// The agent that the request was for.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub agent: Option<AgentView>,
    /// Health, for `SystemHealth` and `HealthCheck`.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub health: Option<HealthView>,
}

/// The pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolView {
    /// Slots.
    pub size: u32,
    /// Agents that are idle or working.
    pub ready: u32,
    /// Every slot that has or awaits an agent.
    pub agents: Vec<AgentView>,
}

/// One slot of the pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentView {
    /// Agent.
    pub agent_id: Name,
    /// Role.
    pub role: Name,
    /// Place in the pool, from 0.
    pub slot: u32,
    /// Process id inside the container.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub pid: Option<u32>,
    /// State.
    pub state: SlotState,
    /// Restarts so far.
    pub restarts: u32,
    /// Task in hand.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub task_id: Option<Uuid>,
    /// When the state began.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub since: Option<Timestamp>,
}

/// The state of a slot: that of its agent, or why it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlotState {
    /// The agent connects.
    Starting,
    /// The agent waits for a task.
    Idle,
    /// The agent has a task.
    Working,
    /// The agent takes no tasks until it is resumed.
    Paused,
    /// The agent finishes and ends.
    Draining,
    /// The slot is free.
    Stopped,
    /// The agent crashed and is started again soon.
    Backoff,
    /// The agent crashed too often and is started again after the window.
    Quarantined,
}

/// How the supervisor or an agent is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HealthView {
    /// Whether it answers.
    pub live: bool,
    /// Whether it takes work.
    pub ready: bool,
    /// `ok`, or why not.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub checks: Option<BTreeMap<String, String>>,
}

impl Payload for ControlReply {
    fn check(&self) -> Result<(), String> {
        bounds::optional(self.error.as_ref(), Reason::check)?;
        let agents = self.pool.iter().flat_map(|pool| &pool.agents).chain(&self.agent);
        for agent in agents {
            bounds::optional(agent.pid, |pid| bounds::from_one("pid", pid.into()))?;
        }
        Ok(())
    }
}

impl ControlReply {
    /// The request was carried out and there is nothing to tell.
    #[must_use]
    pub fn done() -> Self {
        Self {
            ok: true,
            ..Self::default()
        }
    }

    /// The request was refused.
    #[must_use]
    pub fn refused(fault: &Fault) -> Self {
        Self {
            error: Some(fault.into()),
            ..Self::default()
        }
    }
}
