//! Speaker and microphone.

use serde::Deserialize;
use serde_json::json;

use super::{
    CameraCall,
    request::{get, set},
};
use crate::{Percent, Switch};

/// The settings of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
pub struct Audio {
    /// The speaker.
    #[serde(default)]
    pub speaker: Option<Volume>,
    /// The microphone.
    #[serde(default)]
    pub microphone: Option<Volume>,
    /// Whether recordings have sound.
    #[serde(default)]
    pub record_audio: Option<Enabled>,
}

/// How loud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
pub struct Volume {
    /// The volume.
    pub volume: Percent,
    /// Whether it is muted, where the camera tells.
    #[serde(default)]
    pub mute: Option<Switch>,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
pub struct Enabled {
    /// Whether it is on.
    pub enabled: Switch,
}

/// How both are set.
pub fn status() -> CameraCall<Audio> {
    let params = json!({"audio_config": {"name": ["speaker", "microphone", "record_audio"]}});
    get("getAudioConfig", params, &["audio_config"])
}

/// Sets the speaker's volume.
pub fn set_speaker(volume: Percent) -> CameraCall<()> {
    let params = json!({"audio_config": {"speaker": {"volume": volume.get().to_string()}}});
    set("setSpeakerVolume", params)
}

/// Sets the microphone's volume.
pub fn set_microphone(volume: Percent, mute: Switch) -> CameraCall<()> {
    let settings = json!({"volume": volume.get().to_string(), "mute": mute.word()});
    set("setMicrophoneVolume", json!({"audio_config": {"microphone": settings}}))
}

/// Records sound or not.
pub fn set_record(enabled: Switch) -> CameraCall<()> {
    set("setRecordAudio", json!({"audio_config": {"record_audio": {"enabled": enabled.word()}}}))
}
