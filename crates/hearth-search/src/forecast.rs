//! How many are to be expected on a day, from counts of days that were.

use crate::baseline::quantile;

/// Days that have to be known before anything is foretold.
pub const DAYS_NEEDED: usize = 14;

/// The weeks behind the figures of one weekday, before that weekday is told from others.
const WEEKS_MIN: usize = 3;

/// What is to be expected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    /// The middle.
    pub expected: f64,
    /// Nine days of ten had at least so many (5 % were below).
    pub low: f64,
    /// And at most so many.
    pub high: f64,
    /// From so many days.
    pub days: usize,
}

/// What is to be expected so many days (1 to 7) after the last one; `None` from fewer than
/// [`DAYS_NEEDED`] days. `days` are the counts of whole days in their order. The interval is one of counts that
/// were: of this weekday's expectation, and of how far days were from theirs.
pub fn forecast(days: &[u32], ahead: usize) -> Option<Forecast> {
    if days.len() < DAYS_NEEDED {
        return None;
    }
    let same_weekday = |from_end: usize| -> Vec<u32> {
        days.iter().rev().skip(from_end).step_by(7).copied().collect()
    };
    let of_weekday = same_weekday(7 - ahead.clamp(1, 7));
    let known = if of_weekday.len() >= WEEKS_MIN { of_weekday } else { days.to_vec() };
    let expected = quantile(&known, 0.5);
    let low = quantile(days, 0.05).min(quantile(&known, 0.0)).min(expected);
    let high = quantile(days, 0.95).max(quantile(&known, 1.0)).max(expected);
    Some(Forecast { expected, low, high, days: days.len() })
}
