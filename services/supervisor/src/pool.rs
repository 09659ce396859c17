//! The pool: as many slots as `WORKER_POOL_SIZE`, each run by a task of its own.

use std::time::Duration;

use mistersmith_common::config::Secret;
use mistersmith_common::fault::Fault;
use mistersmith_common::messages::{AgentView, Name, PoolView, SlotState};
use mistersmith_common::nats::Nats;
use mistersmith_common::shutdown::Shutdown;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::agent_process::Launcher;
use crate::announcer::Announcer;
use crate::board::Board;
use crate::config::JobDefaults;
use crate::error::{NO_SUCH_AGENT, POOL_FULL};
use crate::metrics::PoolMetrics;
use crate::restart::RestartRules;
use crate::slot::{Slot, SlotCommand};
use crate::token::Signer;

/// Commands that wait for a slot; more are refused.
const QUEUE: usize = 16;

/// What every slot needs; cheap to clone.
#[derive(Clone)]
pub struct PoolParts {
    /// Starts agents.
    pub launcher: Launcher,
    /// When crashed agents come back.
    pub rules: RestartRules,
    /// What a job gets when its task names nothing.
    pub job: JobDefaults,
    /// Signs tokens of jobs.
    pub signer: Signer,
    /// Hands back what dead agents held.
    pub nats: Nats,
    /// Where agents connect to.
    pub nats_url: String,
    /// Identity of agents on NATS.
    pub nats_seed: Option<Secret>,
    /// Time an agent has to finish after `Stop`.
    pub stop_timeout: Duration,
    /// Tells the others.
    pub announcer: Announcer,
    /// Counts.
    pub metrics: PoolMetrics,
    /// The end of the supervisor.
    pub shutdown: Shutdown,
}

/// The running pool; cheap to clone.
#[derive(Clone)]
pub struct Pool {
    board: Board,
    slots: Vec<mpsc::Sender<SlotCommand>>,
}

/// Agents in the order of their slots, with the roles dealt in turn.
///
/// # Panics
/// Never: `agent-` and a number is a name.
#[must_use]
pub fn roster(size: u32, roles: &[Name]) -> Vec<(Name, Name)> {
    #[expect(clippy::expect_used, reason = "see above")]
    let name = |number: u32| Name::new(format!("agent-{number}")).expect("a name");
    (1..=size)
        .zip(roles.iter().cycle())
        .map(|(number, role)| (name(number), role.clone()))
        .collect()
}

impl Pool {
    /// Fills the slots of a board; the tasks end when the supervisor drains.
    pub fn start(board: Board, parts: &PoolParts) -> (Self, JoinSet<()>) {
        let mut tasks = JoinSet::new();
        let agents = board.view().agents;
        let slots = agents.into_iter().enumerate().map(|(number, view)| {
            let (sender, receiver) = mpsc::channel(QUEUE);
            let slot = Slot::new(number, view.agent_id, parts.clone(), board.clone());
            tasks.spawn(slot.run(receiver));
            sender
        });
        let slots = slots.collect();
        (Self { board, slots }, tasks)
    }

    /// Every slot.
    #[must_use]
    pub fn view(&self) -> PoolView {
        self.board.view()
    }

    /// One agent.
    ///
    /// # Errors
    /// There is none of this name.
    pub fn agent(&self, id: &Name) -> Result<AgentView, Fault> {
        self.board
            .agent(id)
            .ok_or_else(|| Fault::new(NO_SUCH_AGENT, format!("there is no agent {id}")))
    }

    /// Fills a free slot.
    ///
    /// # Errors
    /// There is none.
    pub fn spawn(&self, role: Option<Name>) -> Result<AgentView, Fault> {
        let full = || {
            Fault::new(
                POOL_FULL,
                format!("PoolFull: all {} slots are taken", self.slots.len()),
            )
        };
        let mut view = self.board.take_free().ok_or_else(full)?;
        if let Some(role) = &role {
            view.role = role.clone();
        }
        self.tell(&view, SlotCommand::Spawn(role))?;
        Ok(view)
    }

    /// Tells the slot of an agent something.
    ///
    /// # Errors
    /// There is no such agent, its slot is free, or its slot is too busy to listen.
    pub fn command(&self, id: &Name, command: SlotCommand) -> Result<AgentView, Fault> {
        let view = self.agent(id)?;
        if view.state == SlotState::Stopped {
            return Err(Fault::new(NO_SUCH_AGENT, format!("agent {id} is stopped")));
        }
        self.tell(&view, command)?;
        Ok(view)
    }

    fn tell(&self, view: &AgentView, command: SlotCommand) -> Result<(), Fault> {
        let busy = || {
            Fault::new(
                NO_SUCH_AGENT,
                format!("agent {} does not take commands now", view.agent_id),
            )
        };
        let slot = self.slots.get(view.slot as usize).ok_or_else(busy)?;
        slot.try_send(command).map_err(|_| busy())
    }
}
