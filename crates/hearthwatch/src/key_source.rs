//! Where `serve` takes the vault's key from.
//!
//! In this order: what the command line says, a credential of the service manager, a key file named
//! after the vault in the user's configuration folder. Never in the data folder, so that a copy of
//! it reveals nothing. promise: D-02, D-35, D-36, N-01.
//!
//! A TPM is used through systemd: a credential that `systemd-creds encrypt --with-key=tpm2` made
//! opens on this machine's TPM only, and the service manager hands it to the hub. The hub itself
//! does not speak to a TPM, and says so instead of pretending.

use std::{ffi::OsString, path::PathBuf};

use hearth_secret::SecretString;
use hearth_vault::{MasterKeySource, RecoveryKey};

use crate::{arguments::KeySource, failure::Failure};

/// Name of the credential: `LoadCredentialEncrypted=hearthwatch.key:..` in the service unit.
const CREDENTIAL: &str = "hearthwatch.key";

const NO_CREDENTIAL: &str = "The service manager provides no credential hearthwatch.key. Put \
    LoadCredentialEncrypted=hearthwatch.key:PATH into the unit, or start without --key-source.";

const NO_TPM: &str = "Not available: the hub does not speak to a TPM itself. Let systemd do it: \
    systemd-creds encrypt --with-key=tpm2 --name=hearthwatch.key KEYFILE /etc/hearthwatch.key, then \
    LoadCredentialEncrypted=hearthwatch.key:/etc/hearthwatch.key in the unit, and start with \
    --key-source credential.";

/// What the command line or the service manager says; `None` leaves it to the hub's default.
///
/// # Errors
/// If the source that was insisted on is not there.
pub(crate) fn choose(
    key_file: Option<PathBuf>,
    passphrase: Option<SecretString>,
    recovery: Option<RecoveryKey>,
    insisted: KeySource,
) -> Result<Option<MasterKeySource>, Failure> {
    let named = passphrase
        .map(MasterKeySource::Passphrase)
        .or_else(|| recovery.map(MasterKeySource::Recovery))
        .or_else(|| key_file.map(MasterKeySource::KeyFile));
    let credential = || credential(std::env::var_os("CREDENTIALS_DIRECTORY"));
    match insisted {
        KeySource::Auto => Ok(named.or_else(credential)),
        KeySource::Credential => match credential() {
            Some(source) => Ok(Some(source)),
            None => Err(Failure::Start(NO_CREDENTIAL.to_owned())),
        },
        KeySource::Tpm => Err(Failure::Start(NO_TPM.to_owned())),
    }
}

/// What systemd hands to the service (systemd.exec(5), `LoadCredential=`).
fn credential(directory: Option<OsString>) -> Option<MasterKeySource> {
    let directory = PathBuf::from(directory?);
    // The service manager names a whole path; anything else was not set by it.
    let path = directory.is_absolute().then(|| directory.join(CREDENTIAL))?;
    path.is_file().then_some(MasterKeySource::Credential(path))
}

/// Reads a recovery key from what somebody typed.
///
/// # Errors
/// Wrong usage, without a word of what was typed.
pub(crate) fn recovery_key(text: &SecretString) -> Result<RecoveryKey, Failure> {
    text.expose().parse().map_err(|error| Failure::Usage(format!("{error}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_taken_from_a_whole_path_only() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(credential(Some(folder.path().into())).is_none(), "there is none");
        std::fs::write(folder.path().join(CREDENTIAL), "key").expect("written");
        let found = credential(Some(folder.path().into()));
        assert!(matches!(found, Some(MasterKeySource::Credential(_))));
        assert!(credential(Some("relative".into())).is_none());
        assert!(credential(None).is_none());
    }

    /// promise: D-36. A TPM that is not spoken to is not pretended, and the way to use it is told.
    #[test]
    fn the_tpm_is_never_pretended() {
        let refused = choose(None, None, None, KeySource::Tpm).expect_err("not available");
        let told = refused.to_string();
        assert!(told.starts_with("Not available") && told.contains("systemd-creds"), "{told}");
    }

    #[test]
    fn a_recovery_key_with_a_mistake_is_refused_without_repeating_it() {
        let refused = recovery_key(&"ABCD-1234".into()).expect_err("too short").to_string();
        assert!(!refused.contains("ABCD"), "{refused}");
    }
}
