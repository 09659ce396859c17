//! What the supervisor counts.

use std::sync::atomic::AtomicU64;

use mistersmith_common::messages::{Outcome, SlotState};
use mistersmith_common::metrics::{Counter, EncodeLabelSet, Family, Gauge, Metrics};

/// Agents by state.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct StateLabel {
    state: &'static str,
}

/// Tasks by outcome.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct OutcomeLabel {
    outcome: &'static str,
}

/// Something by the stream it concerns.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct StreamLabel {
    /// Stream.
    pub stream: String,
}

/// Control requests by command and answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ControlLabel {
    /// Command, or `invalid`.
    pub command: String,
    /// `ok`, or the code of the refusal.
    pub answer: String,
}

/// The pool.
#[derive(Clone, Debug, Default)]
pub struct PoolMetrics {
    agents: Family<StateLabel, Gauge>,
    /// Processes started.
    pub spawns: Counter,
    /// Restarts after a crash.
    pub restarts: Counter,
    /// Slots quarantined.
    pub quarantines: Counter,
    tasks: Family<OutcomeLabel, Counter>,
    /// Tasks that were not valid.
    pub malformed: Counter,
    /// Announcements dropped because NATS was away too long.
    pub dropped: Counter,
}

/// The recorder.
#[derive(Clone, Debug, Default)]
pub struct RecorderMetrics {
    /// Messages written, by stream.
    pub written: Family<StreamLabel, Counter>,
    /// Messages that Postgres refused, by stream.
    pub refused: Family<StreamLabel, Counter>,
    /// Writes that failed and were tried again.
    pub retries: Counter,
    /// Age of the newest message written, s.
    pub lag_seconds: Gauge<f64, AtomicU64>,
}

/// Everything else.
#[derive(Clone, Debug, Default)]
pub struct DeskMetrics {
    /// Control requests.
    pub control: Family<ControlLabel, Counter>,
    /// Messages given up after their last delivery, by stream.
    pub given_up: Family<StreamLabel, Counter>,
}

const STATES: [(SlotState, &str); 8] = [
    (SlotState::Starting, "starting"),
    (SlotState::Idle, "idle"),
    (SlotState::Working, "working"),
    (SlotState::Paused, "paused"),
    (SlotState::Draining, "draining"),
    (SlotState::Stopped, "stopped"),
    (SlotState::Backoff, "backoff"),
    (SlotState::Quarantined, "quarantined"),
];

impl PoolMetrics {
    /// Registered metrics.
    #[must_use]
    pub fn register(metrics: &Metrics) -> Self {
        let own = Self::default();
        metrics.register(|section| {
            section.register("agents", "Slots by state", own.agents.clone());
            section.register("agent_spawns", "Agent processes started", own.spawns.clone());
            section.register("agent_restarts", "Restarts after a crash", own.restarts.clone());
            section.register("agent_quarantines", "Slots quarantined", own.quarantines.clone());
            section.register("tasks", "Tasks ended, by outcome", own.tasks.clone());
            section.register(
                "tasks_malformed",
                "Tasks that were not valid",
                own.malformed.clone(),
            );
            section.register(
                "announcements_dropped",
                "Announcements dropped",
                own.dropped.clone(),
            );
        });
        own
    }

    /// Shows how many slots are in each state.
    pub fn show(&self, states: impl Iterator<Item = SlotState>) {
        let states: Vec<SlotState> = states.collect();
        for (state, name) in STATES {
            let count = states.iter().filter(|other| **other == state).count();
            self.agents
                .get_or_create(&StateLabel { state: name })
                .set(count as i64);
        }
    }

    /// Counts the end of a task.
    pub fn finished(&self, outcome: Outcome) {
        self.tasks
            .get_or_create(&OutcomeLabel {
                outcome: outcome.as_str(),
            })
            .inc();
    }
}

impl RecorderMetrics {
    /// Registered metrics.
    #[must_use]
    pub fn register(metrics: &Metrics) -> Self {
        let own = Self::default();
        metrics.register(|section| {
            section.register(
                "recorder_written",
                "Messages written to Postgres",
                own.written.clone(),
            );
            section.register(
                "recorder_refused",
                "Messages that Postgres refused",
                own.refused.clone(),
            );
            section.register(
                "recorder_retries",
                "Writes that were tried again",
                own.retries.clone(),
            );
            section.register(
                "recorder_lag_seconds",
                "Age of the newest message written",
                own.lag_seconds.clone(),
            );
        });
        own
    }
}

impl DeskMetrics {
    /// Registered metrics.
    #[must_use]
    pub fn register(metrics: &Metrics) -> Self {
        let own = Self::default();
        metrics.register(|section| {
            section.register("control_requests", "Control requests", own.control.clone());
            section.register("messages_given_up", "Messages given up", own.given_up.clone());
        });
        own
    }
}
