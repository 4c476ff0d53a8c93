//! Where `serve` takes the vault's key from.
//!
//! In this order: what the command line says, a credential of the service manager, a key file named
//! after the vault in the user's configuration folder. Never in the data folder, so that a copy of
//! it reveals nothing. promise: D-02, D-35, N-01.

use std::path::PathBuf;

use hearth_secret::SecretString;
use hearth_vault::MasterKeySource;

/// Name of the credential: `LoadCredentialEncrypted=hearthwatch.key:..` in the service unit.
const CREDENTIAL: &str = "hearthwatch.key";

/// What the command line or the service manager says; `None` leaves it to the hub's default.
pub(crate) fn choose(
    key_file: Option<PathBuf>,
    passphrase: Option<SecretString>,
) -> Option<MasterKeySource> {
    passphrase
        .map(MasterKeySource::Passphrase)
        .or_else(|| key_file.map(MasterKeySource::KeyFile))
        .or_else(|| credential().map(MasterKeySource::Credential))
}

/// What systemd hands to the service (systemd.exec(5), `LoadCredential=`).
fn credential() -> Option<PathBuf> {
    let path = PathBuf::from(std::env::var_os("CREDENTIALS_DIRECTORY")?).join(CREDENTIAL);
    path.is_file().then_some(path)
}
