//! Publishes the lines of the CLI as they come, within bounds: a slow or absent NATS never stops the CLI, and a noisy
//! CLI never fills memory or stream. What does not pass is counted in the next line that does.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::Context;
use mistersmith_common::messages::{AgentOutput, Envelope, Job, Name};
use mistersmith_common::publish::publish;
use mistersmith_common::trace::Trace;
use serde_json::{Map, Value, json};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::metrics::WorkerMetrics;
use crate::rate_limit::RateLimit;

/// Lines that wait to be published.
const WAITING_LINES: usize = 1024;
/// Their bytes.
const WAITING_BYTES: usize = 8 * 1024 * 1024;
/// Longest wait for the last lines of a job.
const LAST_LINES: Duration = Duration::from_secs(5);

/// Whose output it is.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) job: Job,
    pub(crate) worker_id: Name,
    pub(crate) trace: Trace,
}

struct Outgoing {
    line: AgentOutput,
    _room: OwnedSemaphorePermit,
}

/// The output of one job.
pub(crate) struct Output {
    origin: Origin,
    limit: RateLimit,
    longest: usize,
    sequence: u64,
    dropped: u64,
    room: Arc<Semaphore>,
    waiting: mpsc::Sender<Outgoing>,
    sender: JoinHandle<()>,
    metrics: WorkerMetrics,
}

impl Output {
    /// An output whose lines are at most `longest` bytes as they are published.
    pub(crate) fn new(
        jetstream: Context,
        origin: Origin,
        per_second: u64,
        longest: usize,
        metrics: WorkerMetrics,
    ) -> Self {
        let (waiting, queue) = mpsc::channel(WAITING_LINES);
        let sender = tokio::spawn(send(jetstream, origin.clone(), queue, metrics.clone()));
        Self {
            origin,
            limit: RateLimit::new(per_second, Instant::now()),
            longest,
            sequence: 0,
            dropped: 0,
            room: Arc::new(Semaphore::new(WAITING_BYTES)),
            waiting,
            sender,
            metrics,
        }
    }

    /// Offers a line of `length` bytes. The CLI's summary passes whatever the rate.
    pub(crate) fn offer(&mut self, event: Map<String, Value>, length: usize) {
        self.sequence += 1;
        self.metrics.lines.inc();
        let allowed = self.limit.allows(Instant::now());
        let is_summary = event.get("type").is_some_and(|kind| kind == "result");
        if !(allowed || is_summary) || self.enqueue(event, length).is_none() {
            self.dropped += 1;
            self.metrics.dropped_lines.inc();
        }
    }

    fn enqueue(&mut self, event: Map<String, Value>, length: usize) -> Option<()> {
        let (event, length) = if length > self.longest {
            (omitted(length), 0)
        } else {
            (event, length)
        };
        let room = u32::try_from(length).ok()?;
        let room = Arc::clone(&self.room).try_acquire_many_owned(room).ok()?;
        let place = self.waiting.try_reserve().ok()?;
        let dropped = std::mem::take(&mut self.dropped);
        let job = &self.origin.job;
        place.send(Outgoing {
            line: AgentOutput {
                agent_id: job.agent_id.clone(),
                task_id: job.task_id,
                job_id: job.job_id.clone(),
                worker_id: self.origin.worker_id.clone(),
                sequence: self.sequence,
                dropped: (dropped > 0).then_some(dropped),
                event,
            },
            _room: room,
        });
        Some(())
    }

    /// Waits until what is waiting is published, not for ever.
    pub(crate) async fn finish(self) {
        drop(self.waiting);
        let mut sender = self.sender;
        if tokio::time::timeout(LAST_LINES, &mut sender).await.is_err() {
            sender.abort();
            tracing::warn!("the last lines of the output were not published");
        }
    }
}

fn omitted(length: usize) -> Map<String, Value> {
    let event = json!({ "type": "omitted", "reason": "longer than a message may be", "bytes": length });
    event.as_object().cloned().unwrap_or_default()
}

async fn send(
    jetstream: Context,
    origin: Origin,
    mut queue: mpsc::Receiver<Outgoing>,
    metrics: WorkerMetrics,
) {
    let subject = format!("agent.{}.output", origin.job.agent_id);
    while let Some(outgoing) = queue.recv().await {
        let message = Envelope::new(outgoing.line)
            .from_agent(&origin.job.agent_id)
            .about(origin.job.task_id);
        if let Err(error) = publish(&jetstream, subject.clone(), &message, &origin.trace).await {
            metrics.dropped_lines.inc();
            tracing::debug!(%error, "a line was not stored");
        }
    }
}
