//! The devices that are looked after.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use hearth_device::{DeviceState, Memory, MemoryCell, Pace, Setup, Supervised};
use hearth_model::DeviceId;
use hearth_store::StoredDevice;
use tokio::sync::Mutex;

use super::{follow_device, notices::follow_notices, settings::DeviceSettings, to_value};
use crate::{
    error::{Result, UseCaseError},
    house::House,
    identity::store_error,
};

/// Whoever added a device wants to see it: it was just asked, so it answers within this time.
const FIRST_LOOK: Duration = Duration::from_secs(5);

/// A device that is looked after.
pub(crate) struct KeptDevice {
    id: DeviceId,
    settings: RwLock<Arc<DeviceSettings>>,
    /// As the index has it; changed and written by one at a time.
    stored: Mutex<StoredDevice>,
    name: RwLock<String>,
    supervised: Supervised,
}

impl KeptDevice {
    /// Its id.
    pub(crate) fn id(&self) -> DeviceId {
        self.id
    }

    /// What it is called.
    pub(crate) fn name(&self) -> String {
        self.name.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Its settings now.
    pub(crate) fn settings(&self) -> Arc<DeviceSettings> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts settings in force.
    pub(crate) fn apply(&self, settings: DeviceSettings) {
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }

    /// Its account, opened.
    pub(crate) async fn account(&self, house: &House) -> Option<hearth_device::Account> {
        let stored = self.stored.lock().await;
        let sealed = stored.credentials.as_deref()?;
        house.open_account(self.id, sealed)
    }

    /// Who asks it.
    pub(crate) fn supervised(&self) -> &Supervised {
        &self.supervised
    }

    /// Waits until it was asked for the first time.
    pub(crate) async fn first_look(&self) {
        let mut changes = self.supervised.changes();
        let looked = changes.wait_for(|standing| standing.state != DeviceState::NotAskedYet);
        // One that is slow shows as not asked yet.
        tokio::time::timeout(FIRST_LOOK, looked).await.ok();
    }
}

/// All devices, in the order of their ids, which is that in which they were added.
#[derive(Default)]
pub(crate) struct Devices(RwLock<BTreeMap<DeviceId, Arc<KeptDevice>>>);

impl Devices {
    /// All of them.
    pub(crate) fn all(&self) -> Vec<Arc<KeptDevice>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// One of them.
    pub(crate) fn get(&self, id: DeviceId) -> Option<Arc<KeptDevice>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// Takes one out.
    pub(crate) fn remove(&self, id: DeviceId) -> Option<Arc<KeptDevice>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&id)
    }

    fn insert(&self, device: Arc<KeptDevice>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(device.id, device);
    }
}

impl House {
    /// Looks after a device from now on.
    pub(crate) fn adopt_device(
        self: &Arc<Self>,
        stored: StoredDevice,
        settings: DeviceSettings,
        mut setup: Setup,
    ) -> Arc<KeptDevice> {
        // Logs have no need of the name that people gave it (promise D-27).
        setup.name = stored.id.to_string();
        let clock = Arc::clone(&self.clock);
        let pace = Pace::of(settings.family);
        let heard = setup.notices.listen();
        let supervised = Supervised::start(setup, pace, Arc::new(move || clock.wall_now()));
        let device = Arc::new(KeptDevice {
            id: stored.id,
            settings: RwLock::new(Arc::new(settings)),
            name: RwLock::new(stored.name.clone()),
            stored: Mutex::new(stored),
            supervised,
        });
        self.devices.insert(Arc::clone(&device));
        tokio::spawn(follow_notices(Arc::downgrade(self), Arc::clone(&device), heard));
        tokio::spawn(follow_device(Arc::clone(self), Arc::clone(&device)));
        device
    }

    /// Looks after all devices of the index.
    pub(crate) async fn start_devices(
        self: &Arc<Self>,
    ) -> std::result::Result<(), hearth_store::StoreError> {
        for stored in self.store.devices().await? {
            let Ok(settings) = serde_json::from_value::<DeviceSettings>(stored.settings.clone())
            else {
                tracing::error!(device.id = %stored.id, "a device's settings cannot be read");
                continue;
            };
            let memory: Memory = serde_json::from_value(stored.memory.clone()).unwrap_or_default();
            let sealed = stored.credentials.as_deref();
            let setup = Setup {
                name: stored.name.clone(),
                family: settings.family,
                address: settings.address.clone(),
                account: sealed.and_then(|sealed| self.open_account(stored.id, sealed)),
                memory: MemoryCell::new(memory),
                addresses: self.device_addresses(settings.this_machine),
                keepsake: Some(self.keepsake(stored.id)),
                board: Arc::clone(&self.board),
                notices: hearth_device::Notices::default(),
            };
            self.adopt_device(stored, settings, setup);
        }
        Ok(())
    }

    /// Changes what the index has of a device, and the sealed copy of the house with it.
    pub(crate) async fn change_device(
        &self,
        device: &KeptDevice,
        change: impl FnOnce(&mut StoredDevice),
    ) -> Result<()> {
        let mut stored = device.stored.lock().await;
        let mut changed = stored.clone();
        change(&mut changed);
        if changed == *stored {
            return Ok(());
        }
        self.store.update_device(&changed).await.map_err(store_error)?;
        let name = changed.name.clone();
        *stored = changed;
        *device.name.write().unwrap_or_else(PoisonError::into_inner) = name;
        drop(stored);
        self.keep_snapshot().await;
        Ok(())
    }

    /// Keeps what a device has shown, if that is news (promises T-04, T-08).
    pub(crate) async fn keep_memory(&self, device: &KeptDevice) {
        let memory = to_value(&device.supervised.standing().memory);
        let kept = match memory {
            Ok(memory) => self.change_device(device, |stored| stored.memory = memory).await,
            Err(error) => Err::<(), UseCaseError>(error),
        };
        if let Err(error) = kept {
            tracing::error!(%error, "what a device has shown was not kept");
        }
    }
}
