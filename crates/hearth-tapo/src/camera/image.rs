//! The picture: day and night, orientation, lens, lamps.

use serde::Deserialize;
use serde_json::json;

use super::{
    CameraCall,
    request::{get, set},
};
use crate::{Call, Malformed, Switch, call};

/// When the infrared light is on and the picture gray.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NightVision {
    /// By the light there is.
    Auto,
    /// Always by day: color, no infrared.
    #[serde(rename = "off")]
    Day,
    /// Always by night: gray, infrared.
    #[serde(rename = "on")]
    Night,
}

impl NightVision {
    fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Day => "off",
            Self::Night => "on",
        }
    }

    fn child_word(self) -> &'static str {
        match self {
            Self::Auto => "md_night_vision",
            Self::Day => "wtl_night_vision",
            Self::Night => "inf_night_vision",
        }
    }
}

/// How the picture is turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flip {
    /// As the lens sees it.
    Off,
    /// By 180 degrees, for cameras on the ceiling.
    #[serde(rename = "center")]
    UpsideDown,
}

/// Which flicker of lamps is filtered out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, Deserialize)]
pub enum LightFrequency {
    /// The camera finds out.
    #[serde(rename = "auto")]
    Auto,
    /// 50 Hz.
    #[serde(rename = "50")]
    Hz50,
    /// 60 Hz.
    #[serde(rename = "60")]
    Hz60,
}

/// When it sees by night.
pub fn night_vision() -> CameraCall<NightVision> {
    let params = json!({"image": {"name": "common"}});
    get("getDayNightModeConfig", params, &["image", "common", "inf_type"])
}

/// Chooses when it sees by night.
pub fn set_night_vision(mode: NightVision) -> CameraCall<()> {
    set("setDayNightModeConfig", json!({"image": {"common": {"inf_type": mode.word()}}}))
}

/// The same on devices behind hubs and newer models, which have a white lamp as well.
pub fn lamp_night_vision() -> CameraCall<NightVision> {
    let request = super::Request::Entry {
        method: "getNightVisionModeConfig",
        params: json!({"image": {"name": ["switch"]}}),
    };
    Call::new(request, |result| {
        let mode = call::at(result, &["image", "switch", "night_vision_mode"])?.as_str();
        [NightVision::Auto, NightVision::Day, NightVision::Night]
            .into_iter()
            .find(|known| Some(known.child_word()) == mode)
            .ok_or(Malformed::new("an unknown mode of night vision"))
    })
}

/// Chooses it there.
pub fn set_lamp_night_vision(mode: NightVision) -> CameraCall<()> {
    let params = json!({"image": {"switch": {"night_vision_mode": mode.child_word()}}});
    set("setNightVisionModeConfig", params)
}

/// How the picture is turned.
pub fn flip() -> CameraCall<Flip> {
    get("getLdc", json!({"image": {"name": ["switch"]}}), &["image", "switch", "flip_type"])
}

/// Turns the picture.
pub fn set_flip(flip: Flip) -> CameraCall<()> {
    let flip = match flip {
        Flip::Off => "off",
        Flip::UpsideDown => "center",
    };
    set("setLdc", json!({"image": {"switch": {"flip_type": flip}}}))
}

/// How the picture is turned, on devices behind hubs.
pub fn child_flip() -> CameraCall<Flip> {
    let params = json!({"image": {"name": ["switch"]}});
    get("getRotationStatus", params, &["image", "switch", "flip_type"])
}

/// Whether the curvature of the lens is taken out.
pub fn lens_correction() -> CameraCall<Switch> {
    get("getLdc", json!({"image": {"name": ["switch"]}}), &["image", "switch", "ldc"])
}

/// Takes the curvature of the lens out.
pub fn set_lens_correction(enabled: Switch) -> CameraCall<()> {
    set("setLdc", json!({"image": {"switch": {"ldc": enabled.word()}}}))
}

/// Which flicker is filtered.
pub fn light_frequency() -> CameraCall<LightFrequency> {
    let params = json!({"image": {"name": "common"}});
    get("getLightFrequencyInfo", params, &["image", "common", "light_freq_mode"])
}

/// Chooses which flicker is filtered.
pub fn set_light_frequency(frequency: LightFrequency) -> CameraCall<()> {
    let frequency = match frequency {
        LightFrequency::Auto => "auto",
        LightFrequency::Hz50 => "50",
        LightFrequency::Hz60 => "60",
    };
    let params = json!({"image": {"common": {"light_freq_mode": frequency}}});
    set("setLightFrequencyInfo", params)
}
