//! One agent process: our own program again, in a process group of its own, with limits and an empty environment.
//!
//! The child dies with the thread that forked it. That is the main thread, because the runtime has no other.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, getpid, getppid, kill_process_group, set_parent_process_death_signal};
use tokio::net::UnixStream;
use tokio::sync::oneshot;

use crate::limits::Limits;
use crate::reaper::{Exit, Reaper};
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
    pub exit: oneshot::Receiver<Exit>,
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
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .process_group(0);
        bind_to_us(&mut command, self.limits);
        let (pid, exit) = self.reaper.spawn(&mut command)?;
        let (reader, writer) = split(UnixStream::from_std(ours)?);
        Ok(AgentProcess {
            pid,
            exit,
            reader,
            writer,
        })
    }
}

/// Limits the child and ties its life to ours.
#[expect(unsafe_code, reason = "pre_exec runs between fork and exec")]
fn bind_to_us(command: &mut Command, limits: Limits) {
    let parent = getpid();
    let prepare = move || {
        set_parent_process_death_signal(Some(Signal::KILL))?;
        // The parent may have died before the line above.
        if getppid() != Some(parent) && parent.as_raw_pid() != 1 {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        limits.apply()
    };
    // SAFETY: the closure makes system calls only; it neither allocates nor takes locks.
    unsafe {
        command.pre_exec(prepare);
    }
}

impl AgentProcess {
    /// Kills the agent and everything in its group.
    pub fn kill(&self) {
        // It may have ended already.
        let _ = kill_process_group(self.pid, Signal::KILL);
    }
}
