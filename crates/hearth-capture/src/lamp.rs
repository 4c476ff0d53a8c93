//! What the lamps at a door show, and when the chime sounds: ready, somebody rings, an alert, an error.
//!
//! Pure: times are arguments. One lamp shows the most urgent of everything; of several, each shows its
//! own. An alert stays until somebody acknowledges it, and nothing that happens meanwhile hides it.

use std::time::Duration;

/// A lamp shows a ring for so long.
pub const RING: Duration = Duration::from_secs(10);

/// What there is to show, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// Somebody has to look: fast.
    Alert,
    /// Somebody rang: slow.
    Ring,
    /// Something does not work: three short flashes.
    Error,
    /// All is well: lit.
    Ready,
}

/// What hangs on a line, and so which signals are its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// The only lamp: the most urgent signal.
    #[default]
    Whole,
    /// The green one of several: lit while all is well. It goes dark for a moment every two seconds:
    /// one that does not belongs to a program that hangs.
    Ready,
    /// The yellow one: somebody rang.
    Ring,
    /// The red one: an alert, or else an error.
    Alert,
    /// No lamp but a bell: struck once when somebody rings.
    Chime,
}

impl Part {
    fn signals(self) -> &'static [Signal] {
        match self {
            Self::Whole => &[Signal::Alert, Signal::Ring, Signal::Error, Signal::Ready],
            Self::Ready => &[Signal::Ready],
            Self::Ring | Self::Chime => &[Signal::Ring],
            Self::Alert => &[Signal::Alert, Signal::Error],
        }
    }

    /// Lit and dark times in milliseconds, in turn, over and over; lit comes first.
    fn pattern(self, signal: Signal) -> &'static [u16] {
        match (self, signal) {
            // A bell of two notes sounds the second one when the current ends.
            (Self::Chime, _) => const { &[500, RING.as_millis() as u16 - 500] },
            (_, Signal::Error) => &[100, 100, 100, 100, 100, 900],
            (_, Signal::Alert) => &[125, 125],
            (_, Signal::Ring) => &[500, 500],
            (Self::Ready, Signal::Ready) => &[1_900, 100],
            // Lit without an end is one phase that follows itself.
            (_, Signal::Ready) => &[1_000],
        }
    }
}

/// A lamp that has nothing to show looks again so much later.
const DARK: Duration = Duration::from_secs(1);

/// One lamp.
#[derive(Clone, Debug, Default)]
pub struct Lamp {
    part: Part,
    rang_at: Option<Duration>,
    has_alert: bool,
    has_error: bool,
}

impl Lamp {
    /// One that shows this part of everything.
    pub fn new(part: Part) -> Self {
        Self { part, ..Self::default() }
    }

    /// Somebody rang at this time.
    pub fn ring(&mut self, now: Duration) {
        self.rang_at = Some(now);
    }

    /// Somebody has to look.
    pub fn alert(&mut self) {
        self.has_alert = true;
    }

    /// Somebody looked.
    pub fn acknowledge(&mut self) {
        self.has_alert = false;
        self.rang_at = None;
    }

    /// Something does not work, or works again.
    pub fn error(&mut self, has_error: bool) {
        self.has_error = has_error;
    }

    /// What is shown at a time; nothing if that is for others to show.
    pub fn signal(&self, now: Duration) -> Option<Signal> {
        self.part.signals().iter().copied().find(|signal| self.has(*signal, now))
    }

    fn has(&self, signal: Signal, now: Duration) -> bool {
        match signal {
            Signal::Alert => self.has_alert,
            Signal::Ring => self.rang_at.is_some_and(|at| now < at.saturating_add(RING)),
            Signal::Error => self.has_error,
            Signal::Ready => !self.has_alert && !self.has_error,
        }
    }

    /// Whether it is lit at a time, and for how long that stays so if nothing happens.
    pub fn look(&self, now: Duration) -> (bool, Duration) {
        let Some(signal) = self.signal(now) else { return (false, DARK) };
        // What shows a ring begins with it; what goes on is in step with the clock.
        let since = self.rang_at.filter(|_| signal == Signal::Ring).unwrap_or_default();
        let pattern = self.part.pattern(signal);
        let total: u64 = pattern.iter().map(|part| u64::from(*part)).sum();
        let millis = u64::try_from(now.saturating_sub(since).as_millis()).unwrap_or(u64::MAX);
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
        assert_eq!(
            (lamp.signal(at(0)), lamp.look(at(250))),
            (Some(Signal::Ready), (true, at(750)))
        );
        lamp.ring(at(300));
        assert_eq!((lamp.look(at(300)), lamp.look(at(800))), ((true, at(500)), (false, at(500))));
        assert_eq!(lamp.signal(at(300) + RING), Some(Signal::Ready));
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

    #[test]
    fn of_several_lamps_each_shows_its_own() {
        let mut lamps = [Part::Ready, Part::Ring, Part::Alert].map(Lamp::new);
        let shown = |lamps: &[Lamp; 3]| lamps.each_ref().map(|lamp| lamp.signal(at(50)));
        assert_eq!(shown(&lamps), [Some(Signal::Ready), None, None]);
        lamps.iter_mut().for_each(|lamp| lamp.ring(at(0)));
        assert_eq!(shown(&lamps), [Some(Signal::Ready), Some(Signal::Ring), None]);
        lamps.iter_mut().for_each(|lamp| lamp.error(true));
        assert_eq!(shown(&lamps), [None, Some(Signal::Ring), Some(Signal::Error)]);
        lamps.iter_mut().for_each(Lamp::alert);
        assert_eq!(shown(&lamps), [None, Some(Signal::Ring), Some(Signal::Alert)]);
        lamps.iter_mut().for_each(Lamp::acknowledge);
        assert_eq!(shown(&lamps), [None, None, Some(Signal::Error)]);
        assert_eq!(Lamp::new(Part::Ready).look(at(1_950)), (false, at(50)), "it lives");
    }

    #[test]
    fn a_chime_sounds_once_for_each_ring_and_for_nothing_else() {
        let mut chime = Lamp::new(Part::Chime);
        chime.alert();
        chime.error(true);
        let strokes = |chime: &Lamp, from: u64| {
            let lit = |millis: &u64| chime.look(at(*millis)).0;
            (from..from + 30_000).step_by(100).filter(lit).collect::<Vec<_>>()
        };
        assert!(strokes(&chime, 0).is_empty());
        chime.ring(at(700));
        assert_eq!(strokes(&chime, 700), [700, 800, 900, 1_000, 1_100]);
        chime.ring(at(2_000));
        assert_eq!(strokes(&chime, 2_000).len(), 5, "again");
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
                prop_assert_eq!(lamp.signal(now), Some(Signal::Alert));
                let (_, stays) = lamp.look(now);
                prop_assert!(stays > Duration::ZERO && stays <= at(1_000));
            }
            lamp.error(false);
            lamp.acknowledge();
            prop_assert_eq!(lamp.signal(now), Some(Signal::Ready));
        }
    }
}
