//! Lifecycle hooks: the executables of `HOOKS_DIR/<moment>/` in the order of their names, each with a JSON document
//! on its standard input. They see nothing of the worker's environment.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;

use mistersmith_common::fault::Fault;
use mistersmith_common::reaper::Reaper;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::error::HOOK_FAILED;
use crate::metrics::WorkerMetrics;
use crate::process::Process;

/// When hooks run; the name is that of their directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Before the first job.
    Start,
    /// Before the CLI of a job.
    PreTask,
    /// After the CLI of a job.
    PostTask,
    /// After the last job.
    Stop,
}

impl Moment {
    const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::PreTask => "pre-task",
            Self::PostTask => "post-task",
            Self::Stop => "stop",
        }
    }
}

/// Longest output of a hook that is kept, bytes; the end is kept.
const KEPT_OUTPUT: usize = 4096;

/// Runs hooks; cheap to clone.
#[derive(Clone)]
pub(crate) struct Hooks {
    pub(crate) directory: PathBuf,
    pub(crate) timeout: Duration,
    pub(crate) reaper: Reaper,
    pub(crate) metrics: WorkerMetrics,
}

impl Hooks {
    /// Runs the hooks of a moment until one fails; no directory means no hooks.
    ///
    /// # Errors
    /// The first hook that fails, with what it wrote.
    pub(crate) async fn run(&self, moment: Moment, input: &Value, directory: &Path) -> Result<(), Fault> {
        for hook in executables(&self.directory.join(moment.name())) {
            let name = hook
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if let Err(reason) = self.run_one(&hook, moment, input, directory).await {
                self.metrics.hook_failures.inc();
                let fault = Fault::new(HOOK_FAILED, format!("hook {}/{name} {reason}", moment.name()));
                tracing::warn!(code = fault.code.as_str(), "{fault}");
                return Err(fault);
            }
            tracing::debug!(hook = name, moment = moment.name(), "hook done");
        }
        Ok(())
    }

    async fn run_one(
        &self,
        hook: &Path,
        moment: Moment,
        input: &Value,
        directory: &Path,
    ) -> Result<(), String> {
        let mut command = Command::new(hook);
        command
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("MISTERSMITH_HOOK", moment.name())
            .current_dir(directory);
        let input = input.to_string().into_bytes();
        let (mut process, mut outputs) = Process::start(&self.reaper, &mut command, input)
            .map_err(|error| format!("cannot be started: {error}"))?;
        let both = async {
            tokio::join!(
                process.exit(),
                tail(&mut outputs.stdout),
                tail(&mut outputs.stderr)
            )
        };
        match tokio::time::timeout(self.timeout, both).await {
            Ok((status, out, err)) => judge(status, &format!("{out} {err}")),
            // Dropping the process kills it and what it started.
            Err(_) => Err(format!("took longer than {} s", self.timeout.as_secs())),
        }
    }
}

fn judge(status: ExitStatus, output: &str) -> Result<(), String> {
    if status.success() {
        return Ok(());
    }
    let words: Vec<&str> = output.split_whitespace().collect();
    Err(format!("ended with {status}: {}", words.join(" ")))
}

/// The end of what a program writes.
pub(crate) async fn tail(source: &mut (impl AsyncRead + Unpin)) -> String {
    let mut kept = Vec::new();
    let mut piece = [0; 1024];
    while let Ok(count @ 1..) = source.read(&mut piece).await {
        kept.extend_from_slice(&piece[..count]);
        let excess = kept.len().saturating_sub(KEPT_OUTPUT);
        kept.drain(..excess);
    }
    String::from_utf8_lossy(&kept).trim().to_owned()
}

fn executables(directory: &Path) -> Vec<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let Ok(entries) = std::fs::read_dir(directory) else {
        return Vec::new();
    };
    let runs = |path: &PathBuf| {
        std::fs::metadata(path).is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
    };
    let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(runs).collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn only_executables_run_and_in_the_order_of_their_names() {
        let directory = tempfile::tempdir().unwrap();
        for (name, mode) in [("20-b", 0o755), ("10-a", 0o755), ("README", 0o644)] {
            let path = directory.path().join(name);
            std::fs::write(&path, "").unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        let names: Vec<_> = executables(directory.path())
            .iter()
            .map(|path| path.file_name().unwrap().to_owned())
            .collect();
        assert_eq!(names, ["10-a", "20-b"]);
        assert!(executables(&directory.path().join("none")).is_empty());
    }

    #[tokio::test]
    async fn the_end_of_a_long_output_is_kept() {
        let long = format!("{}the end\n", "x".repeat(10_000));
        let kept = tail(&mut long.as_bytes()).await;
        assert!(kept.len() <= KEPT_OUTPUT && kept.ends_with("the end"));
    }
}
