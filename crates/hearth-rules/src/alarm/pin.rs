//! PINs: who checks them, and how often one may be wrong.

use hearth_model::WallTime;
use hearth_secret::SecretString;

/// So many wrong PINs in a row lock the keypad.
pub(super) const WRONG_MAX: u8 = 5;

/// How long at first. Each further time it doubles, up to an hour: ten thousand PINs of four digits
/// then take months.
const LOCK_MICROS: i64 = 60 * 1_000_000;

const LOCK_DOUBLINGS_MAX: u8 = 6;

/// Whose PIN it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PinMatch {
    /// Nobody's.
    Wrong,
    /// Somebody's.
    Right {
        /// Whose.
        holder: String,
    },
    /// Somebody's who is forced to.
    Duress {
        /// Whose.
        holder: String,
    },
}

/// Checks PINs against what is stored of them, which is never the PIN.
pub trait PinVerifier {
    /// Whose PIN it is. Takes the same time whatever the answer.
    fn verify(&self, pin: &SecretString) -> PinMatch;
}

/// Attempts so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Attempts {
    wrong: u8,
    locks: u8,
    pub(super) locked_until: Option<WallTime>,
}

/// What a wrong PIN led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    Left(u8),
    LockedUntil(WallTime),
}

impl Attempts {
    /// Until when no PIN is looked at.
    pub(super) fn lock(&self, now: WallTime) -> Option<WallTime> {
        self.locked_until.filter(|until| now < *until)
    }

    pub(super) fn wrong(&mut self, now: WallTime) -> Wrong {
        self.wrong = self.wrong.saturating_add(1);
        if self.wrong < WRONG_MAX {
            return Wrong::Left(WRONG_MAX - self.wrong);
        }
        let until = now.plus_micros(LOCK_MICROS << self.locks.min(LOCK_DOUBLINGS_MAX));
        self.locks = self.locks.saturating_add(1);
        (self.wrong, self.locked_until) = (0, Some(until));
        Wrong::LockedUntil(until)
    }

    pub(super) fn right(&mut self) {
        *self = Self::default();
    }
}
