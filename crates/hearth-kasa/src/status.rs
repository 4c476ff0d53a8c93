//! Status: what the camera says about itself.
//!
//! Several of these answers are documented nowhere and differ between models. What is known of them
//! is typed; the rest is kept as it came, in [`Details`].

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    Details, Error, PlayerId,
    answer::{Answered, details, integer, list, on_off, text},
    command::command,
};

const CARD: &str = "smartlife.cam.ipcamera.sdCard";

/// What the camera is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadInfo;
command!(ReadInfo, "system", "get_sysinfo", |me| json!({}), Info);

/// Whether there is a card, and how it fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadCard;
command!(ReadCard, CARD, "get_sd_card_state", |me| json!({}), CardState);

/// Whether what is on the card is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadCardEncryption;
command!(ReadCardEncryption, CARD, "get_sd_enc_config", |me| json!({}), Details);

/// How the camera stands with the vendor's cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadCloud;
command!(ReadCloud, "smartlife.cam.ipcamera.cloud", "get_info", |me| json!({}), Details);

/// Clock and time zone in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadClockStatus;
command!(
    ReadClockStatus,
    "smartlife.cam.ipcamera.dateTime",
    "get_status",
    |me| json!({}),
    ClockStatus
);

/// The stored positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadPresets;
command!(ReadPresets, "smartlife.cam.ipcamera.ptz", "get_all_preset", |me| json!({}), Presets);

/// Whether somebody plays recordings from the card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadPlayback(pub PlayerId);
command!(
    ReadPlayback,
    "smartlife.cam.ipcamera.vod",
    "get_vod_occupied_state",
    |me| json!({ "player_id": me.0.as_str() }),
    Details
);

/// What the camera is. The place of the house, which cameras know too, is left out: nothing here
/// needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Info {
    /// What its owner calls it.
    pub alias: String,
    /// Model, such as `EC60(US)`.
    pub model: String,
    /// The vendor's id of this one camera.
    pub device_id: Option<String>,
    /// Address of its network card.
    pub mac: Option<String>,
    /// Version of the hardware.
    pub hardware: Option<String>,
    /// Version of the firmware.
    pub firmware: Option<String>,
    /// Whether it sees; off is privacy.
    pub is_on: Option<bool>,
    /// Whether its light is on.
    pub is_led_on: Option<bool>,
    /// As the camera writes it, such as `720P`.
    pub resolution: Option<String>,
    /// Strength of its wireless signal in dBm.
    pub rssi_dbm: Option<i64>,
    /// When it last noticed something, in seconds since 1970 (UTC).
    pub last_activity_epoch_seconds: Option<u64>,
    /// What its clock shows, in seconds since 1970 (UTC).
    pub system_epoch_seconds: Option<u64>,
}

impl Answered for Info {
    fn read(mut answer: Map<String, Value>) -> Result<Self, Error> {
        // Real ones nest the fields once more.
        if let Some(Value::Object(inner)) = answer.remove("system") {
            answer = inner;
        }
        let required = |name| text(&answer, name).ok_or(Error::Malformed("a field is missing"));
        let seconds = |name| integer(&answer, name).and_then(|number| u64::try_from(number).ok());
        Ok(Self {
            alias: required("alias")?,
            model: required("model")?,
            device_id: text(&answer, "deviceId"),
            mac: text(&answer, "mac"),
            hardware: text(&answer, "hw_ver"),
            firmware: text(&answer, "sw_ver"),
            is_on: answer.get("camera_switch").and_then(on_off),
            is_led_on: answer.get("led_status").and_then(on_off),
            resolution: text(&answer, "resolution"),
            rssi_dbm: integer(&answer, "rssi"),
            last_activity_epoch_seconds: seconds("last_activity_timestamp"),
            system_epoch_seconds: seconds("system_time"),
        })
    }
}

/// Whether there is a card, and how it fares.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CardState {
    /// In the camera's words, such as `normal` or `none`.
    pub state: String,
    /// What else it says.
    pub details: Details,
}

impl Answered for CardState {
    fn read(mut answer: Map<String, Value>) -> Result<Self, Error> {
        let state = text(&answer, "state").ok_or(Error::Malformed("the card has no state"))?;
        answer.remove("state");
        Ok(Self { state, details: details(answer)? })
    }
}

/// Clock and time zone in one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClockStatus {
    /// What the clock shows, in seconds since 1970 (UTC).
    pub epoch_seconds: u64,
    /// Its offset, such as `UTC-05:00`.
    pub offset: Option<String>,
    /// Its place, such as `America/New_York`.
    pub area: Option<String>,
}

impl Answered for ClockStatus {
    fn read(answer: Map<String, Value>) -> Result<Self, Error> {
        let epoch_seconds = integer(&answer, "epoch_sec")
            .and_then(|seconds| u64::try_from(seconds).ok())
            .ok_or(Error::Malformed("the clock shows no time"))?;
        Ok(Self { epoch_seconds, offset: text(&answer, "timezone"), area: text(&answer, "area") })
    }
}

/// The stored positions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Presets(pub Vec<Preset>);

/// A stored position.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Preset {
    /// Its number, if the camera says one.
    pub index: Option<u64>,
    /// What its owner calls it.
    pub name: Option<String>,
    /// What else the camera says.
    pub details: Details,
}

impl Answered for Presets {
    fn read(mut answer: Map<String, Value>) -> Result<Self, Error> {
        let presets = list(&mut answer, "preset_attr")?;
        let preset = |mut preset: Map<String, Value>| {
            let index = integer(&preset, "index").and_then(|index| u64::try_from(index).ok());
            let name = text(&preset, "name");
            preset.retain(|field, _| field != "index" && field != "name");
            Ok(Preset { index, name, details: details(preset)? })
        };
        presets.into_iter().map(preset).collect::<Result<_, _>>().map(Self)
    }
}

/// What the camera noticed within a span of time, as it says it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Detections(pub Vec<Details>);

impl Answered for Detections {
    fn read(mut answer: Map<String, Value>) -> Result<Self, Error> {
        let found = list(&mut answer, "list")?;
        found.into_iter().map(details).collect::<Result<_, _>>().map(Self)
    }
}

/// Where a picture lies.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Snapshot {
    /// The link, if one of the fields is one. It comes from the camera: it is not to be followed
    /// without looking at where it leads.
    pub link: Option<String>,
    /// What else the camera says.
    pub details: Details,
}

impl Answered for Snapshot {
    fn read(answer: Map<String, Value>) -> Result<Self, Error> {
        let is_link = |text: &&str| text.starts_with("https://") || text.starts_with("http://");
        let link = answer.values().filter_map(Value::as_str).find(is_link).map(str::to_owned);
        Ok(Self { link, details: details(answer)? })
    }
}
