//! Times as people say them, by the clocks of the house.

use hearth_model::{TimeRange, WallTime};

use crate::{Clock, Hours, When};

/// `today at 14:03`, `yesterday at 22:10`, `on Monday 16 November at 08:02`.
pub fn say_clock_time(at: WallTime, clock: &Clock) -> String {
    format!("{} at {}", say_day(at, clock), hour_and_minute(at, clock))
}

/// `14:03`.
pub(crate) fn hour_and_minute(at: WallTime, clock: &Clock) -> String {
    let local = clock.local(at);
    format!("{:02}:{:02}", local.hour(), local.minute())
}

/// `today`, `yesterday`, `on Monday 16 November`, with the year if it is another one.
pub(crate) fn say_day(at: WallTime, clock: &Clock) -> String {
    let (day, today) = (clock.local(at).date(), clock.today());
    if day == today {
        return "today".to_owned();
    }
    if today.yesterday().is_ok_and(|yesterday| yesterday == day) {
        return "yesterday".to_owned();
    }
    let form = if day.year() == today.year() { "on %A %-d %B" } else { "on %A %-d %B %Y" };
    day.strftime(form).to_string()
}

/// A stretch of time: `yesterday`, `from yesterday at 20:00 to today at 06:00`.
pub fn say_range(range: TimeRange, clock: &Clock) -> String {
    let (from, to) = (range.from(), range.to());
    let day = clock.local(from).date();
    let begins = clock.start_of(day) == from;
    if begins && day.tomorrow().is_ok_and(|next| clock.start_of(next) == to) {
        return say_day(from, clock);
    }
    if from.as_micros() <= 0 {
        return format!("before {}", bare(&say_clock_time(to, clock)));
    }
    let since = if begins { say_day(from, clock) } else { say_clock_time(from, clock) };
    if to == clock.now() {
        return format!("since {}", bare(&since));
    }
    let last = clock.local(to.plus_micros(-1)).date();
    let ends = last.tomorrow().is_ok_and(|next| clock.start_of(next) == to);
    let until = match ends && begins {
        true => say_day(to.plus_micros(-1), clock),
        false => say_clock_time(to, clock),
    };
    format!("from {} to {}", bare(&since), bare(&until))
}

/// What was said of when, for the end of a sentence; empty if nothing was.
pub(crate) fn say_when(when: &When, clock: &Clock) -> String {
    let range = when.span.and_then(|span| TimeRange::new(span.from, span.to));
    let range = range.map(|range| format!(" {}", say_range(range, clock)));
    let hours = when.hours.map(|hours| format!(" between {}", say_hours(hours)));
    format!("{}{}", hours.unwrap_or_default(), range.unwrap_or_default())
}

fn say_hours(hours: Hours) -> String {
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    format!("{} and {}", clock(hours.from), clock(hours.to))
}

/// `how long` in words: seconds, minutes, hours.
pub(crate) fn say_seconds(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

fn bare(said: &str) -> &str {
    said.strip_prefix("on ").unwrap_or(said)
}
