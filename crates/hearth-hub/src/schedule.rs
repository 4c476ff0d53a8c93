//! Which recording mode a camera's schedule asks for now, by the house's local time.

use hearth_auth::Hours;
use hearth_model::{RecordMode, RecordSchedule, WallTime, Weekday};
use jiff::{Timestamp, tz::TimeZone};

/// The mode in force at a wall time.
pub(crate) fn mode_at(schedule: &RecordSchedule, zone: &TimeZone, at: WallTime) -> RecordMode {
    let Some((day, minute, _)) = local(zone, at) else { return schedule.usual };
    schedule.mode_at(day, minute)
}

/// When the hours of a token end that last at a wall time; `None` outside of them.
pub(crate) fn end_of_hours(hours: &Hours, zone: &TimeZone, at: WallTime) -> Option<WallTime> {
    let (day, minute, micros) = local(zone, at)?;
    let left = i64::from(hours.left_at(day, minute)?) * 60_000_000;
    Some(at.plus_micros(left - micros))
}

/// Weekday, minute of the day, and microseconds into that minute.
fn local(zone: &TimeZone, at: WallTime) -> Option<(Weekday, u16, i64)> {
    let local = zone.to_datetime(Timestamp::from_microsecond(at.as_micros()).ok()?);
    let minute =
        u16::from(local.hour().unsigned_abs()) * 60 + u16::from(local.minute().unsigned_abs());
    Some((weekday(local.weekday()), minute, at.as_micros().rem_euclid(60_000_000)))
}

fn weekday(day: jiff::civil::Weekday) -> Weekday {
    use jiff::civil::Weekday as Civil;
    match day {
        Civil::Monday => Weekday::Monday,
        Civil::Tuesday => Weekday::Tuesday,
        Civil::Wednesday => Weekday::Wednesday,
        Civil::Thursday => Weekday::Thursday,
        Civil::Friday => Weekday::Friday,
        Civil::Saturday => Weekday::Saturday,
        Civil::Sunday => Weekday::Sunday,
    }
}

#[cfg(test)]
mod tests {
    use hearth_model::ScheduleRule;

    use super::*;

    #[test]
    fn the_house_and_not_the_machine_decides_what_night_is() {
        let night = ScheduleRule {
            days: vec![Weekday::Sunday],
            from_minute: 22 * 60,
            to_minute: 6 * 60,
            mode: RecordMode::Continuous,
        };
        let schedule = RecordSchedule { usual: RecordMode::Event, rules: vec![night] };
        let fixed = |hours| TimeZone::fixed(jiff::tz::Offset::constant(hours));
        // A Sunday.
        let at: WallTime = "2026-11-22T21:30:00Z".parse().expect("a time");
        assert_eq!(mode_at(&schedule, &fixed(0), at), RecordMode::Event);
        assert_eq!(mode_at(&schedule, &fixed(1), at), RecordMode::Continuous);
    }
}
