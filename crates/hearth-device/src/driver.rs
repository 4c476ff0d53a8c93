//! One device, asked by one task.

use std::{
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
    time::Duration,
};

use hearth_capture::board::Board;
use hearth_model::AddressPolicy;
use hearth_secret::SecretString;
use serde_json::Value;
use tokio::time::timeout;

use crate::{
    ControlValue, DeviceAddress, DeviceError, Family, Keepsake, Look, Loudspeaker, MemoryCell,
    Notices,
    drivers::{board, kasa_camera, netatmo, netatmo_weather, onvif, plug, tapo_camera},
};

/// An answer on its way.
pub type Asking<'a, T> = Pin<Box<dyn Future<Output = Result<T, DeviceError>> + Send + 'a>>;

/// Speaks with one device. Exclusive: a device is asked one thing at a time. Every call may be
/// dropped half-way; the next one begins cleanly.
pub trait Driver: Send {
    /// Asks for everything that is shown.
    fn look(&mut self) -> Asking<'_, Look>;

    /// Sets a control to a value that [`crate::Control::check`] admitted. Success means that the
    /// device acknowledged it.
    fn set<'a>(&'a mut self, key: &'a str, value: &'a ControlValue) -> Asking<'a, ()>;

    /// Does something once. Success means that the device acknowledged it.
    fn act<'a>(&'a mut self, key: &'a str, arguments: &'a Value) -> Asking<'a, ()>;

    /// Opens its loudspeaker. One that somebody has is no failure of the device.
    fn open_loudspeaker(&mut self) -> Asking<'_, Loudspeaker> {
        Box::pin(async { Err(DeviceError::Unsupported) })
    }

    /// Ends session and connection (promise T-11).
    fn close(&mut self) -> Asking<'_, ()>;
}

/// Somebody's account with a device.
#[derive(Clone, Debug)]
pub struct Account {
    /// User name.
    pub username: String,
    /// Password.
    pub password: SecretString,
}

/// What a driver is made of.
#[derive(Clone, Debug)]
pub struct Setup {
    /// What the device is called in logs: its id, if it has one.
    pub name: String,
    /// Which protocol.
    pub family: Family,
    /// Where it is.
    pub address: DeviceAddress,
    /// The account, if there is one.
    pub account: Option<Account>,
    /// What it has shown so far.
    pub memory: MemoryCell,
    /// Which addresses it may have.
    pub addresses: AddressPolicy,
    /// Where it keeps a secret that changes by itself; `None` while it is only tried.
    pub keepsake: Option<Arc<dyn Keepsake>>,
    /// What hangs on this machine.
    pub board: Arc<dyn Board>,
    /// Where it tells what it notices by itself.
    pub notices: Notices,
}

/// Makes a panic in a driver the failure of its device, and of nothing else (promise D-18).
pub(crate) async fn contain<T>(
    call: impl Future<Output = Result<T, DeviceError>>,
) -> Result<T, DeviceError> {
    let mut call = pin!(call);
    poll_fn(|context| {
        // A call that panicked is not polled again, and its driver is dropped.
        let polled = catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(context)));
        polled.unwrap_or(Poll::Ready(Err(DeviceError::Crashed)))
    })
    .await
}

/// Makes one attempt with a device that nobody looks after yet.
///
/// # Errors
/// See [`DeviceError`].
pub async fn probe(setup: &Setup, within: Duration) -> Result<Look, DeviceError> {
    let attempt = async {
        let mut driver = connect(setup).await?;
        let looked = driver.look().await;
        driver.close().await.ok();
        looked
    };
    let looked = timeout(within, contain(attempt)).await.unwrap_or(Err(DeviceError::Timeout));
    if let Err(error) = &looked {
        tracing::info!(device = setup.name, family = setup.family.name(), %error, "a probe failed");
    }
    looked
}

/// Makes a driver. Connects only as far as is needed to know where the device is; nothing secret
/// is sent yet.
///
/// # Errors
/// If the address stands for nothing or for something that is not admitted.
pub async fn connect(setup: &Setup) -> Result<Box<dyn Driver>, DeviceError> {
    match setup.family {
        Family::NetatmoThermostat => return netatmo::connect(setup).await,
        Family::NetatmoWeather => return netatmo_weather::connect(setup).await,
        _ => {}
    }
    if setup.family.is_wired() {
        return board::connect(setup);
    }
    let ip = setup.address.resolve(setup.addresses).await?;
    match setup.family {
        Family::TapoCamera => tapo_camera::connect(setup, ip),
        Family::TapoPlug | Family::KasaPlug => plug::connect(setup, ip),
        Family::KasaCamera => kasa_camera::connect(setup, ip),
        Family::Onvif => onvif::connect(setup, ip),
        // Connected above: they have no address in the network.
        Family::NetatmoThermostat
        | Family::NetatmoWeather
        | Family::GpioButton
        | Family::GpioMotion
        | Family::GpioLamp
        | Family::GpioLampReady
        | Family::GpioLampRing
        | Family::GpioLampAlert
        | Family::GpioChime
        | Family::BoardSensor => Err(DeviceError::Unsupported),
    }
}
