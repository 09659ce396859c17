//! The only place that waits for child processes: agents, and orphans that fall to us as PID 1 or as subreaper.
//!
//! Spawning and reaping hold the same lock, so an exit is never seen before the process is known.

use std::collections::HashMap;
use std::io;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process_group, set_child_subreaper, wait};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// With a code.
    Code(u8),
    /// By a signal.
    Signal(u8),
}

/// Spawns and reaps; cheap to clone.
#[derive(Clone, Debug)]
pub struct Reaper {
    watched: Arc<Mutex<HashMap<i32, oneshot::Sender<Exit>>>>,
}

impl Reaper {
    /// Begins to reap. Orphans of our descendants come to us even when we are not PID 1.
    ///
    /// # Errors
    /// The kernel refuses, or the handler of SIGCHLD cannot be installed.
    pub fn start() -> io::Result<Self> {
        set_child_subreaper(Some(rustix::process::getpid()))?;
        let mut exits = signal(SignalKind::child())?;
        let reaper = Self {
            watched: Arc::default(),
        };
        let reaping = reaper.clone();
        tokio::spawn(async move {
            // One signal may stand for many exits, and some may be older than the handler.
            loop {
                reaping.reap_all();
                if exits.recv().await.is_none() {
                    return;
                }
            }
        });
        Ok(reaper)
    }

    /// Starts a process; its exit arrives at the receiver once.
    ///
    /// # Errors
    /// The process cannot be started.
    pub fn spawn(&self, command: &mut Command) -> io::Result<(Pid, oneshot::Receiver<Exit>)> {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let child = command.spawn()?;
        let pid = Pid::from_child(&child);
        let (sender, receiver) = oneshot::channel();
        watched.insert(pid.as_raw_pid(), sender);
        Ok((pid, receiver))
    }

    fn reap_all(&self) {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            let Some(sender) = watched.remove(&pid.as_raw_pid()) else {
                tracing::debug!(pid = pid.as_raw_pid(), "orphan reaped");
                continue;
            };
            // What an agent left behind in its group ends with it. A group's id is not given away while the group
            // has members; without members there is usually nothing to kill.
            let _ = kill_process_group(pid, Signal::KILL);
            // The slot may be gone during the end of the supervisor.
            let _ = sender.send(exit(status));
        }
    }
}

fn exit(status: WaitStatus) -> Exit {
    let signal = status
        .terminating_signal()
        .and_then(|signal| u8::try_from(signal).ok());
    let code = status.exit_status().and_then(|code| u8::try_from(code).ok());
    signal.map_or_else(|| Exit::Code(code.unwrap_or(u8::MAX)), Exit::Signal)
}
