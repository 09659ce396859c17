//! When a crashed agent comes back: after a growing wait, and after too many crashes only when the window is over.

use std::collections::VecDeque;
use std::time::Duration;

use mistersmith_common::backoff::Backoff;
use tokio::time::Instant;

/// The rules of every slot.
#[derive(Clone, Copy, Debug)]
pub struct RestartRules {
    /// Waits between restarts.
    pub backoff: Backoff,
    /// Restarts allowed in one window.
    pub budget: u32,
    /// Length of the window.
    pub window: Duration,
}

/// What to do after an exit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Start again after this wait.
    Restart(Duration),
    /// Leave the slot empty for this long, then start with a clean record.
    Quarantine(Duration),
}

/// The record of one slot.
#[derive(Debug)]
pub struct RestartRecord {
    rules: RestartRules,
    recent: VecDeque<Instant>,
    random: fastrand::Rng,
}

impl RestartRecord {
    /// A clean record.
    #[must_use]
    pub fn new(rules: RestartRules, random: fastrand::Rng) -> Self {
        Self {
            rules,
            recent: VecDeque::new(),
            random,
        }
    }

    /// Judges an exit that nobody asked for.
    pub fn judge(&mut self, now: Instant) -> Verdict {
        while self
            .recent
            .front()
            .is_some_and(|at| now.duration_since(*at) >= self.rules.window)
        {
            self.recent.pop_front();
        }
        let used = u32::try_from(self.recent.len()).unwrap_or(u32::MAX);
        if used >= self.rules.budget {
            self.recent.clear();
            return Verdict::Quarantine(self.rules.window);
        }
        self.recent.push_back(now);
        Verdict::Restart(self.rules.backoff.delay(used + 1, &mut self.random))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WINDOW: Duration = Duration::from_secs(60);
    const LONGEST: Duration = Duration::from_secs(30);

    fn record(budget: u32) -> RestartRecord {
        let backoff = Backoff::new(Duration::from_millis(100), LONGEST).unwrap();
        RestartRecord::new(
            RestartRules {
                backoff,
                budget,
                window: WINDOW,
            },
            fastrand::Rng::with_seed(7),
        )
    }

    #[test]
    fn the_exit_after_the_budget_is_quarantined_and_then_the_record_is_clean() {
        let mut record = record(5);
        let now = Instant::now();
        for _ in 0..5 {
            assert!(matches!(record.judge(now), Verdict::Restart(_)));
        }
        assert_eq!(record.judge(now), Verdict::Quarantine(WINDOW));
        assert!(matches!(record.judge(now + WINDOW), Verdict::Restart(_)));
    }

    #[test]
    fn crashes_outside_the_window_are_forgotten() {
        let mut record = record(1);
        let start = Instant::now();
        for round in 0..100 {
            assert!(matches!(
                record.judge(start + WINDOW * round),
                Verdict::Restart(_)
            ));
        }
    }

    proptest! {
        #[test]
        fn never_more_restarts_in_a_window_than_the_budget(
            gaps in proptest::collection::vec(0_u64..20_000, 1..200),
            budget in 1_u32..10,
        ) {
            let mut record = record(budget);
            let mut now = Instant::now();
            let mut restarts: Vec<Instant> = Vec::new();
            for gap in gaps {
                now += Duration::from_millis(gap);
                match record.judge(now) {
                    Verdict::Restart(wait) => {
                        prop_assert!(wait <= LONGEST);
                        restarts.push(now);
                    }
                    Verdict::Quarantine(wait) => {
                        now += wait;
                        restarts.clear();
                    }
                }
                restarts.retain(|at| now.duration_since(*at) < WINDOW);
                prop_assert!(restarts.len() <= budget as usize);
            }
        }
    }
}
