//! Follows a running CLI: takes its lines, and brings it to an end when its time, its output or the worker is at one.

use std::process::ExitStatus;
use std::time::Duration;

use mistersmith_common::fault::Fault;
use mistersmith_common::shutdown::Shutdown;
use tokio::net::unix::pipe::Receiver;
use tokio::time::{Instant, sleep_until, timeout};

use crate::cli_report::CliReport;
use crate::error::NO_GATEWAY;
use crate::hooks::tail;
use crate::line_reader::{Line, LineReader};
use crate::output::Output;
use crate::process::{Ending, Outputs, Process};
use crate::redact::Redactor;
use crate::stream_line::{event_of, failed_servers};
use crate::verdict::Cut;

/// Time for lines that are still in the pipe when the CLI has ended.
const REST: Duration = Duration::from_secs(1);

/// What a run may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) time: Duration,
    pub(crate) output_bytes: usize,
    pub(crate) kill_grace: Duration,
}

/// How a run ended.
pub(crate) struct RunEnd {
    pub(crate) cut: Option<Cut>,
    pub(crate) report: CliReport,
    pub(crate) status: ExitStatus,
    pub(crate) stderr: String,
}

/// A run in progress.
pub(crate) struct CliRun<'a> {
    process: Process,
    limits: Limits,
    redactor: &'a Redactor,
    output: &'a mut Output,
    report: CliReport,
    written: usize,
    cut: Option<Cut>,
    ending: Option<Ending>,
}

impl<'a> CliRun<'a> {
    /// Begins to follow a process.
    pub(crate) fn new(
        process: Process,
        limits: Limits,
        redactor: &'a Redactor,
        output: &'a mut Output,
    ) -> Self {
        Self {
            process,
            limits,
            redactor,
            output,
            report: CliReport::default(),
            written: 0,
            cut: None,
            ending: None,
        }
    }

    /// Follows the process until it has ended and its output is read.
    pub(crate) async fn follow(mut self, outputs: Outputs, shutdown: &Shutdown) -> RunEnd {
        let mut stderr = outputs.stderr;
        let errors = tokio::spawn(async move { tail(&mut stderr).await });
        let mut lines = LineReader::new(outputs.stdout, self.limits.output_bytes);
        let status = self.until_exit(&mut lines, shutdown).await;
        // Nothing of the job is left that could hold the pipe, unless it fled from its process group.
        let _ = timeout(REST, self.take_rest(&mut lines)).await;
        let stderr = match timeout(REST, errors).await {
            Ok(Ok(text)) => self.redactor.clean(&text).into_owned(),
            _ => String::new(),
        };
        RunEnd {
            cut: self.cut,
            report: self.report,
            status,
            stderr,
        }
    }

    async fn until_exit(&mut self, lines: &mut LineReader<Receiver>, shutdown: &Shutdown) -> ExitStatus {
        let deadline = Instant::now() + self.limits.time;
        let mut open = true;
        loop {
            let uncut = self.cut.is_none();
            // In this order: a CLI that never stops talking must not outlive its time.
            tokio::select! {
                biased;
                () = sleep_until(deadline), if uncut => self.cut(Cut::Timeout(self.limits.time)),
                () = shutdown.hurrying(), if uncut => self.cut(Cut::HandBack),
                () = due(self.ending.as_ref()) => self.step(),
                line = lines.next(), if open => match line {
                    Ok(Some(line)) => self.take(&line),
                    Ok(None) | Err(_) => open = false,
                },
                status = self.process.exit() => return status,
            }
        }
    }

    async fn take_rest(&mut self, lines: &mut LineReader<Receiver>) {
        while let Ok(Some(line)) = lines.next().await {
            self.take(&line);
        }
    }

    fn take(&mut self, line: &Line) {
        self.written = self.written.saturating_add(line.length()).saturating_add(1);
        let event = event_of(line, self.redactor);
        self.report.observe(&event);
        for server in failed_servers(&event) {
            let fault = Fault::new(
                NO_GATEWAY,
                format!("the CLI could not use the MCP server {server}"),
            );
            tracing::warn!(code = fault.code.as_str(), "{fault}");
        }
        if self.written <= self.limits.output_bytes {
            self.output.offer(event, line.length());
        } else if self.cut.is_none() {
            self.cut(Cut::Output(self.limits.output_bytes));
        }
    }

    fn cut(&mut self, why: Cut) {
        tracing::info!(?why, "ending the CLI");
        self.cut = Some(why);
        self.ending = Some(Ending::begin(&self.process, self.limits.kill_grace));
    }

    fn step(&mut self) {
        if let Some(ending) = &mut self.ending {
            ending.step(&self.process);
        }
    }
}

async fn due(ending: Option<&Ending>) {
    match ending {
        Some(ending) => ending.due().await,
        None => std::future::pending().await,
    }
}
