//! The end of a service as a protocol: not ready, no new work, drain, exit.
//!
//! The first SIGTERM (or SIGINT) begins draining; the second one, or the deadline, begins hurrying. Every part holds
//! a [`Shutdown`] and decides itself what the phases mean for it.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// How far the end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Nobody asked for the end.
    Running,
    /// Not ready, takes no new work, finishes what it has.
    Draining,
    /// Hands back what it has and ends.
    Hurrying,
}

/// A receiver of the phases; cheap to clone, safe to ask again.
#[derive(Clone, Debug)]
pub struct Shutdown {
    phase: watch::Receiver<Phase>,
}

/// The sending side; a phase never goes back.
#[derive(Clone, Debug)]
pub struct Trigger {
    phase: watch::Sender<Phase>,
}

/// A pair without signals, for parts that are ended by a message and for tests.
#[must_use]
pub fn manual() -> (Trigger, Shutdown) {
    let (sender, receiver) = watch::channel(Phase::Running);
    (Trigger { phase: sender }, Shutdown { phase: receiver })
}

/// Listens to SIGTERM and SIGINT; `deadline` is the time that draining may take.
///
/// # Errors
/// The handlers cannot be installed.
pub fn on_signals(deadline: Duration) -> std::io::Result<Shutdown> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (trigger, shutdown) = manual();
    tokio::spawn(async move {
        let name = tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        };
        tracing::info!(
            signal = name,
            deadline_ms = deadline.as_millis() as u64,
            "draining"
        );
        trigger.advance(Phase::Draining);
        let reason = tokio::select! {
            _ = terminate.recv() => "second signal",
            _ = interrupt.recv() => "second signal",
            () = tokio::time::sleep(deadline) => "deadline",
        };
        tracing::warn!(reason, "hurrying");
        trigger.advance(Phase::Hurrying);
        // Dropping the sender would look like an end of the service to those who wait for a phase.
        std::future::pending::<()>().await;
    });
    Ok(shutdown)
}

impl Trigger {
    /// Goes on to a later phase; an earlier one is ignored.
    pub fn advance(&self, phase: Phase) {
        self.phase.send_if_modified(|current| {
            let later = phase > *current;
            if later {
                *current = phase;
            }
            later
        });
    }
}

impl Shutdown {
    /// The phase now.
    #[must_use]
    pub fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    /// Whether new work may be taken.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.phase() == Phase::Running
    }

    /// Returns when draining has begun, at once when it has.
    pub async fn draining(&self) {
        self.reached(Phase::Draining).await;
    }

    /// Returns when hurrying has begun, at once when it has.
    pub async fn hurrying(&self) {
        self.reached(Phase::Hurrying).await;
    }

    async fn reached(&self, phase: Phase) {
        // An error means that the trigger is gone, which only happens while everything ends.
        let _ = self.phase.clone().wait_for(|current| *current >= phase).await;
    }
}
