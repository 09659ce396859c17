//! One place in the pool. Its task is the only owner of the agent process in it and is controlled by messages.
//!
//! ```text
//! Vacant --spawn--> Running --exit--> Waiting (backoff or quarantine) --time--> Running
//!    ^-----stop--------+----------------------+
//! ```

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use mistersmith_common::messages::{AgentEvent, AgentEventKind, Name, SlotState};
use mistersmith_common::shutdown::Shutdown;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::agent_process::AgentProcess;
use crate::board::{Board, Change};
use crate::error::QUARANTINED;
use crate::pool::PoolParts;
use crate::restart::{RestartRecord, Verdict};
use crate::supervision::Supervision;

/// What a slot can be told.
#[derive(Debug)]
pub enum SlotCommand {
    /// Fill the slot with an agent of this role.
    Spawn(Option<Name>),
    /// Let the agent finish and leave the slot free.
    Stop,
    /// Let the agent take no more tasks.
    Pause,
    /// Let the agent take tasks again.
    Resume,
    /// A text for the agent.
    Input(String),
}

enum State {
    Vacant,
    Running(Box<AgentProcess>),
    Waiting { until: Instant, quarantined: bool },
}

/// A slot and its record.
pub struct Slot {
    number: usize,
    agent: Name,
    parts: PoolParts,
    board: Board,
    record: RestartRecord,
    shutdown: Shutdown,
}

impl Slot {
    /// A slot that starts an agent at once.
    pub fn new(number: usize, agent: Name, parts: PoolParts, board: Board) -> Self {
        let record = RestartRecord::new(parts.rules, fastrand::Rng::new());
        let shutdown = parts.shutdown.clone();
        Self {
            number,
            agent,
            parts,
            board,
            record,
            shutdown,
        }
    }

    /// Lives until the supervisor ends.
    pub async fn run(mut self, mut commands: mpsc::Receiver<SlotCommand>) {
        let mut state = self.launch();
        loop {
            let next = match state {
                State::Vacant => self.vacant(&mut commands).await,
                State::Running(process) => self.running(*process, &mut commands).await,
                State::Waiting { until, quarantined } => {
                    self.waiting(until, quarantined, &mut commands).await
                }
            };
            match next {
                Some(next) => state = next,
                None => return,
            }
        }
    }

    async fn vacant(&mut self, commands: &mut mpsc::Receiver<SlotCommand>) -> Option<State> {
        loop {
            tokio::select! {
                () = self.shutdown.draining() => return None,
                command = commands.recv() => match command? {
                    SlotCommand::Spawn(role) => {
                        if let Some(role) = role {
                            self.board.set_role(self.number, role);
                        }
                        return Some(self.launch());
                    }
                    other => tracing::debug!(agent_id = %self.agent, ?other, "the slot is free"),
                },
            }
        }
    }

    async fn waiting(
        &mut self,
        until: Instant,
        quarantined: bool,
        commands: &mut mpsc::Receiver<SlotCommand>,
    ) -> Option<State> {
        loop {
            tokio::select! {
                () = self.shutdown.draining() => return None,
                () = tokio::time::sleep_until(until) => break,
                command = commands.recv() => if matches!(command?, SlotCommand::Stop) {
                    self.tell(AgentEventKind::Stopped, |_| ());
                    self.board.set(self.number, Change::empty(SlotState::Stopped));
                    return Some(State::Vacant);
                },
            }
        }
        if quarantined {
            self.tell(AgentEventKind::Released, |_| ());
        }
        self.parts.metrics.restarts.inc();
        self.board.count_restart(self.number);
        Some(self.launch())
    }

    async fn running(
        &mut self,
        process: AgentProcess,
        commands: &mut mpsc::Receiver<SlotCommand>,
    ) -> Option<State> {
        let mut supervision =
            Supervision::new(self.number, self.agent.clone(), process, &self.parts, &self.board);
        let ended = supervision.until_exit(commands).await;
        supervision.hand_back().await;
        self.tell(AgentEventKind::Exited, |event| describe(event, ended.exit));
        if ended.asked {
            self.tell(AgentEventKind::Stopped, |_| ());
            self.board.set(self.number, Change::empty(SlotState::Stopped));
            return self.shutdown.is_running().then_some(State::Vacant);
        }
        tracing::warn!(agent_id = %self.agent, exit = %ended.exit, "agent ended unasked");
        Some(self.after_crash())
    }

    fn launch(&mut self) -> State {
        self.board.set(self.number, Change::empty(SlotState::Starting));
        match self.parts.launcher.launch() {
            Ok(process) => {
                let pid = process.pid.as_raw_pid() as u32;
                self.parts.metrics.spawns.inc();
                self.board.set(
                    self.number,
                    Change {
                        pid: Some(pid),
                        ..Change::empty(SlotState::Starting)
                    },
                );
                self.tell(AgentEventKind::Spawned, |event| event.pid = Some(pid));
                State::Running(Box::new(process))
            }
            Err(error) => {
                tracing::error!(agent_id = %self.agent, %error, "agent cannot be started");
                self.after_crash()
            }
        }
    }

    fn after_crash(&mut self) -> State {
        let (wait, quarantined) = match self.record.judge(Instant::now()) {
            Verdict::Restart(wait) => (wait, false),
            Verdict::Quarantine(wait) => (wait, true),
        };
        let delay_ms = Some(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        if quarantined {
            self.report_quarantine(wait);
        } else {
            self.tell(AgentEventKind::RestartScheduled, |event| {
                event.delay_ms = delay_ms;
            });
        }
        let state = if quarantined {
            SlotState::Quarantined
        } else {
            SlotState::Backoff
        };
        self.board.set(self.number, Change::empty(state));
        State::Waiting {
            until: Instant::now() + wait,
            quarantined,
        }
    }

    fn report_quarantine(&self, wait: Duration) {
        self.parts.metrics.quarantines.inc();
        let reason = format!("{} {}", QUARANTINED, QUARANTINED.text());
        tracing::error!(agent_id = %self.agent, code = QUARANTINED.as_str(), seconds = wait.as_secs(), "{reason}");
        self.tell(AgentEventKind::Quarantined, |event| event.reason = Some(reason));
    }

    fn tell(&self, kind: AgentEventKind, fill: impl FnOnce(&mut AgentEvent)) {
        let Some(view) = self.board.agent(&self.agent) else {
            return;
        };
        let mut event = AgentEvent {
            agent_id: self.agent.clone(),
            event: kind,
            role: Some(view.role),
            slot: Some(view.slot),
            pid: view.pid,
            exit_code: None,
            signal: None,
            restarts: Some(view.restarts),
            delay_ms: None,
            reason: None,
        };
        fill(&mut event);
        self.parts.announcer.event(event);
    }
}

fn describe(event: &mut AgentEvent, exit: ExitStatus) {
    event.exit_code = exit.code().and_then(|code| u8::try_from(code).ok());
    event.signal = exit.signal().and_then(|signal| u8::try_from(signal).ok());
}
