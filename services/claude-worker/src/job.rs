//! One job from its directory to its result: hooks, the CLI's attempt at it, clean-up.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mistersmith_common::fault::Fault;
use mistersmith_common::messages::{Job, JobResult, Outcome, Reason};
use mistersmith_common::reaper::Reaper;
use mistersmith_common::trace::Trace;
use serde_json::json;

use crate::attempt::Attempt;
use crate::cli_report::Spend;
use crate::courier::Courier;
use crate::error::{NO_SCRATCH, REFUSED};
use crate::hooks::{Hooks, Moment};
use crate::metrics::WorkerMetrics;
use crate::redact::Redactor;
use crate::scratch::{JobDirectory, Scratch};
use crate::settings::Settings;
use crate::sweep::sweep;

/// What every job needs; cheap to clone.
#[derive(Clone)]
pub(crate) struct JobRunner {
    pub(crate) settings: Arc<Settings>,
    pub(crate) reaper: Reaper,
    pub(crate) hooks: Hooks,
    pub(crate) courier: Courier,
    pub(crate) scratch: Arc<Scratch>,
    pub(crate) metrics: WorkerMetrics,
}

/// How a job ended.
pub(crate) struct JobEnd {
    pub(crate) result: JobResult,
    pub(crate) spend: Spend,
    /// Another worker is to do it again.
    pub(crate) handed_back: bool,
}

impl JobRunner {
    /// Does a job; whatever goes wrong is its result.
    pub(crate) async fn run(&self, job: &Job, trace: &Trace) -> JobEnd {
        let begun = Instant::now();
        let directory = match self.scratch.job_directory() {
            Ok(directory) => directory,
            Err(error) => {
                let fault = Fault::new(NO_SCRATCH, format!("{}: {error}", self.scratch.path().display()));
                return self.end(job, Attempt::without_cli(Outcome::Failed, fault), begun.elapsed());
            }
        };
        let attempt = tokio::select! {
            biased;
            refusal = self.pre_task(job, &directory) => match refusal {
                Err(fault) => Attempt::without_cli(Outcome::Refused, fault),
                Ok(()) => self.attempt(job, trace, &directory).await,
            },
            () = self.courier.shutdown.hurrying() => Attempt::handed_back(),
        };
        sweep(directory.path());
        let end = self.end(job, attempt, begun.elapsed());
        if !end.handed_back {
            self.post_task(job, &end.result, &directory).await;
        }
        end
    }

    async fn pre_task(&self, job: &Job, directory: &JobDirectory) -> Result<(), Fault> {
        let input = self.hook_input(job, None);
        self.hooks
            .run(Moment::PreTask, &input, &directory.workspace())
            .await
            .map_err(|fault| Fault::new(REFUSED, fault.detail))
    }

    async fn post_task(&self, job: &Job, result: &JobResult, directory: &JobDirectory) {
        let input = self.hook_input(job, Some(result));
        let workspace = directory.workspace();
        let hooks = self.hooks.run(Moment::PostTask, &input, &workspace);
        tokio::select! {
            // A failure is logged and counted; the job is done all the same.
            _ = hooks => {}
            () = self.courier.shutdown.hurrying() => tracing::warn!("post-task hooks were not waited for"),
        }
    }

    /// The document that hooks read; the token is nobody's business but the CLI's.
    fn hook_input(&self, job: &Job, result: Option<&JobResult>) -> serde_json::Value {
        let mut shown = json!(job);
        if let Some(fields) = shown.as_object_mut() {
            fields.remove("mcp_token");
        }
        let mut input = json!({ "worker_id": self.settings.worker_id, "job": shown });
        if let Some(result) = result {
            input["result"] = json!(result);
        }
        input
    }

    /// What keeps the secrets of a job out of whatever leaves the worker.
    pub(crate) fn redactor(&self, job: &Job) -> Redactor {
        Redactor::new(&[self.settings.api_key.expose(), &job.mcp_token])
    }

    fn end(&self, job: &Job, attempt: Attempt, duration: Duration) -> JobEnd {
        let redactor = self.redactor(job);
        let error = attempt.verdict.fault.as_ref().map(|fault| {
            let reason = Reason::from(fault);
            Reason {
                message: redactor.clean(&reason.message).into_owned(),
                ..reason
            }
        });
        let result = JobResult {
            task_id: job.task_id,
            job_id: job.job_id.clone(),
            agent_id: job.agent_id.clone(),
            worker_id: self.settings.worker_id.clone(),
            outcome: attempt.verdict.outcome,
            result: attempt.verdict.answer,
            error,
            cost_usd: attempt.spend.cost_usd,
            duration_ms: u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
            turns: Some(attempt.spend.turns),
            session_id: attempt.session,
        };
        JobEnd {
            result,
            spend: attempt.spend,
            handed_back: attempt.handed_back,
        }
    }
}
