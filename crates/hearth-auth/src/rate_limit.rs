//! A token bucket for each key, in bounded memory (promises D-10, V-04).
//!
//! Pure: kept as the time at which a bucket is full again (the generic cell rate algorithm, ITU-T
//! I.371 annex A), one number a key. When more keys are in use than may be remembered, newcomers
//! share one bucket: nobody can push somebody else's debt out of memory.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use hearth_model::WallTime;

/// Too much: come back later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many requests; try again in {} s", self.retry_after_seconds())]
pub struct Throttled {
    /// When the same request would be served.
    pub retry_after: Duration,
}

impl Throttled {
    /// For the `Retry-After` header: whole seconds, at least one.
    pub fn retry_after_seconds(&self) -> u64 {
        self.retry_after.as_millis().div_ceil(1000).clamp(1, u128::from(u64::MAX)) as u64
    }
}

/// How fast, and how much at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Time between two requests in the long run.
    pub interval: Duration,
    /// Requests that may come at once after a pause.
    pub burst: u32,
}

/// Buckets by key.
#[derive(Debug)]
pub struct RateLimit<K> {
    rate: Rate,
    keys_max: usize,
    full_at: HashMap<K, WallTime>,
    overflow_full_at: WallTime,
    swept_at: WallTime,
}

impl<K: Eq + Hash> RateLimit<K> {
    // Walking all keys for idle ones is worth it at most this often: under attack the table is full
    // and the walk finds nothing.
    const SWEEP_INTERVAL_MICROS: i64 = 1_000_000;

    /// Empty buckets are not kept, so `keys_max` bounds the keys in use at the same time.
    pub fn new(rate: Rate, keys_max: usize) -> Self {
        Self {
            rate,
            keys_max,
            full_at: HashMap::new(),
            overflow_full_at: WallTime::from_micros(i64::MIN),
            swept_at: WallTime::from_micros(i64::MIN),
        }
    }

    /// Takes one request from a key's bucket, or says when to come back. A refused request costs
    /// nothing.
    pub fn take(&mut self, key: K, now: WallTime) -> Result<(), Throttled> {
        if !self.full_at.contains_key(&key) && self.full_at.len() >= self.keys_max {
            self.sweep(now);
            if self.full_at.len() >= self.keys_max {
                return take_from(&mut self.overflow_full_at, self.rate, now);
            }
        }
        let full_at = self.full_at.entry(key).or_insert(now);
        take_from(full_at, self.rate, now)
    }

    /// How many keys are remembered.
    pub fn keys(&self) -> usize {
        self.full_at.len()
    }

    fn sweep(&mut self, now: WallTime) {
        let since = now.micros_since(self.swept_at);
        if (0..Self::SWEEP_INTERVAL_MICROS).contains(&since) {
            return;
        }
        self.swept_at = now;
        self.full_at.retain(|_, full_at| *full_at > now);
    }
}

fn take_from(full_at: &mut WallTime, rate: Rate, now: WallTime) -> Result<(), Throttled> {
    let interval = micros(rate.interval);
    let depth = interval.saturating_mul(i64::from(rate.burst.max(1)));
    // A bucket cannot be emptier than empty: if it seems so, the clock stepped back.
    let debt = full_at.micros_since(now).clamp(0, depth);
    let wait = debt.saturating_add(interval).saturating_sub(depth);
    if wait > 0 {
        *full_at = now.plus_micros(debt);
        return Err(Throttled { retry_after: Duration::from_micros(wait.unsigned_abs()) });
    }
    *full_at = now.plus_micros(debt.saturating_add(interval));
    Ok(())
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RATE: Rate = Rate { interval: Duration::from_millis(100), burst: 5 };

    fn at(millis: i64) -> WallTime {
        WallTime::from_micros(1_800_000_000_000_000 + millis * 1000)
    }

    /// promise: V-04. A burst passes, then one request an interval, with the exact time to wait.
    #[test]
    fn a_burst_passes_and_then_one_an_interval() {
        let mut limit = RateLimit::new(RATE, 10);
        for _ in 0..5 {
            assert_eq!(limit.take("anna", at(0)), Ok(()));
        }
        let throttled = limit.take("anna", at(30)).expect_err("empty");
        assert_eq!(throttled.retry_after, Duration::from_millis(70));
        assert_eq!(throttled.retry_after_seconds(), 1);
        assert_eq!(limit.take("anna", at(100)), Ok(()));
        assert!(limit.take("anna", at(100)).is_err());
        assert_eq!(limit.take("ben", at(100)), Ok(()));
    }

    /// promise: D-10. More keys than fit share one bucket, and memory stays bounded.
    #[test]
    fn a_flood_of_keys_neither_grows_memory_nor_frees_anybody() {
        let mut limit = RateLimit::new(RATE, 100);
        for _ in 0..5 {
            limit.take(u64::MAX, at(0)).expect("within the burst");
        }
        let admitted = (0..10_000).filter(|key| limit.take(*key, at(1)).is_ok()).count();
        assert_eq!(limit.keys(), 100);
        assert_eq!(admitted, 99 + 5);
        assert!(limit.take(u64::MAX, at(1)).is_err());
    }

    #[test]
    fn idle_keys_are_forgotten_when_room_is_needed() {
        let mut limit = RateLimit::new(RATE, 2);
        limit.take(1, at(0)).expect("first");
        limit.take(2, at(0)).expect("first");
        limit.take(3, at(10_000)).expect("first");
        assert_eq!(limit.keys(), 1);
    }

    #[test]
    fn a_clock_that_stepped_back_locks_nobody_out() {
        let mut limit = RateLimit::new(RATE, 2);
        for _ in 0..5 {
            limit.take(1, at(1_000_000_000)).expect("within the burst");
        }
        assert_eq!(limit.take(1, at(0)).expect_err("empty").retry_after, RATE.interval);
        assert_eq!(limit.take(1, at(100)), Ok(()));
    }

    proptest! {
        #[test]
        fn never_more_than_the_rate_passes(mut times in prop::collection::vec(0i64..3_000, 1..200)) {
            times.sort_unstable();
            let mut limit = RateLimit::new(RATE, 2);
            let passed = times.iter().filter(|time| limit.take(1, at(**time)).is_ok()).count() as i64;
            prop_assert!(passed <= 5 + (times[times.len() - 1] - times[0]) / 100);
        }

        #[test]
        fn any_time_is_accepted_without_panic(times in prop::collection::vec(any::<i64>(), 1..20)) {
            let mut limit = RateLimit::new(RATE, 2);
            for time in times {
                let _outcome = limit.take(time % 3, WallTime::from_micros(time));
            }
        }
    }
}
