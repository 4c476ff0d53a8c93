//! Reading what cameras say, which they do not always say the same way. promise: K-03.
//!
//! Pure. Unknown fields are tolerated; a field of the wrong kind is an error where it is needed and
//! absent where it is not.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    ClockTime, Error, NightVision, Position, Resolution, Rotation, Sensitivity, TimeZone,
    TriggerTime,
};

/// Entries of a list or fields of an object that are read; a day of detections is a few hundred.
const ENTRIES_MAX: usize = 10_000;

/// An answer that can be read.
pub(crate) trait Answered: Sized {
    /// Reads it.
    fn read(answer: Map<String, Value>) -> Result<Self, Error>;
}

/// What a camera says beyond what is known of it, as it came.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Details(pub Map<String, Value>);

impl Answered for Details {
    fn read(answer: Map<String, Value>) -> Result<Self, Error> {
        details(answer)
    }
}

/// Everything but the code, which is known to be 0.
pub(crate) fn details(mut answer: Map<String, Value>) -> Result<Details, Error> {
    answer.remove("err_code");
    if answer.len() > ENTRIES_MAX {
        return Err(Error::Malformed("it has too many fields"));
    }
    Ok(Details(answer))
}

/// A field that is text.
pub(crate) fn text(answer: &Map<String, Value>, name: &str) -> Option<String> {
    answer.get(name).and_then(Value::as_str).map(str::to_owned)
}

/// A field that is a whole number, also one written as text.
pub(crate) fn integer(answer: &Map<String, Value>, name: &str) -> Option<i64> {
    match answer.get(name)? {
        Value::Number(number) => number.as_i64(),
        Value::String(digits) => digits.parse().ok(),
        _ => None,
    }
}

/// A field that is a list of objects.
pub(crate) fn list(
    answer: &mut Map<String, Value>,
    name: &str,
) -> Result<Vec<Map<String, Value>>, Error> {
    let Some(Value::Array(entries)) = answer.remove(name) else {
        return Err(Error::Malformed("the list is missing"));
    };
    if entries.len() > ENTRIES_MAX {
        return Err(Error::Malformed("the list is too long"));
    }
    let object = |entry| match entry {
        Value::Object(entry) => Ok(entry),
        _ => Err(Error::Malformed("an entry of the list is no object")),
    };
    entries.into_iter().map(object).collect()
}

/// `"on"`, `true` or 1, and their opposites.
pub(crate) fn on_off(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(is_on) => Some(*is_on),
        Value::String(word) if word == "on" => Some(true),
        Value::String(word) if word == "off" => Some(false),
        Value::Number(number) => match number.as_i64() {
            Some(1) => Some(true),
            Some(0) => Some(false),
            _ => None,
        },
        _ => None,
    }
}

impl Answered for bool {
    fn read(answer: Map<String, Value>) -> Result<Self, Error> {
        // "Do not disturb" calls it `enable`.
        let value = answer.get("value").or_else(|| answer.get("enable"));
        value.and_then(on_off).ok_or(Error::Malformed("it says neither on nor off"))
    }
}

fn word<T>(answer: &Map<String, Value>, read: impl Fn(&str) -> Option<T>) -> Result<T, Error> {
    let word = answer.get("value").and_then(Value::as_str);
    word.and_then(read).ok_or(Error::Malformed("its value is not a known one"))
}

impl Answered for Sensitivity {
    fn read(answer: Map<String, Value>) -> Result<Self, Error> {
        word(&answer, Self::from_word)
    }
}

impl Answered for Resolution {
    fn read(answer: Map<String, Value>) -> Result<Self, Error> {
        word(&answer, Self::from_word)
    }
}

impl Answered for NightVision {
    fn read(answer: Map<String, Value>) -> Result<Self, Error> {
        word(&answer, Self::from_word)
    }
}

fn natural(answer: &Map<String, Value>, name: &str) -> Result<u64, Error> {
    let number = integer(answer, name).and_then(|number| u64::try_from(number).ok());
    number.ok_or(Error::Malformed("a number is missing"))
}

impl Answered for Rotation {
    fn read(answer: Map<String, Value>) -> Result<Self, Error> {
        Self::from_degrees(natural(&answer, "value")?).map_err(|error| Error::Malformed(error.0))
    }
}

impl Answered for TriggerTime {
    fn read(answer: Map<String, Value>) -> Result<Self, Error> {
        let (day, night) =
            (natural(&answer, "day_mode_value")?, natural(&answer, "night_mode_value")?);
        Self::new(day, night).map_err(|error| Error::Malformed(error.0))
    }
}

impl Answered for ClockTime {
    fn read(answer: Map<String, Value>) -> Result<Self, Error> {
        let seconds = natural(&answer, "epoch_sec")?;
        Self::from_epoch_seconds(seconds).map_err(|error| Error::Malformed(error.0))
    }
}

impl Answered for TimeZone {
    fn read(answer: Map<String, Value>) -> Result<Self, Error> {
        let missing = Error::Malformed("the time zone is missing");
        let (Some(offset), Some(area)) = (text(&answer, "timezone"), text(&answer, "area")) else {
            return Err(missing);
        };
        Self::new(&offset, &area).map_err(|error| Error::Malformed(error.0))
    }
}

impl Answered for Position {
    fn read(answer: Map<String, Value>) -> Result<Self, Error> {
        let coordinate = |name| {
            integer(&answer, name)
                .and_then(|number| i16::try_from(number).ok())
                .ok_or(Error::Malformed("a coordinate is missing"))
        };
        Ok(Self { x: coordinate("x")?, y: coordinate("y")? })
    }
}
