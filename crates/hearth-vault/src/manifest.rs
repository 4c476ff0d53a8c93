//! `vault.json`: what a vault is, and its master key under the unlock key.
//!
//! The unlock key (key file or stretched passphrase) wraps a random master key instead of being
//! it, so the passphrase, its stretching and the kind of key can change without touching anything
//! else. A second sealed constant tells a wrong key from a damaged file.

use std::{fmt, path::Path, str::FromStr};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use hearth_secret::{Key256, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    MasterKeySource, VaultError, hex,
    key::{AeadKey, Purpose, WrappedKey, random},
    master::{KeyLocation, read_key, read_or_create_key},
    private_file::{read_bounded, write_atomically},
};

/// The newest format that this version reads, and the one it writes.
const FORMAT: u32 = 1;
/// The file is a few hundred bytes; more is some other file.
const MANIFEST_BYTES_MAX: u64 = 64 * 1024;
const WHAT: &str = "the vault's description (vault.json)";
/// The plaintext of the key check. Knowing it gives nothing: its key is the unlock key.
const CHECK: [u8; 32] = *b"hearthwatch vault key check \0\0\0\0";

/// The identity of a vault: 16 random bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct VaultId([u8; 16]);

impl VaultId {
    /// A new identity, for a vault that is about to be created.
    pub fn random() -> Result<Self, VaultError> {
        random().map(Self)
    }

    /// From its 16 bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its 16 bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for VaultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for VaultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for VaultId {
    type Err = VaultIdError;

    fn from_str(text: &str) -> Result<Self, VaultIdError> {
        hex::decode(text).map(Self).ok_or(VaultIdError)
    }
}

/// The text is not a vault's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a vault id: 32 hexadecimal digits")]
pub struct VaultIdError;

/// The parameters of Argon2id (RFC 9106) for one vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stretching {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
}

impl Stretching {
    /// RFC 9106 section 4, second recommended option: 64 MiB, three passes, four lanes.
    fn recommended() -> Result<Self, VaultError> {
        let salt: [u8; 16] = random()?;
        Ok(Self { memory_kib: 64 * 1024, passes: 3, lanes: 4, salt: hex::encode(&salt) })
    }

    /// Whether these parameters are as hard as today's.
    fn is_current(&self) -> bool {
        self.memory_kib >= 64 * 1024 && self.passes >= 3
    }

    /// Four times (memory) or more what is recommended is not ours, and could exhaust the machine.
    fn is_sane(&self) -> bool {
        self.memory_kib <= 256 * 1024 && self.passes <= 16 && self.lanes <= 16
    }

    fn stretch(&self, passphrase: &SecretString) -> Result<Key256, VaultError> {
        let damaged = || VaultError::Damaged { what: WHAT };
        let salt: [u8; 16] = hex::decode(&self.salt).ok_or_else(damaged)?;
        if !self.is_sane() {
            return Err(damaged());
        }
        let parameters = Params::new(self.memory_kib, self.passes, self.lanes, Some(32))
            .map_err(|_| damaged())?;
        // Our own memory instead of the crate's, because it is full of what the passphrase gave.
        let mut memory = Zeroizing::new(vec![Block::default(); parameters.block_count()]);
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
            .hash_password_into_with_memory(
                passphrase.expose().as_bytes(),
                &salt,
                &mut *key,
                memory.as_mut_slice(),
            )
            .map_err(|_| VaultError::Cryptography)?;
        Ok(Key256::new(*key))
    }
}

/// How the unlock key is obtained.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
enum Unlock {
    /// From a key file or credential.
    Key,
    /// From a passphrase.
    Passphrase { argon2id: Stretching },
}

/// The content of `vault.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Manifest {
    format: u32,
    id: String,
    unlock: Unlock,
    check: String,
    master: String,
}

/// The part that every format has.
#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

impl Manifest {
    /// Describes a vault whose `master` is unlocked by `source`; makes the key file if needed.
    pub(crate) fn seal(
        id: VaultId,
        master: &Key256,
        source: &MasterKeySource,
    ) -> Result<Self, VaultError> {
        let (unlock, unlock_key) = match source {
            MasterKeySource::KeyFile(path) => (Unlock::Key, read_or_create_key(path, id)?),
            MasterKeySource::Credential(path) => {
                (Unlock::Key, read_key(KeyLocation::credential(path), id)?)
            }
            MasterKeySource::Passphrase(text) if text.expose().is_empty() => {
                return Err(VaultError::EmptyPassphrase);
            }
            MasterKeySource::Passphrase(text) => {
                let argon2id = Stretching::recommended()?;
                let key = argon2id.stretch(text)?;
                (Unlock::Passphrase { argon2id }, key)
            }
        };
        Self::seal_under(id, master, unlock, &unlock_key)
    }

    fn seal_under(
        id: VaultId,
        master: &Key256,
        unlock: Unlock,
        unlock_key: &Key256,
    ) -> Result<Self, VaultError> {
        let wrapping = wrapping_key(unlock_key, id)?;
        let check = wrapping.wrap(b"check", &Key256::new(CHECK))?;
        let master = wrapping.wrap(b"master", master)?;
        Ok(Self {
            format: FORMAT,
            id: id.to_string(),
            unlock,
            check: hex::encode(&check.to_bytes()),
            master: hex::encode(&master.to_bytes()),
        })
    }

    /// Reads `vault.json`; [`VaultError::NotAVault`] if there is none.
    pub(crate) fn read(path: &Path) -> Result<Self, VaultError> {
        let bytes = match read_bounded(path, MANIFEST_BYTES_MAX) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(VaultError::NotAVault);
            }
            Err(error) => return Err(VaultError::io("read the vault's description")(error)),
        };
        Self::parse(&bytes)
    }

    fn parse(bytes: &[u8]) -> Result<Self, VaultError> {
        let damaged = |_| VaultError::Damaged { what: WHAT };
        let FormatOnly { format } = serde_json::from_slice(bytes).map_err(damaged)?;
        if format > FORMAT {
            return Err(VaultError::TooNew { found: format, supported: FORMAT });
        }
        serde_json::from_slice(bytes).map_err(damaged)
    }

    /// Writes `vault.json` in one step.
    pub(crate) fn write(&self, path: &Path) -> Result<(), VaultError> {
        let text = serde_json::to_vec_pretty(self).map_err(|error| VaultError::Io {
            action: "write the vault's description",
            source: error.into(),
        })?;
        write_atomically(path, &text)
    }

    pub(crate) fn id(&self) -> Result<VaultId, VaultError> {
        self.id.parse().map_err(|_| VaultError::Damaged { what: WHAT })
    }

    /// Whether the stretching of the passphrase is weaker than today's and should be renewed.
    pub(crate) fn is_outdated(&self) -> bool {
        matches!(&self.unlock, Unlock::Passphrase { argon2id } if !argon2id.is_current())
    }

    /// Takes the key from `source` and opens the master key.
    pub(crate) fn open(&self, source: &MasterKeySource) -> Result<Key256, VaultError> {
        let id = self.id()?;
        let unlock_key = match (source, &self.unlock) {
            (MasterKeySource::KeyFile(path), _) => read_key(KeyLocation::file(path), id)?,
            (MasterKeySource::Credential(path), _) => read_key(KeyLocation::credential(path), id)?,
            (MasterKeySource::Passphrase(text), Unlock::Passphrase { argon2id }) => {
                argon2id.stretch(text)?
            }
            // The vault has a key, not a passphrase.
            (MasterKeySource::Passphrase(_), Unlock::Key) => return Err(VaultError::WrongKey),
        };
        let wrapping = wrapping_key(&unlock_key, id)?;
        let opened = |digits: &str, aad: &[u8]| {
            let bytes: [u8; WrappedKey::BYTES] = hex::decode(digits)?;
            wrapping.unwrap(aad, &WrappedKey::from_bytes(&bytes)?).ok()
        };
        match (opened(&self.master, b"master"), opened(&self.check, b"check")) {
            (Some(master), _) => Ok(master),
            (None, Some(_)) => Err(VaultError::Damaged { what: WHAT }),
            (None, None) => Err(VaultError::WrongKey),
        }
    }
}

#[cfg(test)]
impl Manifest {
    /// As an older version would have written it.
    pub(crate) fn seal_weakly(id: VaultId, master: &Key256, passphrase: &str) -> Self {
        let salt = "5a".repeat(16);
        let argon2id = Stretching { memory_kib: 1024, passes: 1, lanes: 1, salt };
        let key = argon2id.stretch(&passphrase.into()).expect("stretches");
        Self::seal_under(id, master, Unlock::Passphrase { argon2id }, &key).expect("seals")
    }
}

fn wrapping_key(unlock: &Key256, id: VaultId) -> Result<AeadKey, VaultError> {
    AeadKey::derive(unlock, Purpose::UnlockWrapsMaster, id.as_bytes(), &[])
}

#[cfg(test)]
mod tests;
