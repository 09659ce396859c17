//! The life of one agent process, from its start to its exit: what it says, what it is told, and when it is killed.

use std::process::ExitStatus;
use std::time::Duration;

use mistersmith_common::messages::{AgentEvent, AgentEventKind, AgentState, Name, SlotState};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::agent_process::AgentProcess;
use crate::board::{Board, Change, slot_state};
use crate::pool::PoolParts;
use crate::slot::SlotCommand;
use crate::wire::{Assignment, FromAgent, SILENCE, ToAgent};

/// Time between being told to hurry and SIGKILL.
const HURRY_GRACE: Duration = Duration::from_secs(1);

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Code or signal.
    pub exit: ExitStatus,
    /// Whether it had been told to end.
    pub asked: bool,
}

/// An agent process under supervision.
pub struct Supervision<'a> {
    number: usize,
    agent: Name,
    process: AgentProcess,
    parts: &'a PoolParts,
    board: &'a Board,
    holding: Option<String>,
    announced: bool,
    stage: Stage,
}

/// How far its end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Works; killed when it says nothing until then.
    Normal { silent_until: Instant },
    /// Told to finish; told to hurry then.
    Draining { hurry_at: Instant },
    /// Told to hand back; killed then.
    Hurrying { kill_at: Instant },
    /// Killed; only its exit is awaited.
    Killed { asked: bool },
}

impl<'a> Supervision<'a> {
    /// Begins with a process that was just started.
    pub fn new(
        number: usize,
        agent: Name,
        process: AgentProcess,
        parts: &'a PoolParts,
        board: &'a Board,
    ) -> Self {
        let stage = Stage::Normal {
            silent_until: Instant::now() + SILENCE,
        };
        Self {
            number,
            agent,
            process,
            parts,
            board,
            holding: None,
            announced: false,
            stage,
        }
    }

    /// Supervises until the process has ended.
    pub async fn until_exit(&mut self, commands: &mut mpsc::Receiver<SlotCommand>) -> Ended {
        self.assign().await;
        let shutdown = self.parts.shutdown.clone();
        loop {
            let normal = matches!(self.stage, Stage::Normal { .. });
            let hurried = matches!(self.stage, Stage::Hurrying { .. } | Stage::Killed { .. });
            let killed = matches!(self.stage, Stage::Killed { .. });
            tokio::select! {
                exit = &mut self.process.exit => {
                    // The sender lives in the reaper for as long as the process does.
                    let exit = exit.unwrap_or_default();
                    return Ended { exit, asked: self.was_asked() };
                }
                message = self.process.reader.next(), if !killed => match message {
                    Ok(Some(message)) => self.hear(message).await,
                    Ok(None) => self.kill(),
                    Err(error) => {
                        tracing::error!(agent_id = %self.agent, %error, "agent is not understood");
                        self.kill();
                    }
                },
                Some(command) = commands.recv() => self.obey(command).await,
                () = shutdown.draining(), if normal => self.drain(None).await,
                () = shutdown.hurrying(), if !hurried => self.hurry().await,
                () = tokio::time::sleep_until(self.stage.deadline()), if !killed => self.deadline().await,
            }
        }
    }

    /// Hands a delivery back that a dead agent held, so that it need not be waited for.
    pub async fn hand_back(&mut self) {
        if let Some(ack) = self.holding.take() {
            tracing::warn!(agent_id = %self.agent, "handing back the task of an agent that ended");
            // Without it the delivery comes back after its ack wait.
            let _ = self.parts.nats.client.publish(ack, "-NAK".into()).await;
        }
    }

    async fn assign(&mut self) {
        let role = self.board.agent(&self.agent).map(|view| view.role);
        let assignment = Assignment {
            agent_id: self.agent.clone(),
            role: role.unwrap_or_else(|| self.agent.clone()),
            nats_url: self.parts.nats_url.clone(),
            nats_seed: self.parts.nats_seed.as_ref().map(|seed| seed.expose().to_owned()),
            job: self.parts.job,
        };
        self.tell(ToAgent::Start(Box::new(assignment))).await;
    }

    async fn hear(&mut self, message: FromAgent) {
        if let Stage::Normal { silent_until } = &mut self.stage {
            *silent_until = Instant::now() + SILENCE;
        }
        match message {
            FromAgent::State { state, task_id } => self.show(state, task_id),
            FromAgent::Holding { ack } => self.holding = Some(ack),
            FromAgent::Released => self.holding = None,
            FromAgent::TokenRequest {
                task_id,
                job_id,
                role,
                timeout_ms,
            } => {
                let run = Duration::from_millis(timeout_ms);
                let token = self.parts.signer.sign(&self.agent, &role, task_id, &job_id, run);
                self.tell(ToAgent::Token { job_id, token }).await;
            }
            FromAgent::Finished { outcome } => self.parts.metrics.finished(outcome),
            FromAgent::Malformed => {
                self.parts.metrics.malformed.inc();
            }
            FromAgent::Alive => {}
        }
    }

    fn show(&mut self, state: AgentState, task_id: Option<uuid::Uuid>) {
        let pid = Some(self.process.pid.as_raw_pid() as u32);
        self.board.set(
            self.number,
            Change {
                state: slot_state(state),
                task_id,
                pid,
            },
        );
        if state == AgentState::Idle && !self.announced {
            self.announced = true;
            let view = self.board.agent(&self.agent);
            self.parts.announcer.event(AgentEvent {
                agent_id: self.agent.clone(),
                event: AgentEventKind::Ready,
                role: view.as_ref().map(|view| view.role.clone()),
                slot: Some(self.number as u32),
                pid,
                exit_code: None,
                signal: None,
                restarts: view.map(|view| view.restarts),
                delay_ms: None,
                reason: None,
            });
        }
    }

    async fn obey(&mut self, command: SlotCommand) {
        match command {
            SlotCommand::Stop => self.drain(Some(self.parts.stop_timeout)).await,
            SlotCommand::Pause => self.tell(ToAgent::Pause).await,
            SlotCommand::Resume => self.tell(ToAgent::Resume).await,
            SlotCommand::Input(text) => self.tell(ToAgent::Input { text }).await,
            SlotCommand::Spawn(_) => tracing::debug!(agent_id = %self.agent, "the slot is taken"),
        }
    }

    /// During the end of the supervisor the end of draining is said by the shutdown, not by a time of our own.
    async fn drain(&mut self, within: Option<Duration>) {
        const FAR: Duration = Duration::from_secs(86_400);
        self.stage = Stage::Draining {
            hurry_at: Instant::now() + within.unwrap_or(FAR),
        };
        let view = self.board.agent(&self.agent);
        let task_id = view.and_then(|view| view.task_id);
        let pid = Some(self.process.pid.as_raw_pid() as u32);
        self.board.set(
            self.number,
            Change {
                state: SlotState::Draining,
                task_id,
                pid,
            },
        );
        self.tell(ToAgent::Drain).await;
    }

    async fn hurry(&mut self) {
        self.stage = Stage::Hurrying {
            kill_at: Instant::now() + HURRY_GRACE,
        };
        self.tell(ToAgent::Hurry).await;
    }

    async fn deadline(&mut self) {
        match self.stage {
            Stage::Normal { .. } => {
                tracing::error!(agent_id = %self.agent, seconds = SILENCE.as_secs(), "agent hangs");
                self.kill();
            }
            Stage::Draining { .. } => self.hurry().await,
            Stage::Hurrying { .. } | Stage::Killed { .. } => self.kill(),
        }
    }

    fn kill(&mut self) {
        let asked = self.was_asked();
        self.process.kill();
        self.stage = Stage::Killed { asked };
    }

    const fn was_asked(&self) -> bool {
        match self.stage {
            Stage::Normal { .. } => false,
            Stage::Draining { .. } | Stage::Hurrying { .. } => true,
            Stage::Killed { asked } => asked,
        }
    }

    async fn tell(&mut self, message: ToAgent) {
        if let Err(error) = self.process.writer.send(&message).await {
            // Its exit, if it ended, arrives by itself; one that does not read is of no use.
            tracing::warn!(agent_id = %self.agent, %error, "agent does not listen");
            self.kill();
        }
    }
}

impl Stage {
    fn deadline(self) -> Instant {
        match self {
            Self::Normal { silent_until: at }
            | Self::Draining { hurry_at: at }
            | Self::Hurrying { kill_at: at } => at,
            Self::Killed { .. } => Instant::now(),
        }
    }
}
