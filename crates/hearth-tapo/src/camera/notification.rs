//! What the camera sends to its vendor's app.

use serde::Deserialize;
use serde_json::json;

use super::{
    CameraCall,
    request::{self, get},
};
use crate::Switch;

/// The settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
pub struct Notifications {
    /// Whether it notifies.
    #[serde(rename = "notification_enabled")]
    pub enabled: Switch,
    /// Whether with a picture, which then goes to the vendor.
    #[serde(default, rename = "rich_notification_enabled")]
    pub with_picture: Option<Switch>,
}

/// How it is set.
pub fn status() -> CameraCall<Notifications> {
    let params = json!({"msg_push": {"name": ["chn1_msg_push_info"]}});
    get("getMsgPushConfig", params, &["msg_push", "chn1_msg_push_info"])
}

/// Sets it.
pub fn set(enabled: Switch, with_picture: Switch) -> CameraCall<()> {
    let settings = json!({
        "notification_enabled": enabled.word(), "rich_notification_enabled": with_picture.word(),
    });
    request::set("setMsgPushConfig", json!({"msg_push": {"chn1_msg_push_info": settings}}))
}
