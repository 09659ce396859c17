//! What the worker is doing and what it has spent. Those who show it are woken by every change.

use std::collections::BTreeSet;

use mistersmith_common::messages::WorkerState;
use tokio::sync::watch;

/// The state now.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Snapshot {
    pub(crate) running: BTreeSet<String>,
    pub(crate) jobs_done: u64,
    pub(crate) cost_usd: f64,
    pub(crate) draining: bool,
    pub(crate) over_budget: bool,
}

impl Snapshot {
    /// The one word for it.
    pub(crate) fn state(&self) -> WorkerState {
        if self.draining {
            WorkerState::Draining
        } else if self.over_budget {
            WorkerState::OverBudget
        } else if self.running.is_empty() {
            WorkerState::Idle
        } else {
            WorkerState::Busy
        }
    }
}

/// The state and those who follow it; cheap to clone.
#[derive(Clone)]
pub(crate) struct Totals {
    state: watch::Sender<Snapshot>,
    max_cost_usd: f64,
}

impl Totals {
    /// Nothing done yet.
    pub(crate) fn new(max_cost_usd: f64) -> Self {
        Self {
            state: watch::Sender::new(Snapshot::default()),
            max_cost_usd,
        }
    }

    /// The state, and a wake-up for every change of it.
    pub(crate) fn follow(&self) -> watch::Receiver<Snapshot> {
        self.state.subscribe()
    }

    /// A job was taken.
    pub(crate) fn begun(&self, job_id: &str) {
        self.state.send_modify(|state| {
            state.running.insert(job_id.to_owned());
        });
    }

    /// A job ended here; `done` when it needs no other worker. Returns whether this made the total too large.
    pub(crate) fn ended(&self, job_id: &str, cost_usd: f64, done: bool) -> bool {
        let mut crossed = false;
        self.state.send_modify(|state| {
            state.running.remove(job_id);
            state.jobs_done += u64::from(done);
            state.cost_usd += cost_usd;
            crossed = !state.over_budget && state.cost_usd >= self.max_cost_usd;
            state.over_budget |= crossed;
        });
        crossed
    }

    /// No more jobs are taken.
    pub(crate) fn drain(&self) {
        self.state.send_modify(|state| state.draining = true);
    }

    /// Whether the container's money is spent.
    pub(crate) fn is_over_budget(&self) -> bool {
        self.state.borrow().over_budget
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_crossed_once() {
        let totals = Totals::new(1.0);
        totals.begun("a");
        assert_eq!(totals.follow().borrow().state(), WorkerState::Busy);
        assert!(!totals.ended("a", 0.6, true));
        assert_eq!(totals.follow().borrow().state(), WorkerState::Idle);
        assert!(totals.ended("b", 0.4, false));
        assert!(!totals.ended("c", 0.4, true));
        let state = totals.follow().borrow().clone();
        assert_eq!((state.jobs_done, state.state()), (2, WorkerState::OverBudget));
        totals.drain();
        assert_eq!(totals.follow().borrow().state(), WorkerState::Draining);
    }
}
