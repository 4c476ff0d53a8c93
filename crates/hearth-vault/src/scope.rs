//! Scope keys: one random key for the house and one for each camera, wrapped by the master key.
//!
//! Everything of a scope is sealed under its key, so overwriting one small file erases it all,
//! in every copy of the ciphertext (D-04).

use std::{fmt, fs, io, path::PathBuf, str::FromStr};

use hearth_model::CameraId;

use crate::{
    VaultError, VaultId,
    key::{AeadKey, Purpose, WrappedKey, random_key},
    private_file::{read_bounded, sync_directory, write_atomically},
    shred::{DEAD, overwrite},
};

const MAGIC: &[u8; 8] = b"HWSCOPE1";
const FILE_BYTES: usize = MAGIC.len() + WrappedKey::BYTES;
const EXTENSION: &str = ".key";

/// Scopes of one vault: far more cameras than a small site has, and an end to a runaway loop.
pub(crate) const SCOPES_MAX: usize = 1024;

/// What a key protects, and what is erased together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyScope {
    /// What belongs to no camera: credentials, settings, accounts.
    House,
    /// Footage and pictures of one camera.
    Camera(CameraId),
}

impl fmt::Display for KeyScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::House => f.write_str("house"),
            Self::Camera(camera) => camera.fmt(f),
        }
    }
}

impl FromStr for KeyScope {
    type Err = hearth_model::IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "house" { Ok(Self::House) } else { text.parse().map(Self::Camera) }
    }
}

/// The keys derived from a scope key. The scope key itself is not kept.
pub(crate) struct ScopeKeys {
    /// Wraps file keys.
    pub(crate) wraps: AeadKey,
    /// Seals small values.
    pub(crate) seals: AeadKey,
}

/// The folder of scope files.
pub(crate) struct ScopeFolder {
    pub(crate) path: PathBuf,
    pub(crate) vault: VaultId,
    /// Master key over scope keys.
    pub(crate) master: AeadKey,
}

impl ScopeFolder {
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
        let wrapped = self.master.wrap(&self.binding(scope), &random_key()?)?;
        let mut content = MAGIC.to_vec();
        content.extend_from_slice(&wrapped.to_bytes());
        write_atomically(&self.file(scope), &content)
    }

    /// Reads and unwraps a scope's key.
    pub(crate) fn read(&self, scope: &KeyScope) -> Result<ScopeKeys, VaultError> {
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
        let damaged = VaultError::Damaged { what: "a scope's key" };
        let wrapped = bytes.strip_prefix(MAGIC).and_then(WrappedKey::from_bytes);
        let Some(wrapped) = wrapped else { return Err(damaged) };
        let key = self.master.unwrap(&self.binding(scope), &wrapped).map_err(|_| damaged)?;
        Ok(ScopeKeys {
            wraps: AeadKey::derive(&key, Purpose::ScopeWrapsFiles, &[], &[])?,
            seals: AeadKey::derive(&key, Purpose::ScopeSeals, &[], &[])?,
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_survives_its_file_name() {
        for scope in [KeyScope::House, KeyScope::Camera(CameraId::new())] {
            assert_eq!(scope.to_string().parse(), Ok(scope));
        }
        assert!("../house".parse::<KeyScope>().is_err());
    }
}
