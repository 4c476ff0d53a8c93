//! `vault.json`: what a vault is, and its master key under the unlock key.
//!
//! The unlock key (key file or stretched passphrase) wraps a random master key instead of being
//! it, so the passphrase, its stretching and the kind of key can change without touching anything
//! else. A second sealed constant tells a wrong key from a damaged file.
//!
//! While the master key is being renewed, the one before it stands here too, under the new one: so
//! whoever opens the new one can finish wrapping the scope keys anew. The recovery key's public
//! half is vouched for by the master key: who can only write to the disk cannot put theirs here and
//! wait for the next backup.

use std::{fmt, path::Path, str::FromStr};

use hearth_secret::Key256;
use serde::{Deserialize, Serialize};

use crate::{
    MasterKeySource, VaultError, hex,
    key::{AeadKey, Purpose, WrappedKey, random},
    master::{KeyLocation, read_key, read_or_create_key},
    private_file::read_bounded,
    recovery::{RecoveryPublic, RecoverySealed},
    sealed_bytes,
    shred::replace,
    stretching::Stretching,
};

/// The newest format that this version reads, and the one it writes.
const FORMAT: u32 = 2;
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

/// How the unlock key is obtained.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub(crate) enum Unlock {
    /// From a key file or credential.
    Key,
    /// From a passphrase.
    Passphrase { argon2id: Stretching },
}

/// An unlock key and where it comes from.
#[derive(Clone)]
pub(crate) struct UnlockKey {
    pub(crate) unlock: Unlock,
    pub(crate) key: Key256,
}

impl UnlockKey {
    /// Takes the key for a vault's next description from `source`; makes the key file if needed.
    pub(crate) fn obtain(source: &MasterKeySource, id: VaultId) -> Result<Self, VaultError> {
        let (unlock, key) = match source {
            MasterKeySource::KeyFile(path) => (Unlock::Key, read_or_create_key(path, id)?),
            MasterKeySource::Credential(path) => {
                (Unlock::Key, read_key(KeyLocation::credential(path), id)?)
            }
            MasterKeySource::Passphrase(text) if text.expose().is_empty() => {
                return Err(VaultError::EmptyPassphrase);
            }
            MasterKeySource::Passphrase(text) => {
                let argon2id = Stretching::recommended()?;
                let key = argon2id.stretch(text)?.ok_or(VaultError::Cryptography)?;
                (Unlock::Passphrase { argon2id }, key)
            }
            MasterKeySource::Recovery(_) => return Err(VaultError::NotAPrimaryKey),
        };
        Ok(Self { unlock, key })
    }

    /// A key that was read from, or is about to go into, a key file.
    pub(crate) fn of_key_file(key: Key256) -> Self {
        Self { unlock: Unlock::Key, key }
    }
}

/// The master key and, while scope keys are wrapped anew, the one before it.
#[derive(Clone)]
pub(crate) struct Masters {
    /// Counts master keys, from 1.
    pub(crate) generation: u32,
    pub(crate) current: Key256,
    pub(crate) previous: Option<Key256>,
}

impl Masters {
    /// The first one of a vault.
    pub(crate) fn first(current: Key256) -> Self {
        Self { generation: FIRST, current, previous: None }
    }
}

/// What a description gives to whoever has a key.
pub(crate) struct Opened {
    pub(crate) masters: Masters,
    /// `None` if a recovery key opened it.
    pub(crate) unlock: Option<UnlockKey>,
    pub(crate) recovery: Option<RecoveryPublic>,
}

/// The content of `vault.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Manifest {
    format: u32,
    id: String,
    #[serde(default = "first_generation")]
    generation: u32,
    unlock: Unlock,
    check: String,
    master: String,
    /// The master key before, under this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recovery: Option<Recovery>,
}

/// The master key for whoever has the recovery key.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Recovery {
    master: RecoverySealed,
    /// The public half, sealed by the master key.
    vouched: String,
}

/// The generation of a vault's first master key.
const FIRST: u32 = 1;

/// Of vaults of format 1, which could not renew it.
fn first_generation() -> u32 {
    FIRST
}

/// The part that every format has.
#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

impl Manifest {
    /// Describes a vault: its master keys for whoever has the unlock key or the recovery key.
    pub(crate) fn seal(
        id: VaultId,
        masters: &Masters,
        unlock: &UnlockKey,
        recovery: Option<&RecoveryPublic>,
    ) -> Result<Self, VaultError> {
        let wrapping = wrapping_key(&unlock.key, id)?;
        let check = wrapping.wrap(b"check", &Key256::new(CHECK))?;
        let master = wrapping.wrap(b"master", &masters.current)?;
        let previous = masters.previous.as_ref().map(|previous| {
            let wrapped = previous_key(&masters.current, id)?.wrap(b"previous", previous)?;
            Ok(hex::encode(&wrapped.to_bytes()))
        });
        let recovery = recovery.map(|public| Recovery::seal(id, &masters.current, public));
        Ok(Self {
            format: FORMAT,
            id: id.to_string(),
            generation: masters.generation,
            unlock: unlock.unlock.clone(),
            check: hex::encode(&check.to_bytes()),
            master: hex::encode(&master.to_bytes()),
            previous: previous.transpose()?,
            recovery: recovery.transpose()?,
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

    /// Writes `vault.json` in one step, and overwrites what was there before.
    pub(crate) fn write(&self, path: &Path) -> Result<(), VaultError> {
        let text = serde_json::to_vec_pretty(self).map_err(|error| VaultError::Io {
            action: "write the vault's description",
            source: error.into(),
        })?;
        replace(path, &text)
    }

    pub(crate) fn id(&self) -> Result<VaultId, VaultError> {
        self.id.parse().map_err(|_| VaultError::Damaged { what: WHAT })
    }

    /// Which master key it holds, from 1.
    pub(crate) fn generation(&self) -> u32 {
        self.generation
    }

    /// Whether the stretching of the passphrase is weaker than today's and should be renewed.
    pub(crate) fn is_outdated(&self) -> bool {
        matches!(&self.unlock, Unlock::Passphrase { argon2id } if !argon2id.is_current())
    }

    /// Takes the key from `source` and opens the master keys.
    pub(crate) fn open(&self, source: &MasterKeySource) -> Result<Opened, VaultError> {
        let id = self.id()?;
        let key = match (source, &self.unlock) {
            (MasterKeySource::KeyFile(path), _) => read_key(KeyLocation::file(path), id)?,
            (MasterKeySource::Credential(path), _) => read_key(KeyLocation::credential(path), id)?,
            (MasterKeySource::Passphrase(text), Unlock::Passphrase { argon2id }) => {
                argon2id.stretch(text)?.ok_or(VaultError::Damaged { what: WHAT })?
            }
            // The vault has a key, not a passphrase.
            (MasterKeySource::Passphrase(_), Unlock::Key) => return Err(VaultError::WrongKey),
            (MasterKeySource::Recovery(key), _) => {
                let recovery = self.recovery.as_ref().ok_or(VaultError::NoRecoveryKey)?;
                let master = recovery.master.open(key, Purpose::RecoveryWrapsMaster)?;
                return self.opened(master.ok_or(VaultError::Damaged { what: WHAT })?, None);
            }
        };
        let master = self.unwrap_master(&key, id)?;
        self.opened(master, Some(UnlockKey { unlock: self.unlock.clone(), key }))
    }

    pub(crate) fn unwrap_master(&self, unlock: &Key256, id: VaultId) -> Result<Key256, VaultError> {
        let wrapping = wrapping_key(unlock, id)?;
        match (
            unwrapped(&wrapping, b"master", &self.master),
            unwrapped(&wrapping, b"check", &self.check),
        ) {
            (Some(master), _) => Ok(master),
            (None, Some(_)) => Err(VaultError::Damaged { what: WHAT }),
            (None, None) => Err(VaultError::WrongKey),
        }
    }

    pub(crate) fn opened(
        &self,
        current: Key256,
        unlock: Option<UnlockKey>,
    ) -> Result<Opened, VaultError> {
        let id = self.id()?;
        let previous = match &self.previous {
            Some(digits) => {
                let previous = unwrapped(&previous_key(&current, id)?, b"previous", digits);
                Some(previous.ok_or(VaultError::Damaged { what: WHAT })?)
            }
            None => None,
        };
        let recovery = match &self.recovery {
            Some(recovery) => recovery.public(id, &current)?,
            None => None,
        };
        let masters = Masters { generation: self.generation, current, previous };
        Ok(Opened { masters, unlock, recovery })
    }
}

impl Recovery {
    fn seal(id: VaultId, master: &Key256, public: &RecoveryPublic) -> Result<Self, VaultError> {
        let sealed = RecoverySealed::seal(public, Purpose::RecoveryWrapsMaster, master)?;
        let vouched = sealed_bytes::seal(&vouching_key(master, id)?, RECOVERY, public.as_bytes())?;
        Ok(Self { master: sealed, vouched: hex::encode(&vouched) })
    }

    /// The public half, if the master key vouches for it. One that it does not vouch for was put
    /// there by somebody else, or damaged: the house goes on without a recovery key, and says so.
    fn public(&self, id: VaultId, master: &Key256) -> Result<Option<RecoveryPublic>, VaultError> {
        let key = vouching_key(master, id)?;
        let sealed: Option<[u8; VOUCHED_BYTES]> = hex::decode(&self.vouched);
        let vouched = sealed.and_then(|sealed| sealed_bytes::unseal(&key, RECOVERY, &sealed).ok());
        let public = self.master.public().filter(|public| {
            vouched.is_some_and(|vouched| vouched.expose().as_slice() == public.as_bytes())
        });
        if public.is_none() {
            tracing::error!("the recovery key in vault.json is not this vault's; make a new one");
        }
        Ok(public)
    }
}

/// What the sealed public half is.
const RECOVERY: &[u8] = b"recovery key";
const VOUCHED_BYTES: usize = 32 + sealed_bytes::OVERHEAD_BYTES;

#[cfg(test)]
impl Manifest {
    /// As an older version would have written it.
    pub(crate) fn seal_weakly(id: VaultId, masters: &Masters, passphrase: &str) -> Self {
        let argon2id = Stretching::weak();
        let key = argon2id.stretch(&passphrase.into()).expect("stretches").expect("sane");
        let unlock = UnlockKey { unlock: Unlock::Passphrase { argon2id }, key };
        Self::seal(id, masters, &unlock, None).expect("seals")
    }
}

fn unwrapped(key: &AeadKey, aad: &[u8], digits: &str) -> Option<Key256> {
    let bytes: [u8; WrappedKey::BYTES] = hex::decode(digits)?;
    key.unwrap(aad, &WrappedKey::from_bytes(&bytes)?).ok()
}

fn wrapping_key(unlock: &Key256, id: VaultId) -> Result<AeadKey, VaultError> {
    AeadKey::derive(unlock, Purpose::UnlockWrapsMaster, id.as_bytes(), &[])
}

fn previous_key(master: &Key256, id: VaultId) -> Result<AeadKey, VaultError> {
    AeadKey::derive(master, Purpose::MasterWrapsPrevious, id.as_bytes(), &[])
}

fn vouching_key(master: &Key256, id: VaultId) -> Result<AeadKey, VaultError> {
    AeadKey::derive(master, Purpose::MasterVouches, id.as_bytes(), &[])
}

#[cfg(test)]
mod tests;
