//! Quiet hours: when only what is critical is told. Pure.
//!
//! Judged by instants and not by numbers on a clock: where a clock is put back, an hour that is
//! quiet stays quiet when it comes again; where it is put forward, a beginning or an end that does
//! not exist lies where the missing hour was.

use hearth_model::{WallTime, Weekday};
use jiff::{Timestamp, ToSpan as _, civil, tz::TimeZone};

/// Hours of a week.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// On which days they begin.
    pub days: Vec<Weekday>,
    /// First minute of the day, 0 to 1439, in the house's time zone.
    pub from_minute: u16,
    /// First minute after; not above `from_minute` means on the next day.
    pub to_minute: u16,
}

impl QuietHours {
    /// Minutes of a day.
    pub(super) const MINUTES: u16 = 1_440;

    /// When they end, if they last at `at`.
    fn end_at(&self, zone: &TimeZone, at: WallTime) -> Option<WallTime> {
        let now = Timestamp::from_microsecond(at.as_micros()).ok()?;
        let today = zone.to_datetime(now).date();
        // Those that began yesterday may last until today.
        let days = [today.yesterday().ok()?, today];
        days.into_iter().find_map(|day| {
            let begins = self.days.iter().any(|one| civil_day(*one) == day.weekday());
            let (from, to) = self.on(day, zone)?;
            (begins && from <= now && now < to).then(|| WallTime::from_micros(to.as_microsecond()))
        })
    }

    /// First instant and first instant after of those that begin on a day.
    fn on(&self, day: civil::Date, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        let last_day = if self.to_minute > self.from_minute { day } else { day.tomorrow().ok()? };
        let at = |day: civil::Date, minute: u16| {
            let minutes = i64::from(minute);
            day.to_datetime(civil::Time::midnight()).checked_add(minutes.minutes()).ok()
        };
        let from = zone.to_ambiguous_timestamp(at(day, self.from_minute)?).earlier().ok()?;
        let to = zone.to_ambiguous_timestamp(at(last_day, self.to_minute)?).later().ok()?;
        Some((from, to))
    }
}

/// Until when it is quiet, if it is at `at`; several hours that touch are one.
pub(super) fn quiet_until(hours: &[QuietHours], zone: &TimeZone, at: WallTime) -> Option<WallTime> {
    let mut end = None;
    // Each round uses up at least one of them.
    for _ in 0..=hours.len() {
        let from = end.unwrap_or(at);
        match hours.iter().filter_map(|one| one.end_at(zone, from)).max() {
            Some(later) => end = Some(later),
            None => break,
        }
    }
    end
}

fn civil_day(day: Weekday) -> civil::Weekday {
    match day {
        Weekday::Monday => civil::Weekday::Monday,
        Weekday::Tuesday => civil::Weekday::Tuesday,
        Weekday::Wednesday => civil::Weekday::Wednesday,
        Weekday::Thursday => civil::Weekday::Thursday,
        Weekday::Friday => civil::Weekday::Friday,
        Weekday::Saturday => civil::Weekday::Saturday,
        Weekday::Sunday => civil::Weekday::Sunday,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(day: Weekday, from_minute: u16, to_minute: u16) -> QuietHours {
        QuietHours { days: vec![day], from_minute, to_minute }
    }

    fn until(hours: &[QuietHours], zone: &str, at: &str) -> Option<String> {
        let zone = TimeZone::get(zone).expect("a zone");
        let end = quiet_until(hours, &zone, at.parse().expect("a time"));
        end.map(|end| end.to_string())
    }

    #[test]
    fn a_night_lasts_until_the_morning() {
        // 2026-11-22 is a Sunday; Vienna is one hour ahead of UTC in winter.
        let night = [hours(Weekday::Sunday, 22 * 60, 7 * 60)];
        let vienna = |at| until(&night, "Europe/Vienna", at);
        assert_eq!(vienna("2026-11-22T20:59:59Z"), None);
        assert!(vienna("2026-11-22T21:00:00Z").expect("quiet").starts_with("2026-11-23T06:00:00"));
        assert!(vienna("2026-11-23T05:59:59Z").is_some());
        assert_eq!(vienna("2026-11-23T06:00:00Z"), None);
        assert_eq!(vienna("2026-11-23T22:00:00Z"), None, "Monday's night is not quiet");
    }

    /// At 03:00 of 25 October 2026 clocks in Vienna went back to 02:00.
    #[test]
    fn an_hour_that_comes_twice_is_quiet_both_times() {
        let night = [hours(Weekday::Saturday, 22 * 60, 2 * 60 + 30)];
        let vienna = |at| until(&night, "Europe/Vienna", at);
        for at in ["2026-10-25T00:15:00Z", "2026-10-25T00:45:00Z", "2026-10-25T01:15:00Z"] {
            let end = vienna(at).expect("quiet");
            assert!(end.starts_with("2026-10-25T01:30:00"), "{at}: {end}");
        }
        assert_eq!(vienna("2026-10-25T01:30:00Z"), None);
    }

    /// At 02:00 of 29 March 2026 clocks in Vienna went forward to 03:00.
    #[test]
    fn an_end_that_does_not_exist_lies_behind_the_missing_hour() {
        let night = [hours(Weekday::Saturday, 22 * 60, 2 * 60 + 30)];
        let end = until(&night, "Europe/Vienna", "2026-03-29T00:30:00Z").expect("quiet");
        assert!(end.starts_with("2026-03-29T01:30:00"), "{end}");
        assert_eq!(until(&night, "Europe/Vienna", "2026-03-29T01:30:00Z"), None);
    }

    #[test]
    fn hours_that_touch_are_one() {
        let both = [hours(Weekday::Sunday, 0, 600), hours(Weekday::Sunday, 600, 700)];
        let end = until(&both, "UTC", "2026-11-22T05:00:00Z").expect("quiet");
        assert!(end.starts_with("2026-11-22T11:40:00"), "{end}");
        let always = [hours(Weekday::Sunday, 0, 0)];
        assert!(until(&always, "UTC", "2026-11-22T23:59:59Z").is_some());
    }
}
