//! Tells the others what happens to agents: `agent.<id>.events`, `agent.<id>.status`, and presence in KV `AGENTS`.
//!
//! The pool never waits for NATS: what it has to say goes into a bounded queue, and what no longer fits is counted.

use std::time::Duration;

use mistersmith_common::backoff::{Backoff, Retry};
use mistersmith_common::messages::{AgentEvent, AgentStatus, Envelope, Payload};
use mistersmith_common::nats::Nats;
use mistersmith_common::publish::publish;
use mistersmith_common::shutdown::Shutdown;
use mistersmith_common::trace::Trace;
use tokio::sync::mpsc;

use crate::board::Board;
use crate::metrics::PoolMetrics;

/// Announcements that wait for NATS.
const QUEUE: usize = 4096;
/// Bucket of agents that are alive.
const BUCKET: &str = "AGENTS";

/// The pool's side; cheap to clone.
#[derive(Clone, Debug)]
pub struct Announcer {
    queue: mpsc::Sender<Announcement>,
    metrics: PoolMetrics,
}

/// The side that talks to NATS.
#[derive(Debug)]
pub struct Announcements {
    queue: mpsc::Receiver<Announcement>,
}

#[derive(Debug)]
enum Announcement {
    Event(Envelope<AgentEvent>),
    Status(Envelope<AgentStatus>),
}

/// Both sides.
#[must_use]
pub fn announcer(metrics: PoolMetrics) -> (Announcer, Announcements) {
    let (sender, receiver) = mpsc::channel(QUEUE);
    (
        Announcer {
            queue: sender,
            metrics,
        },
        Announcements { queue: receiver },
    )
}

impl Announcer {
    /// Something happened to an agent.
    pub fn event(&self, event: AgentEvent) {
        self.put(Announcement::Event(Envelope::new(event)));
    }

    /// An agent is in another state.
    pub fn status(&self, status: AgentStatus) {
        self.put(Announcement::Status(Envelope::new(status)));
    }

    fn put(&self, announcement: Announcement) {
        if self.queue.try_send(announcement).is_err() {
            self.metrics.dropped.inc();
        }
    }
}

impl Announcements {
    /// Publishes until it is stopped and nothing waits any more.
    pub async fn run(mut self, nats: Nats, stop: Shutdown) {
        loop {
            let next = tokio::select! {
                biased;
                next = self.queue.recv() => next,
                () = stop.draining() => None,
            };
            match next {
                Some(announcement) => announcement.publish(&nats).await,
                None => return,
            }
        }
    }
}

impl Announcement {
    async fn publish(self, nats: &Nats) {
        match self {
            Self::Event(message) => {
                insist(
                    nats,
                    format!("agent.{}.events", message.payload.agent_id),
                    &message,
                )
                .await;
            }
            Self::Status(message) => {
                insist(
                    nats,
                    format!("agent.{}.status", message.payload.agent_id),
                    &message,
                )
                .await;
            }
        }
    }
}

/// Repeats are harmless: the message keeps its identity.
async fn insist<P: Payload>(nats: &Nats, subject: String, message: &Envelope<P>) {
    let mut retry = Retry::new(Backoff::connection());
    let trace = Trace::start();
    while let Err(error) = publish(&nats.jetstream, subject.clone(), message, &trace).await {
        tracing::debug!(%error, subject, "not announced yet");
        retry.wait().await;
    }
}

/// Renews the presence of every agent, three times within the life of an entry.
pub async fn show_presence(nats: Nats, board: Board, life: Duration) {
    let mut retry = Retry::new(Backoff::connection());
    loop {
        match renew(&nats, &board).await {
            Ok(()) => {
                retry.reset();
                tokio::time::sleep(life / 3).await;
            }
            Err(error) => {
                tracing::debug!(%error, "presence not renewed");
                retry.wait().await;
            }
        }
    }
}

async fn renew(nats: &Nats, board: &Board) -> Result<(), async_nats::Error> {
    let bucket = nats.jetstream.get_key_value(BUCKET).await?;
    for status in board.statuses() {
        let key = status.agent_id.to_string();
        bucket.put(key, Envelope::new(status).encode()).await?;
    }
    Ok(())
}
