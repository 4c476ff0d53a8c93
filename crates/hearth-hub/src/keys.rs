//! The keys above everything: how they stand, and changing them while the house goes on.
//!
//! Only the owner, on the control socket, may change them.

use std::path::PathBuf;

use hearth_auth::{HouseGrant, ask};
use hearth_model::WallTime;
use hearth_secret::SecretString;
use hearth_vault::{KeyOrigin, KeyRenewal, MasterKeySource, Vault, VaultError};

use crate::{
    Hub,
    backup::{KeptBackup, require_owner, require_strong},
    error::{Result, UseCaseError},
    identity::store_error,
};

/// How the keys stand.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct KeysView {
    /// The vault's id.
    pub vault: String,
    /// What opened it: `key_file`, `credential`, `passphrase` or `recovery_key`.
    pub opened_by: &'static str,
    /// Which master key it has, counted from 1.
    pub generation: u32,
    /// Whether there is a recovery key.
    pub has_recovery_key: bool,
    /// Whether a rotation did not complete; the next start or rotation completes it.
    pub rotation_pending: bool,
    /// When the newest backup that was kept was begun.
    pub newest_backup: Option<WallTime>,
}

/// A new everyday key.
#[derive(Clone, Debug)]
pub enum NewKey {
    /// A passphrase.
    Passphrase(SecretString),
    /// A key file outside the data directory, made if it does not exist.
    KeyFile(PathBuf),
}

impl Hub {
    /// How the keys stand.
    ///
    /// # Errors
    /// If the store refuses.
    pub async fn keys(&self, _grant: HouseGrant<ask::Maintain>) -> Result<KeysView> {
        let house = self.house();
        let status = house.vault.key_status();
        let newest: Option<KeptBackup> =
            house.store.setting(KeptBackup::KEY).await.map_err(store_error)?;
        Ok(KeysView {
            vault: house.vault.id().to_string(),
            opened_by: match status.origin {
                KeyOrigin::KeyFile(_) => "key_file",
                KeyOrigin::Credential(_) => "credential",
                KeyOrigin::Passphrase => "passphrase",
                KeyOrigin::Recovery => "recovery_key",
            },
            generation: status.generation,
            has_recovery_key: status.has_recovery,
            rotation_pending: status.is_rotating,
            newest_backup: newest.map(|backup| backup.made_at),
        })
    }

    /// Makes a new master key and wraps all keys of cameras and people with it; with
    /// `renew_key_file`, the key in the key file is replaced as well. Recording goes on.
    ///
    /// # Errors
    /// `owner_only`, `key_refused`.
    pub async fn rotate_keys(
        &self,
        grant: HouseGrant<ask::Maintain>,
        renew_key_file: bool,
    ) -> Result<KeysView> {
        require_owner(&grant)?;
        let renewal = if renew_key_file { KeyRenewal::KeyFile } else { KeyRenewal::Keep };
        self.change_keys(move |vault| vault.rotate(renewal).map(drop)).await?;
        self.keys(grant).await
    }

    /// Makes a recovery key and hands out its only copy.
    ///
    /// # Errors
    /// `owner_only`; `key_refused` if there is one and `replace` is not set.
    pub async fn make_recovery_key(
        &self,
        grant: HouseGrant<ask::Maintain>,
        replace: bool,
    ) -> Result<SecretString> {
        require_owner(&grant)?;
        let key = self.change_keys(move |vault| vault.make_recovery_key(replace)).await?;
        Ok(key.to_text())
    }

    /// Sets another everyday key; nothing that is sealed is touched.
    ///
    /// # Errors
    /// `owner_only`, `weak_passphrase`, `key_refused`.
    pub async fn set_key(&self, grant: HouseGrant<ask::Maintain>, key: NewKey) -> Result<KeysView> {
        require_owner(&grant)?;
        let source = match key {
            NewKey::Passphrase(passphrase) => {
                require_strong(&passphrase)?;
                MasterKeySource::Passphrase(passphrase)
            }
            NewKey::KeyFile(path) if path.is_absolute() => MasterKeySource::KeyFile(path),
            NewKey::KeyFile(_) => {
                let message = "Name the key file by its whole path.";
                return Err(UseCaseError::bad_input("bad_path", message));
            }
        };
        self.change_keys(move |vault| vault.change_key(&source)).await?;
        self.keys(grant).await
    }

    /// Off the event loop: it writes, and stretches passphrases.
    async fn change_keys<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Vault) -> std::result::Result<T, VaultError> + Send + 'static,
    ) -> Result<T> {
        let vault = self.house().vault.clone();
        let changed = tokio::task::spawn_blocking(move || change(&vault)).await;
        let changed = changed.map_err(|error| UseCaseError::internal(&error))?;
        changed.map_err(|error| refused(&error))
    }
}

/// The owner of the machine's account is told what the vault says, paths included.
fn refused(error: &VaultError) -> UseCaseError {
    tracing::warn!(error = %crate::error::Chain(error), "keys were not changed");
    UseCaseError::new(error.fault().kind, "key_refused", format!("{error}."))
}
