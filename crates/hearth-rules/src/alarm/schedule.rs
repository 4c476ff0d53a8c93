//! When the mode changes by itself.

use hearth_model::{WallTime, Weekday};
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};

use crate::{Mode, TimeOfDay, hours::weekday};

/// A change that is later than this is not made up for, but told: nobody wants the house to be
/// disarmed by what was due before the hub was down for the night.
const LATE_MICROS_MAX: i64 = 5 * 60 * 1_000_000;

/// A weekly change was due within this time.
const LOOK_BACK_DAYS: i64 = 8;

/// The mode is set at a time of day.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ModeChange {
    /// When, by the clocks of the house. A time that they skip is when they go on; one that they
    /// repeat is the first.
    #[schema(value_type = String, example = "22:30")]
    pub at: TimeOfDay,
    /// On which days; empty means on all.
    #[serde(default)]
    pub days: Vec<Weekday>,
    /// To which mode.
    pub mode: Mode,
}

/// The newest change that was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) mode: Mode,
    pub(super) at: WallTime,
    pub(super) is_late: bool,
}

/// What was due after one time and up to another. Only the newest matters.
pub(super) fn due(
    schedule: &[ModeChange],
    zone: &TimeZone,
    after: WallTime,
    now: WallTime,
) -> Option<Due> {
    let after = after.max(now.plus_micros(-LOOK_BACK_DAYS * 86_400_000_000));
    let date = |at: WallTime| {
        let at = Timestamp::from_microsecond(at.as_micros()).ok()?;
        Some(zone.to_datetime(at).date())
    };
    // A time that the clocks skip may be due on the day after its own.
    let first = date(after)?.checked_sub(1.day()).ok()?;
    let last = date(now)?;
    let days = first.series(1.day()).take_while(|day| *day <= last);
    let newest = days
        .flat_map(|day| schedule.iter().map(move |change| (day, change)))
        .filter(|(day, change)| {
            change.days.is_empty() || change.days.contains(&weekday(day.weekday()))
        })
        .filter_map(|(day, change)| {
            let at = WallTime::from_micros(change.at.on(day, zone)?.as_microsecond());
            (at > after && at <= now).then_some((at, change.mode))
        })
        .max_by_key(|(at, _)| *at)?;
    let (at, mode) = newest;
    Some(Due { mode, at, is_late: now.micros_since(at) > LATE_MICROS_MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> WallTime {
        text.parse().expect("a time")
    }

    #[test]
    fn a_change_is_due_once_by_the_clocks_of_the_house() {
        let zone = TimeZone::get("Europe/Berlin").expect("known");
        let change = |time: &str, mode| ModeChange {
            at: time.parse().expect("a time of day"),
            days: Vec::new(),
            mode,
        };
        let schedule = [change("22:30", Mode::Night), change("06:30", Mode::Disarmed)];
        let due = |after: &str, now: &str| {
            due(&schedule, &zone, at(after), at(now)).map(|due| (due.mode, due.is_late))
        };
        let noon = "2026-11-22T12:00:00Z";
        assert_eq!(due(noon, "2026-11-22T21:29:59Z"), None);
        assert_eq!(due(noon, "2026-11-22T21:30:00Z"), Some((Mode::Night, false)));
        assert_eq!(due("2026-11-22T21:30:00Z", "2026-11-22T21:31:00Z"), None);
        assert_eq!(due(noon, "2026-11-23T05:35:00Z"), Some((Mode::Disarmed, false)));
        assert_eq!(due(noon, "2026-11-23T05:35:01Z"), Some((Mode::Disarmed, true)));
        // After years.
        assert_eq!(due("1971-01-01T00:00:00Z", noon), Some((Mode::Disarmed, true)));
    }
}
