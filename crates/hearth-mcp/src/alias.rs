//! Names that the first of the systems this one replaces had for its tools, where they meant
//! something that can be done here. They are answered, and never listed. Pure.

use serde_json::{Map, Value};

/// An old name, and what is called instead.
pub(crate) struct Alias {
    pub(crate) old: &'static str,
    /// The operation that the old tool was asked for, if it had several.
    pub(crate) operation: Option<&'static str>,
    pub(crate) new: &'static str,
    /// Old names of arguments with the new ones. What is not among them is dropped: it chose among
    /// things that are not chosen here.
    arguments: &'static [(&'static str, &'static str)],
}

const fn was(
    old: &'static str,
    operation: Option<&'static str>,
    new: &'static str,
    arguments: &'static [(&'static str, &'static str)],
) -> Alias {
    Alias { old, operation, new, arguments }
}

/// How the old tools named a camera.
const CAMERA: &[(&str, &str)] =
    &[("camera_id", "camera"), ("camera_name", "camera"), ("camera", "camera")];

/// How they switched the looking at a camera's picture.
const MOTION: &[(&str, &str)] =
    &[("camera_id", "camera"), ("camera", "camera"), ("enabled", "detection")];

/// How they named a camera's motor: the control side of a camera is a device here.
const DEVICE: &[(&str, &str)] =
    &[("camera_id", "device"), ("device_id", "device"), ("device", "device")];

/// How they switched privacy, of one camera there and of the house here.
const PRIVACY: &[(&str, &str)] = &[("enabled", "on")];

/// A time; the words that they had for it (`7d`) have to be said as two instants.
const RANGE: &[(&str, &str)] = &[("from", "from"), ("to", "to")];

/// All old names.
pub(crate) const ALIASES: &[Alias] = &[
    was("list_cameras", None, "camera_list", &[]),
    was("camera_management", Some("list"), "camera_list", &[]),
    was("camera_info", Some("info"), "camera_status", CAMERA),
    was("camera_info", Some("status"), "camera_status", CAMERA),
    was("get_camera_status", None, "camera_status", CAMERA),
    was("get_camera_info", None, "camera_status", CAMERA),
    was("image_capture", Some("capture"), "camera_snapshot", CAMERA),
    was("image_capture", Some("still"), "camera_snapshot", CAMERA),
    was("capture_image", None, "camera_snapshot", CAMERA),
    was("get_camera_snapshot", None, "camera_snapshot", CAMERA),
    was("video_recording", Some("stream_url"), "camera_stream", CAMERA),
    was("device_settings", Some("motion_detection"), "camera_configure", MOTION),
    was("set_motion_detection", None, "camera_configure", MOTION),
    was("get_recordings", None, "recording_timeline", RANGE),
    was("get_motion_events", None, "event_search", CAMERA),
    was("ptz_control", Some("position"), "device_read", DEVICE),
    was("ptz_preset", Some("list"), "device_read", DEVICE),
    was("get_ptz_position", None, "device_read", DEVICE),
    was("get_ptz_presets", None, "device_read", DEVICE),
    was("privacy_settings", Some("privacy_mode"), "privacy_set", PRIVACY),
    was("set_privacy_mode", None, "privacy_set", PRIVACY),
    was("energy_management", Some("consumption"), "energy_use", RANGE),
    was("energy_management", Some("cost"), "energy_use", RANGE),
    was("get_energy_consumption", None, "energy_use", RANGE),
    was("get_energy_cost_analysis", None, "energy_use", RANGE),
    was("netatmo_weather", Some("data"), "climate_rooms", RANGE),
    was("netatmo_analysis", Some("historical"), "climate_rooms", RANGE),
    was("get_netatmo_weather_data", None, "climate_rooms", RANGE),
    was("get_netatmo_historical_data", None, "climate_rooms", RANGE),
    was("system_info", Some("logs"), "audit_search", &[]),
    was("get_logs", None, "audit_search", &[]),
    was("system_info", Some("info"), "system_status", &[]),
    was("system_info", Some("health"), "doctor_run", &[]),
    was("get_system_info", None, "system_status", &[]),
    was("get_status", None, "system_status", &[]),
    was("health_check", None, "doctor_run", &[]),
    was("get_smart_plug_status", None, "device_list", &[]),
    was("energy_management", Some("status"), "device_list", &[]),
    was("netatmo_weather", Some("stations"), "device_list", &[]),
    was("get_netatmo_stations", None, "device_list", &[]),
    was("security_analysis", Some("correlate_events"), "event_search", &[]),
];

/// The tool that an old name means, with the arguments under their new names.
pub(crate) fn resolve(
    name: &str,
    mut sent: Map<String, Value>,
) -> Option<(&'static str, Map<String, Value>)> {
    let operation = sent.get("operation").and_then(Value::as_str).map(str::to_owned);
    let meant = |alias: &&Alias| {
        alias.old == name
            && alias.operation.is_none_or(|wanted| operation.as_deref() == Some(wanted))
    };
    let alias = ALIASES.iter().find(meant)?;
    let mut renamed = Map::new();
    for (old, new) in alias.arguments {
        if let Some(value) = sent.remove(*old).filter(|value| !value.is_null()) {
            renamed.insert((*new).to_owned(), value);
        }
    }
    // A person's yes is never an old argument's other meaning.
    if let Some(confirmed) = sent.remove(crate::parameter::CONFIRM) {
        renamed.insert(crate::parameter::CONFIRM.to_owned(), confirmed);
    }
    Some((alias.new, renamed))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::registry::Registry;

    #[test]
    fn every_old_name_means_a_tool_that_takes_what_is_passed_on() {
        let registry = Registry::new();
        for alias in ALIASES {
            let tool = registry.find(alias.new).expect(alias.new);
            assert!(registry.find(alias.old).is_none(), "{} is a tool itself", alias.old);
            for (_, new) in alias.arguments {
                assert!(tool.has(new), "{} takes no {new}", tool.name);
            }
        }
    }

    #[test]
    fn an_operation_chooses_the_tool() {
        let sent = |value: Value| value.as_object().cloned().unwrap_or_default();
        let still = sent(json!({ "operation": "still", "camera_id": "Door", "quality": 85 }));
        let resolved = resolve("image_capture", still).expect("known");
        assert_eq!(resolved, ("camera_snapshot", sent(json!({ "camera": "Door" }))));
        assert!(resolve("image_capture", sent(json!({ "operation": "analyze" }))).is_none());
        assert!(resolve("no_such_tool", Map::new()).is_none());
    }
}
