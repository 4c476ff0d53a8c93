//! Temperatures, always in degrees Celsius. promise: N-11.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::Error;

/// A temperature as it was measured, in °C. Never infinite, never below absolute zero.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize)]
pub struct Celsius(f64);

impl Celsius {
    /// Absolute zero.
    const MIN: f64 = -273.15;
    /// No room and no weather is hotter; what is, is a broken sensor.
    const MAX: f64 = 200.0;

    /// `None` if no thermometer shows that.
    pub fn new(degrees: f64) -> Option<Self> {
        (Self::MIN..=Self::MAX).contains(&degrees).then_some(Self(degrees))
    }

    /// In °C.
    pub fn degrees(self) -> f64 {
        self.0
    }
}

impl fmt::Display for Celsius {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} °C", self.0)
    }
}

/// What a thermometer beside the sensor shows, in °C: -50 to 50.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize)]
pub struct TrueTemperature(f64);

impl TrueTemperature {
    /// What Netatmo accepts.
    pub const RANGE: std::ops::RangeInclusive<f64> = -50.0..=50.0;

    /// # Errors
    /// Outside of [`TrueTemperature::RANGE`]. promise: N-08.
    pub fn new(degrees: f64) -> Result<Self, Error> {
        let fits = Self::RANGE.contains(&degrees);
        fits.then_some(Self(degrees)).ok_or(Error::Input("a temperature is between -50 and 50 °C"))
    }

    /// In °C.
    pub fn degrees(self) -> f64 {
        self.0
    }
}

/// A number where one should be; anything else counts as not measured.
pub(crate) fn measured<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Celsius>, D::Error> {
    let value = Option::<serde_json::Value>::deserialize(value)?;
    Ok(value.as_ref().and_then(serde_json::Value::as_f64).and_then(Celsius::new))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// promise: N-08. A temperature that Netatmo does not accept cannot be made.
    #[test]
    fn a_true_temperature_is_between_50_below_and_50_above() {
        for degrees in [-50.0, -0.1, 20.5, 50.0] {
            assert_eq!(TrueTemperature::new(degrees).map(TrueTemperature::degrees), Ok(degrees));
        }
        for degrees in [-50.01, 50.01, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(TrueTemperature::new(degrees).is_err(), "{degrees}");
        }
    }

    #[test]
    fn what_no_thermometer_shows_is_not_measured() {
        assert_eq!(Celsius::new(21.26).map(|celsius| celsius.to_string()), Some("21.3 °C".into()));
        for degrees in [-274.0, 1e9, f64::NAN] {
            assert_eq!(Celsius::new(degrees), None, "{degrees}");
        }
    }
}
