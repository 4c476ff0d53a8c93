//! The firmware: what it does, and updating it.

use serde::Deserialize;
use serde_json::json;

use super::{
    CameraCall, Request, Verb,
    request::{get, set},
};
use crate::{Call, Switch};

/// Where an update stands.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
pub struct UpdateState {
    /// `normal`, `downloading`, `upgrading`...
    pub state: String,
}

/// What a camera does by itself about new firmware.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
pub struct AutoUpdate {
    /// Whether it updates itself.
    pub enabled: Switch,
    /// When, `HH:MM` of its clock.
    #[serde(default)]
    pub time: Option<String>,
}

/// Where an update stands.
pub fn state() -> CameraCall<UpdateState> {
    let params = json!({"cloud_config": {"name": "upgrade_status"}});
    get("getFirmwareUpdateStatus", params, &["cloud_config", "upgrade_status"])
}

/// Lets the camera ask its vendor for a new version; it then shows in [`available`].
pub fn check() -> CameraCall<()> {
    set("checkFirmwareVersionByCloud", json!({"cloud_config": {"check_fw_version": "null"}}))
}

/// What the camera knows about a newer version, as it writes it.
pub fn available() -> CameraCall<serde_json::Map<String, serde_json::Value>> {
    let params = json!({"cloud_config": {"name": ["upgrade_info"]}});
    get("getCloudConfig", params, &["cloud_config", "upgrade_info"])
}

/// Starts the update. The camera acknowledges, and is gone for some minutes.
pub fn update() -> CameraCall<()> {
    let body = json!({"fw_download": "null"});
    Call::acknowledged(Request::Single { verb: Verb::Do, module: "cloud_config", body })
}

/// Whether it updates itself.
pub fn auto_update() -> CameraCall<AutoUpdate> {
    let params = json!({"auto_upgrade": {"name": ["common"]}});
    get("getFirmwareAutoUpgradeConfig", params, &["auto_upgrade", "common"])
}

/// Lets it update itself at 03:00, give or take two hours, or not.
pub fn set_auto_update(enabled: Switch) -> CameraCall<()> {
    let common = json!({"enabled": enabled.word(), "time": "03:00", "random_range": 120});
    set("setFirmwareAutoUpgradeConfig", json!({"auto_upgrade": {"common": common}}))
}
