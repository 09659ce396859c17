//! Waits that grow with every failure and differ between those who wait.

use std::time::Duration;

/// Bounds of a series of waits; impossible ones cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    min: Duration,
    max: Duration,
}

/// Why bounds were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BackoffError {
    /// A first wait of nothing would make a busy loop.
    #[error("the shortest wait is zero")]
    Zero,
    /// The series could never keep both bounds.
    #[error("the shortest wait is longer than the longest")]
    Reversed,
}

impl Backoff {
    /// Waits from `min` on, doubled at every failure, never above `max`.
    ///
    /// # Errors
    /// `min` is zero or above `max`.
    pub fn new(min: Duration, max: Duration) -> Result<Self, BackoffError> {
        if min.is_zero() {
            return Err(BackoffError::Zero);
        }
        if min > max {
            return Err(BackoffError::Reversed);
        }
        Ok(Self { min, max })
    }

    /// For connections to servers that may be starting: 50 ms to 5 s.
    #[must_use]
    pub const fn connection() -> Self {
        Self {
            min: Duration::from_millis(50),
            max: Duration::from_secs(5),
        }
    }

    /// The wait after `failures` failures in a row (from 1), shortened by up to half so that many do not come
    /// back at the same moment.
    #[must_use]
    pub fn delay(&self, failures: u32, random: &mut fastrand::Rng) -> Duration {
        let full = self.full(failures);
        full.mul_f64(1.0 - random.f64() / 2.0).max(self.min)
    }

    fn full(&self, failures: u32) -> Duration {
        let factor = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        self.min.checked_mul(factor).unwrap_or(self.max).min(self.max)
    }
}

/// A series of waits that starts again after a success.
#[derive(Debug)]
pub struct Retry {
    backoff: Backoff,
    failures: u32,
    random: fastrand::Rng,
}

impl Retry {
    /// A series that has seen no failure.
    #[must_use]
    pub fn new(backoff: Backoff) -> Self {
        Self {
            backoff,
            failures: 0,
            random: fastrand::Rng::new(),
        }
    }

    /// Counts a failure and waits.
    pub async fn wait(&mut self) {
        self.failures = self.failures.saturating_add(1);
        tokio::time::sleep(self.backoff.delay(self.failures, &mut self.random)).await;
    }

    /// Failures since the last success.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// Starts the series again.
    pub const fn reset(&mut self) {
        self.failures = 0;
    }
}
