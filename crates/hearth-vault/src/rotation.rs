//! Changing the keys above the scope keys, while everything goes on.
//!
//! A rotation of the master key takes these steps, each durable before the next:
//!
//! 1. with a new key file: its key lies beside the old one (`….next`);
//! 2. `vault.json` holds the new master key, and the old one under it;
//! 3. the key file's old key is overwritten, the next one takes its place;
//! 4. every scope key is wrapped anew, one file after the other;
//! 5. `vault.json` holds the new master key only.
//!
//! After a crash at any of them one key opens the vault, and opening it completes the rest. What was
//! replaced is overwritten on the disk. Footage, its keys and its writers are not touched: file keys
//! hang on scope keys, which stay.
//!
//! What it is good for: who has an old master or unlock key, but no copy of the data directory,
//! has nothing any more. A full copy of the directory from before still opens with the key of its
//! time; [`KeyRenewal::KeyFile`] destroys that key, so that of such a copy only a paper recovery key
//! or a backup's passphrase of that time opens anything.

use std::path::{Path, PathBuf};

use crate::{
    MasterKeySource, RecoveryKey, Vault, VaultError,
    key::random_key,
    manifest::{Manifest, Masters, Opened, Unlock, UnlockKey},
    master::{adopt_next_key, create_next_key, discard_next_key, read_next_key},
    recovery::RecoveryPublic,
    vault::{MANIFEST, lock, require_outside},
};

/// Where the key that opened a vault came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyOrigin {
    /// This key file.
    KeyFile(PathBuf),
    /// A credential of the service manager, at this path.
    Credential(PathBuf),
    /// A passphrase.
    Passphrase,
    /// The recovery key: an everyday key should be set.
    Recovery,
}

impl KeyOrigin {
    pub(crate) fn of(source: &MasterKeySource) -> Self {
        match source {
            MasterKeySource::KeyFile(path) => Self::KeyFile(path.clone()),
            MasterKeySource::Credential(path) => Self::Credential(path.clone()),
            MasterKeySource::Passphrase(_) => Self::Passphrase,
            MasterKeySource::Recovery(_) => Self::Recovery,
        }
    }
}

/// Whether a rotation also renews what unlocks the vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyRenewal {
    /// The key file, credential or passphrase stays.
    Keep,
    /// The key in the key file is replaced and its old content overwritten: copies of the key file
    /// elsewhere, and with them copies of the data directory from before, become worthless.
    KeyFile,
}

/// How a vault's keys stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyStatus {
    /// Where the key came from.
    pub origin: KeyOrigin,
    /// Counts master keys, from 1.
    pub generation: u32,
    /// Whether there is a recovery key.
    pub has_recovery: bool,
    /// Whether a rotation did not complete; the next start or rotation completes it.
    pub is_rotating: bool,
}

/// Opens a description, also when a rotation with a new key file was cut short.
pub(crate) fn open_manifest(
    manifest: &Manifest,
    source: &MasterKeySource,
) -> Result<Opened, VaultError> {
    let opened = manifest.open(source);
    let MasterKeySource::KeyFile(path) = source else { return opened };
    match opened {
        Ok(opened) => {
            // Of a rotation that did not get to the vault.
            discard_next_key(path)?;
            Ok(opened)
        }
        // The vault knows the next key already, and the old one may be overwritten.
        Err(error @ (VaultError::WrongKey | VaultError::KeyMalformed { .. })) => {
            let next = read_next_key(path, manifest.id()?).ok_or(error)?;
            let opened = manifest.open_with(next)?;
            adopt_next_key(path)?;
            Ok(opened)
        }
        Err(error) => Err(error),
    }
}

impl Vault {
    /// How its keys stand.
    pub fn key_status(&self) -> KeyStatus {
        let opened = lock(&self.0.opened);
        KeyStatus {
            origin: lock(&self.0.source).clone(),
            generation: opened.masters.generation,
            has_recovery: opened.recovery.is_some(),
            is_rotating: opened.masters.previous.is_some(),
        }
    }

    /// Puts the vault under another key or passphrase. The old one opens it no longer; what was
    /// sealed stays as it is.
    pub fn change_key(&self, source: &MasterKeySource) -> Result<(), VaultError> {
        let _changes = lock(&self.0.scope_changes);
        let directory = self.0.folder.parent().ok_or(VaultError::NotAVault)?;
        require_outside(source, directory)?;
        self.require_in_step()?;
        let unlock = UnlockKey::obtain(source, self.0.id)?;
        let (masters, recovery) = self.masters_and_recovery();
        self.describe(&masters, &unlock, recovery.as_ref())?;
        lock(&self.0.opened).unlock = Some(unlock);
        *lock(&self.0.source) = KeyOrigin::of(source);
        Ok(())
    }

    /// Makes a recovery key, the only copy of which is the returned one. An earlier one opens this
    /// vault no longer.
    ///
    /// # Errors
    /// [`VaultError::RecoveryKeyExists`] unless `replace`; [`VaultError::UnlockUnknown`] after
    /// opening with the recovery key.
    pub fn make_recovery_key(&self, replace: bool) -> Result<RecoveryKey, VaultError> {
        let _changes = lock(&self.0.scope_changes);
        self.require_in_step()?;
        let (masters, recovery) = self.masters_and_recovery();
        if recovery.is_some() && !replace {
            return Err(VaultError::RecoveryKeyExists);
        }
        let key = RecoveryKey::random()?;
        let public = key.public()?;
        self.describe(&masters, &self.unlock()?, Some(&public))?;
        lock(&self.0.opened).recovery = Some(public);
        Ok(key)
    }

    /// Makes a new master key and wraps every scope key with it. Returns its generation.
    ///
    /// # Errors
    /// [`VaultError::UnlockUnknown`] after opening with the recovery key;
    /// [`VaultError::NotAKeyFile`] if a key file was to be renewed and there is none. After an
    /// error of the disk call it again, or open the vault again: either completes it.
    pub fn rotate(&self, renewal: KeyRenewal) -> Result<u32, VaultError> {
        self.rotate_step_by_step(renewal, &mut || {})
    }

    /// As [`Vault::rotate`]; `durable` is called after each step.
    pub(crate) fn rotate_step_by_step(
        &self,
        renewal: KeyRenewal,
        durable: &mut dyn FnMut(),
    ) -> Result<u32, VaultError> {
        let _changes = lock(&self.0.scope_changes);
        self.require_in_step()?;
        // What an earlier rotation left; its old master key is dropped by the next one.
        self.finish_rotation(durable)?;
        let key_file = self.key_file(renewal)?;
        let unlock = match &key_file {
            Some(path) => UnlockKey::of_key_file(create_next_key(path, self.0.id)?),
            None => self.unlock()?,
        };
        durable();
        let (old, recovery) = self.masters_and_recovery();
        let generation = old.generation.checked_add(1);
        let masters = Masters {
            generation: generation.ok_or(VaultError::LimitReached { what: "master keys" })?,
            current: random_key()?,
            previous: Some(old.current),
        };
        self.describe(&masters, &unlock, recovery.as_ref())?;
        self.0.scopes.set_masters(&masters)?;
        let generation = masters.generation;
        *lock(&self.0.opened) = Opened { masters, unlock: Some(unlock), recovery };
        durable();
        if let Some(path) = &key_file {
            adopt_next_key(path)?;
            durable();
        }
        self.finish_rotation(durable)?;
        Ok(generation)
    }

    /// Wraps scope keys anew that an interrupted rotation left, and forgets the old master key.
    fn finish_rotation(&self, durable: &mut dyn FnMut()) -> Result<(), VaultError> {
        let (masters, recovery) = self.masters_and_recovery();
        if masters.previous.is_none() {
            return Ok(());
        }
        for scope in self.0.scopes.list()? {
            match self.0.scopes.wrap_anew(&scope) {
                // Killed, and its removal did not complete.
                Ok(()) | Err(VaultError::ScopeMissing(_)) => durable(),
                Err(error) => return Err(error),
            }
        }
        let masters = Masters { previous: None, ..masters };
        self.describe(&masters, &self.unlock()?, recovery.as_ref())?;
        self.0.scopes.set_masters(&masters)?;
        lock(&self.0.opened).masters = masters;
        durable();
        Ok(())
    }

    /// At start. The vault works with both master keys, so an error is no reason to stay shut.
    pub(crate) fn complete_rotation(&self) {
        let _changes = lock(&self.0.scope_changes);
        match self.finish_rotation(&mut || {}) {
            // The old master key goes when there is an everyday key again.
            Ok(()) | Err(VaultError::UnlockUnknown) => {}
            Err(error) => tracing::warn!(%error, "a rotation of keys was not completed"),
        }
    }

    fn masters_and_recovery(&self) -> (Masters, Option<RecoveryPublic>) {
        let opened = lock(&self.0.opened);
        (opened.masters.clone(), opened.recovery)
    }

    fn unlock(&self) -> Result<UnlockKey, VaultError> {
        lock(&self.0.opened).unlock.clone().ok_or(VaultError::UnlockUnknown)
    }

    /// Refuses to build on a description other than the one this process knows: after a write that
    /// may or may not have reached the disk, a further change could leave no key that opens.
    fn require_in_step(&self) -> Result<(), VaultError> {
        let manifest = Manifest::read(&self.0.folder.join(MANIFEST))?;
        let opened = lock(&self.0.opened);
        let is_same = match &opened.unlock {
            Some(unlock) => manifest
                .unwrap_master(&unlock.key, self.0.id)
                .is_ok_and(|master| master.expose() == opened.masters.current.expose()),
            None => manifest.generation() == opened.masters.generation,
        };
        if is_same { Ok(()) } else { Err(VaultError::OutOfStep) }
    }

    /// The key file to be renewed, if one is.
    fn key_file(&self, renewal: KeyRenewal) -> Result<Option<PathBuf>, VaultError> {
        match (renewal, &*lock(&self.0.source)) {
            (KeyRenewal::Keep, _) => Ok(None),
            (KeyRenewal::KeyFile, KeyOrigin::KeyFile(path)) => Ok(Some(path.clone())),
            (KeyRenewal::KeyFile, _) => Err(VaultError::NotAKeyFile),
        }
    }

    fn describe(
        &self,
        masters: &Masters,
        unlock: &UnlockKey,
        recovery: Option<&RecoveryPublic>,
    ) -> Result<(), VaultError> {
        let path: &Path = &self.0.folder;
        Manifest::seal(self.0.id, masters, unlock, recovery)?.write(&path.join(MANIFEST))
    }
}

impl Manifest {
    /// Opens it with a key that is not where it should be yet.
    fn open_with(&self, key: hearth_secret::Key256) -> Result<Opened, VaultError> {
        let master = self.unwrap_master(&key, self.id()?)?;
        self.opened(master, Some(UnlockKey { unlock: Unlock::Key, key }))
    }
}

#[cfg(test)]
mod tests;
