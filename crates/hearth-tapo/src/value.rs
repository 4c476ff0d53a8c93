//! Values with their units and ranges, and how leniently they are read.
//!
//! What is sent can only be built inside its range (K-02); what is received may be a number or a
//! number in quotes, because firmware differs.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer};

/// A value that may not be sent. Nothing was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be {allowed}")]
pub struct OutOfRange {
    /// The value.
    pub what: &'static str,
    /// What would be right.
    pub allowed: &'static str,
}

impl OutOfRange {
    pub(crate) const fn new(what: &'static str, allowed: &'static str) -> Self {
        Self { what, allowed }
    }
}

/// On or off, `"on"` and `"off"` on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

impl Switch {
    /// Whether it is on.
    pub const fn is_on(self) -> bool {
        matches!(self, Self::On)
    }

    pub(crate) const fn word(self) -> &'static str {
        if self.is_on() { "on" } else { "off" }
    }
}

impl From<bool> for Switch {
    fn from(on: bool) -> Self {
        if on { Self::On } else { Self::Off }
    }
}

impl<'de> Deserialize<'de> for Switch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Scalar::deserialize(deserializer)? {
            Scalar::Text(text) => match text.as_str() {
                "on" | "1" | "true" => Ok(Self::On),
                "off" | "0" | "false" => Ok(Self::Off),
                _ => Err(serde::de::Error::custom("neither on nor off")),
            },
            Scalar::Flag(on) => Ok(on.into()),
            Scalar::Number(number) => match number.as_i64() {
                Some(1) => Ok(Self::On),
                Some(0) => Ok(Self::Off),
                _ => Err(serde::de::Error::custom("neither on nor off")),
            },
        }
    }
}

/// 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Percent(u8);

impl Percent {
    /// Refuses more than 100.
    pub const fn new(value: u8) -> Result<Self, OutOfRange> {
        if value <= 100 {
            Ok(Self(value))
        } else {
            Err(OutOfRange::new("a percentage", "between 0 and 100"))
        }
    }

    /// The number.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value: u8 = lenient(deserializer)?;
        Self::new(value).map_err(serde::de::Error::custom)
    }
}

/// Low, medium or high.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Low.
    Low,
    /// Medium; some firmware says "normal".
    Medium,
    /// High.
    High,
}

impl Level {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// The level that the vendor's scale gives to a percentage: up to 20 low, up to 50 medium.
    pub const fn of(percent: Percent) -> Self {
        match percent.get() {
            0..=20 => Self::Low,
            21..=50 => Self::Medium,
            _ => Self::High,
        }
    }

    /// The percentage that stands for the level: 20, 50, 80.
    pub const fn percent(self) -> Percent {
        Percent(match self {
            Self::Low => 20,
            Self::Medium => 50,
            Self::High => 80,
        })
    }
}

impl<'de> Deserialize<'de> for Level {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "low" => Ok(Self::Low),
            "medium" | "normal" => Ok(Self::Medium),
            "high" => Ok(Self::High),
            _ => Err(serde::de::Error::custom("no level")),
        }
    }
}

/// A time of the device's clock in seconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct UnixSeconds(pub u64);

impl<'de> Deserialize<'de> for UnixSeconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient(deserializer).map(Self)
    }
}

/// A duration in minutes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Minutes(pub u32);

impl<'de> Deserialize<'de> for Minutes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient(deserializer).map(Self)
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Flag(bool),
    Number(serde_json::Number),
    Text(String),
}

/// Reads a number that may stand in quotes.
pub(crate) fn lenient<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr,
    T::Err: fmt::Display,
{
    let text = match Scalar::deserialize(deserializer)? {
        Scalar::Text(text) => text,
        Scalar::Number(number) => number.to_string(),
        Scalar::Flag(_) => return Err(serde::de::Error::custom("a number was expected")),
    };
    text.trim().parse().map_err(serde::de::Error::custom)
}

/// Reads an optional number that may stand in quotes; empty text is none.
pub(crate) fn lenient_option<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr,
    T::Err: fmt::Display,
{
    let text = match Option::<Scalar>::deserialize(deserializer)? {
        None => return Ok(None),
        Some(Scalar::Text(text)) if text.trim().is_empty() => return Ok(None),
        Some(Scalar::Text(text)) => text,
        Some(Scalar::Number(number)) => number.to_string(),
        Some(Scalar::Flag(_)) => return Err(serde::de::Error::custom("a number was expected")),
    };
    text.trim().parse().map(Some).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// promise: K-02. A percentage above 100 cannot be built, so it cannot be sent.
    #[test]
    fn a_percentage_ends_at_one_hundred() {
        assert_eq!(Percent::new(100).map(Percent::get), Ok(100));
        let refused = Percent::new(101).expect_err("too much");
        assert_eq!(refused.to_string(), "a percentage must be between 0 and 100");
    }

    #[test]
    fn numbers_are_read_with_and_without_quotes() {
        for text in ["60", "\"60\"", "\" 60 \""] {
            let percent: Percent = serde_json::from_str(text).expect("a percentage");
            assert_eq!(percent.get(), 60);
        }
        for text in ["101", "\"-1\"", "true", "\"x\"", "1.5", "[]"] {
            assert!(serde_json::from_str::<Percent>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn switches_are_read_in_every_spelling_that_firmware_has() {
        for text in ["\"on\"", "1", "\"1\"", "true"] {
            assert_eq!(serde_json::from_str::<Switch>(text).ok(), Some(Switch::On));
        }
        for text in ["\"off\"", "0", "\"0\"", "false"] {
            assert_eq!(serde_json::from_str::<Switch>(text).ok(), Some(Switch::Off));
        }
        assert!(serde_json::from_str::<Switch>("\"maybe\"").is_err());
    }
}
