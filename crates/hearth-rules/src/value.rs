//! What a control of a device is set to.

use std::fmt;

/// A value of a control. In JSON a bool, a number or a word, as devices' controls have it.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum Value {
    /// On or off.
    Switch(bool),
    /// A number.
    Number(f64),
    /// A word.
    Word(String),
}

impl Value {
    /// From how facts tell a control's value: `on`, `off`, a number, or a word.
    pub fn told(text: &str) -> Self {
        match text {
            "on" | "true" => Self::Switch(true),
            "off" | "false" => Self::Switch(false),
            _ => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Self::Number(number),
                _ => Self::Word(text.to_owned()),
            },
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Switch(true) => f.write_str("on"),
            Self::Switch(false) => f.write_str("off"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Word(word) => f.write_str(word),
        }
    }
}
