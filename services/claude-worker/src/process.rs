//! A running program: its pipes, its process group, and how it is brought to an end.

use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use mistersmith_common::reaper::Reaper;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::io::AsyncWriteExt;
use tokio::net::unix::pipe::{Receiver, Sender};
use tokio::sync::oneshot::{self, error::TryRecvError};
use tokio::time::Instant;

/// A program in a process group of its own. Dropping it kills the group.
pub(crate) struct Process {
    group: Pid,
    exit: oneshot::Receiver<ExitStatus>,
    status: Option<ExitStatus>,
}

/// The reading ends of a program's outputs.
pub(crate) struct Outputs {
    pub(crate) stdout: Receiver,
    pub(crate) stderr: Receiver,
}

impl Process {
    /// Starts a program and writes `input` to it in the background.
    ///
    /// # Errors
    /// The program cannot be started.
    pub(crate) fn start(
        reaper: &Reaper,
        command: &mut Command,
        input: Vec<u8>,
    ) -> std::io::Result<(Self, Outputs)> {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut started = reaper.spawn(command)?;
        let process = Self {
            group: started.pid,
            exit: started.exit,
            status: None,
        };
        let missing = || std::io::Error::other("a pipe is missing");
        let stdin = started.child.stdin.take().ok_or_else(missing)?;
        let stdout = started.child.stdout.take().ok_or_else(missing)?;
        let stderr = started.child.stderr.take().ok_or_else(missing)?;
        let mut stdin = Sender::from_owned_fd(stdin.into())?;
        tokio::spawn(async move {
            // A program may end without having read all of it.
            let _ = stdin.write_all(&input).await;
        });
        let outputs = Outputs {
            stdout: Receiver::from_owned_fd(stdout.into())?,
            stderr: Receiver::from_owned_fd(stderr.into())?,
        };
        Ok((process, outputs))
    }

    /// Waits for the end, which is the end of the whole group; may be asked again.
    pub(crate) async fn exit(&mut self) -> ExitStatus {
        if let Some(status) = self.status {
            return status;
        }
        let status = (&mut self.exit).await.unwrap_or_default();
        self.status = Some(status);
        status
    }

    /// Sends a signal to the program alone.
    fn signal(&self, signal: Signal) {
        // It may have ended by itself.
        let _ = kill_process(self.group, signal);
    }

    /// Sends a signal to the program and what it started.
    pub(crate) fn signal_group(&self, signal: Signal) {
        // The group may be empty already.
        let _ = kill_process_group(self.group, signal);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The number of a group that has ended may belong to another one by now.
        if self.status.is_none() && matches!(self.exit.try_recv(), Err(TryRecvError::Empty)) {
            self.signal_group(Signal::KILL);
        }
    }
}

/// The steps to a program's end: INT, upon which the CLI still reports its cost, TERM for the group at half of the
/// grace, KILL at its end.
pub(crate) struct Ending {
    grace: Duration,
    next: Option<(Instant, Signal)>,
}

impl Ending {
    /// Begins with the first step at once.
    pub(crate) fn begin(process: &Process, grace: Duration) -> Self {
        process.signal(Signal::INT);
        Self {
            grace,
            next: Some((Instant::now() + grace / 2, Signal::TERM)),
        }
    }

    /// Waits for the next step, for ever after the last one.
    pub(crate) async fn due(&self) {
        match self.next {
            Some((at, _)) => tokio::time::sleep_until(at).await,
            None => std::future::pending().await,
        }
    }

    /// Takes the step that is due.
    pub(crate) fn step(&mut self, process: &Process) {
        let Some((_, signal)) = self.next else { return };
        process.signal_group(signal);
        self.next = (signal == Signal::TERM).then(|| (Instant::now() + self.grace / 2, Signal::KILL));
    }
}
