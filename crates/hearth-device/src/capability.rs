//! What a device can do and what it measures, as data: whoever shows it needs to know no protocol.

use std::borrow::Cow;

use hearth_model::WallTime;
use serde_json::Value;

use crate::{DeviceError, Fingerprint};

/// Longest text of a choice.
const TEXT_CHARS_MAX: usize = 64;

/// Something that can be set or done.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct Control {
    /// By which it is named.
    #[schema(value_type = String)]
    pub key: Cow<'static, str>,
    /// What it takes.
    #[serde(flatten)]
    pub kind: ControlKind,
    /// As the device said last; absent or null if it did not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<ControlValue>,
    /// When it said so.
    pub as_of: Option<WallTime>,
    /// Whether people should be asked twice.
    pub sensitive: bool,
}

/// What a control takes.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ControlKind {
    /// On or off.
    Toggle,
    /// A number.
    Level {
        /// The least.
        min: f64,
        /// The most.
        max: f64,
        /// The distance between two settings.
        step: f64,
        /// Of what.
        unit: Unit,
    },
    /// One of some words.
    Choice {
        /// The words.
        options: Vec<String>,
    },
    /// It happens once; it has no value.
    Action,
}

/// What a control is set to.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum ControlValue {
    /// On or off.
    Switch(bool),
    /// A number.
    Number(f64),
    /// A word.
    Word(String),
}

impl ControlValue {
    /// On or off, if it is that.
    pub fn switch(&self) -> Option<bool> {
        match self {
            Self::Switch(on) => Some(*on),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The word, if it is one.
    pub fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            _ => None,
        }
    }
}

impl std::fmt::Display for ControlValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Switch(true) => f.write_str("on"),
            Self::Switch(false) => f.write_str("off"),
            Self::Number(number) => number.fmt(f),
            Self::Word(word) => f.write_str(word),
        }
    }
}

impl Control {
    /// On or off.
    pub fn toggle(key: &'static str, value: Option<bool>) -> Self {
        Self::of(key, ControlKind::Toggle, value.map(ControlValue::Switch))
    }

    /// 0 to 100.
    pub fn percent(key: &'static str, value: Option<f64>) -> Self {
        let kind = ControlKind::Level { min: 0.0, max: 100.0, step: 1.0, unit: Unit::Percent };
        Self::of(key, kind, value.map(ControlValue::Number))
    }

    /// One of some words.
    pub fn choice(key: &'static str, options: Vec<String>, value: Option<String>) -> Self {
        Self::of(key, ControlKind::Choice { options }, value.map(ControlValue::Word))
    }

    /// Something that happens once.
    pub fn action(key: &'static str) -> Self {
        Self::of(key, ControlKind::Action, None)
    }

    /// Any control.
    pub fn of(key: &'static str, kind: ControlKind, value: Option<ControlValue>) -> Self {
        Self { key: Cow::Borrowed(key), kind, value, as_of: None, sensitive: false }
    }

    /// The same, for which people are asked twice.
    #[must_use]
    pub fn sensitive(self) -> Self {
        Self { sensitive: true, ..self }
    }

    /// Whether a value may be sent. Nothing that fails here ever becomes a request (promise K-02).
    ///
    /// # Errors
    /// [`DeviceError::OutOfRange`]; [`DeviceError::NoSuchControl`] for an action.
    pub fn check(&self, value: &ControlValue) -> Result<(), DeviceError> {
        let fits = match (&self.kind, value) {
            (ControlKind::Action, _) => return Err(DeviceError::NoSuchControl),
            (ControlKind::Toggle, ControlValue::Switch(_)) => true,
            (ControlKind::Level { min, max, .. }, ControlValue::Number(number)) => {
                number.is_finite() && (*min..=*max).contains(number)
            }
            (ControlKind::Choice { options }, ControlValue::Word(word)) => {
                word.chars().count() <= TEXT_CHARS_MAX && options.contains(word)
            }
            _ => false,
        };
        fits.then_some(()).ok_or_else(|| DeviceError::OutOfRange(self.allowed()))
    }

    /// What would be right, in words.
    fn allowed(&self) -> String {
        match &self.kind {
            ControlKind::Toggle => format!("{} is true or false", self.key),
            ControlKind::Level { min, max, .. } => {
                format!("{} is a number from {min} to {max}", self.key)
            }
            ControlKind::Choice { options } => {
                format!("{} is one of: {}", self.key, options.join(", "))
            }
            ControlKind::Action => format!("{} is done, not set", self.key),
        }
    }
}

/// Something measured.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct Reading {
    /// What.
    #[schema(value_type = String)]
    pub key: Cow<'static, str>,
    /// In which unit.
    pub unit: Unit,
    /// How much.
    pub value: f64,
    /// When the device said so.
    pub as_of: Option<WallTime>,
}

impl Reading {
    /// A reading that the device just gave.
    pub fn new(key: &'static str, unit: Unit, value: f64) -> Self {
        Self { key: Cow::Borrowed(key), unit, value, as_of: None }
    }
}

/// Units.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Power.
    Watt,
    /// Energy.
    WattHour,
    /// Voltage.
    Volt,
    /// Current.
    Ampere,
    /// Temperature.
    Celsius,
    /// A share of a hundred.
    Percent,
    /// Strength of a radio signal.
    Dbm,
    /// Air pressure.
    Hectopascal,
    /// Parts per million, of carbon dioxide.
    Ppm,
    /// Noise.
    Decibel,
    /// Rain.
    Millimetre,
    /// Wind.
    KilometreAnHour,
}

/// How a device is spoken to.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum TransportKind {
    /// TLS with a pinned certificate.
    TlsPinned,
    /// TLS with a certificate that public authorities signed.
    TlsPublic,
    /// KLAP.
    Klap,
    /// AES pass-through.
    Aes,
    /// TPAP inside TLS.
    Tpap,
    /// XOR: obfuscated, not encrypted.
    Xor,
    /// Plain HTTP with a proof of the password.
    HttpDigest,
    /// LINKIE inside TLS.
    Linkie,
    /// A wire of the hub's own machine.
    Wired,
}

/// What is weak about it (promises T-07, K-04).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Weakness {
    /// Control travels in the clear.
    PlainHttp,
    /// Whoever reaches the device commands it.
    Xor,
    /// Its password is the same in every such device.
    DefaultPassword,
    /// Its login uses MD5.
    LegacyMd5,
    /// Its login can be broken, or its answers altered on the way.
    WeakEncryption,
    /// The password itself is sent with every request.
    ReusablePassword,
}

/// How well a device is protected, to be shown.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
pub struct Protection {
    /// How it is spoken to.
    pub transport: TransportKind,
    /// Whether others in the network could read along or command it.
    pub is_insecure: bool,
    /// What is weak about it, the worst first.
    pub weakness: Option<Weakness>,
    /// SHA-256 of its certificate.
    #[schema(value_type = Option<String>)]
    pub fingerprint: Option<Fingerprint>,
}

/// Everything a device said about itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// Its model.
    pub model: Option<String>,
    /// Its firmware.
    pub firmware: Option<String>,
    /// Its own name.
    pub name: Option<String>,
    /// What can be set and done.
    pub controls: Vec<Control>,
    /// What it measures.
    pub readings: Vec<Reading>,
    /// How well it is protected.
    pub protection: Protection,
}

/// Reads a number out of the arguments of an action.
///
/// # Errors
/// [`DeviceError::OutOfRange`] if it is there and no number within the range.
pub(crate) fn number(
    arguments: &Value,
    name: &'static str,
    range: std::ops::RangeInclusive<f64>,
) -> Result<Option<f64>, DeviceError> {
    let Some(value) = arguments.get(name) else { return Ok(None) };
    match value.as_f64().filter(|number| range.contains(number)) {
        Some(number) => Ok(Some(number)),
        None => {
            let (min, max) = (range.start(), range.end());
            Err(DeviceError::OutOfRange(format!("{name} is a number from {min} to {max}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn night() -> Control {
        Control::choice("night_mode", ["auto", "on"].map(str::to_owned).to_vec(), None)
    }

    /// promise: K-02. What a control does not take is refused before anything is sent.
    #[test]
    fn a_value_outside_of_what_a_control_takes_is_refused() {
        let level = Control::percent("brightness", Some(40.0));
        for bad in [101.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(level.check(&ControlValue::Number(bad)).is_err(), "{bad}");
        }
        assert!(level.check(&ControlValue::Number(100.0)).is_ok());
        assert!(level.check(&ControlValue::Switch(true)).is_err());
        assert!(night().check(&ControlValue::Word("auto".to_owned())).is_ok());
        let refused = night().check(&ControlValue::Word("dusk".to_owned()));
        let text = "night_mode is one of: auto, on".to_owned();
        assert_eq!(refused, Err(DeviceError::OutOfRange(text)));
        let refused = Control::action("reboot").check(&ControlValue::Switch(true));
        assert_eq!(refused, Err(DeviceError::NoSuchControl));
    }

    #[test]
    fn a_control_is_one_flat_object_in_json() {
        let level = serde_json::to_value(Control::percent("brightness", Some(40.0)));
        let expected = serde_json::json!({"key": "brightness", "kind": "level", "min": 0.0,
            "max": 100.0, "step": 1.0, "unit": "percent", "value": 40.0, "as_of": null,
            "sensitive": false});
        assert_eq!(level.expect("json"), expected);
    }

    proptest! {
        #[test]
        fn any_number_is_taken_or_refused_by_its_range(value: f64) {
            let taken = Control::percent("x", None).check(&ControlValue::Number(value)).is_ok();
            prop_assert_eq!(taken, (0.0..=100.0).contains(&value));
        }
    }
}
