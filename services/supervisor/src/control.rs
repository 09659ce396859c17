//! Requests on `system.control` and `agent.command`, each answered at once.

use async_nats::Message;
use async_nats::Subject;
use futures_util::StreamExt;
use mistersmith_common::backoff::{Backoff, Retry};
use mistersmith_common::fault::{Code, Fault};
use mistersmith_common::health::Health;
use mistersmith_common::messages::{Command, Control, ControlReply, Envelope, HealthView, Name, SlotState};
use mistersmith_common::nats::Nats;
use serde_json::Value;

use crate::error::UNKNOWN_COMMAND;
use crate::metrics::{ControlLabel, DeskMetrics};
use crate::pool::Pool;
use crate::slot::SlotCommand;

const SYSTEM: &str = "system.control";
const AGENT: &str = "agent.command";
/// Of several supervisors one answers.
const QUEUE_GROUP: &str = "supervisor";

/// Answers control requests.
pub struct Desk {
    /// Carries them out.
    pub pool: Pool,
    /// Answers `SystemHealth`.
    pub health: Health,
    /// Counts them.
    pub metrics: DeskMetrics,
}

impl Desk {
    /// Answers for as long as the process lives.
    pub async fn run(self, nats: Nats) {
        let mut retry = Retry::new(Backoff::connection());
        loop {
            let system = nats.client.queue_subscribe(SYSTEM, QUEUE_GROUP.to_owned()).await;
            let agent = nats.client.queue_subscribe(AGENT, QUEUE_GROUP.to_owned()).await;
            if let (Ok(system), Ok(agent)) = (system, agent) {
                let mut requests = futures_util::stream::select(system, agent);
                while let Some(request) = requests.next().await {
                    self.handle(&nats, request).await;
                }
            }
            // The subscriptions survive reconnects; they end with the client only.
            retry.wait().await;
        }
    }

    async fn handle(&self, nats: &Nats, request: Message) {
        let (command, answer) = match read(&request) {
            Ok(control) => (
                format!("{:?}", control.command),
                self.answer(&request.subject, control),
            ),
            Err(fault) => ("invalid".to_owned(), Err(fault)),
        };
        let label = answer
            .as_ref()
            .map_or_else(|fault| fault.code.as_str(), |_| "ok")
            .to_owned();
        tracing::info!(command, answer = label, "control request");
        self.metrics
            .control
            .get_or_create(&ControlLabel {
                command,
                answer: label,
            })
            .inc();
        let reply = Envelope::new(answer.unwrap_or_else(|fault| ControlReply::refused(&fault)));
        if let Some(inbox) = request.reply
            && let Err(error) = nats.client.publish(inbox, reply.encode()).await
        {
            tracing::warn!(%error, "the answer did not leave");
        }
    }

    fn answer(&self, subject: &Subject, control: Control) -> Result<ControlReply, Fault> {
        let for_system = matches!(control.command, Command::PoolStatus | Command::SystemHealth);
        if for_system != (subject.as_str() == SYSTEM) {
            return Err(Fault::new(
                UNKNOWN_COMMAND,
                format!("{:?} is not a command of {subject}", control.command),
            ));
        }
        let agent = control.agent_id;
        match control.command {
            Command::PoolStatus => Ok(ControlReply {
                pool: Some(self.pool.view()),
                ..ControlReply::done()
            }),
            Command::SystemHealth => Ok(self.system_health()),
            Command::Spawn => self.pool.spawn(control.role).map(about),
            Command::Stop => self.tell(agent, SlotCommand::Stop),
            Command::Pause => self.tell(agent, SlotCommand::Pause),
            Command::Resume => self.tell(agent, SlotCommand::Resume),
            Command::Input => {
                let input = control.input.ok_or_else(|| missing("input"))?;
                self.tell(agent, SlotCommand::Input(input))
            }
            Command::Status => self.pool.agent(&required(agent)?).map(about),
            Command::HealthCheck => self.agent_health(agent),
        }
    }

    fn tell(&self, agent: Option<Name>, command: SlotCommand) -> Result<ControlReply, Fault> {
        self.pool.command(&required(agent)?, command).map(about)
    }

    fn system_health(&self) -> ControlReply {
        let report = self.health.report();
        let checks = report
            .checks
            .into_iter()
            .map(|(name, state)| (name.to_owned(), state))
            .collect();
        let health = HealthView {
            live: true,
            ready: report.ready,
            checks: Some(checks),
        };
        ControlReply {
            health: Some(health),
            ..ControlReply::done()
        }
    }

    fn agent_health(&self, agent: Option<Name>) -> Result<ControlReply, Fault> {
        let Some(agent) = agent else {
            return Ok(self.system_health());
        };
        let view = self.pool.agent(&agent)?;
        let health = HealthView {
            live: view.pid.is_some(),
            ready: matches!(view.state, SlotState::Idle | SlotState::Working),
            checks: None,
        };
        Ok(ControlReply {
            health: Some(health),
            ..about(view)
        })
    }
}

fn about(view: mistersmith_common::messages::AgentView) -> ControlReply {
    ControlReply {
        agent: Some(view),
        ..ControlReply::done()
    }
}

fn required(agent: Option<Name>) -> Result<Name, Fault> {
    agent.ok_or_else(|| missing("agent_id"))
}

fn missing(field: &str) -> Fault {
    Fault::new(Code::NATS_INVALID_MESSAGE, format!("the request has no {field}"))
}

/// An unknown command is told apart from a message that is no request at all.
fn read(request: &Message) -> Result<Control, Fault> {
    Envelope::<Control>::decode(&request.payload)
        .map(|message| message.payload)
        .map_err(|error| {
            let raw: Value = serde_json::from_slice(&request.payload).unwrap_or_default();
            let name = raw["payload"]["command"].as_str();
            let known = |name: &str| serde_json::from_value::<Command>(name.into()).is_ok();
            match name {
                Some(name) if !known(name) => {
                    let shown: String = name.chars().take(40).collect();
                    Fault::new(UNKNOWN_COMMAND, format!("`{shown}` is not a command"))
                }
                _ => Fault::new(
                    Code::NATS_INVALID_MESSAGE,
                    format!("the request is not valid: {error}"),
                ),
            }
        })
}
