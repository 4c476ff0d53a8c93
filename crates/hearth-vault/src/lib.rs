//! Keys, the envelope around everything on disk, and erasure by key destruction.
//!
//! [`Vault`] holds the key hierarchy of a data directory. [`SealedWriter`] and [`SealedReader`]
//! are the append-only envelope of footage; [`write_sealed_file`] and [`Vault::seal`] are for
//! small things. Erasing means destroying a key: [`Vault::destroy_file_key`],
//! [`Vault::destroy_day`], [`Vault::destroy_scope`].
//!
//! promise: D-02, D-04, D-05, D-35, T-15, T-16, V-07.
//!
//! Limit of erasure: a copy of the vault's own folder, made before and opened with the key, still
//! holds the destroyed keys. Backups of that folder are to be rotated accordingly.
//!
//! What it does not do: it holds no footage index (`hearth-store`), decides nothing about
//! retention (`hearth-recorder`), and cannot bring back a key: without the key file or the
//! passphrase, everything is lost, as it should be.

#![forbid(unsafe_code)]

mod camera_slots;
mod envelope;
mod error;
mod hex;
mod key;
mod manifest;
mod master;
mod private_file;
mod scope;
mod sealed_bytes;
mod sealed_file;
mod shred;
mod slot;
mod vault;
mod verify;

pub use envelope::{Disk, DiskFile, FileState, RecordKind, SealedReader, SealedWriter};
pub use error::VaultError;
pub use key::FileKey;
pub use manifest::{VaultId, VaultIdError};
pub use master::{MasterKeySource, default_key_file};
pub use private_file::{
    TEMPORARY_SUFFIX, create_private_directory, create_private_file, remove_temporary_files,
    sync_directory,
};
pub use scope::KeyScope;
pub use sealed_file::{SEALED_FILE_BYTES_MAX, read_sealed_file, write_sealed_file};
pub use slot::FileId;
pub use vault::Vault;
pub use verify::{VaultProblem, VaultReport};
