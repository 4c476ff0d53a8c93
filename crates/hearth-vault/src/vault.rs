//! The vault: opens the key hierarchy and hands out, or destroys, the keys under it.
//!
//! ```text
//! key file / passphrase -> unlock key -> master key -> scope keys -> file keys
//! recovery key ----------------------/
//!                          (vault.json)   (scopes/)     (slots/camera/day.slots)
//! ```
//!
//! Changing the keys above the scope keys is in `rotation`.
//!
//! Invariants: one process at a time (a lock file); a key that was handed out is durable; a
//! destroyed key is overwritten on disk before the call returns; no lock is shared between the
//! keys of two cameras while the disk is waited for.

use std::{
    collections::HashMap,
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use hearth_model::CameraId;
use hearth_secret::{Key512, SecretBytes};

use crate::{
    FileKey, KeyScope, MasterKeySource, VaultError, VaultId,
    camera_slots::CameraSlots,
    key::random_key,
    mac_key::MacKey,
    manifest::{Manifest, Masters, Opened, UnlockKey},
    master,
    private_file::{
        create_private_directory, create_private_file, remove_temporary_children,
        remove_temporary_files, sync_directory, temporary_sibling,
    },
    rotation::{self, KeyOrigin},
    scope::{SCOPES_MAX, ScopeFolder, ScopeKeys},
    sealed_bytes,
    slot::FileId,
};

pub(crate) const FOLDER: &str = "vault";
pub(crate) const MANIFEST: &str = "vault.json";
const LOCK: &str = "lock";
const SCOPES: &str = "scopes";
pub(crate) const SLOTS: &str = "slots";

/// An open vault. Cloning shares it.
#[derive(Clone)]
pub struct Vault(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) id: VaultId,
    pub(crate) folder: PathBuf,
    /// What `vault.json` holds, opened. Changed only under `scope_changes`.
    pub(crate) opened: Mutex<Opened>,
    /// Where the everyday key came from; replaced with it.
    pub(crate) source: Mutex<KeyOrigin>,
    pub(crate) scopes: ScopeFolder,
    /// Keys in use. `None` while the scope is being destroyed, so that nobody loads it again.
    loaded: RwLock<HashMap<KeyScope, Option<Arc<ScopeKeys>>>>,
    /// Entries stay for the process's life: two values for one camera would not see each other.
    cameras: Mutex<HashMap<CameraId, Arc<Mutex<CameraSlots>>>>,
    /// Held while a scope is made or destroyed or a key above changes; nothing else waits for it.
    pub(crate) scope_changes: Mutex<()>,
    /// Held open for its lock.
    _lock: File,
}

impl Vault {
    /// Makes a vault in `directory` and opens it.
    ///
    /// A key file that exists is used, one that does not is made. If it names a vault (a creation
    /// that did not complete), the new vault takes that identity. The vault appears in one step:
    /// a crash leaves none, and the next call starts again.
    pub fn create(directory: &Path, source: &MasterKeySource) -> Result<Self, VaultError> {
        let id = match source {
            MasterKeySource::KeyFile(path) => master::vault_named_in(path),
            _ => None,
        };
        Self::create_as(directory, id.map_or_else(VaultId::random, Ok)?, source)
    }

    /// Makes a vault with a given identity, for callers that choose the key's place by it
    /// ([`default_key_file`](crate::default_key_file)).
    pub fn create_as(
        directory: &Path,
        id: VaultId,
        source: &MasterKeySource,
    ) -> Result<Self, VaultError> {
        if Self::exists(directory) {
            return Err(VaultError::AlreadyAVault);
        }
        let made = VaultError::io("make the data directory");
        if !directory.is_dir() {
            create_private_directory(directory).map_err(made)?;
        }
        require_outside(source, directory)?;
        remove_temporary_children(directory).map_err(VaultError::io("remove leftovers"))?;
        let folder = directory.join(FOLDER);
        if folder.join(SCOPES).exists() {
            // Keys without their description: a backup may still have it, so nothing is replaced.
            return Err(VaultError::Damaged { what: "the vault (vault.json is missing)" });
        }
        let unfinished = temporary_sibling(&folder)?;
        let written = Self::write_new(&unfinished, id, source).and_then(|()| {
            fs::rename(&unfinished, &folder)
                .and_then(|()| sync_directory(directory))
                .map_err(VaultError::io("put the vault in its place"))
        });
        if let Err(error) = written {
            // The first error is the one to report; leftovers are removed by the next attempt.
            drop(fs::remove_dir_all(&unfinished));
            return Err(error);
        }
        Self::open(directory, source)
    }

    fn write_new(folder: &Path, id: VaultId, source: &MasterKeySource) -> Result<(), VaultError> {
        let masters = Masters::first(random_key()?);
        let manifest = Manifest::seal(id, &masters, &UnlockKey::obtain(source, id)?, None)?;
        let scopes = lay_out(folder, id, &masters)?;
        scopes.create(&KeyScope::House)?;
        manifest.write(&folder.join(MANIFEST))
    }

    /// Opens the vault in `directory` and completes what a crash interrupted.
    pub fn open(directory: &Path, source: &MasterKeySource) -> Result<Self, VaultError> {
        let folder = directory.join(FOLDER);
        let path = folder.join(MANIFEST);
        Manifest::read(&path)?;
        require_outside(source, directory)?;
        let lock = lock_folder(&folder)?;
        // Read under the lock, so that a change of key by another process is seen whole.
        let manifest = Manifest::read(&path)?;
        let id = manifest.id()?;
        let opened = rotation::open_manifest(&manifest, source)?;
        let tightened = VaultError::io("restrict the vault's folder");
        create_private_directory(&folder).map_err(tightened)?;
        remove_temporary_files(&folder).map_err(VaultError::io("remove leftovers"))?;
        let scopes = ScopeFolder::new(folder.join(SCOPES), id, &opened.masters)?;
        if opened.unlock.is_none() {
            // Anybody can seal something to a recovery key; only the true master opens the house.
            scopes.read(&KeyScope::House)?;
        }
        let vault = Self(Arc::new(Inner {
            id,
            folder,
            opened: Mutex::new(opened),
            source: Mutex::new(KeyOrigin::of(source)),
            scopes,
            loaded: RwLock::default(),
            cameras: Mutex::default(),
            scope_changes: Mutex::default(),
            _lock: lock,
        }));
        vault.complete_destructions()?;
        vault.complete_rotation();
        if manifest.is_outdated() {
            vault.renew_stretching(source);
        }
        Ok(vault)
    }

    /// Whether `directory` holds a vault.
    pub fn exists(directory: &Path) -> bool {
        directory.join(FOLDER).join(MANIFEST).is_file()
    }

    /// The identity of the vault in `directory`, which needs no key.
    pub fn id_of(directory: &Path) -> Result<VaultId, VaultError> {
        Manifest::read(&directory.join(FOLDER).join(MANIFEST))?.id()
    }

    /// Its identity.
    pub fn id(&self) -> VaultId {
        self.0.id
    }

    /// Refuses when this is not the vault that `expected` names: the wrong data directory.
    pub fn require_id(&self, expected: VaultId) -> Result<(), VaultError> {
        if self.0.id == expected {
            return Ok(());
        }
        Err(VaultError::OtherVault { expected, found: self.0.id })
    }

    /// Makes the keys of a scope, durable on return. A scope that exists stays as it is.
    pub fn create_scope(&self, scope: &KeyScope) -> Result<(), VaultError> {
        let _changes = lock(&self.0.scope_changes);
        match self.scope_keys(scope) {
            Err(VaultError::ScopeMissing(_)) => {}
            exists_or_fails => return exists_or_fails.map(drop),
        }
        if self.0.scopes.list()?.len() >= SCOPES_MAX {
            return Err(VaultError::LimitReached { what: "cameras and people in one vault" });
        }
        self.0.scopes.create(scope)
    }

    /// Destroys the keys of a scope: nothing sealed under it, here or in any copy, opens again.
    ///
    /// On return the key is overwritten and removed. After an error part of it may remain; call
    /// again, or open the vault again, to complete it.
    pub fn destroy_scope(&self, scope: &KeyScope) -> Result<(), VaultError> {
        let _changes = lock(&self.0.scope_changes);
        let slots = match scope {
            KeyScope::Camera(camera) => Some(self.camera(*camera)),
            KeyScope::House | KeyScope::Person(_) | KeyScope::Device(_) | KeyScope::Watched(_) => {
                None
            }
        };
        let mut slots = slots.as_ref().map(|slots| lock(slots));
        self.write_loaded().insert(*scope, None);
        let destroyed = self.0.scopes.kill(scope).and_then(|()| {
            slots.as_mut().map_or(Ok(()), |slots| slots.remove())?;
            self.0.scopes.remove(scope)
        });
        // From here on the disk says that the scope is gone (or, after an error, that it is not).
        self.write_loaded().remove(scope);
        destroyed
    }

    /// The scopes that exist, in order.
    pub fn scopes(&self) -> Result<Vec<KeyScope>, VaultError> {
        self.0.scopes.list()
    }

    /// Seals a small value; `context` says what it is and must be given again to open it.
    pub fn seal(
        &self,
        scope: &KeyScope,
        context: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, VaultError> {
        sealed_bytes::seal(&self.scope_keys(scope)?.seals, context, plaintext)
    }

    /// Opens what [`Vault::seal`] made.
    pub fn unseal(
        &self,
        scope: &KeyScope,
        context: &[u8],
        sealed: &[u8],
    ) -> Result<SecretBytes, VaultError> {
        sealed_bytes::unseal(&self.scope_keys(scope)?.seals, context, sealed)
    }

    /// A key that authenticates without hiding: for chains, and for pseudonyms that only this vault
    /// can link. The same scope and `context` give the same key.
    pub fn mac_key(&self, scope: &KeyScope, context: &[u8]) -> Result<MacKey, VaultError> {
        Ok(self.scope_keys(scope)?.mac_key(context))
    }

    /// The keys under which the pages of the house's index lie on the disk. They are derived from the
    /// scope's own key, so renewing what is above it changes nothing about them.
    pub fn index_key(&self) -> Result<Key512, VaultError> {
        self.0.scopes.page_keys(&KeyScope::House)
    }

    /// Makes the key of a new file of `camera`; durable on return. `day` counts from 1970-01-01.
    pub fn create_file_key(
        &self,
        camera: CameraId,
        day: u32,
        file: FileId,
    ) -> Result<FileKey, VaultError> {
        self.with_camera(camera, |slots, keys| slots.create_key(&keys.wraps, day, file))
    }

    /// The key of a file.
    pub fn file_key(
        &self,
        camera: CameraId,
        day: u32,
        file: FileId,
    ) -> Result<FileKey, VaultError> {
        self.with_camera(camera, |slots, keys| slots.key(&keys.wraps, day, &file))
    }

    /// Destroys the key of a file: on return it is overwritten, and no copy of the file opens.
    pub fn destroy_file_key(
        &self,
        camera: CameraId,
        day: u32,
        file: FileId,
    ) -> Result<(), VaultError> {
        self.with_camera(camera, |slots, _| slots.destroy_key(day, &file))
    }

    /// Destroys all file keys of a camera's day; no error if there are none.
    pub fn destroy_day(&self, camera: CameraId, day: u32) -> Result<(), VaultError> {
        self.with_camera(camera, |slots, _| slots.destroy_day(day))
    }

    /// The days on which a camera has file keys, in order.
    pub fn days(&self, camera: CameraId) -> Result<Vec<u32>, VaultError> {
        self.with_camera(camera, |slots, _| slots.days())
    }

    /// The files of a camera's day that have a key, in no order: to find keys without a file
    /// after a crash.
    pub fn files(&self, camera: CameraId, day: u32) -> Result<Vec<FileId>, VaultError> {
        self.with_camera(camera, |slots, _| slots.files(day))
    }

    /// Runs `act` under the camera's lock, with the camera's keys as they are under that lock.
    pub(crate) fn with_camera<T>(
        &self,
        camera: CameraId,
        act: impl FnOnce(&mut CameraSlots, &ScopeKeys) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        let scope = KeyScope::Camera(camera);
        // Before the camera gets an entry: unknown ids must not fill the table.
        self.scope_keys(&scope)?;
        let slots = self.camera(camera);
        let mut slots = lock(&slots);
        // Again, because the scope may have been destroyed while this thread waited.
        let keys = self.scope_keys(&scope)?;
        act(&mut slots, &keys)
    }

    fn camera(&self, camera: CameraId) -> Arc<Mutex<CameraSlots>> {
        let folder = || self.0.folder.join(SLOTS).join(camera.to_string());
        let mut cameras = lock(&self.0.cameras);
        let slots = cameras
            .entry(camera)
            .or_insert_with(|| Arc::new(Mutex::new(CameraSlots::new(camera, folder()))));
        Arc::clone(slots)
    }

    pub(crate) fn scope_keys(&self, scope: &KeyScope) -> Result<Arc<ScopeKeys>, VaultError> {
        let missing = || VaultError::ScopeMissing(*scope);
        let loaded = self.0.loaded.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(keys) = loaded.get(scope) {
            return keys.clone().ok_or_else(missing);
        }
        drop(loaded);
        // Read under the lock, so that a scope that is being destroyed is not loaded again.
        let mut loaded = self.write_loaded();
        if let Some(keys) = loaded.get(scope) {
            return keys.clone().ok_or_else(missing);
        }
        let keys = Arc::new(self.0.scopes.read(scope)?);
        loaded.insert(*scope, Some(Arc::clone(&keys)));
        Ok(keys)
    }

    /// Opens a scope's key from disk, whatever is cached.
    pub(crate) fn reread_scope(&self, scope: &KeyScope) -> Result<(), VaultError> {
        self.0.scopes.read(scope).map(drop)
    }

    fn write_loaded(
        &self,
    ) -> std::sync::RwLockWriteGuard<'_, HashMap<KeyScope, Option<Arc<ScopeKeys>>>> {
        self.0.loaded.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn complete_destructions(&self) -> Result<(), VaultError> {
        let dead: Vec<_> =
            self.scopes()?.into_iter().filter(|scope| self.0.scopes.is_dead(scope)).collect();
        dead.iter().try_for_each(|scope| self.destroy_scope(scope))
    }

    /// A vault that an older version stretched less is brought up to today's parameters.
    fn renew_stretching(&self, source: &MasterKeySource) {
        if let Err(error) = self.change_key(source) {
            // The vault is open and safe as it was; a read-only disk must not keep it shut.
            tracing::warn!(error = %error, "the passphrase's stretching was not renewed");
        }
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Vault").field(&self.0.id).finish()
    }
}

/// Makes the folders of a vault that does not exist yet.
pub(crate) fn lay_out(
    folder: &Path,
    id: VaultId,
    masters: &Masters,
) -> Result<ScopeFolder, VaultError> {
    [folder.to_path_buf(), folder.join(SCOPES), folder.join(SLOTS)]
        .iter()
        .try_for_each(|path| create_private_directory(path))
        .map_err(VaultError::io("make the vault's folder"))?;
    create_private_file(&folder.join(LOCK)).map_err(VaultError::io("make the lock file"))?;
    ScopeFolder::new(folder.join(SCOPES), id, masters)
}

pub(crate) fn require_outside(source: &MasterKeySource, data: &Path) -> Result<(), VaultError> {
    match source {
        MasterKeySource::KeyFile(key) | MasterKeySource::Credential(key) => {
            master::require_outside(key, data)
        }
        MasterKeySource::Passphrase(_) | MasterKeySource::Recovery(_) => Ok(()),
    }
}

/// Locks the vault for this process. The lock ends with the file, also when the process dies.
fn lock_folder(folder: &Path) -> Result<File, VaultError> {
    let opened = VaultError::io("open the vault's lock file");
    let path = folder.join(LOCK);
    let file = match create_private_file(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => File::open(&path),
        made => made,
    };
    let file = file.map_err(opened)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(VaultError::InUse),
        Err(TryLockError::Error(error)) => Err(VaultError::io("lock the vault")(error)),
    }
}

/// A panic while a lock was held is no reason to stop recording: what it guards is read again
/// from disk, or replaced whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
