//! Settings: what stays until somebody changes it.

use serde_json::json;

use crate::{
    ClockTime, Detector, NightVision, Resolution, Rotation, Sensitivity, Switch, TimeZone,
    TriggerTime, command::command,
};

/// Module, method that reads, method that sets.
type Names = (&'static str, &'static str, &'static str);

fn switch_names(switch: Switch) -> Names {
    const ENABLE: (&str, &str) = ("get_is_enable", "set_is_enable");
    let (module, (get, set)) = match switch {
        Switch::Power => ("smartlife.cam.ipcamera.switch", ENABLE),
        Switch::RecordVideo => (
            "smartlife.cam.ipcamera.delivery",
            ("get_local_clip_is_enable", "set_local_clip_is_enable"),
        ),
        Switch::RecordAudio => (
            "smartlife.cam.ipcamera.delivery",
            ("get_clip_audio_is_enable", "set_clip_audio_is_enable"),
        ),
        Switch::DetectMotion => ("smartlife.cam.ipcamera.motionDetect", ENABLE),
        Switch::DetectBabyCry => {
            ("smartlife.cam.ipcamera.intelligence", ("get_bcd_enable", "set_bcd_enable"))
        }
        Switch::DetectPerson => {
            ("smartlife.cam.ipcamera.intelligence", ("get_pd_enable", "set_pd_enable"))
        }
        Switch::DetectAudio => ("smartlife.cam.ipcamera.soundDetect", ENABLE),
        Switch::MotionTracking => (
            "smartlife.cam.ipcamera.ptz",
            ("get_ptz_tracking_is_enable", "set_ptz_tracking_is_enable"),
        ),
        Switch::Patrol => {
            ("smartlife.cam.ipcamera.ptz", ("get_patrol_is_enable", "set_patrol_is_enable"))
        }
        Switch::StatusLed => ("smartlife.cam.ipcamera.led", ("get_status", "set_status")),
        Switch::DoNotDisturb => {
            ("smartlife.cam.ipcamera.dndSchedule", ("get_dnd_enable", "set_dnd_enable"))
        }
    };
    (module, get, set)
}

fn detector_module(detector: Detector) -> &'static str {
    match detector {
        Detector::Motion => "smartlife.cam.ipcamera.motionDetect",
        Detector::Sound => "smartlife.cam.ipcamera.soundDetect",
    }
}

const MOTION: &str = "smartlife.cam.ipcamera.motionDetect";
const VIDEO: &str = "smartlife.cam.ipcamera.videoControl";
const DAY_NIGHT: &str = "smartlife.cam.ipcamera.dayNight";
const CARD: &str = "smartlife.cam.ipcamera.sdCard";
const CLOCK: &str = "smartlife.cam.ipcamera.dateTime";

/// Whether something is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadSwitch(pub Switch);
command!(ReadSwitch, switch_names(me.0).0, switch_names(me.0).1, |me| json!({}), bool);

/// Turns something on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetSwitch {
    /// What.
    pub switch: Switch,
    /// On, or off.
    pub on: bool,
}
command!(
    SetSwitch,
    switch_names(me.switch).0,
    switch_names(me.switch).2,
    |me| json!({ "value": if me.on { "on" } else { "off" } }),
    ()
);

/// How sensitive a detector is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadSensitivity(pub Detector);
command!(ReadSensitivity, detector_module(me.0), "get_sensitivity", |me| json!({}), Sensitivity);

/// Makes a detector more or less sensitive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetSensitivity {
    /// Which.
    pub detector: Detector,
    /// How much.
    pub sensitivity: Sensitivity,
}
command!(
    SetSensitivity,
    detector_module(me.detector),
    "set_sensitivity",
    |me| json!({ "value": me.sensitivity }),
    ()
);

/// How long motion must last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadTriggerTime;
command!(ReadTriggerTime, MOTION, "get_min_trigger_time", |me| json!({}), TriggerTime);

/// Says how long motion must last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetTriggerTime(pub TriggerTime);
command!(
    SetTriggerTime,
    MOTION,
    "set_min_trigger_time",
    |me| json!({ "day_mode_value": me.0.day_ms(), "night_mode_value": me.0.night_ms() }),
    ()
);

/// Erases the card in the camera, with everything on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormatCard;
command!(FormatCard, CARD, "set_format_sd_card", |me| json!({}), ());

/// How large the picture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadResolution;
command!(ReadResolution, VIDEO, "get_resolution", |me| json!({}), Resolution);

/// Makes the picture larger or smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetResolution(pub Resolution);
command!(SetResolution, VIDEO, "set_resolution", |me| json!({ "value": me.0 }), ());

/// How the picture stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadRotation;
command!(ReadRotation, VIDEO, "get_rotation_degree", |me| json!({}), Rotation);

/// Turns the picture upside down, or back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetRotation(pub Rotation);
command!(SetRotation, VIDEO, "set_rotation_degree", |me| json!({ "value": me.0.degrees() }), ());

/// When the camera sees by infrared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadNightVision;
command!(ReadNightVision, DAY_NIGHT, "get_mode", |me| json!({}), NightVision);

/// Says when the camera sees by infrared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetNightVision(pub NightVision);
command!(SetNightVision, DAY_NIGHT, "set_mode", |me| json!({ "value": me.0 }), ());

/// What the camera's clock shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadClock;
command!(ReadClock, CLOCK, "get_time", |me| json!({}), ClockTime);

/// Sets the camera's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetClock(pub ClockTime);
command!(SetClock, CLOCK, "set_time", |me| json!({ "epoch_sec": me.0.epoch_seconds() }), ());

/// Where the camera's clock is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadTimeZone;
command!(ReadTimeZone, CLOCK, "get_time_zone", |me| json!({}), TimeZone);

/// Says where the camera's clock is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetTimeZone(pub TimeZone);
command!(
    SetTimeZone,
    CLOCK,
    "set_time_zone",
    |me| json!({ "timezone": me.0.offset(), "area": me.0.area() }),
    ()
);
