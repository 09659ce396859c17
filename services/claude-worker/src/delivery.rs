//! One delivery of a job: acknowledged as in progress while it runs, published, and acknowledged only then.

use std::sync::Arc;

use async_nats::jetstream::{AckKind, Message};
use mistersmith_common::backoff::{Backoff, Retry};
use mistersmith_common::dead_letter::bury;
use mistersmith_common::fault::Fault;
use mistersmith_common::messages::{Cost, Envelope, Job, JobResult, Payload, TaskProgress, TaskState};
use mistersmith_common::trace::Trace;
use tracing::Instrument;

use crate::courier::NotStored;
use crate::error::{CONTAINER_TOTAL, INVALID_JOB};
use crate::job::{JobEnd, JobRunner};
use crate::token::lasting;
use crate::totals::Totals;

/// Handles deliveries; cheap to clone.
#[derive(Clone)]
pub(crate) struct Deliveries {
    pub(crate) runner: JobRunner,
    pub(crate) totals: Totals,
}

/// A job as it was delivered.
struct Delivery {
    message: Arc<Message>,
    job: Job,
    /// Which delivery it is, from 1.
    number: u64,
    trace: Trace,
}

impl Deliveries {
    /// Handles a message of the work queue to its end.
    pub(crate) async fn handle(&self, message: Message) {
        let trace = Trace::of(message.headers.as_ref());
        let number = message
            .info()
            .map_or(1, |info| u64::try_from(info.delivered).unwrap_or(1));
        match read(&message) {
            Ok(job) => {
                let span = tracing::info_span!(
                    "job",
                    task_id = %job.task_id,
                    job_id = job.job_id,
                    agent_id = %job.agent_id,
                    trace_id = trace.id(),
                );
                let delivery = Delivery {
                    message: Arc::new(message),
                    job,
                    number,
                    trace,
                };
                self.work(&delivery).instrument(span).await;
            }
            Err(fault) => self.set_aside(&message, &fault).await,
        }
    }

    async fn set_aside(&self, message: &Message, fault: &Fault) {
        self.runner.metrics.dead_letters.inc();
        let mut retry = Retry::new(Backoff::connection());
        while let Err(error) = bury(&self.runner.courier.jetstream, message, fault).await {
            tracing::warn!(error, "a dead letter was not stored");
            if !self.runner.courier.again(&mut retry).await {
                return;
            }
        }
    }

    async fn work(&self, delivery: &Delivery) {
        tracing::info!(delivery = delivery.number, "job taken");
        self.totals.begun(&delivery.job.job_id);
        self.runner.metrics.running.inc();
        let work = async {
            self.announce(delivery).await?;
            let runner = &self.runner;
            let job = lasting(&runner.courier, &runner.settings.worker_id, &delivery.job).await;
            let end = runner.run(&job, &delivery.trace).await;
            self.count(delivery, &end);
            self.publish(delivery, &end).await.map(|()| end)
        };
        let ended = tokio::select! {
            ended = work => ended,
            never = self.keep(delivery) => match never {},
        };
        self.runner.metrics.running.dec();
        match ended {
            Ok(end) if end.handed_back => self.hand_back(delivery).await,
            Ok(end) => self.acknowledge(delivery, &end.result).await,
            Err(NotStored) => self.hand_back(delivery).await,
        }
    }

    async fn announce(&self, delivery: &Delivery) -> Result<(), NotStored> {
        let job = &delivery.job;
        let progress = TaskProgress {
            task_id: job.task_id,
            state: TaskState::Running,
            agent_id: Some(job.agent_id.clone()),
            job_id: Some(job.job_id.clone()),
            worker_id: Some(self.runner.settings.worker_id.clone()),
            attempt: None,
            task: None,
        };
        let subject = format!("tasks.{}.progress", job.task_id);
        let identity = format!("{}-running-{}", job.job_id, delivery.number);
        self.deliver(delivery, subject, &identity, progress).await
    }

    /// The cost first: a result without its cost would be a loss, a cost without its result is done again.
    async fn publish(&self, delivery: &Delivery, end: &JobEnd) -> Result<(), NotStored> {
        let job_id = &delivery.job.job_id;
        let worker_id = &self.runner.settings.worker_id;
        // A repetition of this attempt is no new cost, another attempt is.
        let identity = format!("{job_id}-cost-{}", delivery.number);
        let cost = cost(end, delivery.number);
        self.deliver(delivery, format!("cost.{worker_id}"), &identity, cost)
            .await?;
        if end.handed_back {
            return Ok(());
        }
        let result = shortened(&end.result, self.runner.courier.longest());
        let subject = format!("jobs.{job_id}.result");
        let identity = format!("{job_id}-result");
        self.deliver(delivery, subject, &identity, result).await
    }

    async fn deliver<P: Payload>(
        &self,
        delivery: &Delivery,
        subject: String,
        identity: &str,
        payload: P,
    ) -> Result<(), NotStored> {
        let message = Envelope::new(payload)
            .from_agent(&delivery.job.agent_id)
            .about(delivery.job.task_id);
        self.runner
            .courier
            .deliver(subject, identity, &message, &delivery.trace)
            .await
    }

    fn count(&self, delivery: &Delivery, end: &JobEnd) {
        let metrics = &self.runner.metrics;
        metrics.cost_usd.inc_by(end.spend.cost_usd);
        if !end.handed_back {
            metrics.ended(end.result.outcome);
            metrics
                .job_seconds
                .observe(end.result.duration_ms as f64 / 1000.0);
        }
        let job_id = &delivery.job.job_id;
        if self.totals.ended(job_id, end.spend.cost_usd, !end.handed_back) {
            metrics.over_budget.set(1);
            let limit = self.runner.settings.max_cost_usd;
            let fault = Fault::new(
                CONTAINER_TOTAL,
                format!("the jobs of this container cost {limit} USD"),
            );
            tracing::error!(code = fault.code.as_str(), "{fault}");
        }
    }

    /// Keeps the job from being given to another worker.
    async fn keep(&self, delivery: &Delivery) -> std::convert::Infallible {
        loop {
            tokio::time::sleep(self.runner.settings.progress_every).await;
            if let Err(error) = delivery.message.ack_with(AckKind::Progress).await {
                tracing::debug!(%error, "progress was not acknowledged");
            }
        }
    }

    async fn acknowledge(&self, delivery: &Delivery, result: &JobResult) {
        let code = result.error.as_ref().map(|reason| reason.code.as_str());
        let reason = result.error.as_ref().map(|reason| reason.message.as_str());
        tracing::info!(
            outcome = ?result.outcome,
            cost_usd = result.cost_usd,
            duration_ms = result.duration_ms,
            code,
            reason,
            "job done"
        );
        let mut retry = Retry::new(Backoff::connection());
        while let Err(error) = delivery.message.double_ack().await {
            tracing::warn!(%error, "the job was not acknowledged");
            if !self.runner.courier.again(&mut retry).await {
                return;
            }
        }
    }

    async fn hand_back(&self, delivery: &Delivery) {
        self.totals.ended(&delivery.job.job_id, 0.0, false);
        self.runner.metrics.handed_back.inc();
        match delivery.message.ack_with(AckKind::Nak(None)).await {
            Ok(()) => tracing::info!("job handed back"),
            Err(error) => tracing::warn!(%error, "the job is handed on after its ack wait"),
        }
    }
}

fn read(message: &Message) -> Result<Job, Fault> {
    Envelope::<Job>::decode(&message.payload)
        .map(|envelope| envelope.payload)
        .map_err(|error| Fault::new(INVALID_JOB, format!("the job is not valid: {error}")))
}

fn cost(end: &JobEnd, attempt: u64) -> Cost {
    let (result, spend) = (&end.result, &end.spend);
    Cost {
        worker_id: result.worker_id.clone(),
        job_id: result.job_id.clone(),
        attempt: Some(attempt),
        task_id: result.task_id,
        agent_id: result.agent_id.clone(),
        outcome: result.outcome,
        cost_usd: spend.cost_usd,
        is_final: spend.is_final && !end.handed_back,
        model: spend.model.clone(),
        input_tokens: Some(spend.input_tokens),
        output_tokens: Some(spend.output_tokens),
        cache_read_tokens: Some(spend.cache_read_tokens),
        cache_write_tokens: Some(spend.cache_write_tokens),
        turns: Some(spend.turns),
        duration_ms: Some(result.duration_ms),
    }
}

/// A result that fits into a message: the answer loses its end.
fn shortened(result: &JobResult, longest: usize) -> JobResult {
    const CUT: &str = " [cut: longer than a message may be]";
    let mut short = result.clone();
    let answer = result.result.as_deref().unwrap_or_default();
    let mut keep = answer.len();
    while Envelope::new(short.clone()).encode().len() > longest && keep > 0 {
        keep = answer.floor_char_boundary(keep * 3 / 4);
        short.result = Some(format!("{}{CUT}", &answer[..keep]));
    }
    short
}
