//! A child process that ends with the test.

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::Command;

use rustix::process::{Pid, Signal, kill_process, set_parent_process_death_signal};

/// A running process; killed when it is dropped.
pub struct Child {
    inner: std::process::Child,
}

impl Child {
    /// Starts a program that is killed when the thread that started it ends, and so when the test is.
    ///
    /// # Panics
    /// The program cannot be started; `advice` says what to do then.
    #[must_use]
    pub fn start(command: &mut Command, advice: &str) -> Self {
        // SAFETY: between fork and exec only one system call is made.
        unsafe {
            command.pre_exec(|| Ok(set_parent_process_death_signal(Some(Signal::KILL))?));
        }
        let program = command.get_program().to_string_lossy().into_owned();
        let inner = command
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}. {advice}"));
        Self { inner }
    }

    /// The process's pipes.
    pub fn inner(&mut self) -> &mut std::process::Child {
        &mut self.inner
    }

    /// Sends a signal.
    ///
    /// # Panics
    /// The process is gone already.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.inner.id().try_into().expect("a pid")).expect("a pid");
        kill_process(pid, signal).expect("the process is there");
    }

    /// Waits for the end; the exit code, or 128 + the signal.
    ///
    /// # Panics
    /// The process cannot be waited for.
    pub fn wait(&mut self) -> i32 {
        let status = self.inner.wait().expect("a status");
        status
            .code()
            .unwrap_or_else(|| 128 + status.signal().unwrap_or_default())
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.inner.kill();
        let _ = self.inner.wait();
    }
}
