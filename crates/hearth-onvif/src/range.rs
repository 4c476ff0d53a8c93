//! Numbers with limits: what a device can do, and whether a value is within it (promise K-02).

use serde::Serialize;

use crate::{AnswerError, xml::Element};

/// A value that is not sent because the device cannot do it.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("{what} must be from {min} to {max}", min = range.min, max = range.max)]
pub struct OutOfRange {
    /// What the value is for.
    pub what: &'static str,
    /// What the device can do.
    pub range: Range,
}

/// From `min` to `max`, both included and finite.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Range {
    /// The least.
    pub min: f32,
    /// The most.
    pub max: f32,
}

impl Range {
    /// The generic spaces of PTZ (ONVIF PTZ, 5.7): positions, translations and speeds of pan and tilt.
    pub const SIGNED: Self = Self { min: -1.0, max: 1.0 };
    /// The generic space of zoom positions.
    pub const UNSIGNED: Self = Self { min: 0.0, max: 1.0 };

    /// The value if it is inside.
    ///
    /// # Errors
    /// If it is not, or not a number.
    pub fn check(self, what: &'static str, value: f32) -> Result<f32, OutOfRange> {
        let is_inside = value >= self.min && value <= self.max;
        if is_inside { Ok(value) } else { Err(OutOfRange { what, range: self }) }
    }

    /// Reads an element with `Min` and `Max`.
    pub(crate) fn read(element: &Element) -> Result<Self, AnswerError> {
        let (min, max) =
            (element.need_parsed::<f32>(&["Min"])?, element.need_parsed::<f32>(&["Max"])?);
        if min.is_finite() && max.is_finite() && min <= max {
            Ok(Self { min, max })
        } else {
            Err(AnswerError::Malformed("a range"))
        }
    }
}

/// A number of the device's that must be finite.
pub(crate) fn finite(element: &Element, name: &'static str) -> Result<f32, AnswerError> {
    let text = element.attribute(name).ok_or(AnswerError::Missing(name))?;
    let number = text.parse::<f32>().map_err(|_| AnswerError::Malformed(name))?;
    if number.is_finite() { Ok(number) } else { Err(AnswerError::Malformed(name)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// promise: K-02. Nothing outside the limits, and nothing that is no number, is a value.
    #[test]
    fn only_what_is_inside_passes() {
        for value in [-1.0, 0.0, 1.0] {
            assert_eq!(Range::SIGNED.check("speed", value), Ok(value));
        }
        for value in [-1.001, 1.001, f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let error = Range::SIGNED.check("speed", value).expect_err("outside");
            assert_eq!(error.to_string(), "speed must be from -1 to 1");
        }
    }
}
