//! A task in hand: it is kept by acknowledging progress until it is done or handed back.

use std::time::Duration;

use async_nats::jetstream::{AckKind, Message};
use tokio::task::JoinHandle;

use super::desk::Desk;

/// A delivery that is being worked on.
pub struct Delivery {
    message: Message,
    desk: Desk,
    keeping: JoinHandle<()>,
    /// How often the task was delivered, from 1.
    pub attempt: u64,
}

impl Delivery {
    /// Takes a message into hand; `ack_wait` is that of the consumer.
    pub async fn hold(message: Message, desk: Desk, ack_wait: Duration) -> Self {
        let ack = message
            .reply
            .clone()
            .map(|reply| reply.to_string())
            .unwrap_or_default();
        desk.holding(&ack).await;
        let attempt = message
            .info()
            .map_or(1, |info| u64::try_from(info.delivered).unwrap_or(1));
        let client = message.context.client();
        let keeping = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(ack_wait / 3);
            ticks.tick().await;
            loop {
                ticks.tick().await;
                // Without a connection nothing can be done; the delivery may then go to another agent.
                let _ = client.publish(ack.clone(), "+WPI".into()).await;
            }
        });
        Self {
            message,
            desk,
            keeping,
            attempt,
        }
    }

    /// The message as it came.
    #[must_use]
    pub const fn message(&self) -> &Message {
        &self.message
    }

    /// The task is done and its result is stored.
    pub async fn done(self) {
        self.keeping.abort();
        if let Err(error) = self.message.double_ack().await {
            tracing::warn!(%error, "the acknowledgement is not confirmed; the task may come again");
        }
        self.desk.released().await;
    }

    /// Somebody else shall do it.
    pub async fn hand_back(self) {
        self.keeping.abort();
        if let Err(error) = self.message.ack_with(AckKind::Nak(None)).await {
            tracing::warn!(%error, "the task could not be handed back; it comes again by itself");
        }
        self.desk.released().await;
    }

    /// The task was set aside.
    pub async fn buried(self) {
        self.keeping.abort();
        self.desk.released().await;
    }
}
