//! Switching at set times of the week.

use crate::{OutOfRange, Switch};

/// Minutes since midnight of the plug's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// Hours 0 to 23, minutes 0 to 59.
    pub const fn new(hour: u8, minute: u8) -> Result<Self, OutOfRange> {
        if hour > 23 || minute > 59 {
            return Err(OutOfRange::new("a time of day", "between 00:00 and 23:59"));
        }
        Ok(Self(hour as u16 * 60 + minute as u16))
    }

    pub(super) fn from_minutes(minutes: u64) -> Option<Self> {
        u16::try_from(minutes).ok().filter(|minutes| *minutes < 24 * 60).map(Self)
    }

    /// Minutes since midnight.
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

/// Days of the week, Sunday first, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Weekdays([bool; 7]);

impl Weekdays {
    /// Every day.
    pub const EVERY: Self = Self([true; 7]);

    /// Sunday first; at least one.
    pub fn new(days: [bool; 7]) -> Result<Self, OutOfRange> {
        if days.contains(&true) {
            Ok(Self(days))
        } else {
            Err(OutOfRange::new("the days of a schedule", "at least one day"))
        }
    }

    /// Sunday first.
    pub const fn days(self) -> [bool; 7] {
        self.0
    }

    /// Bit 0 is Sunday.
    pub(super) fn mask(self) -> u8 {
        (0..).zip(self.0).fold(0, |mask, (bit, day)| mask | u8::from(day) << bit)
    }

    pub(super) fn from_mask(mask: u64) -> Option<Self> {
        Self::new(std::array::from_fn(|bit| mask >> bit & 1 == 1)).ok()
    }
}

/// What happens when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Rule {
    /// On which days.
    pub days: Weekdays,
    /// At what time.
    pub at: TimeOfDay,
    /// What to do.
    pub switch: Switch,
}

/// A rule that the plug keeps.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Schedule {
    /// The plug's name for it.
    pub id: String,
    /// Whether it is carried out.
    pub enabled: bool,
    /// The rule; `None` if it is one that is not understood here (sunrise, a single date).
    pub rule: Option<Rule>,
}

/// Checks a schedule's identity before it is sent back.
pub(super) fn checked_id(id: &str) -> Result<&str, OutOfRange> {
    let fits = (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if fits {
        Ok(id)
    } else {
        Err(OutOfRange::new("the identity of a schedule", "letters and digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// promise: K-02. A time that does not exist cannot be scheduled.
    #[test]
    fn times_and_days_that_do_not_exist_cannot_be_built() {
        assert!(TimeOfDay::new(24, 0).is_err());
        assert!(TimeOfDay::new(7, 60).is_err());
        assert_eq!(TimeOfDay::new(7, 30).map(TimeOfDay::minutes), Ok(450));
        assert!(Weekdays::new([false; 7]).is_err());
        assert!(checked_id("a b").is_err());
    }

    #[test]
    fn a_mask_is_read_back_as_it_was_written() {
        let days = Weekdays::new([true, false, false, false, false, false, true]).expect("days");
        assert_eq!(days.mask(), 0b100_0001);
        assert_eq!(Weekdays::from_mask(0b100_0001), Some(days));
        assert_eq!(Weekdays::from_mask(0), None);
    }
}
