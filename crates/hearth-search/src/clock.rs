//! Now, by the clocks of a house.

use hearth_model::WallTime;
use jiff::{Timestamp, Zoned, civil, tz::TimeZone};

/// The time of a question and the time zone of the house.
#[derive(Clone, Debug)]
pub struct Clock {
    now: WallTime,
    zone: TimeZone,
}

impl Clock {
    /// That time in that zone.
    pub fn new(now: WallTime, zone: TimeZone) -> Self {
        Self { now, zone }
    }

    /// The time of the question.
    pub fn now(&self) -> WallTime {
        self.now
    }

    /// A time as the house's clocks show it.
    pub fn local(&self, at: WallTime) -> Zoned {
        let bounded = at.as_micros().clamp(EARLIEST_MICROS, LATEST_MICROS);
        let instant = Timestamp::from_microsecond(bounded).unwrap_or(Timestamp::UNIX_EPOCH);
        instant.to_zoned(self.zone.clone())
    }

    /// The day it is.
    pub fn today(&self) -> civil::Date {
        self.local(self.now).date()
    }

    /// When a day begins.
    pub fn start_of(&self, day: civil::Date) -> WallTime {
        self.at(day, 0)
    }

    /// When clocks show so many minutes after midnight of a day; where clocks are put forward over it,
    /// right behind.
    pub fn at(&self, day: civil::Date, minute: u16) -> WallTime {
        let (day, minute) = match day.tomorrow() {
            Ok(next) if minute >= 1_440 => (next, minute - 1_440),
            _ => (day, minute.min(1_439)),
        };
        // Both below their bounds: 1,439 minutes at most.
        let (hour, minute) = ((minute / 60) as i8, (minute % 60) as i8);
        let local = day.at(hour, minute, 0, 0);
        let zoned = self.zone.to_zoned(local).unwrap_or_else(|_| self.local(self.now));
        WallTime::from_micros(zoned.timestamp().as_microsecond())
    }
}

/// Years 1900 to 2200: far enough from what a calendar can count that days can be added.
const EARLIEST_MICROS: i64 = -2_208_988_800_000_000;
const LATEST_MICROS: i64 = 7_258_118_400_000_000;
