//! Stretches of time, and hours of the day within them.

use hearth_model::{TimeRange, WallTime};
use jiff::ToSpan as _;

use crate::Clock;

/// Ranges that one question looks at: two months, day by day.
pub const RANGES_MAX: usize = 62;

/// A stretch of time; half open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Span {
    /// First instant.
    pub from: WallTime,
    /// First instant after.
    pub to: WallTime,
}

/// Hours of each day, by minutes after midnight; an end before the begin is on the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Hours {
    /// First minute, 0 to 1439.
    pub from: u16,
    /// First minute after, 1 to 1440.
    pub to: u16,
}

/// When something is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct When {
    /// In which stretch; without it, ever.
    pub span: Option<Span>,
    /// Only at these hours of each of its days.
    pub hours: Option<Hours>,
}

impl When {
    /// Nothing was said.
    pub fn is_empty(&self) -> bool {
        self.span.is_none() && self.hours.is_none()
    }

    /// The ranges, newest first, and whether earlier ones were left out (see [`RANGES_MAX`]). No
    /// range of a time that is all of time; nobody said when.
    pub fn ranges(&self, clock: &Clock) -> (Vec<TimeRange>, bool) {
        let Some(hours) = self.hours else {
            let range = self.span.and_then(|span| TimeRange::new(span.from, span.to));
            return (range.into_iter().collect(), false);
        };
        let last = self.span.map_or(clock.now(), |span| span.to.min(clock.now()));
        let first = self.span.map_or(WallTime::from_micros(i64::MIN), |span| span.from);
        let mut ranges = Vec::new();
        let mut day = clock.local(last.plus_micros(-1)).date();
        // A night that began the day before reaches into the first day.
        while ranges.len() < RANGES_MAX {
            let (from, to) = hours.on(day, clock);
            if to <= first {
                return (ranges, false);
            }
            ranges.extend(TimeRange::new(from.max(first), to.min(last)));
            let Ok(before) = day.checked_sub(1.day()) else { return (ranges, false) };
            day = before;
        }
        (ranges, true)
    }
}

impl Hours {
    /// When they begin and end on a day.
    pub fn on(self, day: jiff::civil::Date, clock: &Clock) -> (WallTime, WallTime) {
        let end = if self.to > self.from { self.to } else { self.to.saturating_add(1_440) };
        let (from, to) = (clock.at(day, self.from), clock.at(day, end));
        (from, to)
    }
}
