//! A limit of events per second that lets a burst of one second pass. Pure: the time comes in.

use std::time::Duration;

use tokio::time::Instant;

/// The limit and what is left of it.
#[derive(Debug)]
pub(crate) struct RateLimit {
    per_second: f64,
    left: f64,
    at: Instant,
}

impl RateLimit {
    /// A limit of which nothing is used yet.
    pub(crate) fn new(per_second: u64, now: Instant) -> Self {
        Self {
            per_second: per_second as f64,
            left: per_second as f64,
            at: now,
        }
    }

    /// Whether one more is within the limit; it is counted if so.
    pub(crate) fn allows(&mut self, now: Instant) -> bool {
        let passed: Duration = now.saturating_duration_since(self.at);
        self.left = (self.left + passed.as_secs_f64() * self.per_second).min(self.per_second);
        self.at = now;
        let allowed = self.left >= 1.0;
        if allowed {
            self.left -= 1.0;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_rate() {
        let start = Instant::now();
        let mut limit = RateLimit::new(10, start);
        let burst = (0..100).filter(|_| limit.allows(start)).count();
        assert_eq!(burst, 10);
        let later = start + Duration::from_millis(500);
        assert_eq!((0..100).filter(|_| limit.allows(later)).count(), 5);
        let much_later = start + Duration::from_secs(3600);
        assert_eq!((0..100).filter(|_| limit.allows(much_later)).count(), 10);
    }
}
