//! What devices tell without being asked: somebody rang, something moves.

use tokio::sync::broadcast;

/// What nobody took yet; a person at the door causes a few. Older ones are lost.
const NOTICES_MAX: usize = 64;

/// Something that a device noticed just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Somebody pressed its button.
    Ring,
    /// Something else began.
    Sensed(Sense),
}

/// What a device believes to notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sense {
    /// Something moves.
    Motion,
    /// A person.
    Person,
    /// A vehicle.
    Vehicle,
    /// An animal.
    Animal,
    /// A contact closed.
    Contact,
    /// The device was moved, covered or blinded.
    Tamper,
}

impl Sense {
    /// Its name, e.g. `motion`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Motion => "motion",
            Self::Person => "person",
            Self::Vehicle => "vehicle",
            Self::Animal => "animal",
            Self::Contact => "contact",
            Self::Tamper => "tamper",
        }
    }
}

/// The way from a driver to whoever listens; a driver is made anew and this stays.
#[derive(Clone, Debug)]
pub struct Notices(broadcast::Sender<Notice>);

impl Default for Notices {
    fn default() -> Self {
        Self(broadcast::Sender::new(NOTICES_MAX))
    }
}

impl Notices {
    /// Hears what is told from now on, until the device is not looked after any more.
    pub fn listen(&self) -> broadcast::Receiver<Notice> {
        self.0.subscribe()
    }

    /// Whether anybody hears what is told.
    pub(crate) fn has_listener(&self) -> bool {
        self.0.receiver_count() > 0
    }

    /// Tells something. Nobody listening is not a failure.
    pub(crate) fn tell(&self, notice: Notice) {
        self.0.send(notice).ok();
    }
}
