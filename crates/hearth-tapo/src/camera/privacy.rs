//! Privacy mode: the lens turns away and nothing is recorded or streamed (T-12).

use serde::Deserialize;
use serde_json::json;

use super::{
    CameraCall,
    request::{self, get},
};
use crate::Switch;

/// The state of privacy mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
pub struct Privacy {
    /// On: the camera is blind.
    pub enabled: Switch,
}

/// Whether it is on.
pub fn status() -> CameraCall<Privacy> {
    let params = json!({"lens_mask": {"name": ["lens_mask_info"]}});
    get("getLensMaskConfig", params, &["lens_mask", "lens_mask_info"])
}

/// Turns it on (blind) or off (watching).
pub fn set(enabled: Switch) -> CameraCall<()> {
    let params = json!({"lens_mask": {"lens_mask_info": {"enabled": enabled.word()}}});
    request::set("setLensMaskConfig", params)
}
