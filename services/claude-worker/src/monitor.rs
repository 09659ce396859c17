//! Watches what readiness depends on: the connection, the work queue's consumer, and the CLI's file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_nats::jetstream::consumer::PullConsumer;
use mistersmith_common::health::Health;
use mistersmith_common::nats::Nats;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::queue::{CONSUMER, STREAM};

/// Names of the checks.
pub(crate) const CHECKS: [&str; 3] = [NATS, QUEUE, CLI];
const NATS: &str = "nats";
const QUEUE: &str = "consumer";
const CLI: &str = "cli";

/// Between two looks at the connection and at the file, and at a consumer that is not there.
const LOOK: Duration = Duration::from_millis(100);
/// Between two looks at a consumer that is there.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// The watcher.
pub(crate) struct Monitor {
    pub(crate) nats: Nats,
    pub(crate) health: Health,
    pub(crate) cli: PathBuf,
    pub(crate) connected: watch::Sender<bool>,
}

impl Monitor {
    /// Watches for as long as the task lives.
    pub(crate) async fn run(self) {
        let mut next_look = Instant::now();
        loop {
            let connected = self.nats.is_connected();
            let before = self.connected.send_replace(connected);
            self.health.set(
                NATS,
                if connected {
                    Ok(())
                } else {
                    Err("not connected".to_owned())
                },
            );
            self.health.set(CLI, executable(&self.cli));
            if connected && (!before || Instant::now() >= next_look) {
                let found = self.consumer().await;
                next_look = Instant::now() + if found.is_ok() { LOOK_AGAIN } else { LOOK };
                self.health.set(QUEUE, found);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn consumer(&self) -> Result<(), String> {
        let found: Result<PullConsumer, _> = self
            .nats
            .jetstream
            .get_consumer_from_stream(CONSUMER, STREAM)
            .await;
        found
            .map(drop)
            .map_err(|error| format!("consumer {CONSUMER}: {error}"))
    }
}

fn executable(path: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;
    match std::fs::metadata(path) {
        Ok(about) if about.is_file() && about.permissions().mode() & 0o111 != 0 => Ok(()),
        Ok(_) => Err(format!("{} is not a program", path.display())),
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}
