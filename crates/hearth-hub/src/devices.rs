//! Devices besides the streams of cameras: find, try, add, look at, control, remove.
//!
//! What a device can do and how it fares comes from `hearth-device`; who may do what, names and
//! rooms, passwords in the vault and facts are here. Every use case that needs the device makes one
//! attempt, so that nothing here ever guesses a password twice (promise N-06).

mod history;
mod keeping;
mod keepsakes;
mod limits;
mod notices;
mod registry;
mod rooms;
mod rules;
mod schedules;
mod settings;
mod signals;
mod sirens;
mod view;

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use hearth_auth::{HouseGrant, Principal, ask};
use hearth_device::{
    Account, Control, ControlValue, DeviceError, Discovery, Fingerprint, MemoryCell, Search, Setup,
};
use hearth_model::{AddressPolicy, CameraId, DeviceId, EventBody, FaultKind};
use hearth_secret::SecretString;
use hearth_store::StoredDevice;
use hearth_vault::{KeyScope, VaultError};
use serde_json::Value;

use crate::{
    Hub,
    error::{Result, UseCaseError},
    house::House,
    identity::store_error,
};

pub(crate) use keeping::{DeviceReadings, follow_device};
pub(crate) use limits::POWER;
pub use limits::{Limit, LimitAction};
pub(crate) use registry::{Devices, KeptDevice};
pub use rooms::RoomResult;
pub use rules::DeviceRule;
pub(crate) use rules::DeviceRules;
pub use schedules::{Day, Schedule, TimeOfDay};
pub use settings::{DevicePatch, DeviceSettings, History, NewDevice};
pub(crate) use signals::show_signals;
pub use view::{DeviceView, DiscoveryView, FoundView, ProbeView, ReadingsView};

/// How long one attempt with a device may take: a slow handshake, a login, and a look.
const PROBE_LIMIT: Duration = Duration::from_secs(20);

/// Devices answer a broadcast within a second or two.
const DISCOVERY: Duration = Duration::from_secs(5);

/// Context under which a device's user name and password are sealed.
const CREDENTIALS_CONTEXT: &[u8] = b"device credentials v1";

impl Hub {
    /// The devices that the principal may see, in the order they were added.
    pub fn devices(&self, grant: &HouseGrant<ask::ReadDevices>) -> Vec<DeviceView> {
        let house = self.house();
        let visible = |device: &Arc<KeptDevice>| house.sees_device(grant.principal(), device);
        house.devices.all().iter().filter(|one| visible(one)).map(|one| house.view(one)).collect()
    }

    /// One device.
    ///
    /// # Errors
    /// `not_found`.
    pub fn device(&self, grant: &HouseGrant<ask::ReadDevices>, id: DeviceId) -> Result<DeviceView> {
        let device = self.seen_device(grant.principal(), id)?;
        Ok(self.house().view(&device))
    }

    /// Asks the network for devices. Lists who answered, and nobody else.
    ///
    /// # Errors
    /// `invalid` for addresses outside private networks.
    pub async fn discover_devices(
        &self,
        _grant: &HouseGrant<ask::ManageCameras>,
        addresses: Vec<Ipv4Addr>,
    ) -> Result<DiscoveryView> {
        if addresses.len() > Search::ADDRESSES_MAX || !addresses.iter().all(Ipv4Addr::is_private) {
            let text = "Name at most 256 addresses of a private network.";
            return Err(UseCaseError::bad_input("invalid", text));
        }
        let search = Search { addresses, ..Search::everywhere(DISCOVERY) };
        let begun = std::time::Instant::now();
        let Discovery { found, asked, failed } = hearth_device::discover(search).await;
        let known = self.house().devices.all();
        let found = found.into_iter().map(|found| FoundView::of(found, &known)).collect();
        Ok(DiscoveryView { found, asked, failed, seconds: begun.elapsed().as_secs_f64() })
    }

    /// Makes one attempt with a device; nothing is kept.
    ///
    /// # Errors
    /// One code for each way to fail, e.g. `device_wrong_password`.
    pub async fn probe_device(
        &self,
        grant: &HouseGrant<ask::ManageCameras>,
        new: &NewDevice,
    ) -> Result<ProbeView> {
        let setup = self.house().setup_of(grant.principal(), new);
        let look = hearth_device::probe(&setup, PROBE_LIMIT).await.map_err(device_error)?;
        Ok(ProbeView::of(new.family, look))
    }

    /// Adds a device that answers, and looks after it from now on. Nothing half-made stays behind.
    ///
    /// # Errors
    /// As for [`Hub::probe_device`]; `conflict` if the name is taken;
    /// `device_certificate_changed` if it shows another certificate than was named.
    pub async fn add_device(
        &self,
        grant: HouseGrant<ask::ManageCameras>,
        new: NewDevice,
    ) -> Result<DeviceView> {
        let house = self.house();
        if let Some(camera) = new.camera {
            self.running(camera)?;
        }
        let mut setup = house.setup_of(grant.principal(), &new);
        hearth_device::probe(&setup, PROBE_LIMIT).await.map_err(device_error)?;
        let id = DeviceId::new();
        let credentials = setup.account.as_ref().map(|account| house.seal_account(id, account));
        let settings = DeviceSettings {
            room: new.room,
            family: new.family,
            address: new.address,
            camera: new.camera,
            history: false,
            this_machine: setup.addresses.admits_this_machine(),
        };
        let stored = StoredDevice {
            id,
            name: new.name.to_string(),
            settings: to_value(&settings)?,
            credentials: credentials.transpose()?,
            memory: to_value(&setup.memory.get())?,
            created_at: house.clock.wall_now(),
        };
        if let Err(error) = house.store.add_device(&stored).await {
            house.destroy_account(id)?;
            return Err(store_error(error));
        }
        let (name, camera) = (stored.name.clone(), settings.camera);
        house.note(EventBody::DeviceAdded { device: id, name, camera }).await;
        setup.keepsake = Some(house.keepsake(id));
        let device = house.adopt_device(stored, settings, setup);
        house.keep_snapshot().await;
        device.first_look().await;
        Ok(house.view(&device))
    }

    /// Changes name, room, camera or history of a device.
    ///
    /// # Errors
    /// `not_found`, `conflict`.
    pub async fn update_device(
        &self,
        _grant: HouseGrant<ask::ManageCameras>,
        id: DeviceId,
        patch: DevicePatch,
    ) -> Result<DeviceView> {
        let house = self.house();
        let device = self.kept_device(id)?;
        if let Some(Some(camera)) = patch.camera {
            self.running(camera)?;
        }
        let mut settings = DeviceSettings::clone(&device.settings());
        settings.room = patch.room.unwrap_or(settings.room);
        settings.camera = patch.camera.unwrap_or(settings.camera);
        let was_kept = settings.history;
        settings.history = patch.history.map_or(settings.history, |history| history.is_on());
        let value = to_value(&settings)?;
        let stored = house.change_device(&device, |stored| {
            stored.settings = value;
            if let Some(name) = patch.name {
                stored.name = name.to_string();
            }
        });
        stored.await?;
        if was_kept && !settings.history {
            // promise: N-10. What is switched off is not kept either.
            let all = hearth_model::WallTime::from_micros(i64::MAX);
            house.store.erase_readings(Some(id), all).await.map_err(store_error)?;
        }
        device.apply(settings);
        Ok(house.view(&device))
    }

    /// Enters a device's user name and password again, and makes one attempt with them.
    ///
    /// # Errors
    /// As for [`Hub::probe_device`]; what was entered is kept only if the device took it.
    pub async fn set_device_credentials(
        &self,
        _grant: HouseGrant<ask::ManageCameras>,
        id: DeviceId,
        account: (String, SecretString),
    ) -> Result<DeviceView> {
        let house = self.house();
        let device = self.kept_device(id)?;
        let (username, password) = account;
        let account = Account { username, password };
        device.supervised().set_account(Some(account.clone())).await.map_err(device_error)?;
        let sealed = house.seal_account(id, &account)?;
        house.change_device(&device, |stored| stored.credentials = Some(sealed)).await?;
        Ok(house.view(&device))
    }

    /// Confirms the certificate that a device shows now (promise K-01).
    ///
    /// # Errors
    /// `device_certificate_changed` if it shows another one than was confirmed.
    pub async fn trust_device(
        &self,
        _grant: HouseGrant<ask::ManageCameras>,
        id: DeviceId,
        fingerprint: Fingerprint,
    ) -> Result<DeviceView> {
        let house = self.house();
        let device = self.kept_device(id)?;
        device.supervised().trust(fingerprint).await.map_err(device_error)?;
        house.keep_memory(&device).await;
        Ok(house.view(&device))
    }

    /// Removes a device: the key of its password is destroyed first, so that no copy of the index
    /// gives it away (promise D-04).
    ///
    /// # Errors
    /// `not_found`.
    pub async fn remove_device(
        &self,
        _grant: HouseGrant<ask::ManageCameras>,
        id: DeviceId,
    ) -> Result<()> {
        let house = self.house();
        let device = house.devices.remove(id).ok_or_else(|| UseCaseError::not_found("device"))?;
        house.device_rules.forget(id);
        device.supervised().stop().await;
        house.destroy_account(id)?;
        house.forget_keepsake(id);
        house.store.remove_device(id).await.map_err(store_error)?;
        let (name, camera) = (device.name(), device.settings().camera);
        house.note(EventBody::DeviceRemoved { device: id, name, camera }).await;
        house.keep_snapshot().await;
        Ok(())
    }

    /// Sets a control. Answers after the device acknowledged it.
    ///
    /// # Errors
    /// `control_unknown`, `value_out_of_range`, and one code for each way to fail.
    pub async fn set_control(
        &self,
        grant: HouseGrant<ask::ControlDevices>,
        id: DeviceId,
        key: &str,
        value: ControlValue,
    ) -> Result<Control> {
        let device = self.controlled_device(grant.principal(), id)?;
        let by = name_of(grant.principal());
        self.house().set_by(&device, key, value, by).await?;
        let standing = device.supervised().standing();
        standing.control(key).cloned().ok_or_else(|| device_error(DeviceError::NoSuchControl))
    }

    /// Does something once. Answers after the device acknowledged it.
    ///
    /// # Errors
    /// As for [`Hub::set_control`].
    pub async fn do_action(
        &self,
        grant: HouseGrant<ask::ControlDevices>,
        id: DeviceId,
        key: &str,
        arguments: Value,
    ) -> Result<()> {
        let device = self.controlled_device(grant.principal(), id)?;
        device.supervised().act(key, arguments).await.map_err(device_error)?;
        self.house().note_control(&device, key, None, name_of(grant.principal())).await;
        Ok(())
    }

    fn kept_device(&self, id: DeviceId) -> Result<Arc<KeptDevice>> {
        self.house().devices.get(id).ok_or_else(|| UseCaseError::not_found("device"))
    }

    fn seen_device(&self, principal: &Principal, id: DeviceId) -> Result<Arc<KeptDevice>> {
        let device = self.kept_device(id)?;
        let seen = self.house().sees_device(principal, &device);
        seen.then_some(device).ok_or_else(|| UseCaseError::not_found("device"))
    }

    /// A device that the principal may command: one that belongs to a camera needs the right to
    /// control that camera as well (promise T-05).
    fn controlled_device(&self, principal: &Principal, id: DeviceId) -> Result<Arc<KeptDevice>> {
        let device = self.seen_device(principal, id)?;
        if let Some(camera) = device.settings().camera {
            self.policy().camera::<ask::Control>(principal, camera)?;
        }
        Ok(device)
    }
}

impl House {
    /// Whether a principal may know of a device: not of one that belongs to a camera which they may
    /// not see (promise T-05).
    pub(crate) fn sees_device(&self, principal: &Principal, device: &KeptDevice) -> bool {
        let camera: Option<CameraId> = device.settings().camera;
        camera.is_none_or(|camera| self.policy.visible(principal, camera))
    }

    /// What an attempt with a new device needs.
    fn setup_of(&self, principal: &Principal, new: &NewDevice) -> Setup {
        let memory = MemoryCell::default();
        memory.update(|memory| memory.certificate = new.fingerprint);
        let account = new.account.clone();
        Setup {
            name: new.name.to_string(),
            family: new.family,
            address: new.address.clone(),
            account: account.map(|(username, password)| Account { username, password }),
            memory,
            addresses: self.device_addresses(matches!(principal, Principal::Owner)),
            keepsake: None,
            board: Arc::clone(&self.board),
            notices: hearth_device::Notices::default(),
        }
    }

    /// Whoever runs the hub reaches everything on this machine anyway; whoever signs in over the
    /// network must not reach it through the hub.
    pub(crate) fn device_addresses(&self, this_machine: bool) -> AddressPolicy {
        let devices = AddressPolicy::DEVICES;
        if this_machine || self.simulated { devices.with_this_machine() } else { devices }
    }

    /// Seals a device's user name and password under the device's own key (promises T-17, D-04).
    fn seal_account(&self, id: DeviceId, account: &Account) -> Result<Vec<u8>> {
        let scope = KeyScope::Device(id);
        let internal = |error: VaultError| UseCaseError::internal(&error);
        self.vault.create_scope(&scope).map_err(internal)?;
        let plain = (&account.username, account.password.expose());
        let json = crate::house::zeroizing_json(&plain)?;
        self.vault.seal(&scope, CREDENTIALS_CONTEXT, json.expose()).map_err(internal)
    }

    /// Opens what [`House::seal_account`] made.
    pub(crate) fn open_account(&self, id: DeviceId, sealed: &[u8]) -> Option<Account> {
        let scope = KeyScope::Device(id);
        let plain = self.vault.unseal(&scope, CREDENTIALS_CONTEXT, sealed).ok();
        let opened = plain.and_then(|plain| serde_json::from_slice(plain.expose()).ok());
        if opened.is_none() {
            tracing::error!(device.id = %id, "a device's credentials do not open");
        }
        let (username, password): (String, SecretString) = opened?;
        Some(Account { username, password })
    }

    fn destroy_account(&self, id: DeviceId) -> Result<()> {
        match self.vault.destroy_scope(&KeyScope::Device(id)) {
            // A device without a password has no key.
            Ok(()) | Err(VaultError::ScopeMissing(_)) => Ok(()),
            Err(error) => Err(UseCaseError::internal(&error)),
        }
    }

    /// Devices of a camera that is gone belong to none.
    pub(crate) async fn unlink_devices(&self, camera: CameraId) -> Result<()> {
        for device in self.devices.all() {
            let mut settings = DeviceSettings::clone(&device.settings());
            if settings.camera != Some(camera) {
                continue;
            }
            settings.camera = None;
            let value = to_value(&settings)?;
            self.change_device(&device, |stored| stored.settings = value).await?;
            device.apply(settings);
        }
        Ok(())
    }

    /// Sets a control for somebody or something of this name, and notes that the device acknowledged.
    pub(crate) async fn set_by(
        &self,
        device: &KeptDevice,
        control: &str,
        value: ControlValue,
        by: String,
    ) -> Result<()> {
        device.supervised().set(control, value.clone()).await.map_err(device_error)?;
        self.note_control(device, control, Some(&value), by).await;
        Ok(())
    }

    /// Notes what a device acknowledged.
    pub(crate) async fn note_control(
        &self,
        device: &KeptDevice,
        control: &str,
        value: Option<&ControlValue>,
        by: String,
    ) {
        let body = EventBody::DeviceControlChanged {
            device: device.id(),
            name: device.name(),
            camera: device.settings().camera,
            control: control.to_owned(),
            value: value.map(ToString::to_string),
            by,
        };
        self.note(body).await;
    }
}

/// Who it was, for a fact.
pub(crate) fn name_of(principal: &Principal) -> String {
    match principal {
        Principal::User { name, .. } => name.to_string(),
        Principal::Machine { name, .. } => name.as_str().to_owned(),
        Principal::Owner => "owner".to_owned(),
    }
}

/// One code for each way in which a device fails.
pub(crate) fn device_error(error: DeviceError) -> UseCaseError {
    let (kind, code) = match error.cause() {
        DeviceError::Timeout => (FaultKind::DeviceSilent, "device_timeout"),
        DeviceError::Unreachable(_) => (FaultKind::DeviceSilent, "device_unreachable"),
        DeviceError::AddressRefused => (FaultKind::BadInput, "address_refused"),
        DeviceError::WrongPassword => (FaultKind::Conflict, "device_wrong_password"),
        DeviceError::LockedOut { .. } => (FaultKind::Conflict, "device_locked_out"),
        DeviceError::CertificateChanged { .. } | DeviceError::Downgrade => {
            (FaultKind::Conflict, "device_certificate_changed")
        }
        DeviceError::Hardware(_) => (FaultKind::DeviceSilent, "device_unreachable"),
        DeviceError::Malformed | DeviceError::Crashed => (FaultKind::Device, "device_malformed"),
        DeviceError::Unsupported => (FaultKind::Conflict, "device_unsupported"),
        DeviceError::Refused(_) => (FaultKind::Device, "device_refused"),
        DeviceError::Busy => (FaultKind::Limited, "device_busy"),
        DeviceError::NoSuchControl => (FaultKind::NotFound, "control_unknown"),
        DeviceError::OutOfRange(_) => (FaultKind::BadInput, "value_out_of_range"),
        DeviceError::Gone | DeviceError::Stopped(_) => (FaultKind::Unavailable, "device_gone"),
    };
    UseCaseError::new(kind, code, error.advice())
}

/// As the index keeps it.
pub(crate) fn to_value(value: &impl serde::Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(|error| UseCaseError::internal(&error))
}
