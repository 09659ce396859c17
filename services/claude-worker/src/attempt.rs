//! The CLI's attempt at a job: session, process, output, verdict.

use std::process::{Command, ExitStatus};
use std::time::Duration;

use mistersmith_common::fault::Fault;
use mistersmith_common::messages::{Job, Outcome};
use mistersmith_common::trace::Trace;
use uuid::Uuid;

use crate::claude_cli::{Session, arguments, environment, mcp_config};
use crate::cli_report::{CliReport, Spend};
use crate::cli_run::{CliRun, Limits, RunEnd};
use crate::error::{CLI_NOT_STARTED, NO_SCRATCH};
use crate::job::JobRunner;
use crate::output::{Origin, Output};
use crate::process::Process;
use crate::redact::Redactor;
use crate::scratch::JobDirectory;
use crate::session;
use crate::verdict::{Cut, Verdict, judge};

/// The part of an end that the CLI's run decides.
pub(crate) struct Attempt {
    pub(crate) verdict: Verdict,
    pub(crate) spend: Spend,
    /// A session that can go on.
    pub(crate) session: Option<Uuid>,
    /// Another worker is to do it again.
    pub(crate) handed_back: bool,
}

impl Attempt {
    /// The CLI did not run, so nothing was spent.
    pub(crate) fn without_cli(outcome: Outcome, fault: Fault) -> Self {
        Self {
            verdict: Verdict::fault(outcome, fault),
            spend: Spend {
                is_final: true,
                ..Spend::default()
            },
            session: None,
            handed_back: false,
        }
    }

    /// The worker ends before the CLI was started.
    pub(crate) fn handed_back() -> Self {
        let cut = Some(Cut::HandBack);
        Self {
            verdict: judge(cut, &CliReport::default(), ExitStatus::default(), ""),
            spend: Spend::default(),
            session: None,
            handed_back: true,
        }
    }
}

impl JobRunner {
    /// Runs the CLI; whatever goes wrong is the verdict.
    pub(crate) async fn attempt(&self, job: &Job, trace: &Trace, directory: &JobDirectory) -> Attempt {
        let session = Session {
            id: job.session_id.unwrap_or_else(Uuid::new_v4),
            resumed: job.session_id.is_some(),
        };
        if session.resumed
            && let Err(fault) = session::restore(&self.courier.jetstream, session.id, directory).await
        {
            return Attempt::without_cli(Outcome::Failed, fault);
        }
        let redactor = self.redactor(job);
        let run = match self.run_cli(job, trace, directory, session, &redactor).await {
            Ok(run) => run,
            Err(fault) => return Attempt::without_cli(Outcome::Failed, fault),
        };
        let handed_back = run.cut == Some(Cut::HandBack);
        // A run that is done again must not be in the session twice.
        let kept = !handed_back && self.keep_session(session.id, directory, &redactor).await;
        Attempt {
            verdict: judge(run.cut, &run.report, run.status, &run.stderr),
            spend: run.report.spend(),
            session: kept.then_some(session.id),
            handed_back,
        }
    }

    async fn run_cli(
        &self,
        job: &Job,
        trace: &Trace,
        directory: &JobDirectory,
        session: Session,
        redactor: &Redactor,
    ) -> Result<RunEnd, Fault> {
        let settings = &self.settings;
        let config = mcp_config(&settings.gateway_url, &job.mcp_token, &trace.child());
        let mcp_file = directory
            .write_private("mcp.json", &config)
            .map_err(|error| Fault::new(NO_SCRATCH, format!("{}: {error}", directory.path().display())))?;
        let mut command = Command::new(&settings.cli);
        command
            .args(arguments(settings, job, session, &mcp_file))
            .env_clear()
            .envs(environment(settings, directory))
            .current_dir(directory.workspace());
        let prompt = job.prompt.clone().into_bytes();
        let (process, outputs) = Process::start(&self.reaper, &mut command, prompt)
            .map_err(|error| Fault::new(CLI_NOT_STARTED, format!("{}: {error}", settings.cli.display())))?;
        let mut output = self.output(job, trace);
        let run = CliRun::new(process, self.limits(job), redactor, &mut output);
        let end = run.follow(outputs, &self.courier.shutdown).await;
        output.finish().await;
        Ok(end)
    }

    fn limits(&self, job: &Job) -> Limits {
        Limits {
            time: Duration::from_millis(job.timeout_ms),
            output_bytes: self.settings.max_output_bytes,
            kill_grace: self.settings.kill_grace,
        }
    }

    fn output(&self, job: &Job, trace: &Trace) -> Output {
        let origin = Origin {
            job: job.clone(),
            worker_id: self.settings.worker_id.clone(),
            trace: *trace,
        };
        Output::new(
            self.courier.jetstream.clone(),
            origin,
            self.settings.max_lines_per_second,
            self.courier.longest(),
            self.metrics.clone(),
        )
    }

    async fn keep_session(&self, id: Uuid, directory: &JobDirectory, redactor: &Redactor) -> bool {
        match session::save(&self.courier.jetstream, id, directory, redactor).await {
            Ok(kept) => kept,
            Err(reason) => {
                tracing::warn!(session_id = %id, reason, "the session was not kept");
                false
            }
        }
    }
}
