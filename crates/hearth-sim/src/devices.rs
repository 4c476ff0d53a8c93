//! Devices of a simulated house besides the streams of its cameras: one of every family.

use serde::Serialize;

use crate::{
    CertificateError, KasaCamera, KasaProtocol, Netatmo, OnvifDevice, OnvifError, OnvifEvent,
    OnvifSpec, ServiceError,
    tapo::{
        KasaPlug, PlugLogin, TapoCamera, TapoCameraSpec, TapoGeneration, TapoPlug, TapoPlugSpec,
        TapoSimError,
    },
};

/// Whose account simulated Tapo devices accept. It guards nothing.
const TAPO_USERNAME: &str = "keeper@example.com";
/// And its password.
const TAPO_PASSWORD: &str = "simulated-tapo";

/// A camera has a password of its own.
const TAPO_CAMERA_PASSWORD: &str = "simulated-tapo-camera";

/// What a device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// The control side of a Tapo camera.
    TapoCamera,
    /// A Tapo plug that measures.
    TapoPlug,
    /// A Kasa plug without any login.
    KasaPlug,
    /// A Kasa camera.
    KasaCamera,
    /// An ONVIF camera that can move and has a button.
    Onvif,
    /// A Netatmo account; the device is one of its rooms.
    NetatmoThermostat,
    /// A Netatmo application; the device is a module of its weather station.
    NetatmoWeather,
}

/// One simulated device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceSpec {
    /// What it is.
    pub kind: DeviceKind,
    /// What it is called.
    pub name: String,
    /// Where it stands.
    pub room: String,
    /// The camera of the house whose control side it is.
    pub camera: Option<String>,
}

impl DeviceSpec {
    /// A device in a room.
    pub fn new(kind: DeviceKind, name: &str, room: &str) -> Self {
        Self { kind, name: name.to_owned(), room: room.to_owned(), camera: None }
    }

    /// The same as the control side of a camera.
    #[must_use]
    pub fn of_camera(self, camera: &str) -> Self {
        Self { camera: Some(camera.to_owned()), ..self }
    }

    /// One of every family.
    pub fn demo() -> Vec<Self> {
        use DeviceKind::{
            KasaCamera, KasaPlug, NetatmoThermostat, NetatmoWeather, Onvif, TapoCamera, TapoPlug,
        };
        vec![
            Self::new(TapoCamera, "Front door lens", "Entrance").of_camera("front-door"),
            Self::new(KasaCamera, "Garden camera", "Garden").of_camera("garden"),
            Self::new(Onvif, "Garage camera", "Garage").of_camera("garage"),
            Self::new(Onvif, "Doorbell", "Entrance").of_camera("front-door"),
            Self::new(TapoPlug, "Hall lamp", "Hall"),
            Self::new(KasaPlug, "Workshop heater", "Workshop"),
            Self::new(NetatmoThermostat, "Kitchen", "Kitchen"),
            Self::new(NetatmoWeather, "Weather", "Garden"),
        ]
    }
}

/// How to reach a simulated device, in the words of `hearthwatch device add`. Its password guards
/// nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeviceDescription {
    /// Always true: there is no such device.
    pub simulated: bool,
    /// What it is called.
    pub name: String,
    /// What it is.
    pub family: DeviceKind,
    /// Where it stands.
    pub room: String,
    /// The camera of the house whose control side it is.
    pub camera: Option<String>,
    /// `127.0.0.1:PORT`, with a path where that names a part of it.
    pub address: String,
    /// Its port.
    pub port: u16,
    /// The account it accepts, if it wants one.
    pub username: Option<String>,
    /// And the password.
    pub password: Option<String>,
    /// SHA-256 of the certificate it shows, in hexadecimal, if it has one.
    pub certificate_sha256: Option<String>,
}

/// Why a device does not start.
#[derive(Debug, thiserror::Error)]
pub enum DeviceSimError {
    /// A Tapo device or a plug.
    #[error(transparent)]
    Tapo(#[from] TapoSimError),
    /// A Kasa camera or Netatmo.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// An ONVIF camera.
    #[error(transparent)]
    Onvif(#[from] OnvifError),
    /// No certificate.
    #[error("a device has no certificate")]
    Certificate(#[from] CertificateError),
}

/// A running device. Dropping it stops it.
#[derive(Debug)]
pub(crate) struct RunningDevice {
    spec: DeviceSpec,
    running: Running,
}

#[derive(Debug)]
enum Running {
    TapoCamera(TapoCamera),
    TapoPlug(TapoPlug),
    KasaPlug(KasaPlug),
    KasaCamera(KasaCamera),
    Onvif(Box<OnvifDevice>, OnvifSpec),
    Netatmo(Netatmo),
}

impl RunningDevice {
    /// Starts a device on a port of 127.0.0.1 that the system chooses.
    pub(crate) async fn start(spec: DeviceSpec) -> Result<Self, DeviceSimError> {
        let running = match spec.kind {
            DeviceKind::TapoCamera => {
                let camera = TapoCameraSpec {
                    alias: spec.name.clone(),
                    ..TapoCameraSpec::new(TapoGeneration::SecureSha256, TAPO_CAMERA_PASSWORD)
                };
                Running::TapoCamera(TapoCamera::start(camera).await?)
            }
            DeviceKind::TapoPlug => {
                let plug = TapoPlugSpec::new(PlugLogin::KlapV2, TAPO_USERNAME, TAPO_PASSWORD);
                Running::TapoPlug(TapoPlug::start(plug).await?)
            }
            DeviceKind::KasaPlug => Running::KasaPlug(KasaPlug::start().await?),
            DeviceKind::KasaCamera => {
                Running::KasaCamera(KasaCamera::start(KasaProtocol::Linkie).await?)
            }
            DeviceKind::Onvif => {
                let onvif = OnvifSpec { encrypted: true, ..OnvifSpec::new(&spec.name) };
                let device = OnvifDevice::start(onvif.clone()).await?;
                Running::Onvif(Box::new(device), onvif)
            }
            DeviceKind::NetatmoThermostat | DeviceKind::NetatmoWeather => {
                Running::Netatmo(Netatmo::start().await?)
            }
        };
        Ok(Self { spec, running })
    }

    /// What it is called.
    pub(crate) fn name(&self) -> &str {
        &self.spec.name
    }

    /// Somebody presses its button and lets it go. Whether it has one.
    pub(crate) fn press(&self) -> bool {
        let Running::Onvif(device, _) = &self.running else { return false };
        device.notice(OnvifEvent::Doorbell(true));
        device.notice(OnvifEvent::Doorbell(false));
        true
    }

    /// How to reach it.
    pub(crate) fn describe(&self) -> DeviceDescription {
        let some = |text: &str| Some(text.to_owned());
        let (port, path, username, password, certificate) = match &self.running {
            Running::TapoCamera(camera) => {
                let certificate = Some(camera.certificate_sha256());
                (camera.port(), "", some("admin"), some(TAPO_CAMERA_PASSWORD), certificate)
            }
            Running::TapoPlug(plug) => {
                (plug.port(), "", some(TAPO_USERNAME), some(TAPO_PASSWORD), None)
            }
            Running::KasaPlug(plug) => (plug.port(), "", None, None, None),
            Running::KasaCamera(camera) => {
                let told = camera.describe();
                let certificate = Some(told.certificate_sha256);
                (told.port, "", Some(told.username), Some(told.password), certificate)
            }
            Running::Onvif(device, spec) => {
                let certificate = device.certificate_sha256();
                let (username, password) = (some(&spec.username), some(&spec.password));
                (port_of(&device.url()), "/onvif/device_service", username, password, certificate)
            }
            Running::Netatmo(cloud) => {
                let told = cloud.describe();
                let certificate = Some(told.certificate_sha256);
                if self.spec.kind == DeviceKind::NetatmoWeather {
                    let secrets = format!("{} {}", told.client_secret, told.refresh_token);
                    let account = (Some(told.client_id), Some(secrets));
                    return self.described((
                        told.port,
                        "/Garden",
                        account.0,
                        account.1,
                        certificate,
                    ));
                }
                // The one room of the simulated home that has this name.
                (told.port, "/Kitchen", Some(told.username), Some(told.password), certificate)
            }
        };
        self.described((port, path, username, password, certificate))
    }

    fn described(
        &self,
        (port, path, username, password, certificate): (
            u16,
            &str,
            Option<String>,
            Option<String>,
            Option<String>,
        ),
    ) -> DeviceDescription {
        DeviceDescription {
            simulated: true,
            name: self.spec.name.clone(),
            family: self.spec.kind,
            room: self.spec.room.clone(),
            camera: self.spec.camera.clone(),
            address: format!("127.0.0.1:{port}{path}"),
            port,
            username,
            password,
            certificate_sha256: certificate,
        }
    }
}

/// Of `scheme://127.0.0.1:PORT/path`.
fn port_of(url: &str) -> u16 {
    let authority = url.split("://").nth(1).and_then(|rest| rest.split('/').next());
    let port = authority.and_then(|authority| authority.rsplit(':').next());
    port.and_then(|port| port.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// promise: D-22. The simulated house has one of every family, and says that none is real.
    #[tokio::test]
    async fn every_family_starts_and_says_how_to_reach_it() {
        let mut ports = std::collections::BTreeSet::new();
        for spec in DeviceSpec::demo() {
            let device = RunningDevice::start(spec.clone()).await.expect("it starts");
            let told = device.describe();
            assert!(told.simulated && told.port != 0, "{told:?}");
            assert_eq!((told.family, told.name), (spec.kind, spec.name));
            assert!(told.address.starts_with(&format!("127.0.0.1:{}", told.port)));
            assert_eq!(told.username.is_some(), told.password.is_some());
            ports.insert(told.port);
        }
        assert!(!ports.is_empty());
    }

    /// promise: D-22. The simulated house has a doorbell that can be pressed, at a camera.
    #[tokio::test]
    async fn the_doorbell_can_be_pressed_and_a_lamp_cannot() {
        let named = |name: &str| {
            DeviceSpec::demo().into_iter().find(|spec| spec.name == name).expect("it is there")
        };
        assert_eq!(named("Doorbell").camera.as_deref(), Some("front-door"));
        for (name, has_button) in [("Doorbell", true), ("Hall lamp", false)] {
            let device = RunningDevice::start(named(name)).await.expect("it starts");
            assert_eq!(device.press(), has_button, "{name}");
        }
    }
}
