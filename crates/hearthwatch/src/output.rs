//! What commands print: JSON for programs, aligned columns for people.

use std::io::{self, Write};

use hearth_model::WallTime;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;

/// Prints one line; a closed pipe is an error, not a panic.
pub(crate) fn line(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", printable(text))?;
    out.flush()
}

/// Prints one JSON value on one line.
pub(crate) fn json(value: &impl serde::Serialize) -> io::Result<()> {
    let text = serde_json::to_string(value).map_err(io::Error::other)?;
    line(&text)
}

/// Prints a JSON value for people: one line for each field, lists indented below their name.
pub(crate) fn value(value: &Value) -> io::Result<()> {
    lines_of(value, 0).iter().try_for_each(|text| line(text))
}

fn lines_of(value: &Value, depth: usize) -> Vec<String> {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| {
                let mut below = lines_of(value, depth + 1);
                if matches!(value, Value::Object(_) | Value::Array(_)) {
                    below.insert(0, format!("{indent}{name}:"));
                    below
                } else {
                    let text = below.pop().unwrap_or_default();
                    vec![format!("{indent}{name}: {}", text.trim_start())]
                }
            };
            // What is not known is not shown.
            fields.iter().filter(|(_, value)| !value.is_null()).flat_map(field).collect()
        }
        Value::Array(entries) => entries
            .iter()
            .flat_map(|entry| {
                let mut below = lines_of(entry, depth + 1);
                if let Some(first) = below.first_mut() {
                    *first = format!("{indent}- {}", first.trim_start());
                }
                below
            })
            .collect(),
        // A line break of a device's must not look like a line of ours.
        Value::String(text) => vec![format!("{indent}{}", text.replace('\n', " "))],
        other => vec![format!("{indent}{other}")],
    }
}

/// Control characters of names or devices must not steer the terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

/// Columns with a head, each as wide as its widest cell.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
    let cells = |row: &[String], column: usize| row.get(column).map_or(0, |cell| width(cell));
    let widths: Vec<usize> = head
        .iter()
        .enumerate()
        .map(|(column, name)| {
            rows.iter().map(|row| cells(row, column)).fold(width(name), usize::max)
        })
        .collect();
    let head: Vec<String> = head.iter().map(|name| (*name).to_owned()).collect();
    for row in std::iter::once(&head).chain(rows) {
        let padded = row.iter().zip(&widths).map(|(cell, wide)| {
            let gap = wide.saturating_sub(width(cell));
            format!("{cell}{:gap$}", "")
        });
        line(padded.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// A time as people here read it.
pub(crate) fn time(time: WallTime) -> String {
    let timestamp = Timestamp::from_microsecond(time.as_micros()).unwrap_or(Timestamp::UNIX_EPOCH);
    timestamp.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A length of time, two units at most.
pub(crate) fn duration(seconds: f64) -> String {
    let whole = seconds.max(0.0) as u64;
    let (days, hours, minutes) = (whole / 86_400, whole / 3600 % 24, whole / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{} s", whole),
        (0, 0, _) => format!("{minutes} min {} s", whole % 60),
        (0, ..) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}

/// A size in the largest unit that gives a number above one.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [(&str, u64); 4] =
        [("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    UNITS.iter().find(|(_, size)| count >= *size).map_or_else(
        || format!("{count} B"),
        |(unit, size)| format!("{:.1} {unit}", count as f64 / *size as f64),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_sizes_are_short() {
        assert_eq!(duration(59.9), "59 s");
        assert_eq!(duration(61.0), "1 min 1 s");
        assert_eq!(duration(7_260.0), "2 h 1 min");
        assert_eq!(duration(90_000.0), "1 d 1 h");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1_500_000), "1.5 MB");
    }

    #[test]
    fn an_answer_is_shown_field_by_field() {
        let answer = serde_json::json!({
            "name": "a\nb", "on": true, "unknown": null,
            "list": [{ "x": 1, "y": 2 }, 7], "inner": { "deep": 0.5 },
        });
        let expected = [
            "inner:",
            "  deep: 0.5",
            "list:",
            "  - x: 1",
            "    y: 2",
            "  - 7",
            "name: a b",
            "on: true",
        ];
        assert_eq!(lines_of(&answer, 0), expected);
    }

    #[test]
    fn a_name_cannot_steer_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb"), "a\u{fffd}[2Jb");
    }
}
