//! What a lamp at the door shows: ready, somebody rings, an alert, an error.
//!
//! Pure: times are arguments. An alert stays until somebody acknowledges it; nothing that happens
//! meanwhile hides it but an error of the device itself.

use std::time::Duration;

/// A lamp shows a ring for so long.
pub const RING: Duration = Duration::from_secs(10);

/// What is shown, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// Something does not work: three short flashes.
    Error,
    /// Somebody has to look: fast.
    Alert,
    /// Somebody rang: slow.
    Ring,
    /// All is well: lit.
    Ready,
}

impl Signal {
    /// Lit and dark times in milliseconds, in turn, over and over; lit comes first.
    fn pattern(self) -> &'static [u16] {
        match self {
            Self::Error => &[100, 100, 100, 100, 100, 900],
            Self::Alert => &[125, 125],
            Self::Ring => &[500, 500],
            // Lit without an end is one phase that follows itself.
            Self::Ready => &[1_000],
        }
    }
}

/// One lamp.
#[derive(Clone, Debug, Default)]
pub struct Lamp {
    ring_until: Option<Duration>,
    has_alert: bool,
    has_error: bool,
}

impl Lamp {
    /// Somebody rang at this time.
    pub fn ring(&mut self, now: Duration) {
        self.ring_until = Some(now.saturating_add(RING));
    }

    /// Somebody has to look.
    pub fn alert(&mut self) {
        self.has_alert = true;
    }

    /// Somebody looked.
    pub fn acknowledge(&mut self) {
        self.has_alert = false;
        self.ring_until = None;
    }

    /// Something does not work, or works again.
    pub fn error(&mut self, has_error: bool) {
        self.has_error = has_error;
    }

    /// What is shown at a time.
    pub fn signal(&self, now: Duration) -> Signal {
        match () {
            () if self.has_error => Signal::Error,
            () if self.has_alert => Signal::Alert,
            () if self.ring_until.is_some_and(|until| now < until) => Signal::Ring,
            () => Signal::Ready,
        }
    }

    /// Whether it is lit at a time, and for how long that stays so if nothing happens.
    pub fn look(&self, now: Duration) -> (bool, Duration) {
        let signal = self.signal(now);
        let pattern = signal.pattern();
        let total: u64 = pattern.iter().map(|part| u64::from(*part)).sum();
        let millis = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        let mut inside = millis % total.max(1);
        for (index, part) in pattern.iter().map(|part| u64::from(*part)).enumerate() {
            if inside < part {
                return (index % 2 == 0, Duration::from_millis(part - inside));
            }
            inside -= part;
        }
        (true, Duration::from_millis(total))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn a_ring_is_shown_for_a_while() {
        let mut lamp = Lamp::default();
        assert_eq!((lamp.signal(at(0)), lamp.look(at(250))), (Signal::Ready, (true, at(750))));
        lamp.ring(at(0));
        assert_eq!(lamp.look(at(500)), (false, at(500)));
        assert_eq!(lamp.signal(RING), Signal::Ready);
    }

    #[test]
    fn an_error_is_three_flashes() {
        let mut lamp = Lamp::default();
        lamp.error(true);
        let lit: Vec<bool> = (0..15).map(|part| lamp.look(at(part * 100)).0).collect();
        let flashes = [true, false, true, false, true];
        assert_eq!(lit[..5], flashes);
        assert!(lit[5..14].iter().all(|lit| !lit) && lit[14]);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Ring,
        Wait(u32),
        Error(bool),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            Just(Step::Ring),
            any::<u32>().prop_map(Step::Wait),
            any::<bool>().prop_map(Step::Error)
        ]
    }

    proptest! {
        #[test]
        fn an_alert_stays_until_it_is_acknowledged(steps in prop::collection::vec(step(), 0..40)) {
            let (mut lamp, mut now) = (Lamp::default(), Duration::ZERO);
            lamp.alert();
            for step in steps {
                match step {
                    Step::Ring => lamp.ring(now),
                    Step::Wait(millis) => now += at(millis.into()),
                    Step::Error(has_error) => lamp.error(has_error),
                }
                prop_assert!(matches!(lamp.signal(now), Signal::Alert | Signal::Error));
                let (_, stays) = lamp.look(now);
                prop_assert!(stays > Duration::ZERO && stays <= at(1_000));
            }
            lamp.error(false);
            lamp.acknowledge();
            prop_assert_eq!(lamp.signal(now), Signal::Ready);
        }
    }
}
