//! A device and a client for it.

use std::sync::Arc;

use hearth_onvif::{Account, Device, DeviceSpec, Error, Token};
use hearth_sim::{OnvifAccess, OnvifDevice, OnvifSpec};

pub(crate) async fn start(spec: OnvifSpec) -> OnvifDevice {
    OnvifDevice::start(spec).await.expect("ports are free")
}

/// A device with everything.
pub(crate) async fn device(access: OnvifAccess) -> OnvifDevice {
    start(OnvifSpec { access, ..OnvifSpec::new("door") }).await
}

pub(crate) fn spec(device: &OnvifDevice) -> DeviceSpec {
    with_password(device, "simulated-door")
}

pub(crate) fn with_password(device: &OnvifDevice, password: &str) -> DeviceSpec {
    let mut spec = DeviceSpec::new(device.url().parse().expect("valid"));
    spec.account = Some(Account { username: "admin".to_owned(), password: password.into() });
    spec
}

pub(crate) async fn connect(device: &OnvifDevice) -> Result<Arc<Device>, Error> {
    Device::connect(spec(device)).await.map(Arc::new)
}

pub(crate) fn token(text: &str) -> Token {
    text.parse().expect("a token")
}
