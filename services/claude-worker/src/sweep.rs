//! Ends processes that left the process group of their job: they still carry its mark in their environment.

use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};

use crate::claude_cli::JOB_MARK;

/// Kills every process of a job.
pub(crate) fn sweep(job_directory: &Path) {
    let mark = format!("{JOB_MARK}={}", job_directory.display());
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return;
    };
    for entry in entries.flatten() {
        let number = entry.file_name().to_string_lossy().parse().ok();
        let Some(pid) = number.and_then(Pid::from_raw) else {
            continue;
        };
        // The process may be gone, or be somebody else's.
        let Ok(environment) = std::fs::read(entry.path().join("environ")) else {
            continue;
        };
        if environment
            .split(|byte| *byte == 0)
            .any(|pair| pair == mark.as_bytes())
        {
            tracing::info!(
                pid = pid.as_raw_nonzero().get(),
                "ending a process that left its job"
            );
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}
