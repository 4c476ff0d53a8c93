//! What people set up about a device.

use hearth_device::{DeviceAddress, Family, Fingerprint};
use hearth_model::CameraId;
use hearth_secret::SecretString;

use crate::name::DeviceName;

/// A device to be tried or added.
#[derive(Clone, Debug)]
pub struct NewDevice {
    /// What to call it.
    pub name: DeviceName,
    /// Where it is in the house.
    pub room: Option<DeviceName>,
    /// Which protocol.
    pub family: Family,
    /// Where it is in the network.
    pub address: DeviceAddress,
    /// Its account, if it has one.
    pub account: Option<(String, SecretString)>,
    /// The camera whose control side it is.
    pub camera: Option<CameraId>,
    /// The certificate it must show; without one, the first is pinned.
    pub fingerprint: Option<Fingerprint>,
}

/// Settings of a device, as the index keeps them.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceSettings {
    /// Where it is in the house.
    #[serde(default)]
    pub room: Option<DeviceName>,
    /// Which protocol.
    pub family: Family,
    /// Where it is in the network.
    pub address: DeviceAddress,
    /// The camera whose control side it is.
    #[serde(default)]
    pub camera: Option<CameraId>,
    /// Whether what it measures is kept. Off unless somebody switched it on (promise N-10).
    #[serde(default)]
    pub history: bool,
    /// Whether it may be on the hub's own machine: only the machine's own user can say so.
    #[serde(default)]
    pub this_machine: bool,
}

/// On or off, as a word.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum History {
    /// What the device measures is kept.
    On,
    /// It is not.
    Off,
}

impl History {
    pub(crate) fn is_on(self) -> bool {
        self == Self::On
    }
}

impl From<bool> for History {
    fn from(on: bool) -> Self {
        if on { Self::On } else { Self::Off }
    }
}

/// What is to change; absent parts stay, null takes away.
#[derive(Clone, Debug, Default, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DevicePatch {
    /// Name.
    pub name: Option<DeviceName>,
    /// Room.
    #[serde(deserialize_with = "crate::patch::given")]
    #[schema(value_type = Option<DeviceName>)]
    pub room: Option<Option<DeviceName>>,
    /// The camera whose control side it is.
    #[serde(deserialize_with = "crate::patch::given")]
    #[schema(value_type = Option<CameraId>)]
    pub camera: Option<Option<CameraId>>,
    /// Whether what it measures is kept; off erases what was.
    pub history: Option<History>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_takes_away_and_absent_stays() {
        let patch = |text: &str| serde_json::from_str::<DevicePatch>(text);
        assert_eq!(patch("{}").expect("read").room, None);
        assert_eq!(patch("{\"room\":null}").expect("read").room, Some(None));
        let hall = DeviceName::new("Hall");
        assert_eq!(patch("{\"room\":\"Hall\"}").expect("read").room, Some(hall));
        assert!(patch("{\"family\":\"onvif\"}").is_err());
    }
}
