//! Names that the first of the systems this one replaces had for its tools: those that mean something
//! that can be done here are answered, and never listed; of the others it is said why not. Pure.

use hearth_model::WallTime;
use serde_json::{Map, Value};

use crate::parameter::CONFIRM;

/// An old name, and what is called instead.
pub(crate) struct Alias {
    pub(crate) old: &'static str,
    /// The operation that the old tool was asked for, if it had several.
    pub(crate) operation: Option<&'static str>,
    pub(crate) new: &'static str,
    /// Old names of arguments with the new ones. What is not among them is dropped: it chose among
    /// things that are not chosen here.
    arguments: &'static [(&'static str, &'static str)],
    /// What the old name said by itself.
    fixed: &'static [(&'static str, &'static str)],
    /// Whether it is about a span of time, which the old tools named by a word or not at all.
    has_span: bool,
}

impl Alias {
    const fn saying(self, fixed: &'static [(&'static str, &'static str)]) -> Self {
        Self { fixed, ..self }
    }

    const fn over_time(self) -> Self {
        Self { has_span: true, ..self }
    }
}

const fn was(
    old: &'static str,
    operation: Option<&'static str>,
    new: &'static str,
    arguments: &'static [(&'static str, &'static str)],
) -> Alias {
    Alias { old, operation, new, arguments, fixed: &[], has_span: false }
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

/// How they switched something of a device.
const SWITCH: &[(&str, &str)] = &[
    ("camera_id", "device"),
    ("device_id", "device"),
    ("device", "device"),
    ("enabled", "value"),
    ("power_state", "value"),
    ("action", "value"),
];

/// How they chose a place that a camera knows.
const PLACE: &[(&str, &str)] = &[
    ("camera_id", "device"),
    ("device", "device"),
    ("preset_name", "value"),
    ("preset_id", "value"),
];

const LED: &[(&str, &str)] = &[("control", "led")];
const LENS: &[(&str, &str)] = &[("control", "privacy")];
const POWER: &[(&str, &str)] = &[("control", "power")];
const PRESET: &[(&str, &str)] = &[("control", "preset")];
const REBOOT: &[(&str, &str)] = &[("action", "reboot")];
const STOP: &[(&str, &str)] = &[("action", "stop")];
const HOME: &[(&str, &str)] = &[("action", "home")];

/// All old names that are answered.
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
    was("device_settings", Some("led"), "device_set", SWITCH).saying(LED),
    was("set_led_enabled", None, "device_set", SWITCH).saying(LED),
    was("privacy_settings", Some("privacy_mode"), "device_set", SWITCH).saying(LENS),
    was("set_privacy_mode", None, "device_set", SWITCH).saying(LENS),
    was("system_control", Some("reboot_camera"), "device_act", DEVICE).saying(REBOOT),
    was("reboot_camera", None, "device_act", DEVICE).saying(REBOOT),
    was("ptz_control", Some("position"), "device_read", DEVICE),
    was("ptz_control", Some("stop"), "device_act", DEVICE).saying(STOP),
    was("stop_ptz", None, "device_act", DEVICE).saying(STOP),
    was("ptz_preset", Some("list"), "device_read", DEVICE),
    was("ptz_preset", Some("recall"), "device_set", PLACE).saying(PRESET),
    was("recall_ptz_preset", None, "device_set", PLACE).saying(PRESET),
    was("ptz_preset", Some("home"), "device_act", DEVICE).saying(HOME),
    was("go_to_home_ptz", None, "device_act", DEVICE).saying(HOME),
    was("get_ptz_position", None, "device_read", DEVICE),
    was("get_ptz_presets", None, "device_read", DEVICE),
    was("get_recordings", None, "recording_timeline", CAMERA).over_time(),
    was("get_motion_events", None, "event_search", CAMERA),
    was("security_analysis", Some("correlate_events"), "event_search", &[]),
    was("energy_management", Some("status"), "device_list", &[]),
    was("get_smart_plug_status", None, "device_list", &[]),
    was("energy_management", Some("control"), "device_set", SWITCH).saying(POWER),
    was("control_smart_plug", None, "device_set", SWITCH).saying(POWER),
    was("energy_management", Some("consumption"), "energy_use", &[]).over_time(),
    was("energy_management", Some("cost"), "energy_use", &[]).over_time(),
    was("get_energy_consumption", None, "energy_use", &[]).over_time(),
    was("get_energy_cost_analysis", None, "energy_use", &[]).over_time(),
    was("netatmo_weather", Some("stations"), "device_list", &[]),
    was("get_netatmo_stations", None, "device_list", &[]),
    was("netatmo_weather", Some("data"), "climate_rooms", &[]).over_time(),
    was("netatmo_analysis", Some("historical"), "climate_rooms", &[]).over_time(),
    was("get_netatmo_weather_data", None, "climate_rooms", &[]).over_time(),
    was("get_netatmo_historical_data", None, "climate_rooms", &[]).over_time(),
    was("system_control", Some("status"), "system_status", &[]),
    was("system_info", Some("info"), "system_status", &[]),
    was("get_system_info", None, "system_status", &[]),
    was("get_status", None, "system_status", &[]),
    was("system_info", Some("health"), "doctor_run", &[]),
    was("health_check", None, "doctor_run", &[]),
    was("system_info", Some("logs"), "audit_search", &[]),
    was("get_logs", None, "audit_search", &[]),
];

/// Old names that nothing answers to, and why, or what to do instead.
pub(crate) const GONE: &[(&str, &str)] = &[
    (
        "`camera_management` add and remove, `add_camera`, `remove_camera`, `configure_device`, \
         `discover_devices`, `get_onboarding_progress`, `complete_onboarding`",
        "a person adds and removes cameras and devices",
    ),
    (
        "`camera_connection`, `connect_camera`, `disconnect_camera`, `set_active_camera`",
        "the hub stays connected by itself, and no camera is the active one: each call names its own",
    ),
    ("`camera_info` groups, `manage_camera_groups`", "rooms: `room_switch`"),
    ("`ptz_control` move, `move_ptz`", "`device_act` with `move`, which needs other arguments"),
    ("`ptz_preset` save, `save_ptz_preset`", "presets are kept at the camera"),
    (
        "`video_recording` start and stop, `start_recording`, `stop_recording`, \
         `get_recording_status`",
        "`camera_configure` says when a camera records, `camera_status` whether it does",
    ),
    (
        "`image_capture` analyze, `analyze_scene`, `detect_objects`, `scene_analyzer`, \
         `performance_analyzer`",
        "what was seen is in `event_search` and `ask`; pictures are shown, and no model here \
         describes them",
    ),
    (
        "`set_energy_automation`, `smart_automation`, `configure_netatmo_alerts`, \
         `netatmo_analysis` alerts",
        "rules: `rule_draft`, which a person puts in force",
    ),
    (
        "`get_tapo_p115_detailed_stats`, `set_tapo_p115_energy_saving_mode`, \
         `get_tapo_p115_power_schedule`, `get_tapo_p115_data_storage_info`",
        "`device_read` has what the plug tells",
    ),
    (
        "`nest_protect`, `security_analysis` test_device, `get_nest_protect_status`, \
         `get_nest_protect_alerts`, `test_nest_protect_device`, `get_nest_protect_battery_status`, \
         `correlate_nest_camera_events`",
        "there is no driver for smoke detectors, and what was told of them was invented",
    ),
    ("`netatmo_analysis` health, `get_netatmo_health_report`", "`climate_rooms` has the readings"),
    ("`privacy_settings` data_protection", "`doctor_run` has what really protects the data"),
    (
        "`get_grafana_metrics`, `grafana_metrics_query`, `grafana_metrics_search`, \
         `get_vienna_security_dashboard`",
        "`/metrics` of the hub, for Prometheus",
    ),
    ("`help`, `get_help`", "the list of tools and `hearthwatch://docs/tools`"),
];

/// Spans of time as the old tools named them, with their lengths in hours.
const SPANS: [(&str, i64); 9] = [
    ("1h", 1),
    ("6h", 6),
    ("24h", 24),
    ("7d", 7 * 24),
    ("30d", 30 * 24),
    ("hour", 1),
    ("day", 24),
    ("week", 7 * 24),
    ("month", 30 * 24),
];

/// How long a span is that is not named.
const SPAN_HOURS: i64 = 24;

const MICROS_AN_HOUR: i64 = 3_600_000_000;

/// The tool that an old name means, with the arguments under their new names.
pub(crate) fn resolve(
    name: &str,
    mut sent: Map<String, Value>,
    now: WallTime,
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
            renamed.insert((*new).to_owned(), switched(value));
        }
    }
    for (argument, word) in alias.fixed {
        renamed.insert((*argument).to_owned(), (*word).into());
    }
    if alias.has_span {
        renamed.extend(span(&mut sent, now));
    }
    // A person's yes is never an old argument's other meaning.
    if let Some(confirmed) = sent.remove(CONFIRM) {
        renamed.insert(CONFIRM.to_owned(), confirmed);
    }
    Some((alias.new, renamed))
}

/// The old tools switched by words, too.
fn switched(value: Value) -> Value {
    match value.as_str() {
        Some("on") => true.into(),
        Some("off") => false.into(),
        _ => value,
    }
}

/// Two instants, as they are or from the word for them.
fn span(sent: &mut Map<String, Value>, now: WallTime) -> [(String, Value); 2] {
    let word = sent.get("time_range").or_else(|| sent.get("period")).and_then(Value::as_str);
    let named = SPANS.iter().find(|(name, _)| Some(*name) == word).map(|(_, hours)| *hours);
    let hours = named.unwrap_or(SPAN_HOURS);
    let from = now.plus_micros(-hours * MICROS_AN_HOUR);
    [("from", from), ("to", now)].map(|(name, at)| {
        let value = sent.remove(name).unwrap_or_else(|| at.to_string().into());
        (name.to_owned(), value)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;
    use crate::{parameter, registry::Registry};

    const NOW: WallTime = WallTime::from_micros(1_790_000_000_000_000);

    fn sent(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    /// Every old name with the arguments that its documentation had, and a camera or device where
    /// the old system took the one that was active.
    #[test]
    fn every_old_name_is_answered_with_its_old_arguments() {
        let registry = Registry::new();
        for alias in ALIASES {
            assert!(registry.find(alias.old).is_none(), "{} is a tool itself", alias.old);
            let mut old = sent(json!({
                "operation": alias.operation, "camera_id": "Door", "device_id": "Lamp",
                "enabled": true, "power_state": "on", "action": "on", "preset_name": "Gate",
                "time_range": "7d", "quality": 85, "confirm": true,
            }));
            if alias.new.starts_with("camera_") {
                old.remove("device_id");
            }
            let (new, arguments) = resolve(alias.old, old, NOW).expect(alias.old);
            let tool = registry.find(new).expect(new);
            let mut known: Map<String, Value> = arguments;
            known.retain(|name, _| name != CONFIRM || tool.effect.needs_confirmation());
            let read = parameter::read(&tool.parameters, &known);
            assert!(read.is_ok(), "{} {:?}: {known:?}", alias.old, alias.operation);
        }
    }

    #[test]
    fn an_operation_chooses_the_tool() {
        let still = sent(json!({ "operation": "still", "camera_id": "Door", "quality": 85 }));
        let resolved = resolve("image_capture", still, NOW).expect("known");
        assert_eq!(resolved, ("camera_snapshot", sent(json!({ "camera": "Door" }))));
        let analyze = sent(json!({ "operation": "analyze" }));
        assert!(resolve("image_capture", analyze, NOW).is_none());
        assert!(resolve("no_such_tool", Map::new(), NOW).is_none());
    }

    #[test]
    fn spans_and_switches_are_said_as_they_are_here() {
        let week = sent(json!({ "operation": "consumption", "time_range": "7d" }));
        let (_, arguments) = resolve("energy_management", week, NOW).expect("known");
        let from = NOW.plus_micros(-7 * 24 * MICROS_AN_HOUR).to_string();
        assert_eq!(arguments, sent(json!({ "from": from, "to": NOW.to_string() })));
        let off = sent(json!({ "device_id": "Lamp", "power_state": "off" }));
        let expected = json!({ "device": "Lamp", "control": "power", "value": false });
        assert_eq!(resolve("control_smart_plug", off, NOW), Some(("device_set", sent(expected))));
        // One camera is never the whole house.
        let open = json!({ "operation": "privacy_mode", "camera_id": "Door", "enabled": false });
        let (tool, arguments) = resolve("privacy_settings", sent(open), NOW).expect("known");
        assert_eq!((tool, &arguments["device"]), ("device_set", &json!("Door")));
    }

    #[test]
    fn what_is_gone_is_not_answered() {
        for (names, why) in GONE {
            assert!(!why.is_empty());
            let bare = names.split(", ").filter(|name| !name.trim().contains(' '));
            let gone: BTreeSet<&str> = bare.map(|name| name.trim().trim_matches('`')).collect();
            let answered = ALIASES.iter().map(|alias| alias.old);
            assert_eq!(answered.filter(|old| gone.contains(old)).count(), 0, "{names}");
        }
    }
}
