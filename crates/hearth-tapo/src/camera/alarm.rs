//! The camera's own alarm: what it does on its own when it notices something, and the siren now.

use serde::Deserialize;
use serde_json::json;

use super::{CameraCall, Request, Verb, request::get};
use crate::{Call, OutOfRange, Switch, call};

/// What the alarm does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmMode {
    /// Sound and light.
    Both,
    /// Sound alone.
    Sound,
    /// Light alone.
    Light,
}

/// The alarm's settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
pub struct Alarm {
    /// Whether it goes off by itself.
    pub enabled: Switch,
    /// `sound`, `siren`, `light`.
    #[serde(default, rename = "alarm_mode")]
    pub modes: Vec<String>,
}

/// How it is set.
pub fn status() -> CameraCall<Alarm> {
    let params = json!({"msg_alarm": {"name": ["chn1_msg_alarm_info"]}});
    get("getLastAlarmInfo", params, &["msg_alarm", "chn1_msg_alarm_info"])
}

/// Sets it.
pub fn set(enabled: Switch, mode: AlarmMode) -> CameraCall<()> {
    let modes = match mode {
        AlarmMode::Both => json!(["sound", "light"]),
        AlarmMode::Sound => json!(["sound"]),
        AlarmMode::Light => json!(["light"]),
    };
    let body = json!({"chn1_msg_alarm_info": {
        "alarm_type": "0", "light_type": "0", "enabled": enabled.word(), "alarm_mode": modes,
    }});
    Call::acknowledged(Request::Single { verb: Verb::Set, module: "msg_alarm", body })
}

/// Starts or stops the siren now.
pub fn sound(siren: Switch) -> CameraCall<()> {
    let action = if siren.is_on() { "start" } else { "stop" };
    let body = json!({"manual_msg_alarm": {"action": action}});
    Call::acknowledged(Request::Single { verb: Verb::Do, module: "msg_alarm", body })
}

/// A hub's siren.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
pub struct HubSiren {
    /// Whether it sounds.
    pub status: Switch,
    /// Seconds until it stops.
    #[serde(default, rename = "time_left", deserialize_with = "crate::value::lenient_option")]
    pub seconds_left: Option<u32>,
}

/// A hub's siren now.
pub fn hub_siren() -> CameraCall<HubSiren> {
    get("getSirenStatus", json!({"siren": {}}), &[])
}

/// Starts or stops a hub's siren.
pub fn sound_hub(siren: Switch) -> CameraCall<()> {
    super::request::set("setSirenStatus", json!({"siren": {"status": siren.word()}}))
}

/// Sets a hub's siren: volume 0 to 10, at most 6000 seconds.
pub fn configure_hub(
    siren_type: &str,
    volume: u8,
    duration_seconds: u16,
) -> Result<CameraCall<()>, OutOfRange> {
    if volume > 10 {
        return Err(OutOfRange::new("the volume of a siren", "between 0 and 10"));
    }
    if duration_seconds > 6_000 {
        return Err(OutOfRange::new("the duration of a siren", "at most 6000 seconds"));
    }
    if siren_type.is_empty() || siren_type.len() > 64 {
        return Err(OutOfRange::new("the tone of a siren", "1 to 64 bytes"));
    }
    let params = json!({"siren": {
        "siren_type": siren_type, "volume": volume.to_string(), "duration": duration_seconds,
    }});
    Ok(super::request::set("setSirenConfig", params))
}

/// The tones that a hub knows.
pub fn hub_tones() -> CameraCall<Vec<String>> {
    let request = Request::Entry { method: "getSirenTypeList", params: json!({"siren": {}}) };
    Call::new(request, |result| call::read_at(result, &["siren_type_list"]))
}
