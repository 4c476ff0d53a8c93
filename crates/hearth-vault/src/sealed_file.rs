//! Small files in one sealed piece: thumbnails, snapshots of settings. Written in one step.

use std::{io, path::Path};

use hearth_secret::SecretBytes;

use crate::{
    FileKey, KeyScope, Vault, VaultError,
    private_file::{read_bounded, write_atomically},
    sealed_bytes::OVERHEAD_BYTES,
};

/// The largest content of such a file; what is larger goes into an envelope
/// ([`SealedWriter`](crate::SealedWriter)), which is not held in memory whole.
pub const SEALED_FILE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Writes a file that is sealed with a file's key, replacing an older one in one step; durable on
/// return. Leftovers of a crash: [`remove_temporary_files`](crate::remove_temporary_files).
pub fn write_sealed_file(
    path: &Path,
    key: &FileKey,
    context: &[u8],
    plaintext: &[u8],
) -> Result<(), VaultError> {
    check_length(plaintext)?;
    write_atomically(path, &key.seal(context, plaintext)?)
}

/// Reads what [`write_sealed_file`] wrote.
pub fn read_sealed_file(
    path: &Path,
    key: &FileKey,
    context: &[u8],
) -> Result<SecretBytes, VaultError> {
    key.unseal(context, &read(path)?)
}

impl Vault {
    /// Writes a file that is sealed with a scope's key, replacing an older one in one step;
    /// durable on return.
    pub fn write_sealed_file(
        &self,
        path: &Path,
        scope: &KeyScope,
        context: &[u8],
        plaintext: &[u8],
    ) -> Result<(), VaultError> {
        check_length(plaintext)?;
        write_atomically(path, &self.seal(scope, context, plaintext)?)
    }

    /// Reads what [`Vault::write_sealed_file`] wrote.
    pub fn read_sealed_file(
        &self,
        path: &Path,
        scope: &KeyScope,
        context: &[u8],
    ) -> Result<SecretBytes, VaultError> {
        self.unseal(scope, context, &read(path)?)
    }
}

fn check_length(plaintext: &[u8]) -> Result<(), VaultError> {
    if plaintext.len() > SEALED_FILE_BYTES_MAX {
        return Err(VaultError::LimitReached { what: "bytes in a sealed file" });
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, VaultError> {
    read_bounded(path, (SEALED_FILE_BYTES_MAX + OVERHEAD_BYTES) as u64).map_err(|error| match error
        .kind()
    {
        io::ErrorKind::FileTooLarge => VaultError::NotSealed,
        _ => VaultError::io("read a sealed file")(error),
    })
}
