//! The storage card.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    CameraCall, Request,
    request::{get, set, unnested},
};
use crate::{Call, Percent, Switch, call};

/// More than any camera has slots.
const CARDS_MAX: usize = 8;

/// A card.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Card {
    /// `normal`, `offline`, `unformatted`...
    pub status: String,
    /// How much fits on it.
    pub total_bytes: Option<u64>,
    /// How much of that is free.
    pub free_bytes: Option<u64>,
    /// How full it is.
    pub used: Option<Percent>,
}

impl<'de> Deserialize<'de> for Card {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let text = |keys: [&str; 2]| keys.iter().find_map(|key| value.get(*key)?.as_str());
        let status = text(["status", "detect_status"]);
        Ok(Self {
            status: status.ok_or(serde::de::Error::missing_field("status"))?.to_owned(),
            total_bytes: text(["total_space_accurate", "total_space"]).and_then(bytes),
            free_bytes: text(["free_space_accurate", "free_space"]).and_then(bytes),
            used: value.get("percent").and_then(|percent| call::read(percent).ok()),
        })
    }
}

/// Reads `119.1GB` and `127865454592B`.
fn bytes(text: &str) -> Option<u64> {
    let unit_start = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_start);
    let factor = match unit.trim().to_ascii_uppercase().as_str() {
        "" | "B" => 1.0,
        "KB" | "K" => 1024.0,
        "MB" | "M" => 1024.0 * 1024.0,
        "GB" | "G" => 1024.0 * 1024.0 * 1024.0,
        "TB" | "T" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    let number: f64 = number.trim().parse().ok()?;
    // A float keeps 53 bits: exact up to 9 PB.
    (number.is_finite() && number >= 0.0).then_some((number * factor) as u64)
}

/// All cards.
pub fn cards() -> CameraCall<Vec<Card>> {
    let params = json!({"harddisk_manage": {"table": ["hd_info"]}});
    Call::new(Request::Entry { method: "getSdCardStatus", params }, |result| {
        unnested(call::at(result, &["harddisk_manage", "hd_info"])?, CARDS_MAX)
    })
}

/// Formats the card: everything on it is lost.
pub fn format() -> CameraCall<()> {
    set("formatSdCard", json!({"harddisk_manage": {"format_hd": "1"}}))
}

/// Whether the oldest recordings make room for new ones.
pub fn overwrites() -> CameraCall<Switch> {
    let params = json!({"harddisk_manage": {"name": "harddisk"}});
    get("getCircularRecordingConfig", params, &["harddisk_manage", "harddisk", "loop"])
}

/// Lets the oldest recordings make room or not.
pub fn set_overwrites(enabled: Switch) -> CameraCall<()> {
    let params = json!({"harddisk_manage": {"harddisk": {"loop": enabled.word()}}});
    set("setCircularRecordingConfig", params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_their_units() {
        assert_eq!(bytes("127865454592B"), Some(127_865_454_592));
        assert_eq!(bytes("1.5GB"), Some(1_610_612_736));
        assert_eq!(bytes("0"), Some(0));
        for strange in ["", "GB", "-1B", "1PB", "x", "NaNB"] {
            assert_eq!(bytes(strange), None, "{strange}");
        }
    }
}
