//! Wall-clock time as microseconds since 1970, shown as RFC 3339.

use std::{fmt, str::FromStr};

use jiff::Timestamp;

/// A wall-clock time in microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WallTime(i64);

/// Why a text is not a time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time of the form 2026-11-22T14:03:00Z (RFC 3339)")]
pub struct WallTimeError;

impl WallTime {
    /// Microseconds of a day of 24 hours.
    pub const MICROS_A_DAY: i64 = 86_400_000_000;

    /// From microseconds since 1970.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// In microseconds since 1970.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The later by `micros`, which may be negative.
    pub const fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// The time so many days of 24 hours before.
    pub const fn minus_days(self, days: u32) -> Self {
        self.plus_micros((days as i64).saturating_mul(-Self::MICROS_A_DAY))
    }

    /// Microseconds from `earlier` to `self`; negative if it is not earlier.
    pub const fn micros_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    fn timestamp(self) -> Timestamp {
        let bounded =
            self.0.clamp(Timestamp::MIN.as_microsecond(), Timestamp::MAX.as_microsecond());
        Timestamp::from_microsecond(bounded).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl fmt::Display for WallTime {
    /// RFC 3339 in UTC with milliseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.timestamp())
    }
}

impl fmt::Debug for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6}", self.timestamp())
    }
}

impl FromStr for WallTime {
    type Err = WallTimeError;

    fn from_str(text: &str) -> Result<Self, WallTimeError> {
        let timestamp: Timestamp = text.parse().map_err(|_| WallTimeError)?;
        Ok(Self(timestamp.as_microsecond()))
    }
}

impl serde::Serialize for WallTime {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for WallTime {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for WallTime {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{KnownFormat, SchemaFormat, Type};
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .into()
    }
}

impl utoipa::ToSchema for WallTime {}

/// A half-open range of wall-clock time, never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeRange {
    from: WallTime,
    to: WallTime,
}

impl TimeRange {
    /// `None` unless `from` is before `to`.
    pub fn new(from: WallTime, to: WallTime) -> Option<Self> {
        (from < to).then_some(Self { from, to })
    }

    /// First instant inside.
    pub const fn from(self) -> WallTime {
        self.from
    }

    /// First instant after.
    pub const fn to(self) -> WallTime {
        self.to
    }

    /// Length in microseconds, always positive.
    pub const fn micros(self) -> i64 {
        self.to.micros_since(self.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_3339_is_read_with_any_offset_and_shown_in_utc() {
        let time: WallTime = "2026-11-22T15:03:00.250+01:00".parse().expect("a time");
        assert_eq!(time.to_string(), "2026-11-22T14:03:00.250Z");
        assert!("yesterday".parse::<WallTime>().is_err());
    }

    #[test]
    fn any_number_can_be_shown() {
        let _ = WallTime::from_micros(i64::MAX).to_string();
        let _ = WallTime::from_micros(i64::MIN).to_string();
    }
}
