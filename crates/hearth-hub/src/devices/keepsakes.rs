//! Secrets that devices' services change by themselves, each in a file sealed under its device's
//! key: it is gone with that key (promises T-17, D-04).

use std::{io, path::PathBuf, sync::Arc};

use hearth_device::Keepsake;
use hearth_model::DeviceId;
use hearth_secret::SecretString;
use hearth_vault::{KeyScope, Vault};

use crate::house::House;

/// The folder of these files, in the data directory.
const FOLDER: &str = "devices";

/// Context under which they are sealed.
const CONTEXT: &[u8] = b"device keepsake v1";

#[derive(Debug)]
struct SealedKeepsake {
    vault: Vault,
    scope: KeyScope,
    path: PathBuf,
}

impl Keepsake for SealedKeepsake {
    fn read(&self) -> Option<SecretString> {
        let plain = self.vault.read_sealed_file(&self.path, &self.scope, CONTEXT).ok()?;
        let text = std::str::from_utf8(plain.expose()).ok()?;
        Some(text.into())
    }

    fn write(&self, secret: &SecretString) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            use std::os::unix::fs::DirBuilderExt;
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let sealed = secret.expose().as_bytes();
        let written = self.vault.write_sealed_file(&self.path, &self.scope, CONTEXT, sealed);
        written.map_err(|error| {
            tracing::error!(%error, "a device's secret was not kept");
            io::Error::other(error)
        })
    }
}

impl House {
    /// Where a device keeps a secret that changes by itself.
    pub(crate) fn keepsake(&self, id: DeviceId) -> Arc<dyn Keepsake> {
        let (vault, scope) = (self.vault.clone(), KeyScope::Device(id));
        Arc::new(SealedKeepsake { vault, scope, path: self.keepsake_path(id) })
    }

    /// Removes what is left of it; nobody can open it any more.
    pub(crate) fn forget_keepsake(&self, id: DeviceId) {
        match std::fs::remove_file(self.keepsake_path(id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, "a sealed file of a device stays behind");
            }
            _ => {}
        }
    }

    fn keepsake_path(&self, id: DeviceId) -> PathBuf {
        self.data.join(FOLDER).join(format!("{id}.sealed"))
    }
}
