//! How often Netatmo is asked. promise: N-09.
//!
//! Pure: times are arguments, as is chance. Netatmo allows a user 500 requests an hour and 50 within
//! 10 s, and asks not to come near it; the interface for the true temperature is not even meant for
//! others. So: at most 450 an hour, at most 20 at once, and rest when Netatmo asks for it.

use std::time::Duration;

/// 450 an hour.
const INTERVAL: Duration = Duration::from_secs(8);
/// At once, after a quiet time.
const BURST: u32 = 20;
/// A caller waits for its turn so long, and is told to come back otherwise.
const WAIT_MAX: Duration = Duration::from_secs(10);
/// The first rest after Netatmo said that it is too much.
const REST_LIMITED: Duration = Duration::from_secs(30);
/// The first rest after Netatmo failed.
const REST_FAILED: Duration = Duration::from_secs(5);
/// Rests double up to here.
const REST_MAX: Duration = Duration::from_secs(15 * 60);
/// Longer than this, a wish of the server's is not believed.
const WISH_MAX: Duration = Duration::from_secs(60 * 60);

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// It was answered, for better or worse.
    Answered,
    /// Too many requests, with the wish of the server.
    Limited(Option<Duration>),
    /// The service failed.
    Failed,
}

/// Who may ask when. Times count from a common beginning.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pace {
    /// When the requests so far would be through if they were spread evenly.
    even: Duration,
    /// No request before.
    rest_until: Duration,
    /// Bad answers in a row.
    bad: u32,
}

impl Pace {
    /// Takes a turn, and says how long to wait for it.
    ///
    /// # Errors
    /// How long to stay away, if that is too long to wait.
    pub(crate) fn ask(&mut self, now: Duration) -> Result<Duration, Duration> {
        let resting = self.rest_until.saturating_sub(now);
        if !resting.is_zero() {
            return Err(resting);
        }
        let even = self.even.max(now);
        let ahead = even - now;
        let wait = ahead.saturating_sub(INTERVAL * (BURST - 1));
        if wait > WAIT_MAX {
            return Err(wait);
        }
        self.even = even + INTERVAL;
        Ok(wait)
    }

    /// Learns what became of a request. `chance` in 0..=255 spreads callers that were hit together.
    pub(crate) fn tell(&mut self, now: Duration, told: Told, chance: u8) {
        let (first, wish) = match told {
            Told::Answered => {
                self.bad = 0;
                return;
            }
            Told::Limited(wish) => (REST_LIMITED, wish.unwrap_or_default().min(WISH_MAX)),
            Told::Failed => (REST_FAILED, Duration::ZERO),
        };
        let doubled = first.saturating_mul(1 << self.bad.min(16)).min(REST_MAX);
        self.bad = self.bad.saturating_add(1);
        // Up to a quarter more.
        let spread = doubled / 4 * u32::from(chance) / 255;
        self.rest_until = self.rest_until.max(now + doubled.max(wish) + spread);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(1_000 + seconds)
    }

    /// promise: N-09. After a burst, one request every eight seconds; impatient callers are sent away.
    #[test]
    fn requests_are_spread_after_a_burst() {
        let mut pace = Pace::default();
        for _ in 0..BURST {
            assert_eq!(pace.ask(at(0)), Ok(Duration::ZERO));
        }
        assert_eq!(pace.ask(at(0)), Ok(INTERVAL));
        assert_eq!(pace.ask(at(0)), Err(2 * INTERVAL));
        assert_eq!(pace.ask(at(8)), Ok(INTERVAL));
        assert_eq!(pace.ask(at(8 * 60)), Ok(Duration::ZERO));
    }

    /// promise: N-09. However often it is tried, an hour holds no more than the vendor's 500.
    #[test]
    fn an_hour_holds_no_more_than_the_vendor_allows() {
        let mut pace = Pace::default();
        let sent = (0..3_600).filter(|second| pace.ask(at(*second)).is_ok()).count();
        assert!((400..=471).contains(&sent), "{sent}");
    }

    /// promise: N-09. Whoever asks for rest gets it, longer each time, until an answer is good.
    #[test]
    fn a_vendor_that_asks_for_rest_gets_it() {
        let mut pace = Pace::default();
        pace.tell(at(0), Told::Limited(None), 0);
        assert_eq!(pace.ask(at(1)), Err(Duration::from_secs(29)));
        assert_eq!(pace.ask(at(30)), Ok(Duration::ZERO));
        pace.tell(at(30), Told::Limited(None), 255);
        assert_eq!(pace.ask(at(30)), Err(Duration::from_secs(75)));
        pace.tell(at(200), Told::Limited(Some(Duration::from_secs(600))), 0);
        assert_eq!(pace.ask(at(200)), Err(Duration::from_secs(600)));
        pace.tell(at(900), Told::Answered, 0);
        pace.tell(at(900), Told::Failed, 0);
        assert_eq!(pace.ask(at(900)), Err(Duration::from_secs(5)));
    }

    proptest::proptest! {
        #[test]
        fn a_rest_is_never_longer_than_an_hour_and_a_quarter(
            wishes in proptest::collection::vec(proptest::option::of(0_u64..), 1..40),
            chance: u8,
        ) {
            let mut pace = Pace::default();
            for wish in wishes {
                pace.tell(at(0), Told::Limited(wish.map(Duration::from_secs)), chance);
            }
            if let Err(rest) = pace.ask(at(0)) {
                proptest::prop_assert!(rest <= WISH_MAX + REST_MAX / 4);
            }
        }
    }
}
