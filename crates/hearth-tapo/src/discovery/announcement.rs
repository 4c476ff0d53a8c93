//! What a device says about itself before anybody logged in.

use serde_json::Value;

use crate::{Malformed, transport::xor};

/// Longer texts are nothing that belongs into a list.
const TEXT_CHARS_MAX: usize = 128;

/// What kind of device it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// A Tapo camera.
    TapoCamera,
    /// A Tapo doorbell.
    TapoDoorbell,
    /// A hub with cameras or sensors behind it.
    TapoHub,
    /// A Tapo plug.
    TapoPlug,
    /// A Kasa plug with the newer command language.
    KasaSmartPlug,
    /// A Kasa plug.
    KasaPlug,
    /// A Kasa camera.
    KasaCamera,
    /// Something else of the vendor's.
    Other,
}

impl Family {
    fn of(kind: &str) -> Self {
        match kind {
            "SMART.IPCAMERA" => Self::TapoCamera,
            "SMART.TAPODOORBELL" => Self::TapoDoorbell,
            "SMART.TAPOHUB" => Self::TapoHub,
            "SMART.TAPOPLUG" => Self::TapoPlug,
            "SMART.KASAPLUG" => Self::KasaSmartPlug,
            "IOT.SMARTPLUGSWITCH" => Self::KasaPlug,
            "IOT.IPCAMERA" => Self::KasaCamera,
            _ => Self::Other,
        }
    }
}

/// The transport to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Encryption {
    /// TCP 9999.
    Xor,
    /// KLAP.
    Klap,
    /// AES pass-through; on cameras the HTTPS API.
    Aes,
    /// TPAP.
    Tpap,
    /// Something else.
    Unknown,
}

/// One device's answer.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Announcement {
    /// What kind it is.
    pub family: Family,
    /// The model with its region: `P110(UK)`.
    pub model: String,
    /// The name its owner gave it, where it tells.
    pub alias: Option<String>,
    /// Its identity, which stays the same through resets of the network.
    pub device_id: String,
    /// Its hardware address as `AA:BB:CC:DD:EE:FF`.
    pub mac: Option<String>,
    /// The firmware, where it tells.
    pub firmware: Option<String>,
    /// The transport to try.
    pub encryption: Encryption,
    /// The version of its login, where it tells.
    pub login_version: Option<u32>,
    /// The port for commands, where it is not the usual one.
    pub port: Option<u16>,
    /// Whether commands go through TLS.
    pub https: bool,
}

fn text(value: &Value, keys: &[&str]) -> Option<String> {
    keys.iter()
        .find_map(|key| value.get(key)?.as_str())
        .filter(|text| !text.is_empty())
        .map(|text| text.chars().filter(|c| !c.is_control()).take(TEXT_CHARS_MAX).collect())
}

fn mac(value: &Value, keys: &[&str]) -> Option<String> {
    let digits: String = text(value, keys)?.chars().filter(char::is_ascii_hexdigit).collect();
    let pairs: Vec<&str> =
        digits.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok()).collect();
    (digits.len() == 12).then(|| pairs.join(":").to_ascii_uppercase())
}

fn port(value: Option<&Value>) -> Option<u16> {
    value?.as_u64().and_then(|port| u16::try_from(port).ok()).filter(|port| *port != 0)
}

/// From the answer on port 9999.
pub(super) fn from_sysinfo(sysinfo: &Value) -> Result<Announcement, Malformed> {
    // Cameras put the fields one level deeper.
    let fields = sysinfo.get("system").filter(|inner| inner.is_object()).unwrap_or(sysinfo);
    let kind = text(fields, &["mic_type", "type"]).unwrap_or_default();
    Ok(Announcement {
        family: Family::of(&kind),
        model: text(fields, &["model"]).ok_or(Malformed::new("no model"))?,
        alias: text(fields, &["alias"]),
        device_id: text(fields, &["deviceId", "device_id"]).ok_or(Malformed::new("no identity"))?,
        mac: mac(fields, &["mac", "mic_mac", "ethernet_mac"]),
        firmware: text(fields, &["sw_ver"]),
        encryption: if kind == "IOT.IPCAMERA" { Encryption::Unknown } else { Encryption::Xor },
        login_version: None,
        port: Some(xor::PORT).filter(|_| kind != "IOT.IPCAMERA"),
        https: kind == "IOT.IPCAMERA",
    })
}

/// From the answer on ports 20002 and 20004; `opened` is the decrypted part.
pub(super) fn from_tdp(result: &Value, opened: Option<&Value>) -> Result<Announcement, Malformed> {
    let family = Family::of(&text(result, &["device_type"]).unwrap_or_default());
    let scheme = result.get("mgt_encrypt_schm");
    let in_scheme = |key: &str| scheme.and_then(|scheme| scheme.get(key));
    let types = result.get("encrypt_type").and_then(Value::as_array);
    let strongest =
        types.into_iter().flatten().filter_map(|kind| kind.as_str()?.parse().ok()).max();
    let named = in_scheme("encrypt_type").and_then(Value::as_str).or_else(|| {
        result.get("encrypt_info").and_then(|info| info.get("sym_schm")).and_then(Value::as_str)
    });
    let is_camera = matches!(family, Family::TapoCamera | Family::TapoDoorbell | Family::TapoHub);
    let encryption = match (strongest, named) {
        (Some(4..), _) => Encryption::Tpap,
        (_, Some("KLAP")) => Encryption::Klap,
        (_, Some("AES")) => Encryption::Aes,
        (_, Some("XOR")) => Encryption::Xor,
        _ if is_camera => Encryption::Aes,
        _ => Encryption::Unknown,
    };
    let hidden_port = opened.and_then(|opened| opened.get("http_port"));
    Ok(Announcement {
        family,
        model: text(result, &["device_model"]).ok_or(Malformed::new("no model"))?,
        alias: text(result, &["device_name"]),
        device_id: text(result, &["device_id"]).ok_or(Malformed::new("no identity"))?,
        mac: mac(result, &["mac"]),
        firmware: text(result, &["firmware_version"]),
        encryption,
        login_version: in_scheme("lv")
            .and_then(Value::as_u64)
            .and_then(|version| u32::try_from(version).ok())
            .or(strongest),
        port: port(in_scheme("http_port").or(hidden_port)),
        https: is_camera || in_scheme("is_support_https").and_then(Value::as_bool) == Some(true),
    })
}
