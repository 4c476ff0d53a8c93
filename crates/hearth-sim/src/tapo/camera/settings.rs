//! A camera's settings as it leaves the box.

use serde_json::{Value, json};

use super::TapoCameraSpec;

/// All modules with their sections, except for what depends on the camera.
const FRESH: &str = include_str!("settings.json");

/// The settings of this camera.
pub(super) fn fresh(spec: &TapoCameraSpec) -> Value {
    let mut settings: Value = serde_json::from_str(FRESH).expect("a constant that is valid");
    let facts = &mut settings["device_info"]["basic_info"];
    facts["device_model"] = json!(spec.model);
    facts["device_name"] = json!(spec.model);
    facts["device_info"] = json!(format!("{} 1.0 IPC", spec.model));
    facts["device_alias"] = json!(spec.alias);
    settings["system"]["sys"]["dev_alias"] = json!(spec.alias);
    settings["cet"]["vhttpd"]["port"] = json!(spec.media_port.to_string());
    settings
}
