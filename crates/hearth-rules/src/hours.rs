//! Hours of a week by the clocks of the house.
//!
//! Judged by instants and not by numbers on a clock: where clocks are put back, an hour that counts
//! still counts when it comes again; where they are put forward, a beginning or an end that does not
//! exist lies where the missing hour was. Pure: the time zone and the time are arguments.

use std::{fmt, str::FromStr};

use hearth_model::{WallTime, Weekday};
use jiff::{Timestamp, ToSpan as _, civil, tz::TimeZone};

/// Minutes of a day whose clocks are left alone.
pub(crate) const DAY_MINUTES: u16 = 1_440;

/// The days of a week in their order.
pub const WEEK: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

/// A time of day, like `22:30`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(u16);

/// Why a text is not a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a time of day is like 22:30")]
pub struct TimeOfDayError;

impl TimeOfDay {
    /// The first minute of a day.
    pub const MIDNIGHT: Self = Self(0);

    /// So many minutes after midnight; `None` from 1440 on.
    pub const fn from_minute(minute: u16) -> Option<Self> {
        if minute < DAY_MINUTES { Some(Self(minute)) } else { None }
    }

    /// Minutes after midnight, 0 to 1439.
    pub const fn minute(self) -> u16 {
        self.0
    }

    /// At which instant of a day it is: the first of two, and the end of a gap.
    pub(crate) fn on(self, day: civil::Date, zone: &TimeZone) -> Option<Timestamp> {
        let local = day.at(0, 0, 0, 0).checked_add(i64::from(self.0).minutes()).ok()?;
        let ambiguous = zone.to_ambiguous_timestamp(local);
        let is_skipped = matches!(ambiguous.offset(), jiff::tz::AmbiguousOffset::Gap { .. });
        let first = ambiguous.earlier().ok()?;
        if is_skipped { Some(zone.following(first).next()?.timestamp()) } else { Some(first) }
    }

    /// The last instant of a day with these numbers on the clock, and the end of a gap.
    fn last_on(self, day: civil::Date, zone: &TimeZone) -> Option<Timestamp> {
        let local = day.at(0, 0, 0, 0).checked_add(i64::from(self.0).minutes()).ok()?;
        let ambiguous = zone.to_ambiguous_timestamp(local);
        match ambiguous.offset() {
            jiff::tz::AmbiguousOffset::Gap { .. } => self.on(day, zone),
            _ => ambiguous.later().ok(),
        }
    }
}

impl FromStr for TimeOfDay {
    type Err = TimeOfDayError;

    /// `22:30`, and `6:00` as people write it.
    fn from_str(text: &str) -> Result<Self, TimeOfDayError> {
        let number = |digits: &str, below: u16| {
            let fits = digits.len() <= 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse::<u16>().ok().filter(|number| fits && *number < below)
        };
        let (hour, minute) = text.split_once(':').ok_or(TimeOfDayError)?;
        let minute = number(minute, 60).filter(|_| minute.len() == 2).ok_or(TimeOfDayError)?;
        Ok(Self(number(hour, 24).ok_or(TimeOfDayError)? * 60 + minute))
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl fmt::Debug for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl serde::Serialize for TimeOfDay {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for TimeOfDay {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Hours of a week.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RuleHours)]
pub struct Hours {
    /// On which days they begin; empty means on all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Weekday>,
    /// First minute.
    #[schema(value_type = String, example = "22:00")]
    pub from: TimeOfDay,
    /// First minute after. Not later than `from` means on the next day, so that equal times are a
    /// whole day.
    #[schema(value_type = String, example = "06:00")]
    pub to: TimeOfDay,
}

impl Hours {
    /// Whether they last at a time. `None` if the time is beyond what a calendar knows.
    pub fn last_at(&self, zone: &TimeZone, at: WallTime) -> Option<bool> {
        let now = Timestamp::from_microsecond(at.as_micros()).ok()?;
        let today = zone.to_datetime(now).date();
        // Those that began yesterday may last until today, and a missing day moves their end on.
        let days = [today.yesterday().ok()?, today];
        Some(days.into_iter().any(|day| {
            let bounds = self.begins_on(day).then(|| self.on(day, zone)).flatten();
            bounds.is_some_and(|(from, to)| from <= now && now < to)
        }))
    }

    /// How many minutes a day's hours last, if no clock is changed.
    pub(crate) fn minutes(&self) -> u16 {
        match self.to.0.checked_sub(self.from.0) {
            Some(minutes) if minutes > 0 => minutes,
            _ => DAY_MINUTES - self.from.0 + self.to.0,
        }
    }

    fn begins_on(&self, day: civil::Date) -> bool {
        self.days.is_empty() || self.days.contains(&weekday(day.weekday()))
    }

    /// First instant and first instant after of those that begin on a day.
    fn on(&self, day: civil::Date, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        let last_day = if self.to > self.from { day } else { day.tomorrow().ok()? };
        Some((self.from.on(day, zone)?, self.to.last_on(last_day, zone)?))
    }
}

pub(crate) fn weekday(day: civil::Weekday) -> Weekday {
    let index = usize::from(day.to_monday_zero_offset().unsigned_abs());
    WEEK.get(index).copied().unwrap_or(Weekday::Monday)
}

/// 0 for Monday to 6 for Sunday.
pub(crate) fn day_index(day: Weekday) -> u16 {
    WEEK.iter().zip(0..).find(|(other, _)| **other == day).map_or(0, |(_, index)| index)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> WallTime {
        text.parse().expect("a time")
    }

    fn hours(from: &str, to: &str, days: &[Weekday]) -> Hours {
        let time = |text: &str| text.parse().expect("a time of day");
        Hours { days: days.to_vec(), from: time(from), to: time(to) }
    }

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").expect("known")
    }

    #[test]
    fn hours_cross_midnight_and_belong_to_the_day_they_begin_on() {
        let night = hours("22:00", "06:00", &[Weekday::Saturday]);
        for (time, lasts) in [
            ("2026-11-21T20:59:59Z", false),
            ("2026-11-21T21:00:00Z", true),
            ("2026-11-22T04:59:59Z", true),
            ("2026-11-22T05:00:00Z", false),
            ("2026-11-22T21:00:00Z", false),
        ] {
            assert_eq!(night.last_at(&berlin(), at(time)), Some(lasts), "{time}");
        }
    }

    #[test]
    fn equal_times_are_a_whole_day() {
        let sunday = hours("00:00", "00:00", &[Weekday::Sunday]);
        assert_eq!(sunday.minutes(), DAY_MINUTES);
        assert_eq!(sunday.last_at(&TimeZone::UTC, at("2026-11-22T00:00:00Z")), Some(true));
        assert_eq!(sunday.last_at(&TimeZone::UTC, at("2026-11-22T23:59:59Z")), Some(true));
        assert_eq!(sunday.last_at(&TimeZone::UTC, at("2026-11-23T00:00:00Z")), Some(false));
    }

    #[test]
    fn an_hour_that_comes_twice_counts_twice() {
        let hour = hours("02:00", "03:00", &[]);
        // Clocks go back from 03:00 to 02:00 at 01:00 UTC.
        for (time, lasts) in [
            ("2026-10-24T23:59:59Z", false),
            ("2026-10-25T00:00:00Z", true),
            ("2026-10-25T01:30:00Z", true),
            ("2026-10-25T02:00:00Z", false),
        ] {
            assert_eq!(hour.last_at(&berlin(), at(time)), Some(lasts), "{time}");
        }
    }

    #[test]
    fn a_bound_that_does_not_exist_lies_where_the_clocks_go_on() {
        // Clocks go from 02:00 to 03:00 at 01:00 UTC.
        let before = hours("01:00", "02:30", &[]);
        assert_eq!(before.last_at(&berlin(), at("2026-03-29T00:59:59Z")), Some(true));
        assert_eq!(before.last_at(&berlin(), at("2026-03-29T01:00:00Z")), Some(false));
        let after = hours("02:30", "04:00", &[]);
        assert_eq!(after.last_at(&berlin(), at("2026-03-29T00:59:59Z")), Some(false));
        assert_eq!(after.last_at(&berlin(), at("2026-03-29T01:00:00Z")), Some(true));
        assert_eq!(after.last_at(&berlin(), at("2026-03-29T02:00:00Z")), Some(false));
    }

    #[test]
    fn a_time_of_day_is_written_as_people_write_it_and_nothing_else() {
        assert_eq!("6:00".parse::<TimeOfDay>().map(|time| time.to_string()), Ok("06:00".into()));
        for wrong in ["24:00", "12:60", "1200", "", ":", "+1:00", "1:0", "001:00", "١:00"] {
            assert!(wrong.parse::<TimeOfDay>().is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn in_a_zone_without_changes_hours_are_arithmetic(
            from in 0..DAY_MINUTES, to in 0..DAY_MINUTES, seconds in 0..(14 * 86_400_i64),
        ) {
            let time = |minute| TimeOfDay::from_minute(minute).expect("below a day");
            let hours = Hours { days: Vec::new(), from: time(from), to: time(to) };
            let minute = u16::try_from(seconds % 86_400 / 60).expect("small");
            let expected = if from < to {
                (from..to).contains(&minute)
            } else {
                minute >= from || minute < to
            };
            let at = WallTime::from_micros(seconds * 1_000_000);
            prop_assert_eq!(hours.last_at(&TimeZone::UTC, at), Some(expected));
        }

        #[test]
        fn any_time_in_any_zone_is_answered(
            from in 0..DAY_MINUTES, to in 0..DAY_MINUTES, micros: i64,
            zone in prop::sample::select(vec!["Europe/Berlin", "Pacific/Apia", "America/St_Johns"]),
        ) {
            let time = |minute| TimeOfDay::from_minute(minute).expect("below a day");
            let hours = Hours { days: Vec::new(), from: time(from), to: time(to) };
            let zone = TimeZone::get(zone).expect("known");
            hours.last_at(&zone, WallTime::from_micros(micros));
        }

        #[test]
        fn any_text_is_a_time_of_day_or_refused(text: String) {
            if let Ok(time) = text.parse::<TimeOfDay>() {
                prop_assert_eq!(time.to_string().parse(), Ok(time));
            }
        }
    }
}
