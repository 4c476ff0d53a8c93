//! The status light (T-12).

use serde::Deserialize;
use serde_json::json;

use super::{
    CameraCall,
    request::{self, get},
};
use crate::Switch;

/// The state of the light.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
pub struct Led {
    /// Whether it shows anything.
    pub enabled: Switch,
}

/// Whether it is on.
pub fn status() -> CameraCall<Led> {
    get("getLedStatus", json!({"led": {"name": ["config"]}}), &["led", "config"])
}

/// Turns it on or off.
pub fn set(enabled: Switch) -> CameraCall<()> {
    request::set("setLedStatus", json!({"led": {"config": {"enabled": enabled.word()}}}))
}
