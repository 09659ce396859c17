//! The agent's line to the supervisor.

use std::sync::{Arc, Mutex, PoisonError};

use mistersmith_common::messages::{AgentState, Name, Outcome};
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

use super::inbox::Inbox;
use crate::wire::{Assignment, FromAgent, HEARTBEAT, Reader, ToAgent, Writer};
use mistersmith_common::shutdown::{Phase, Trigger};

/// Messages that wait to be written.
const QUEUE: usize = 64;

/// A job whose token was asked for, and who waits for it.
type AwaitedToken = (String, oneshot::Sender<String>);

/// What a token is for.
#[derive(Clone, Debug)]
pub struct TokenJob {
    /// Task.
    pub task_id: Uuid,
    /// Job.
    pub job_id: String,
    /// Role that the agent takes on for the task.
    pub role: Name,
    /// Longest that the job may run, ms.
    pub timeout_ms: u64,
}

/// The side that the agent's work uses; cheap to clone.
#[derive(Clone)]
pub struct Desk {
    outgoing: mpsc::Sender<FromAgent>,
    token: Arc<Mutex<Option<AwaitedToken>>>,
    paused: watch::Receiver<bool>,
    /// What operators said to this agent.
    pub inbox: Inbox,
}

/// The supervisor is gone; the agent has no reason to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the supervisor is gone")]
pub struct Gone;

/// Waits for the assignment, then connects the two sides.
///
/// # Errors
/// The supervisor went away or said something else first.
pub async fn open(
    mut reader: Reader<ToAgent>,
    writer: Writer<FromAgent>,
    trigger: Trigger,
) -> Result<(Assignment, Desk), Gone> {
    let Ok(Some(ToAgent::Start(assignment))) = reader.next().await else {
        return Err(Gone);
    };
    let (outgoing, queue) = mpsc::channel(QUEUE);
    let (pause, paused) = watch::channel(false);
    let desk = Desk {
        outgoing,
        token: Arc::default(),
        paused,
        inbox: Inbox::default(),
    };
    tokio::spawn(write(queue, writer));
    tokio::spawn(listen(reader, desk.clone(), pause, trigger));
    Ok((*assignment, desk))
}

async fn write(mut queue: mpsc::Receiver<FromAgent>, mut writer: Writer<FromAgent>) {
    loop {
        let message = tokio::select! {
            message = queue.recv() => message,
            () = tokio::time::sleep(HEARTBEAT) => Some(FromAgent::Alive),
        };
        let Some(message) = message else { return };
        if writer.send(&message).await.is_err() {
            return;
        }
    }
}

/// Ends the agent when the supervisor does: nobody would restart or stop it.
async fn listen(mut reader: Reader<ToAgent>, desk: Desk, pause: watch::Sender<bool>, trigger: Trigger) {
    while let Ok(Some(message)) = reader.next().await {
        match message {
            ToAgent::Start(_) => {}
            ToAgent::Token { job_id, token } => desk.accept(&job_id, token),
            ToAgent::Pause => drop(pause.send(true)),
            ToAgent::Resume => drop(pause.send(false)),
            ToAgent::Input { text } => desk.inbox.put(text),
            ToAgent::Drain => trigger.advance(Phase::Draining),
            ToAgent::Hurry => trigger.advance(Phase::Hurrying),
        }
    }
    std::process::exit(0);
}

impl Desk {
    /// Says what the agent does.
    pub async fn state(&self, state: AgentState, task_id: Option<Uuid>) {
        self.say(FromAgent::State { state, task_id }).await;
    }

    /// Says which delivery has to be handed back should this process die.
    pub async fn holding(&self, ack: &str) {
        self.say(FromAgent::Holding { ack: ack.to_owned() }).await;
    }

    /// Says that nothing is held any more.
    pub async fn released(&self) {
        self.say(FromAgent::Released).await;
    }

    /// Says how a task ended.
    pub async fn finished(&self, outcome: Outcome) {
        self.say(FromAgent::Finished { outcome }).await;
    }

    /// Says that a task was set aside.
    pub async fn malformed(&self) {
        self.say(FromAgent::Malformed).await;
    }

    /// A token for a job.
    ///
    /// # Errors
    /// The supervisor is gone.
    pub async fn token(&self, job: &TokenJob) -> Result<String, Gone> {
        let (sender, receiver) = oneshot::channel();
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some((job.job_id.clone(), sender));
        let request = FromAgent::TokenRequest {
            task_id: job.task_id,
            job_id: job.job_id.clone(),
            role: job.role.clone(),
            timeout_ms: job.timeout_ms,
        };
        self.say(request).await;
        receiver.await.map_err(|_| Gone)
    }

    /// Whether the agent was told to take no tasks.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        *self.paused.borrow()
    }

    /// Returns when the agent may take tasks again.
    pub async fn resumed(&self) {
        // An error means that the supervisor is gone, and then so is this process.
        let _ = self.paused.clone().wait_for(|paused| !*paused).await;
    }

    fn accept(&self, job_id: &str, token: String) {
        let mut waiting = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, sender)) = waiting.take_if(|(wanted, _)| wanted == job_id) {
            drop(sender.send(token));
        }
    }

    async fn say(&self, message: FromAgent) {
        // The listening side ends the process when the supervisor is gone.
        let _ = self.outgoing.send(message).await;
    }
}
