//! Numbers as the kernel writes them, and what they mean. Pure.

use serde::Serialize;

use crate::CaptureError;

/// A value that was measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "quantity", content = "value", rename_all = "snake_case")]
pub enum Reading {
    /// Temperature in degrees Celsius.
    TemperatureCelsius(f32),
    /// Relative humidity in percent.
    HumidityPercent(f32),
    /// Air pressure in hectopascals.
    PressureHectopascal(f32),
}

/// What a DS18B20 says when it was just powered and measured nothing (data sheet, register map).
const POWER_ON_MILLIDEGREES: i64 = 85_000;

fn milli(text: &str, what: &'static str) -> Result<i64, CaptureError> {
    text.trim().parse().map_err(|_| CaptureError::Malformed(what))
}

fn within(value: f32, min: f32, max: f32, what: &'static str) -> Result<f32, CaptureError> {
    if (min..=max).contains(&value) { Ok(value) } else { Err(CaptureError::Malformed(what)) }
}

/// `in_temp_input`: thousandths of a degree. The sensors measure from -40 to 85.
///
/// # Errors
/// If it is no number, or outside.
pub fn iio_temperature(text: &str) -> Result<Reading, CaptureError> {
    let what = "the temperature";
    let degrees = milli(text, what)? as f32 / 1_000.0;
    Ok(Reading::TemperatureCelsius(within(degrees, -40.0, 85.0, what)?))
}

/// `in_humidityrelative_input`: thousandths of a percent.
///
/// # Errors
/// If it is no number, or outside of 0 to 100 %.
pub fn iio_humidity(text: &str) -> Result<Reading, CaptureError> {
    let what = "the humidity";
    let percent = milli(text, what)? as f32 / 1_000.0;
    Ok(Reading::HumidityPercent(within(percent, 0.0, 100.0, what)?))
}

/// `in_pressure_input`: kilopascals with a fraction. The sensor measures from 300 to 1100 hPa.
///
/// # Errors
/// If it is no number, or outside.
pub fn iio_pressure(text: &str) -> Result<Reading, CaptureError> {
    let what = "the pressure";
    let kilopascals: f32 = text.trim().parse().map_err(|_| CaptureError::Malformed(what))?;
    Ok(Reading::PressureHectopascal(within(kilopascals * 10.0, 300.0, 1_100.0, what)?))
}

/// `temperature` of a DS18B20: thousandths of a degree. The sensor measures from -55 to 125.
///
/// # Errors
/// If it is no number, outside, or what the sensor says before it measured.
pub fn w1_temperature(text: &str) -> Result<Reading, CaptureError> {
    let what = "the temperature";
    let millidegrees = milli(text, what)?;
    if millidegrees == POWER_ON_MILLIDEGREES {
        return Err(CaptureError::Malformed(what));
    }
    Ok(Reading::TemperatureCelsius(within(millidegrees as f32 / 1_000.0, -55.0, 125.0, what)?))
}

/// `w1_slave`: two lines; the first ends with `YES` if the checksum was right, the second holds
/// `t=` and thousandths of a degree.
///
/// # Errors
/// As above, or if the checksum was wrong.
pub fn w1_slave(text: &str) -> Result<Reading, CaptureError> {
    let (first, second) = text.split_once('\n').ok_or(CaptureError::Malformed("w1_slave"))?;
    if !first.trim_end().ends_with("YES") {
        return Err(CaptureError::Malformed("the checksum"));
    }
    let (_, number) = second.rsplit_once("t=").ok_or(CaptureError::Malformed("w1_slave"))?;
    w1_temperature(number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: &str =
        "72 01 4b 46 7f ff 0e 10 57 : crc=57 YES\n72 01 4b 46 7f ff 0e 10 57 t=23125\n";

    #[test]
    fn what_the_kernel_writes_is_understood() {
        assert_eq!(iio_temperature("21400\n").ok(), Some(Reading::TemperatureCelsius(21.4)));
        assert_eq!(iio_humidity("53000\n").ok(), Some(Reading::HumidityPercent(53.0)));
        let pressure = iio_pressure("101.325000000\n").expect("a number");
        assert!(
            matches!(pressure, Reading::PressureHectopascal(one) if (one - 1013.25).abs() < 0.01)
        );
        assert_eq!(w1_slave(GOOD).ok(), Some(Reading::TemperatureCelsius(23.125)));
        assert_eq!(w1_temperature("-10125").ok(), Some(Reading::TemperatureCelsius(-10.125)));
    }

    /// promise: K-03. A loose cable is an error, not a temperature.
    #[test]
    fn what_cannot_be_measured_is_an_error() {
        assert!(w1_slave(&GOOD.replace("YES", "NO")).is_err());
        assert!(w1_temperature("85000").is_err());
        assert!(w1_temperature("-127000").is_err());
        assert!(iio_temperature("120000").is_err());
        assert!(iio_humidity("100001").is_err());
        assert!(iio_pressure("NaN").is_err());
        assert!(iio_pressure("0").is_err());
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in "([0-9.-]|t=|YES|NO|\n| |\\PC){0,30}") {
            for parse in [iio_temperature, iio_humidity, iio_pressure, w1_temperature, w1_slave] {
                if let Ok(reading) = parse(&text) {
                    let (Reading::TemperatureCelsius(value)
                    | Reading::HumidityPercent(value)
                    | Reading::PressureHectopascal(value)) = reading;
                    prop_assert!(value.is_finite());
                }
            }
        }
    }
}
