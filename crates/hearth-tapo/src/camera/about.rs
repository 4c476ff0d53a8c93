//! What a camera is: model, firmware, components, network.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    CameraCall, Request, Verb,
    request::{get, set},
};
use crate::{Call, OutOfRange, call, value::lenient_option};

/// The basic facts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
pub struct CameraFacts {
    /// `C210`.
    #[serde(rename = "device_model")]
    pub model: String,
    /// The kind of device: `SMART.IPCAMERA`.
    #[serde(default, rename = "device_type")]
    pub kind: String,
    /// The name its owner gave it.
    #[serde(default, rename = "device_alias")]
    pub alias: Option<String>,
    /// The firmware.
    #[serde(default, rename = "sw_version")]
    pub firmware: String,
    /// The hardware version.
    #[serde(default, rename = "hw_version")]
    pub hardware: String,
    /// The hardware address.
    #[serde(default)]
    pub mac: Option<String>,
    /// Its identity.
    #[serde(default, rename = "dev_id")]
    pub device_id: Option<String>,
}

/// A feature and its version.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
pub struct Component {
    /// `ptz`, `led`, `sdCard`...
    pub name: String,
    /// Its version.
    #[serde(deserialize_with = "crate::value::lenient")]
    pub version: u32,
}

/// How it is connected.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
pub struct Connection {
    /// `wifi` or `ethernet`.
    pub link_type: String,
    /// Bars, 0 to 4.
    #[serde(default, deserialize_with = "lenient_option", rename = "rssi")]
    pub bars: Option<u8>,
    /// The signal in dBm.
    #[serde(default, deserialize_with = "lenient_option", rename = "rssiValue")]
    pub signal_dbm: Option<i32>,
}

/// Model, firmware, identity.
pub fn facts() -> CameraCall<CameraFacts> {
    let params = json!({"device_info": {"name": ["basic_info"]}});
    get("getDeviceInfo", params, &["device_info", "basic_info"])
}

/// Which features it has.
pub fn components() -> CameraCall<Vec<Component>> {
    let params = json!({"app_component": {"name": "app_component_list"}});
    get("getAppComponentList", params, &["app_component", "app_component_list"])
}

/// Network and signal.
pub fn connection() -> CameraCall<Connection> {
    get("getConnectionType", json!({"network": {"get_connection_type": []}}), &[])
}

/// The functions that its firmware was built with, as it names them, with their values.
pub fn module_spec() -> CameraCall<serde_json::Map<String, Value>> {
    let body = json!({"name": ["module_spec"]});
    let request = Request::Single { verb: Verb::Get, module: "function", body };
    Call::new(request, |answer| call::read_at(answer, &["function", "module_spec"]))
}

/// On which port its own stream is ([`crate::media`]).
pub fn media_port() -> CameraCall<u16> {
    #[derive(Deserialize)]
    struct Server {
        #[serde(deserialize_with = "crate::value::lenient")]
        port: u16,
    }
    let body = json!({"name": ["vhttpd"]});
    let request = Request::Single { verb: Verb::Get, module: "cet", body };
    Call::new(request, |answer| {
        let server: Server = call::read_at(answer, &["cet", "vhttpd"])?;
        Ok(server.port)
    })
}

/// Gives it a name of 1 to 64 characters.
pub fn set_alias(alias: &str) -> Result<CameraCall<()>, OutOfRange> {
    let fits = (1..=64).contains(&alias.chars().count()) && !alias.chars().any(char::is_control);
    if !fits {
        return Err(OutOfRange::new("a name", "1 to 64 printable characters"));
    }
    Ok(set("setDeviceAlias", json!({"system": {"sys": {"dev_alias": alias}}})))
}

/// Starts it anew. It acknowledges before it goes.
pub fn reboot() -> CameraCall<()> {
    set("rebootDevice", json!({"system": {"reboot": "null"}}))
}

/// A restart at a fixed time.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
pub struct RebootPlan {
    /// Whether it happens.
    pub enabled: crate::Switch,
    /// `HH:MM:SS` of the camera's clock.
    pub time: String,
    /// `everyday` or a day of the week.
    #[serde(default)]
    pub day: Option<String>,
}

/// When it starts anew by itself.
pub fn reboot_plan() -> CameraCall<RebootPlan> {
    get("getReboot", json!({"timing_reboot": {"name": ["reboot"]}}), &["timing_reboot", "reboot"])
}
