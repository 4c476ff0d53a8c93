//! Scope keys: one random key for the house and one for each camera and person, wrapped by the
//! master key.
//!
//! Everything of a scope is sealed under its key, so overwriting one small file erases it all,
//! in every copy of the ciphertext (D-04).

use std::{
    fmt, fs, io,
    path::PathBuf,
    str::FromStr,
    sync::{PoisonError, RwLock},
};

use hearth_model::{CameraId, DeviceId, PersonId, WatchedId};
use hearth_secret::{Key256, Key512};

use crate::{
    VaultError, VaultId,
    key::{self, AeadKey, Purpose, WrappedKey, random_key},
    mac_key::MacKey,
    manifest::Masters,
    private_file::{read_bounded, sync_directory, write_atomically},
    shred::{DEAD, overwrite, replace},
};

const MAGIC: &[u8; 8] = b"HWSCOPE1";
/// Bytes of a scope's file.
pub(crate) const FILE_BYTES: usize = MAGIC.len() + WrappedKey::BYTES;
const EXTENSION: &str = ".key";

/// Scopes of one vault: far more cameras and known people than a small site has, and an end to a
/// runaway loop.
pub(crate) const SCOPES_MAX: usize = 4096;

/// What a key protects, and what is erased together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyScope {
    /// What belongs to no camera and no person: settings, accounts.
    House,
    /// Footage and pictures of one camera, and the credentials for it.
    Camera(CameraId),
    /// What makes one person known: templates, pictures, the record of consent.
    Person(PersonId),
    /// The password of one device.
    Device(DeviceId),
    /// Somebody on the watch list: why, how they look, pictures.
    Watched(WatchedId),
}

impl fmt::Display for KeyScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::House => f.write_str("house"),
            Self::Camera(camera) => camera.fmt(f),
            Self::Person(person) => person.fmt(f),
            Self::Device(device) => device.fmt(f),
            Self::Watched(watched) => watched.fmt(f),
        }
    }
}

impl FromStr for KeyScope {
    type Err = hearth_model::IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "house" {
            return Ok(Self::House);
        }
        let device = |_| text.parse().map(Self::Device);
        let watched = |_| text.parse().map(Self::Watched);
        let camera = |_| text.parse().map(Self::Camera);
        text.parse().map(Self::Person).or_else(device).or_else(watched).or_else(camera)
    }
}

/// The keys derived from a scope key. The scope key itself is not kept.
pub(crate) struct ScopeKeys {
    /// Wraps file keys.
    pub(crate) wraps: AeadKey,
    /// Seals small values.
    pub(crate) seals: AeadKey,
    /// From which keys that authenticate are made.
    authenticates: Key256,
}

impl ScopeKeys {
    /// The key that authenticates under this scope what `context` names.
    pub(crate) fn mac_key(&self, context: &[u8]) -> MacKey {
        MacKey::derive(&self.authenticates, context)
    }
}

/// The folder of scope files.
pub(crate) struct ScopeFolder {
    path: PathBuf,
    vault: VaultId,
    masters: RwLock<MasterKeys>,
}

/// Master keys over scope keys.
struct MasterKeys {
    /// Wraps, and unwraps.
    current: AeadKey,
    /// Unwraps what has not been wrapped anew yet.
    previous: Option<AeadKey>,
}

impl MasterKeys {
    fn derive(vault: VaultId, masters: &Masters) -> Result<Self, VaultError> {
        let derive = |master: &Key256| {
            AeadKey::derive(master, Purpose::MasterWrapsScopes, vault.as_bytes(), &[])
        };
        let previous = masters.previous.as_ref().map(derive).transpose()?;
        Ok(Self { current: derive(&masters.current)?, previous })
    }
}

impl ScopeFolder {
    pub(crate) fn new(
        path: PathBuf,
        vault: VaultId,
        masters: &Masters,
    ) -> Result<Self, VaultError> {
        let masters = RwLock::new(MasterKeys::derive(vault, masters)?);
        Ok(Self { path, vault, masters })
    }

    /// From here on scope keys are wrapped with these.
    pub(crate) fn set_masters(&self, masters: &Masters) -> Result<(), VaultError> {
        let keys = MasterKeys::derive(self.vault, masters)?;
        *self.masters.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    fn masters(&self) -> std::sync::RwLockReadGuard<'_, MasterKeys> {
        self.masters.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self, scope: &KeyScope) -> PathBuf {
        self.path.join(format!("{scope}{EXTENSION}"))
    }

    fn binding(&self, scope: &KeyScope) -> Vec<u8> {
        let mut binding = b"hearthwatch scope\0".to_vec();
        binding.extend_from_slice(self.vault.as_bytes());
        binding.extend_from_slice(scope.to_string().as_bytes());
        binding
    }

    /// Makes a fresh key for the scope; durable on return.
    pub(crate) fn create(&self, scope: &KeyScope) -> Result<(), VaultError> {
        write_atomically(&self.file(scope), &self.wrap(scope, &random_key()?)?)
    }

    fn wrap(&self, scope: &KeyScope, key: &Key256) -> Result<Vec<u8>, VaultError> {
        let wrapped = self.masters().current.wrap(&self.binding(scope), key)?;
        let mut content = MAGIC.to_vec();
        content.extend_from_slice(&wrapped.to_bytes());
        Ok(content)
    }

    /// Reads and unwraps a scope's key.
    pub(crate) fn read(&self, scope: &KeyScope) -> Result<ScopeKeys, VaultError> {
        let (key, _) = self.unwrap(scope, &self.read_file(scope)?)?;
        Ok(ScopeKeys {
            wraps: AeadKey::derive(&key, Purpose::ScopeWrapsFiles, &[], &[])?,
            seals: AeadKey::derive(&key, Purpose::ScopeSeals, &[], &[])?,
            authenticates: key::derive(&key, Purpose::ScopeAuthenticates, &[], &[])?,
        })
    }

    /// The keys for the pages of a database of this scope; nothing here keeps them.
    pub(crate) fn page_keys(&self, scope: &KeyScope) -> Result<Key512, VaultError> {
        let (key, _) = self.unwrap(scope, &self.read_file(scope)?)?;
        key::derive_pair(&key, Purpose::ScopeSealsPages, Purpose::ScopeTweaksPages)
    }

    /// Wraps a scope's key with the current master key, unless it is already. One that no master
    /// key opens stays as it is: it is damaged, and a check of the vault finds it.
    pub(crate) fn wrap_anew(&self, scope: &KeyScope) -> Result<(), VaultError> {
        match self.unwrap(scope, &self.read_file(scope)?) {
            Ok((_, IsCurrent::Yes)) | Err(VaultError::Damaged { .. }) => Ok(()),
            Ok((key, IsCurrent::No)) => replace(&self.file(scope), &self.wrap(scope, &key)?),
            Err(error) => Err(error),
        }
    }

    /// A scope's file as it is; [`VaultError::ScopeMissing`] also for one that was killed.
    fn read_file(&self, scope: &KeyScope) -> Result<Vec<u8>, VaultError> {
        let bytes = match read_bounded(&self.file(scope), FILE_BYTES as u64) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(VaultError::ScopeMissing(*scope));
            }
            Err(error) => return Err(VaultError::io("read a scope's key")(error)),
        };
        if bytes.starts_with(DEAD) {
            return Err(VaultError::ScopeMissing(*scope));
        }
        Ok(bytes)
    }

    fn unwrap(&self, scope: &KeyScope, bytes: &[u8]) -> Result<(Key256, IsCurrent), VaultError> {
        let damaged = VaultError::Damaged { what: "a scope's key" };
        let wrapped = bytes.strip_prefix(MAGIC).and_then(WrappedKey::from_bytes);
        let Some(wrapped) = wrapped else { return Err(damaged) };
        let (masters, binding) = (self.masters(), self.binding(scope));
        if let Ok(key) = masters.current.unwrap(&binding, &wrapped) {
            return Ok((key, IsCurrent::Yes));
        }
        let previous = masters.previous.as_ref();
        let key = previous.and_then(|master| master.unwrap(&binding, &wrapped).ok());
        key.map(|key| (key, IsCurrent::No)).ok_or(damaged)
    }

    /// A scope's key as its file holds it when it is wrapped with the current master key.
    pub(crate) fn copy(&self, scope: &KeyScope) -> Result<[u8; FILE_BYTES], VaultError> {
        let (key, _) = self.unwrap(scope, &self.read_file(scope)?)?;
        let content = self.wrap(scope, &key)?;
        content.try_into().map_err(|_| VaultError::Damaged { what: "a scope's key" })
    }

    /// Writes a scope's file as [`ScopeFolder::copy`] gave it.
    pub(crate) fn put_file(&self, scope: &KeyScope, bytes: &[u8]) -> Result<(), VaultError> {
        self.unwrap(scope, bytes)?;
        write_atomically(&self.file(scope), bytes)
    }

    /// Overwrites the scope's key: from here on nothing under it can be read. The file stays, so
    /// that a crash before [`ScopeFolder::remove`] is recognised.
    pub(crate) fn kill(&self, scope: &KeyScope) -> Result<(), VaultError> {
        match overwrite(&self.file(scope)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(VaultError::ScopeMissing(*scope))
            }
            outcome => outcome.map_err(VaultError::io("overwrite a scope's key")),
        }
    }

    /// Removes a killed scope's file.
    pub(crate) fn remove(&self, scope: &KeyScope) -> Result<(), VaultError> {
        fs::remove_file(self.file(scope))
            .and_then(|()| sync_directory(&self.path))
            .map_err(VaultError::io("remove a scope's key"))
    }

    /// The scopes with a file, in order; killed ones too.
    pub(crate) fn list(&self) -> Result<Vec<KeyScope>, VaultError> {
        let listed = VaultError::io("list the scopes");
        let names: io::Result<Vec<_>> = fs::read_dir(&self.path)
            .and_then(|entries| entries.map(|entry| Ok(entry?.file_name())).collect());
        let mut scopes: Vec<KeyScope> = names
            .map_err(listed)?
            .iter()
            .filter_map(|name| name.to_str()?.strip_suffix(EXTENSION)?.parse().ok())
            .collect();
        scopes.sort_unstable();
        Ok(scopes)
    }

    /// Whether the scope was killed and its removal did not complete.
    pub(crate) fn is_dead(&self, scope: &KeyScope) -> bool {
        read_bounded(&self.file(scope), FILE_BYTES as u64)
            .is_ok_and(|bytes| bytes.starts_with(DEAD))
    }
}

/// Whether a scope's key was wrapped with the current master key.
enum IsCurrent {
    Yes,
    No,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_survives_its_file_name() {
        let person = KeyScope::Person(PersonId::new());
        let device = KeyScope::Device(DeviceId::new());
        let watched = KeyScope::Watched(WatchedId::new());
        let camera = KeyScope::Camera(CameraId::new());
        for scope in [KeyScope::House, camera, person, device, watched] {
            assert_eq!(scope.to_string().parse(), Ok(scope));
        }
        assert!("../house".parse::<KeyScope>().is_err());
    }
}
