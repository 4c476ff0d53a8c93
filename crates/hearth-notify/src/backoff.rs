//! How long to wait after failures. Pure: chance is an argument.

use std::time::Duration;

/// The first wait: a service that restarts is back by then.
const FIRST: Duration = Duration::from_secs(5);
/// The longest: somebody who repairs a service sees messages come within five minutes.
const LONGEST: Duration = Duration::from_secs(300);
/// Above this number of doublings the longest wait is reached anyway.
const DOUBLINGS_MAX: u32 = 10;

/// How patient a recipient's queue is at the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The wait after one more failure: doubled each time, between half and all of that by chance
    /// so that queues do not march in step, and never shorter than the service asked for.
    pub fn failed(&mut self, asked: Option<Duration>, chance: u32) -> Duration {
        let doubled = FIRST.saturating_mul(1 << self.failures.min(DOUBLINGS_MAX));
        self.failures = self.failures.saturating_add(1);
        let whole = doubled.min(LONGEST);
        let half = whole / 2;
        let drawn = half + half.mul_f64(f64::from(chance) / f64::from(u32::MAX));
        drawn.max(asked.unwrap_or_default())
    }

    /// Something was delivered.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn waits_grow_to_a_limit_and_never_undercut_what_was_asked(
            failures in 0..100_u32, chance: u32, asked in proptest::option::of(0..4_000_u64),
        ) {
            let asked = asked.map(Duration::from_secs);
            let wait = Backoff { failures }.failed(asked, chance);
            proptest::prop_assert!(wait >= asked.unwrap_or_default());
            proptest::prop_assert!(wait >= FIRST / 2);
            proptest::prop_assert!(wait <= LONGEST.max(asked.unwrap_or_default()));
        }
    }

    #[test]
    fn a_success_begins_anew() {
        let mut backoff = Backoff::default();
        let waits: Vec<u64> = (0..4).map(|_| backoff.failed(None, u32::MAX).as_secs()).collect();
        assert_eq!(waits, [5, 10, 20, 40]);
        backoff.succeeded();
        assert_eq!(backoff.failed(None, u32::MAX).as_secs(), 5);
    }
}
