//! Following what moves.

use serde::Deserialize;
use serde_json::json;

use super::{
    CameraCall,
    request::{self, get},
};
use crate::Switch;

/// The state of tracking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
pub struct Tracking {
    /// Whether the camera turns after what moves.
    pub enabled: Switch,
}

/// Whether it follows.
pub fn status() -> CameraCall<Tracking> {
    let params = json!({"target_track": {"name": ["target_track_info"]}});
    get("getTargetTrackConfig", params, &["target_track", "target_track_info"])
}

/// Makes it follow or not.
pub fn set(enabled: Switch) -> CameraCall<()> {
    let params = json!({"target_track": {"target_track_info": {"enabled": enabled.word()}}});
    request::set("setTargetTrackConfig", params)
}
