//! What the worker counts.

use std::sync::atomic::AtomicU64;

use mistersmith_common::messages::Outcome;
use mistersmith_common::metrics::{Counter, EncodeLabelSet, Family, Gauge, Histogram, Metrics};

/// Upper bounds of the durations of jobs, s.
const JOB_SECONDS: [f64; 9] = [0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 180.0, 600.0, 1800.0];

/// Labels of the jobs that ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct JobLabels {
    outcome: String,
}

/// Handles of everything that is counted; cheap to clone.
#[derive(Clone)]
pub(crate) struct WorkerMetrics {
    jobs: Family<JobLabels, Counter>,
    pub(crate) job_seconds: Histogram,
    pub(crate) running: Gauge,
    pub(crate) cost_usd: Counter<f64, AtomicU64>,
    pub(crate) over_budget: Gauge,
    pub(crate) handed_back: Counter,
    pub(crate) lines: Counter,
    pub(crate) dropped_lines: Counter,
    pub(crate) dead_letters: Counter,
    pub(crate) hook_failures: Counter,
}

impl WorkerMetrics {
    /// Registers everything.
    pub(crate) fn new(metrics: &Metrics) -> Self {
        let all = Self {
            jobs: Family::default(),
            job_seconds: Histogram::new(JOB_SECONDS),
            running: Gauge::default(),
            cost_usd: Counter::default(),
            over_budget: Gauge::default(),
            handed_back: Counter::default(),
            lines: Counter::default(),
            dropped_lines: Counter::default(),
            dead_letters: Counter::default(),
            hook_failures: Counter::default(),
        };
        all.register(metrics);
        all
    }

    fn register(&self, metrics: &Metrics) {
        metrics.register(|section| {
            section.register("jobs", "Jobs that ended, by outcome", self.jobs.clone());
            section.register("job_seconds", "Time from pull to end", self.job_seconds.clone());
            section.register("running_jobs", "Jobs in hand", self.running.clone());
            section.register("cost_usd", "Cost since start", self.cost_usd.clone());
            section.register(
                "over_budget",
                "1 when MAX_COST_USD_PER_CONTAINER is reached",
                self.over_budget.clone(),
            );
            section.register(
                "handed_back",
                "Jobs left to another worker",
                self.handed_back.clone(),
            );
            section.register("output_lines", "Lines of the CLI", self.lines.clone());
            section.register(
                "dropped_output_lines",
                "Lines that were not published, by rate or size",
                self.dropped_lines.clone(),
            );
            section.register(
                "dead_letters",
                "Messages that were no job",
                self.dead_letters.clone(),
            );
            section.register(
                "hook_failures",
                "Hooks that failed or took too long",
                self.hook_failures.clone(),
            );
        });
    }

    /// Counts a job that ended.
    pub(crate) fn ended(&self, outcome: Outcome) {
        let outcome = serde_json::to_value(outcome)
            .ok()
            .and_then(|value| value.as_str().map(str::to_owned))
            .unwrap_or_default();
        self.jobs.get_or_create(&JobLabels { outcome }).inc();
    }
}
