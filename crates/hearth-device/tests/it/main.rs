//! Drivers and their supervisor against the simulated devices.

#![expect(clippy::panic, reason = "a test fails by panicking")]

mod families;
mod finding;
mod keeping;

use std::{sync::Arc, time::Duration};

use hearth_device::{
    Account, Clock, DeviceState, Family, Memory, MemoryCell, Pace, Setup, Standing, Supervised,
};
use hearth_model::{AddressPolicy, WallTime};
use hearth_sim::{
    KasaCamera, KasaDescription, KasaProtocol, Netatmo, OnvifDevice,
    tapo::{TapoCamera, TapoCameraSpec, TapoGeneration, TapoPlug, TapoPlugSpec},
};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The family's own pace, only quicker.
pub(crate) fn quick() -> Pace {
    Pace {
        look_every: Duration::from_millis(50),
        retry_min: Duration::from_millis(20),
        retry_max: Duration::from_millis(100),
        call_max: Duration::from_secs(20),
        spread: Duration::ZERO,
    }
}

pub(crate) fn clock() -> Clock {
    Arc::new(|| {
        let since = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("after 1970");
        WallTime::from_micros(i64::try_from(since.as_micros()).expect("before the year 294247"))
    })
}

pub(crate) fn account(username: &str, password: &str) -> Option<Account> {
    Some(Account { username: username.to_owned(), password: password.into() })
}

pub(crate) fn setup(family: Family, address: &str, account: Option<Account>) -> Setup {
    Setup {
        name: "it".to_owned(),
        family,
        address: address.parse().expect("an address"),
        account,
        memory: MemoryCell::new(Memory::default()),
        addresses: AddressPolicy::DEVICES.with_this_machine(),
        keepsake: None,
        board: Arc::new(hearth_device::KernelBoard),
        notices: hearth_device::Notices::default(),
    }
}

pub(crate) fn keep(setup: Setup) -> Supervised {
    Supervised::start(setup, quick(), clock())
}

/// Waits until the device stands as wanted.
pub(crate) async fn until(device: &Supervised, what: impl Fn(&Standing) -> bool) -> Standing {
    let mut changes = device.changes();
    let waited = tokio::time::timeout(PATIENCE, changes.wait_for(|standing| what(standing))).await;
    match waited {
        Ok(standing) => standing.expect("it is looked after").clone(),
        Err(_) => panic!("it never came so far: {:?}", device.standing()),
    }
}

pub(crate) async fn until_state(device: &Supervised, state: DeviceState) -> Standing {
    until(device, |standing| standing.state == state).await
}

pub(crate) const PASSWORD: &str = "correct horse";

pub(crate) async fn tapo_camera() -> (TapoCamera, Setup) {
    let spec = TapoCameraSpec::new(TapoGeneration::SecureSha256, PASSWORD);
    let camera = TapoCamera::start(spec).await.expect("it starts");
    let address = format!("127.0.0.1:{}", camera.port());
    let setup = setup(Family::TapoCamera, &address, account("admin", PASSWORD));
    (camera, setup)
}

pub(crate) async fn tapo_plug(spec: TapoPlugSpec) -> (TapoPlug, Setup) {
    let is_kasa = spec.speaks_iot;
    let plug = TapoPlug::start(spec).await.expect("it starts");
    let family = if is_kasa { Family::KasaPlug } else { Family::TapoPlug };
    let address = format!("127.0.0.1:{}", plug.port());
    (plug, setup(family, &address, account("me@example.com", PASSWORD)))
}

pub(crate) async fn kasa_camera(protocol: KasaProtocol) -> (KasaCamera, Setup) {
    let camera = KasaCamera::start(protocol).await.expect("it starts");
    let KasaDescription { port, username, password, .. } = camera.describe();
    let account = account(&username, &password).filter(|_| protocol == KasaProtocol::Linkie);
    let setup = setup(Family::KasaCamera, &format!("127.0.0.1:{port}"), account);
    (camera, setup)
}

pub(crate) fn onvif(device: &OnvifDevice, username: &str, password: &str) -> Setup {
    let url = device.url();
    let address = url.split_once("://").expect("a scheme").1;
    setup(Family::Onvif, address, account(username, password))
}

pub(crate) fn netatmo(cloud: &Netatmo, room: &str) -> Setup {
    let description = cloud.describe();
    let address = format!("127.0.0.1:{}/{room}", description.port);
    let account = account(&description.username, &description.password);
    setup(Family::NetatmoThermostat, &address, account)
}
