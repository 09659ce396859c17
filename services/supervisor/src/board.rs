//! What every slot is doing now, for all who ask: control requests, HTTP, readiness, metrics.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mistersmith_common::health::Health;
use mistersmith_common::messages::{
    AgentState, AgentStatus, AgentView, Name, PoolView, SlotState, Timestamp,
};
use uuid::Uuid;

use crate::announcer::Announcer;
use crate::metrics::PoolMetrics;

/// Name of the readiness check.
pub const CHECK: &str = "agents";

/// The state of all slots; cheap to clone.
#[derive(Clone)]
pub struct Board {
    inner: Arc<Mutex<Inner>>,
    announcer: Announcer,
    metrics: PoolMetrics,
    health: Health,
}

struct Inner {
    agents: Vec<AgentView>,
    /// Whether every slot had a ready agent once.
    complete: bool,
}

/// What changes about a slot.
#[derive(Clone, Copy, PartialEq, Debug, Eq)]
pub struct Change {
    /// State from now on.
    pub state: SlotState,
    /// Task in hand.
    pub task_id: Option<Uuid>,
    /// Process.
    pub pid: Option<u32>,
}

impl Change {
    /// A slot without a process.
    #[must_use]
    pub const fn empty(state: SlotState) -> Self {
        Self {
            state,
            task_id: None,
            pid: None,
        }
    }
}

impl Board {
    /// A board with these agents in their slots, all starting.
    #[must_use]
    pub fn new(
        agents: Vec<(Name, Name)>,
        announcer: Announcer,
        metrics: PoolMetrics,
        health: Health,
    ) -> Self {
        let agents = agents
            .into_iter()
            .enumerate()
            .map(|(slot, (agent_id, role))| AgentView {
                agent_id,
                role,
                slot: slot as u32,
                pid: None,
                state: SlotState::Starting,
                restarts: 0,
                task_id: None,
                since: Some(Timestamp::now()),
            });
        let inner = Inner {
            agents: agents.collect(),
            complete: false,
        };
        Self {
            inner: Arc::new(Mutex::new(inner)),
            announcer,
            metrics,
            health,
        }
    }

    /// The whole pool.
    #[must_use]
    pub fn view(&self) -> PoolView {
        let inner = self.lock();
        PoolView {
            size: inner.agents.len() as u32,
            ready: inner
                .agents
                .iter()
                .filter(|agent| takes_tasks(agent.state))
                .count() as u32,
            agents: inner.agents.clone(),
        }
    }

    /// One agent by its name.
    #[must_use]
    pub fn agent(&self, id: &Name) -> Option<AgentView> {
        self.lock()
            .agents
            .iter()
            .find(|agent| agent.agent_id == *id)
            .cloned()
    }

    /// Takes a free slot; none when there is no free one.
    #[must_use]
    pub fn take_free(&self) -> Option<AgentView> {
        let mut inner = self.lock();
        let agent = inner
            .agents
            .iter_mut()
            .find(|agent| agent.state == SlotState::Stopped)?;
        agent.state = SlotState::Starting;
        agent.since = Some(Timestamp::now());
        Some(agent.clone())
    }

    /// Writes down a change and tells everybody.
    pub fn set(&self, slot: usize, change: Change) {
        let mut inner = self.lock();
        let agent = &mut inner.agents[slot];
        let changed = agent.state != change.state || agent.task_id != change.task_id;
        agent.pid = change.pid;
        if !changed {
            return;
        }
        agent.state = change.state;
        agent.task_id = change.task_id;
        agent.since = Some(Timestamp::now());
        self.announcer.status(status(agent));
        self.assess(&mut inner);
    }

    /// Counts a restart of a slot; the number so far.
    pub fn count_restart(&self, slot: usize) -> u32 {
        let mut inner = self.lock();
        inner.agents[slot].restarts += 1;
        inner.agents[slot].restarts
    }

    /// Names the role of a slot's next agent.
    pub fn set_role(&self, slot: usize, role: Name) {
        self.lock().agents[slot].role = role;
    }

    /// The status of every agent, for the presence bucket.
    #[must_use]
    pub fn statuses(&self) -> Vec<AgentStatus> {
        self.lock().agents.iter().map(status).collect()
    }

    /// At the start every slot has to be filled. Later one agent that crashed, or a quarantined slot, must not make
    /// the orchestrator replace all the others: then one agent is enough.
    fn assess(&self, inner: &mut Inner) {
        let up = |agent: &&AgentView| takes_tasks(agent.state) || agent.state == SlotState::Paused;
        let ready = inner.agents.iter().filter(up).count();
        let filled = inner
            .agents
            .iter()
            .filter(|agent| agent.state != SlotState::Stopped)
            .count();
        inner.complete |= ready == inner.agents.len();
        let good = if inner.complete {
            ready > 0 || filled == 0
        } else {
            ready == filled
        };
        self.health.set(
            CHECK,
            if good {
                Ok(())
            } else {
                Err(format!("{ready} of {filled} are ready"))
            },
        );
        self.metrics.show(inner.agents.iter().map(|agent| agent.state));
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const fn takes_tasks(state: SlotState) -> bool {
    matches!(state, SlotState::Idle | SlotState::Working)
}

fn status(agent: &AgentView) -> AgentStatus {
    let state = match agent.state {
        SlotState::Starting => AgentState::Starting,
        SlotState::Idle => AgentState::Idle,
        SlotState::Working => AgentState::Working,
        SlotState::Paused => AgentState::Paused,
        SlotState::Draining => AgentState::Draining,
        SlotState::Stopped | SlotState::Backoff | SlotState::Quarantined => AgentState::Stopped,
    };
    AgentStatus {
        agent_id: agent.agent_id.clone(),
        role: agent.role.clone(),
        state,
        task_id: agent.task_id,
    }
}

/// The slot's state while its agent is in this one. An agent that says it has stopped is on its way out: only when its
/// process has ended does its slot take another.
#[must_use]
pub const fn slot_state(state: AgentState) -> SlotState {
    match state {
        AgentState::Starting => SlotState::Starting,
        AgentState::Idle => SlotState::Idle,
        AgentState::Working => SlotState::Working,
        AgentState::Paused => SlotState::Paused,
        AgentState::Draining | AgentState::Stopped => SlotState::Draining,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_that_says_it_stopped_keeps_its_slot_until_its_process_has_ended() {
        assert_eq!(slot_state(AgentState::Stopped), SlotState::Draining);
    }
}
