//! What an agent does with one task: a job for the workers, and the job's result as the task's.

use std::time::{Duration, Instant};

use mistersmith_common::dead_letter::bury;
use mistersmith_common::fault::{Code, Fault};
use mistersmith_common::messages::{
    Envelope, Job, JobResult, Outcome, Payload, Reason, Task, TaskProgress, TaskResult, TaskState,
};
use mistersmith_common::nats::Nats;
use mistersmith_common::publish::publish_as;
use mistersmith_common::shutdown::Shutdown;
use mistersmith_common::trace::Trace;

use super::delivery::Delivery;
use super::desk::{Desk, TokenJob};
use super::{discoveries, job_result, prompt, tokens};
use crate::error::NO_RESULT;
use crate::wire::Assignment;

/// What an agent has at hand for every task.
pub struct Workbench {
    /// Who it is.
    pub assignment: Assignment,
    /// NATS.
    pub nats: Nats,
    /// The supervisor.
    pub desk: Desk,
    /// The end.
    pub shutdown: Shutdown,
    /// Life of a job in its queue; after it nobody will run the job.
    pub job_life: Duration,
}

/// Why a task was not finished now.
#[derive(Debug, thiserror::Error)]
pub enum Unfinished {
    /// The agent has to end.
    #[error("the agent ends")]
    Hurried,
    /// NATS did not take something.
    #[error("{0}")]
    Nats(#[from] async_nats::Error),
}

impl Workbench {
    /// Does a task to its end; a task that cannot be finished now is handed back.
    pub async fn handle(&self, delivery: Delivery, task: &Task, trace: &Trace) {
        match self.finish(&delivery, task, trace).await {
            Ok(outcome) => {
                tracing::info!(outcome = outcome.as_str(), "task ended");
                delivery.done().await;
                self.desk.finished(outcome).await;
            }
            Err(error) => {
                tracing::warn!(%error, "task handed back");
                delivery.hand_back().await;
            }
        }
    }

    /// Sets a task aside that is not one.
    pub async fn refuse(&self, delivery: Delivery, reason: &str) {
        let fault = Fault::new(
            Code::NATS_INVALID_MESSAGE,
            format!("the task is not valid: {reason}"),
        );
        match bury(&self.nats.jetstream, delivery.message(), &fault).await {
            Ok(()) => {
                self.desk.malformed().await;
                delivery.buried().await;
            }
            Err(error) => {
                tracing::warn!(error, "a task could not be set aside");
                delivery.hand_back().await;
            }
        }
    }

    async fn finish(&self, delivery: &Delivery, task: &Task, trace: &Trace) -> Result<Outcome, Unfinished> {
        let started = Instant::now();
        let job_id = format!("{}-1", task.task_id);
        let seen = self.seen(task, delivery.attempt).await;
        if let Some(outcome) = seen.outcome {
            return Ok(outcome);
        }
        self.report_progress(delivery.attempt, task, &job_id, seen.worker.as_ref(), trace)
            .await?;
        let job = self.token_job(task, &job_id);
        if seen.worker.is_none() {
            self.hand_out(task, &job, trace).await?;
        }
        let limit = self.job_life + Duration::from_millis(self.timeout_ms(task));
        let result = tokio::select! {
            result = job_result::wait(&self.nats, &job_id) => self.conclude(task, result.payload),
            never = tokens::serve(&self.nats, &self.desk, &job) => match never {},
            () = tokio::time::sleep(limit) => self.give_up(task, job_id, started.elapsed()),
            () = self.shutdown.hurrying() => return Err(Unfinished::Hurried),
        };
        let outcome = result.outcome;
        self.publish(
            format!("tasks.{}.result", task.task_id),
            format!("{}-result", task.task_id),
            result,
            task,
            trace,
        )
        .await?;
        Ok(outcome)
    }

    /// What an earlier delivery left in the stream: a result, or a worker that has the job already. The identity of
    /// the job alone would not do, because streams remember identities for minutes only.
    async fn seen(&self, task: &Task, attempt: u64) -> Seen {
        let mut seen = Seen::default();
        if attempt == 1 {
            return seen;
        }
        let Ok(results) = self.nats.jetstream.get_stream_no_info("RESULTS").await else {
            return seen;
        };
        let last = |what: &str| results.direct_get_last_for_subject(format!("tasks.{}.{what}", task.task_id));
        if let Ok(message) = last("result").await {
            seen.outcome = Envelope::<TaskResult>::decode(&message.payload)
                .ok()
                .map(|result| result.payload.outcome);
        }
        if let Ok(message) = last("progress").await {
            let progress = Envelope::<TaskProgress>::decode(&message.payload).ok();
            seen.worker = progress.and_then(|progress| progress.payload.worker_id);
        }
        seen
    }

    async fn report_progress(
        &self,
        attempt: u64,
        task: &Task,
        job_id: &str,
        worker: Option<&mistersmith_common::messages::Name>,
        trace: &Trace,
    ) -> Result<(), async_nats::Error> {
        let state = if attempt == 1 {
            TaskState::Assigned
        } else {
            TaskState::Retrying
        };
        let progress = TaskProgress {
            task_id: task.task_id,
            state,
            agent_id: Some(self.assignment.agent_id.clone()),
            job_id: Some(job_id.to_owned()),
            worker_id: worker.cloned(),
            attempt: Some(attempt),
            task: None,
        };
        let identity = format!("{}-assigned-{attempt}", task.task_id);
        self.publish(
            format!("tasks.{}.progress", task.task_id),
            identity,
            progress,
            task,
            trace,
        )
        .await
    }

    fn token_job(&self, task: &Task, job_id: &str) -> TokenJob {
        TokenJob {
            task_id: task.task_id,
            job_id: job_id.to_owned(),
            role: task.role.as_ref().unwrap_or(&self.assignment.role).clone(),
            timeout_ms: self.timeout_ms(task),
        }
    }

    async fn hand_out(&self, task: &Task, job: &TokenJob, trace: &Trace) -> Result<(), async_nats::Error> {
        let agent = &self.assignment.agent_id;
        let (job_id, role) = (&job.job_id, &job.role);
        let token = self.desk.token(job).await?;
        let found = discoveries::relevant(&self.nats, agent, &task.prompt).await;
        let inbox = self.desk.inbox.take();
        let parts = prompt::Parts {
            agent,
            role,
            inbox: &inbox,
            discoveries: &found,
            task: &task.prompt,
        };
        let handed_out = Job {
            job_id: job_id.clone(),
            task_id: task.task_id,
            agent_id: agent.clone(),
            role: role.clone(),
            prompt: prompt::build(parts),
            mcp_token: token,
            budget_usd: task.budget_usd.unwrap_or(self.assignment.job.budget_usd),
            timeout_ms: job.timeout_ms,
            session_id: task.session_id,
        };
        tracing::info!(job_id, role = %role, discoveries = found.len(), "job handed out");
        self.publish("work.claude".to_owned(), job_id.clone(), handed_out, task, trace)
            .await
    }

    fn conclude(&self, task: &Task, job: JobResult) -> TaskResult {
        TaskResult {
            task_id: task.task_id,
            job_id: Some(job.job_id),
            agent_id: self.assignment.agent_id.clone(),
            worker_id: Some(job.worker_id),
            outcome: job.outcome,
            result: job.result,
            error: job.error,
            cost_usd: job.cost_usd,
            duration_ms: job.duration_ms,
            turns: job.turns,
            session_id: job.session_id,
        }
    }

    fn give_up(&self, task: &Task, job_id: String, waited: Duration) -> TaskResult {
        let fault = Fault::new(
            NO_RESULT,
            format!("job {job_id} has no result after {} s", waited.as_secs()),
        );
        TaskResult {
            task_id: task.task_id,
            job_id: Some(job_id),
            agent_id: self.assignment.agent_id.clone(),
            worker_id: None,
            outcome: Outcome::Failed,
            result: None,
            error: Some(Reason::from(&fault)),
            cost_usd: 0.0,
            duration_ms: u64::try_from(waited.as_millis()).unwrap_or(u64::MAX),
            turns: None,
            session_id: None,
        }
    }

    fn timeout_ms(&self, task: &Task) -> u64 {
        task.timeout_ms.unwrap_or(self.assignment.job.timeout_ms)
    }

    async fn publish<P: Payload>(
        &self,
        subject: String,
        identity: String,
        payload: P,
        task: &Task,
        trace: &Trace,
    ) -> Result<(), async_nats::Error> {
        let message = Envelope::new(payload)
            .from_agent(&self.assignment.agent_id)
            .about(task.task_id);
        publish_as(&self.nats.jetstream, subject, &identity, &message, &trace.child()).await?;
        Ok(())
    }
}

/// What an earlier delivery left.
#[derive(Default)]
struct Seen {
    outcome: Option<Outcome>,
    worker: Option<mistersmith_common::messages::Name>,
}
