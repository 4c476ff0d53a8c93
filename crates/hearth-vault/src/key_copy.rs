//! The vault's keys for a backup, and a vault made of them elsewhere.
//!
//! A copy is everything that opens what was sealed until now: it exists only in memory and inside a
//! sealed backup. Slot files (`vault/slots`) are not part of it; they hold wrapped keys and are
//! copied as they lie. Keys that were destroyed are in neither.
//!
//! ```text
//! "HWKEYS1\0" | vault 16 | generation u32 | master 32 | has recovery u8 | public half 32
//!             | scopes u32 | (length u8 | name | wrapped key as on disk 68) ...
//! ```

use std::path::{Path, PathBuf};

use hearth_secret::{Key256, SecretBytes};

use crate::{
    KeyScope, MasterKeySource, Vault, VaultError, VaultId,
    manifest::{Manifest, Masters, UnlockKey},
    private_file::create_private_directory,
    recovery::RecoveryPublic,
    scope::{FILE_BYTES, SCOPES_MAX, ScopeFolder},
    vault::{FOLDER, MANIFEST, SLOTS, lay_out, lock, require_outside},
};

const MAGIC: &[u8; 8] = b"HWKEYS1\0";
/// Stands for the public half where there is none.
const NO_PUBLIC: [u8; 32] = [0; 32];

/// The keys of a vault, out of it.
pub struct KeyCopy {
    vault: VaultId,
    generation: u32,
    master: Key256,
    recovery: Option<RecoveryPublic>,
    scopes: Vec<(KeyScope, [u8; FILE_BYTES])>,
}

impl KeyCopy {
    /// The vault they are of.
    pub fn vault(&self) -> VaultId {
        self.vault
    }

    /// The form for a sealed backup.
    pub fn to_bytes(&self) -> SecretBytes {
        let scopes: Vec<_> =
            self.scopes.iter().map(|(scope, key)| (scope.to_string(), key)).collect();
        let names: usize = scopes.iter().map(|(name, key)| 1 + name.len() + key.len()).sum();
        // Reserved whole, so that growing leaves no unwiped piece with the master key behind.
        let mut bytes = Vec::with_capacity(MAGIC.len() + 16 + 4 + 32 + 33 + 4 + names);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(self.vault.as_bytes());
        bytes.extend_from_slice(&self.generation.to_le_bytes());
        bytes.extend_from_slice(self.master.expose());
        bytes.push(u8::from(self.recovery.is_some()));
        let public = self.recovery.as_ref().map_or(&NO_PUBLIC, RecoveryPublic::as_bytes);
        bytes.extend_from_slice(public);
        bytes.extend_from_slice(&u32::try_from(scopes.len()).unwrap_or(u32::MAX).to_le_bytes());
        for (name, key) in scopes {
            bytes.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(key);
        }
        SecretBytes::new(bytes)
    }

    /// Reads that form.
    ///
    /// # Errors
    /// [`VaultError::Altered`] for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VaultError> {
        Self::parse(bytes).ok_or(VaultError::Altered)
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (vault, rest) = rest.split_first_chunk()?;
        let (generation, rest) = rest.split_first_chunk()?;
        let (master, rest) = rest.split_first_chunk()?;
        let (&has_recovery, rest) = rest.split_first()?;
        let (public, rest) = rest.split_first_chunk()?;
        let (count, mut rest) = rest.split_first_chunk()?;
        let count = u32::from_le_bytes(*count) as usize;
        let is_odd = has_recovery > 1 || (has_recovery == 0 && *public != NO_PUBLIC);
        if is_odd || count > SCOPES_MAX {
            return None;
        }
        let mut scopes = Vec::with_capacity(count);
        for _ in 0..count {
            let (&length, more) = rest.split_first()?;
            let (name, more) = more.split_at_checked(usize::from(length))?;
            let (key, more) = more.split_first_chunk()?;
            scopes.push((std::str::from_utf8(name).ok()?.parse().ok()?, *key));
            rest = more;
        }
        rest.is_empty().then(|| Self {
            vault: VaultId::from_bytes(*vault),
            generation: u32::from_le_bytes(*generation),
            master: Key256::new(*master),
            recovery: (has_recovery == 1).then(|| RecoveryPublic::from_bytes(*public)),
            scopes,
        })
    }
}

impl std::fmt::Debug for KeyCopy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("KeyCopy").field(&self.vault).finish()
    }
}

impl Vault {
    /// Copies the keys as they are now. Scopes that are damaged are left out: nothing opens them.
    pub fn copy_keys(&self) -> Result<KeyCopy, VaultError> {
        // No scope comes, goes or is wrapped anew meanwhile.
        let _changes = lock(&self.0.scope_changes);
        let mut scopes = Vec::new();
        for scope in self.0.scopes.list()? {
            match self.0.scopes.copy(&scope) {
                Ok(key) => scopes.push((scope, key)),
                Err(VaultError::ScopeMissing(_) | VaultError::Damaged { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let opened = lock(&self.0.opened);
        Ok(KeyCopy {
            vault: self.0.id,
            generation: opened.masters.generation,
            master: opened.masters.current.clone(),
            recovery: opened.recovery,
            scopes,
        })
    }

    /// Makes a vault of a copy in a directory that has none, under a key of its own. Its slot files
    /// are put into [`Vault::slots_folder`] by the caller, before or after.
    ///
    /// Not in one step: whoever restores does so in a folder that is put in its place when all of
    /// it is there. `vault.json` comes last, so half a vault is never taken for a whole one.
    ///
    /// # Errors
    /// As [`Vault::create`](crate::Vault::create).
    pub fn restore(
        directory: &Path,
        keys: &KeyCopy,
        source: &MasterKeySource,
    ) -> Result<(), VaultError> {
        if Self::exists(directory) {
            return Err(VaultError::AlreadyAVault);
        }
        create_private_directory(directory).map_err(VaultError::io("make the data directory"))?;
        require_outside(source, directory)?;
        keys.write(&directory.join(FOLDER), source)
    }

    /// Where the wrapped keys of files lie in a data directory.
    pub fn slots_folder(directory: &Path) -> PathBuf {
        directory.join(FOLDER).join(SLOTS)
    }
}

impl KeyCopy {
    fn write(&self, folder: &Path, source: &MasterKeySource) -> Result<(), VaultError> {
        let masters =
            Masters { generation: self.generation, current: self.master.clone(), previous: None };
        let unlock = UnlockKey::obtain(source, self.vault)?;
        let manifest = Manifest::seal(self.vault, &masters, &unlock, self.recovery.as_ref())?;
        let scopes: ScopeFolder = lay_out(folder, self.vault, &masters)?;
        self.scopes.iter().try_for_each(|(scope, key)| scopes.put_file(scope, key))?;
        manifest.write(&folder.join(MANIFEST))
    }
}

#[cfg(test)]
mod tests {
    use hearth_model::{CameraId, PersonId};
    use proptest::prelude::*;

    use super::*;

    fn source(root: &Path, name: &str) -> MasterKeySource {
        MasterKeySource::KeyFile(root.join(name))
    }

    /// promise: V-18. A vault made of a copy opens what the first one sealed, with a key of its own,
    /// and not what had been destroyed before.
    #[test]
    fn a_vault_made_of_a_copy_opens_what_was_sealed_and_nothing_destroyed() {
        let root = tempfile::tempdir().expect("a folder");
        let vault = Vault::create(&root.path().join("a"), &source(root.path(), "a.key"));
        let vault = vault.expect("creates");
        let scopes =
            [KeyScope::House, KeyScope::Camera(CameraId::new()), KeyScope::Person(PersonId::new())];
        scopes.iter().for_each(|scope| vault.create_scope(scope).expect("creates"));
        let sealed = scopes.map(|scope| vault.seal(&scope, b"", b"content").expect("seals"));
        let paper = vault.make_recovery_key(false).expect("makes");
        vault.destroy_scope(&scopes[2]).expect("destroys");
        let bytes = vault.copy_keys().expect("copies").to_bytes();

        let (copy, other) =
            (KeyCopy::from_bytes(bytes.expose()).expect("reads"), root.path().join("b"));
        assert_eq!(format!("{copy:?}"), format!("KeyCopy({})", vault.id()));
        let new_key = source(root.path(), "b.key");
        Vault::restore(&other, &copy, &new_key).expect("restores");
        assert!(matches!(Vault::restore(&other, &copy, &new_key), Err(VaultError::AlreadyAVault)));
        for key in [new_key, MasterKeySource::Recovery(paper)] {
            let restored = Vault::open(&other, &key).expect("opens");
            assert_eq!(restored.id(), vault.id());
            for (scope, sealed) in scopes.iter().zip(&sealed).take(2) {
                let opened = restored.unseal(scope, b"", sealed).expect("opens");
                assert_eq!(opened.expose(), b"content");
            }
            let gone = restored.unseal(&scopes[2], b"", &sealed[2]);
            assert!(matches!(gone, Err(VaultError::ScopeMissing(_))));
        }
        assert!(Vault::open(&other, &source(root.path(), "a.key")).is_err(), "another key");
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_are_no_keys_and_never_panic(bytes: Vec<u8>, framed: bool) {
            let bytes = if framed { [MAGIC, &bytes[..]].concat() } else { bytes };
            if let Ok(copy) = KeyCopy::from_bytes(&bytes) {
                let again = copy.to_bytes();
                prop_assert_eq!(again.expose(), &bytes);
            }
        }
    }
}
