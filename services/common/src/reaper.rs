//! The only place that waits for processes: children of this service and, because it is the first process of its
//! container, orphans of theirs. Two places would take each other's exit codes.
//!
//! Spawning and reaping hold the same lock, so an end is never seen before the process is known.

use std::collections::HashMap;
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::process::{
    Pid, Signal, WaitOptions, getpid, getppid, kill_process_group, set_child_subreaper,
    set_parent_process_death_signal, wait,
};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// Starts processes and hands out how they ended; cheap to clone.
#[derive(Clone, Debug)]
pub struct Reaper {
    children: Arc<Mutex<HashMap<Pid, oneshot::Sender<ExitStatus>>>>,
}

/// A started process with its pipes.
#[derive(Debug)]
pub struct Started {
    /// The process; waiting for it here would take its end away from the reaper.
    pub child: Child,
    /// Its process id, which is also its group.
    pub pid: Pid,
    /// How it ended, once; what was left of its group is killed by then.
    pub exit: oneshot::Receiver<ExitStatus>,
}

impl Reaper {
    /// Begins to reap. Orphans come here even when an init of the container's runtime is the first process.
    ///
    /// # Errors
    /// The kernel refuses, or the handler of SIGCHLD cannot be installed.
    pub fn start() -> io::Result<Self> {
        set_child_subreaper(Some(getpid()))?;
        let mut ends = signal(SignalKind::child())?;
        let reaper = Self {
            children: Arc::default(),
        };
        let all = reaper.clone();
        tokio::spawn(async move {
            // One signal may stand for many ends, and some may be older than the handler.
            loop {
                all.collect();
                if ends.recv().await.is_none() {
                    return;
                }
            }
        });
        Ok(reaper)
    }

    /// Starts a process in a group of its own that is killed when the thread that calls this ends.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn spawn(&self, command: &mut Command) -> io::Result<Started> {
        command.process_group(0);
        die_with_us(command);
        // A program that is not there is waited for by `spawn` itself.
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
            let Some(sender) = children.remove(&pid) else {
                tracing::debug!(pid = pid.as_raw_pid(), "orphan reaped");
                continue;
            };
            // A group's id is not given away while the group has members; without members there is usually nothing
            // to kill.
            let _ = kill_process_group(pid, Signal::KILL);
            // Nobody may be interested any more.
            let _ = sender.send(ExitStatus::from_raw(status.as_raw()));
        }
    }
}

/// What outlives its service is watched by nobody: an agent would take tasks, a CLI would spend money.
#[expect(unsafe_code, reason = "pre_exec runs between fork and exec")]
fn die_with_us(command: &mut Command) {
    let parent = getpid();
    let prepare = move || {
        set_parent_process_death_signal(Some(Signal::KILL))?;
        // The parent may have died before the line above.
        if getppid() != Some(parent) && parent.as_raw_pid() != 1 {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        Ok(())
    };
    // SAFETY: the closure makes system calls only; it neither allocates nor takes locks.
    unsafe {
        command.pre_exec(prepare);
    }
}
