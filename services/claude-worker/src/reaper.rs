//! The only place that waits for processes: children of this service and, because it is the first process of its
//! container, orphans of theirs. Two places would take each other's exit codes.

use std::collections::HashMap;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::process::{Pid, Signal, WaitOptions, getpid, set_child_subreaper, wait};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// Starts processes and hands out how they ended; cheap to clone.
#[derive(Clone)]
pub(crate) struct Reaper {
    children: Arc<Mutex<HashMap<Pid, oneshot::Sender<ExitStatus>>>>,
}

/// A started process with its pipes; its end arrives once.
pub(crate) struct Started {
    pub(crate) child: Child,
    pub(crate) pid: Pid,
    pub(crate) exit: oneshot::Receiver<ExitStatus>,
}

impl Reaper {
    /// Begins to wait; orphans come here even when an init of the container's runtime is the first process.
    ///
    /// # Errors
    /// The signal cannot be handled.
    pub(crate) fn start() -> std::io::Result<Self> {
        set_child_subreaper(Some(getpid()))?;
        let mut ended = signal(SignalKind::child())?;
        let reaper = Self {
            children: Arc::default(),
        };
        let all = reaper.clone();
        tokio::spawn(async move {
            while ended.recv().await.is_some() {
                all.collect();
            }
        });
        Ok(reaper)
    }

    /// Starts a process in a group of its own that is killed when this service dies.
    ///
    /// # Errors
    /// The program cannot be started.
    pub(crate) fn spawn(&self, command: &mut Command) -> std::io::Result<Started> {
        use std::os::unix::process::CommandExt;
        command.process_group(0);
        // SAFETY: between fork and exec only one system call is made.
        #[expect(
            unsafe_code,
            reason = "a CLI that outlives its worker spends money that nobody counts"
        )]
        unsafe {
            command.pre_exec(|| {
                rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).map_err(Into::into)
            });
        }
        // Held until the child is known, so that an end in between is not taken for an orphan's. A program that
        // is not there is waited for by `spawn` itself.
        let mut children = self.children.lock().unwrap_or_else(PoisonError::into_inner);
        let child = command.spawn()?;
        let pid = Pid::from_child(&child);
        let (sender, exit) = oneshot::channel();
        children.insert(pid, sender);
        Ok(Started { child, pid, exit })
    }

    fn collect(&self) {
        let mut children = self.children.lock().unwrap_or_else(PoisonError::into_inner);
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            match children.remove(&pid) {
                // Nobody may be interested any more.
                Some(sender) => drop(sender.send(ExitStatus::from_raw(status.as_raw()))),
                None => tracing::debug!(pid = pid.as_raw_nonzero().get(), "reaped an orphan"),
            }
        }
    }
}
