//! The worker's entry in the bucket `WORKERS`, renewed well before it expires and at every change.

use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::kv::Store;
use mistersmith_common::messages::{Envelope, Name, WorkerPresence};
use mistersmith_common::streams::Topology;
use tokio::sync::watch;

use crate::totals::Snapshot;

/// The bucket.
const BUCKET: &str = "WORKERS";
/// Renewals in the life of an entry.
const RENEWALS: u32 = 3;
/// Changes come in bursts; one write is enough for all of them.
const SETTLE: Duration = Duration::from_millis(50);

/// What the entry says of the worker.
pub(crate) struct Presence {
    pub(crate) jetstream: Context,
    pub(crate) worker_id: Name,
    pub(crate) slots: usize,
    pub(crate) state: watch::Receiver<Snapshot>,
    pub(crate) connected: watch::Receiver<bool>,
}

impl Presence {
    /// Renews the entry for as long as the task lives.
    pub(crate) async fn run(mut self) {
        let every = interval();
        loop {
            if self.connected.wait_for(|connected| *connected).await.is_err() {
                return;
            }
            let state = self.state.borrow_and_update().clone();
            if let Err(reason) = self.write(&state).await {
                tracing::debug!(reason, "the presence was not renewed");
            }
            tokio::select! {
                () = tokio::time::sleep(every) => {}
                changed = self.state.changed() => match changed {
                    Ok(()) => tokio::time::sleep(SETTLE).await,
                    Err(_) => return,
                },
            }
        }
    }

    async fn write(&self, state: &Snapshot) -> Result<(), String> {
        let entry = WorkerPresence {
            worker_id: self.worker_id.clone(),
            state: state.state(),
            slots: self.slots as u64,
            job_ids: Some(state.running.iter().cloned().collect()),
            jobs_done: state.jobs_done,
            cost_usd: state.cost_usd,
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        };
        let store = open(&self.jetstream).await?;
        let written = store
            .put(self.worker_id.as_str(), Envelope::new(entry).encode())
            .await;
        written.map(drop).map_err(|error| error.to_string())
    }
}

/// Takes the entry away, so that nobody counts on a worker that ended.
pub(crate) async fn leave(jetstream: &Context, worker_id: &Name) {
    let left = async {
        open(jetstream)
            .await?
            .delete(worker_id.as_str())
            .await
            .map_err(|error| error.to_string())
    };
    if let Err(reason) = left.await {
        tracing::debug!(reason, "the presence expires by itself");
    }
}

async fn open(jetstream: &Context) -> Result<Store, String> {
    jetstream
        .get_key_value(BUCKET)
        .await
        .map_err(|error| error.to_string())
}

fn interval() -> Duration {
    let topology = Topology::embedded();
    let life = topology
        .key_value
        .iter()
        .find(|bucket| bucket.bucket == BUCKET)
        .map_or(u64::from(RENEWALS), |bucket| bucket.ttl_seconds);
    Duration::from_secs(life) / RENEWALS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entry_is_renewed_well_within_its_life() {
        assert_eq!(interval(), Duration::from_secs(10));
    }
}
