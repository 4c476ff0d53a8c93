//! The watch list in memory, and the gallery that faces are compared with: another one than that of the
//! people who are known, and stricter.
//!
//! Whoever changes somebody holds [`WatchList::changing`] from reading to putting.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock, RwLockWriteGuard},
};

use hearth_face::{Gallery, Identity, OperatingPoint, Quality, Template, UnknownReason};
use hearth_model::{WallTime, WatchedId};
use hearth_store::{Store, StoreError, StoredWatched};
use hearth_vault::Vault;
use tokio::sync::{Mutex, MutexGuard, OwnedMutexGuard};

use super::{
    document::WatchedPerson,
    settings::{LastImport, WatchListSettings},
};
use crate::place::host_of;

/// Where pictures of a published list come from.
const HTTPS_PORT: u16 = 443;

/// Everybody who is watched for, and what is set.
#[derive(Default)]
pub(crate) struct WatchList {
    inner: RwLock<Inner>,
    changing: Mutex<()>,
    /// Held while a published list is read.
    importing: Arc<Mutex<()>>,
}

#[derive(Default)]
struct Inner {
    settings: WatchListSettings,
    last_import: LastImport,
    people: BTreeMap<WatchedId, WatchedPerson>,
    gallery: Gallery<WatchedId>,
}

impl WatchList {
    /// Reads the list. Those whose key is gone are on it no more.
    pub(crate) async fn open(store: &Store, vault: &Vault) -> Result<Self, StoreError> {
        let mut inner = Inner {
            settings: store.setting(WatchListSettings::KEY).await?.unwrap_or_default(),
            last_import: store.setting(LastImport::KEY).await?.unwrap_or_default(),
            ..Inner::default()
        };
        for StoredWatched { id, sealed, created_at } in store.watched().await? {
            match WatchedPerson::open(vault, id, created_at, &sealed) {
                Some(person) => inner.put(person),
                None => tracing::warn!(watched.id = %id, "a watched person does not open"),
            }
        }
        Ok(Self { inner: RwLock::new(inner), ..Self::default() })
    }

    /// To be held from reading somebody to putting what changed.
    pub(crate) async fn changing(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().await
    }

    /// To be held while a published list is read; `None` while somebody else does.
    pub(super) fn alone(&self) -> Option<OwnedMutexGuard<()>> {
        Arc::clone(&self.importing).try_lock_owned().ok()
    }

    /// Whether a published list is being read.
    pub(super) fn is_importing(&self) -> bool {
        self.importing.try_lock().is_err()
    }

    fn write(&self) -> RwLockWriteGuard<'_, Inner> {
        self.inner.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(&self, read: impl FnOnce(&Inner) -> T) -> T {
        read(&self.inner.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What is set.
    pub(crate) fn settings(&self) -> WatchListSettings {
        self.read(|inner| inner.settings.clone())
    }

    pub(super) fn set(&self, settings: WatchListSettings) {
        self.write().settings = settings;
    }

    /// How the last reading of a published list ended.
    pub(crate) fn last_import(&self) -> LastImport {
        self.read(|inner| inner.last_import.clone())
    }

    pub(super) fn imported(&self, last: LastImport) {
        self.write().last_import = last;
    }

    /// Hosts and ports to which connections are expected.
    pub(crate) fn hosts(&self) -> Vec<(String, u16)> {
        self.read(|inner| {
            let import = &inner.settings.import;
            let own = host_of(&import.url).filter(|_| import.is_on);
            let others = inner.last_import.hosts.iter().filter(|_| import.is_on);
            own.into_iter().chain(others.map(|host| (host.clone(), HTTPS_PORT))).collect()
        })
    }

    /// Everybody, in the order of their ids.
    pub(crate) fn all(&self) -> Vec<WatchedPerson> {
        self.read(|inner| inner.people.values().cloned().collect())
    }

    /// One of them.
    pub(crate) fn get(&self, id: WatchedId) -> Option<WatchedPerson> {
        self.read(|inner| inner.people.get(&id).cloned())
    }

    pub(super) fn put(&self, person: WatchedPerson) {
        self.write().put(person);
    }

    pub(super) fn remove(&self, id: WatchedId) {
        let mut inner = self.write();
        inner.people.remove(&id);
        inner.gallery.remove(id);
    }

    /// Who of the list a face is like. Nobody where the list is off, and nobody whose time is over.
    pub(crate) fn identify(
        &self,
        face: &Template,
        quality: &Quality,
        now: WallTime,
    ) -> Identity<WatchedId> {
        self.read(|inner| {
            if !inner.settings.is_on {
                return Identity::Unknown(UnknownReason::NobodyNear);
            }
            let identity = inner.gallery.identify(face, quality, &OperatingPoint::WATCH_LIST);
            let is_over = |id: &WatchedId| {
                inner.people.get(id).is_none_or(|person| person.document.ends_at <= now)
            };
            match identity {
                Identity::Known(nearest) if is_over(&nearest.person) => {
                    Identity::Unknown(UnknownReason::NobodyNear)
                }
                identity => identity,
            }
        })
    }
}

impl Inner {
    fn put(&mut self, person: WatchedPerson) {
        self.gallery.remove(person.id);
        for view in &person.views {
            if let Err(full) = self.gallery.insert(person.id, view) {
                tracing::warn!(%full, "a face is not compared with");
            }
        }
        for rejection in &person.rejections {
            self.gallery.reject(person.id, rejection);
        }
        self.people.insert(person.id, person);
    }
}
