//! One timeline for all tracks of a stream.

/// A point on a stream's timeline, in microseconds.
///
/// The timeline starts at the wall-clock time (microseconds since 1970) of the hub's start and then
/// advances with the monotonic clock, so it never steps; which wall time a point had is kept beside
/// each segment. Microseconds hold every video clock exactly enough (90 kHz ticks are 11.1 us).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MediaTime(i64);

impl MediaTime {
    /// From microseconds.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// In microseconds.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// In units of `1/timescale` s, rounded to the nearest.
    pub fn to_scale(self, timescale: u32) -> i64 {
        let scaled = i128::from(self.0) * i128::from(timescale);
        let rounded = (scaled + 500_000).div_euclid(1_000_000);
        i64::try_from(rounded).unwrap_or(if rounded < 0 { i64::MIN } else { i64::MAX })
    }

    /// From units of `1/timescale` s, rounded to the nearest. A timescale of 0 counts as 1.
    pub fn from_scale(value: i64, timescale: u32) -> Self {
        let scale = i128::from(timescale.max(1));
        let micros = (i128::from(value) * 1_000_000 + scale / 2).div_euclid(scale);
        Self(i64::try_from(micros).unwrap_or(if micros < 0 { i64::MIN } else { i64::MAX }))
    }

    /// The later by `micros`, which may be negative.
    pub const fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// Microseconds from `earlier` to `self`; negative if it is not earlier.
    pub const fn micros_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaling_there_and_back_loses_less_than_a_tick() {
        for ticks in [0, 1, 6_006, 90_000, 158_000_000_123_456] {
            assert_eq!(MediaTime::from_scale(ticks, 90_000).to_scale(90_000), ticks);
        }
    }
}
