//! Pulls jobs as long as there are free slots, money and time.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::{PullConsumer, pull};
use async_nats::jetstream::{Context, Message};
use futures_util::StreamExt;
use mistersmith_common::backoff::{Backoff, Retry};
use mistersmith_common::shutdown::Shutdown;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tracing::Instrument;

use crate::delivery::Deliveries;

/// The stream of jobs.
pub(crate) const STREAM: &str = "WORK";
/// Its durable consumer.
pub(crate) const CONSUMER: &str = "workers";
/// Time that one request for a job waits at the server.
const REQUEST: Duration = Duration::from_secs(5);

/// The pulling side of a worker.
pub(crate) struct Queue {
    pub(crate) jetstream: Context,
    pub(crate) deliveries: Deliveries,
    pub(crate) slots: usize,
    pub(crate) shutdown: Shutdown,
    /// Whether NATS is connected; a request does not survive a broken connection.
    pub(crate) connected: watch::Receiver<bool>,
}

impl Queue {
    /// Pulls until the worker drains, then waits for the jobs in hand.
    pub(crate) async fn run(mut self) {
        let free = Arc::new(Semaphore::new(self.slots));
        let mut jobs = JoinSet::new();
        let mut retry = Retry::new(Backoff::connection());
        while let Some(slot) = self.free_slot(&free).await {
            while jobs.try_join_next().is_some() {}
            match self.pull().await {
                Ok(Some(message)) => {
                    retry.reset();
                    let deliveries = self.deliveries.clone();
                    let job = async move {
                        deliveries.handle(message).await;
                        drop(slot);
                    };
                    jobs.spawn(job.in_current_span());
                }
                Ok(None) => retry.reset(),
                Err(reason) => {
                    tracing::debug!(reason, "no job can be asked for");
                    tokio::select! {
                        () = retry.wait() => {}
                        () = self.shutdown.draining() => {}
                    }
                }
            }
        }
        self.deliveries.totals.drain();
        while jobs.join_next().await.is_some() {}
    }

    /// A slot for one more job; none when no more are taken.
    async fn free_slot(&self, free: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
        let slot = tokio::select! {
            biased;
            () = self.shutdown.draining() => None,
            slot = Arc::clone(free).acquire_owned() => slot.ok(),
        }?;
        if self.deliveries.totals.is_over_budget() {
            self.shutdown.draining().await;
            return None;
        }
        Some(slot)
    }

    /// Asks for one job.
    async fn pull(&mut self) -> Result<Option<Message>, String> {
        let up = self.connected.wait_for(|connected| *connected);
        tokio::select! {
            () = self.shutdown.draining() => return Ok(None),
            up = up => drop(up.map_err(|error| error.to_string())?),
        }
        let consumer: PullConsumer = self
            .jetstream
            .get_consumer_from_stream(CONSUMER, STREAM)
            .await
            .map_err(|error| error.to_string())?;
        let mut batch = request(&consumer).await?;
        // A job that came together with the end is looked at first, so that it can be handed back at once.
        tokio::select! {
            biased;
            message = batch.next() => message.transpose().map_err(|error| error.to_string()),
            () = self.shutdown.draining() => Ok(None),
            _ = self.connected.wait_for(|connected| !*connected) => Err("the connection is lost".to_owned()),
        }
    }
}

async fn request(consumer: &PullConsumer) -> Result<pull::Batch, String> {
    consumer
        .batch()
        .max_messages(1)
        .expires(REQUEST)
        .messages()
        .await
        .map_err(|error| error.to_string())
}
