//! One agent process: our own program again, with limits and an empty environment.
//!
//! The child dies with the thread that forked it. That is the main thread, because the runtime has no other.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};

use mistersmith_common::reaper::{Reaper, Started};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::net::UnixStream;
use tokio::sync::oneshot;

use crate::limits::Limits;
use crate::wire::{FromAgent, Reader, ToAgent, Writer, split};

/// The program that runs now, also after its file was replaced.
const OURSELVES: &str = "/proc/self/exe";

/// How agents are started.
#[derive(Clone, Debug)]
pub struct Launcher {
    /// Reaps them.
    pub reaper: Reaper,
    /// Limits of each.
    pub limits: Limits,
    /// Least severe level that they log.
    pub log_level: String,
}

/// A running agent process.
#[derive(Debug)]
pub struct AgentProcess {
    /// Its process id, which is also its group.
    pub pid: Pid,
    /// How it ended, once.
    pub exit: oneshot::Receiver<ExitStatus>,
    /// What it says.
    pub reader: Reader<FromAgent>,
    /// What it is told.
    pub writer: Writer<ToAgent>,
}

impl Launcher {
    /// Starts an agent process.
    ///
    /// # Errors
    /// The operating system refuses.
    pub fn launch(&self) -> io::Result<AgentProcess> {
        let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let mut command = Command::new(OURSELVES);
        command
            .arg("agent")
            .env_clear()
            .env("LOG_LEVEL", &self.log_level)
            .stdin(Stdio::from(OwnedFd::from(theirs)));
        limit(&mut command, self.limits);
        let Started { pid, exit, .. } = self.reaper.spawn(&mut command)?;
        let (reader, writer) = split(UnixStream::from_std(ours)?);
        Ok(AgentProcess {
            pid,
            exit,
            reader,
            writer,
        })
    }
}

#[expect(unsafe_code, reason = "pre_exec runs between fork and exec")]
fn limit(command: &mut Command, limits: Limits) {
    // SAFETY: the closure makes system calls only; it neither allocates nor takes locks.
    unsafe {
        command.pre_exec(move || limits.apply());
    }
}

impl AgentProcess {
    /// Kills the agent and everything in its group.
    pub fn kill(&self) {
        // It may have ended already.
        let _ = kill_process_group(self.pid, Signal::KILL);
    }
}
