//! Devices behind a hub.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{CameraCall, Request};
use crate::{Call, Malformed, OutOfRange, call};

/// A hub takes up to 64 devices.
const CHILDREN_MAX: usize = 64;

/// The identity of a device behind a hub.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize)]
pub struct ChildId(String);

impl ChildId {
    /// 1 to 128 letters, digits and underscores.
    pub fn new(id: &str) -> Result<Self, OutOfRange> {
        let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if (1..=128).contains(&id.len()) && id.bytes().all(is_fine) {
            Ok(Self(id.to_owned()))
        } else {
            Err(OutOfRange::new("the identity of a child device", "1 to 128 letters and digits"))
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for ChildId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// A device behind a hub.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
pub struct Child {
    /// Its identity.
    #[serde(rename = "device_id")]
    pub id: ChildId,
    /// Its model.
    #[serde(default, alias = "device_model")]
    pub model: Option<String>,
    /// The name its owner gave it.
    #[serde(default, alias = "device_name")]
    pub alias: Option<String>,
    /// `online` or `offline`.
    #[serde(default)]
    pub status: Option<Value>,
}

/// One page of the devices, and how many there are altogether.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Children {
    /// The page.
    pub page: Vec<Child>,
    /// All there are.
    pub total: usize,
}

/// The devices from the `start`th on.
pub fn children(start: u8) -> CameraCall<Children> {
    let params = json!({"childControl": {"start_index": start}});
    Call::new(Request::Entry { method: "getChildDeviceList", params }, |result| {
        let page: Vec<Child> = call::read_at(result, &["child_device_list"])?;
        let total = result.get("sum").and_then(Value::as_u64).and_then(|sum| sum.try_into().ok());
        let total = total.unwrap_or(page.len());
        if total > CHILDREN_MAX || page.len() > total {
            return Err(Malformed::new("the number of child devices"));
        }
        Ok(Children { page, total })
    })
}
