//! When to try again after a source ended.
//!
//! Pure: randomness and time are arguments.

use std::time::Duration;

/// Waits between attempts: they double from 1 s to 30 s, each shortened by up to a quarter at
/// random so that the cameras behind one failed switch do not come back in step.
#[derive(Clone, Debug, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// Short enough that a camera that rebooted is back within a second of answering.
    pub const DELAY_MIN: Duration = Duration::from_secs(1);
    /// Long enough to leave a dead camera's network alone.
    pub const DELAY_MAX: Duration = Duration::from_secs(30);
    /// A source that lived this long was fine; what ended it is a new failure.
    pub const STABLE_AFTER: Duration = Duration::from_secs(30);

    /// No failure so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes the end of a source that was live for `lived` (zero if it never was) and returns how
    /// long to wait before the next attempt. `random` is any uniform number.
    pub fn next_delay(&mut self, lived: Duration, random: u32) -> Duration {
        if lived >= Self::STABLE_AFTER {
            self.failures = 0;
        }
        let doubled = Self::DELAY_MIN.saturating_mul(1 << self.failures.min(5));
        self.failures = self.failures.saturating_add(1);
        let delay = doubled.min(Self::DELAY_MAX);
        let shortened = (delay / 4).mul_f64(f64::from(random) / f64::from(u32::MAX));
        delay - shortened
    }

    /// Forgets all failures: someone changed the settings or asked for an attempt now.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// Failures in a row.
    pub fn failures(&self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_half_a_minute() {
        let mut backoff = Backoff::new();
        let seconds: Vec<u64> =
            (0..8).map(|_| backoff.next_delay(Duration::ZERO, 0).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 30, 30, 30]);
    }

    #[test]
    fn chance_shortens_a_wait_by_at_most_a_quarter() {
        let mut backoff = Backoff::new();
        let delay = backoff.next_delay(Duration::ZERO, u32::MAX);
        assert_eq!(delay, Duration::from_millis(750));
    }

    #[test]
    fn half_a_minute_of_life_starts_over() {
        let mut backoff = Backoff::new();
        for _ in 0..6 {
            backoff.next_delay(Duration::ZERO, 0);
        }
        assert_eq!(backoff.next_delay(Backoff::STABLE_AFTER, 0), Backoff::DELAY_MIN);
        assert_eq!(backoff.failures(), 1);
    }
}
