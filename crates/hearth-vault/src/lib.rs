//! Keys, the envelope around everything on disk, and erasure by key destruction.
//!
//! [`Vault`] holds the key hierarchy of a data directory. [`SealedWriter`] and [`SealedReader`]
//! are the append-only envelope of footage; [`write_sealed_file`] and [`Vault::seal`] are for
//! small things. Erasing means destroying a key: [`Vault::destroy_file_key`],
//! [`Vault::destroy_day`], [`Vault::destroy_scope`].
//!
//! [`Vault::rotate`] and [`Vault::change_key`] renew what is above the scope keys, a
//! [`RecoveryKey`] on paper opens it all when the rest is lost, and [`Vault::begin_backup`] seals a
//! stream for another machine.
//!
//! promise: D-02, D-04, D-05, D-35, D-36, T-15, T-16, V-07, V-18.
//!
//! Limit of erasure: a copy of the vault's own folder, made before and opened with the key, still
//! holds the destroyed keys. [`KeyRenewal::KeyFile`] closes such copies to everything on the
//! machine. A backup holds the keys of its time and opens by its own passphrase or the recovery
//! key: what was erased later opens from it as long as it exists. It could only be otherwise if a
//! backup needed the live vault, and then it would be none when the machine is gone. So backups
//! carry their age, and old ones are to be destroyed.
//!
//! What it does not do: it holds no footage index (`hearth-store`), decides nothing about
//! retention (`hearth-recorder`), and cannot bring back a key: without the key file, the
//! passphrase or the recovery key, everything is lost, as it should be.

#![forbid(unsafe_code)]

mod archive;
mod backup;
mod camera_slots;
mod envelope;
mod error;
mod hex;
mod key;
mod key_copy;
mod mac_key;
mod manifest;
mod master;
mod private_file;
mod recovery;
mod rotation;
mod scope;
mod sealed_bytes;
mod sealed_file;
mod shred;
mod slot;
mod stretching;
mod vault;
mod verify;

pub use archive::{ArchiveReader, ArchiveTotals, ArchiveWriter, Entry, EntryKind};
pub use backup::{BackupHead, BackupKey, BackupReader, BackupWriter};
pub use envelope::{Disk, DiskFile, FileState, RecordKind, SealedReader, SealedWriter};
pub use error::VaultError;
pub use key::FileKey;
pub use key_copy::KeyCopy;
pub use mac_key::{MAC_BYTES, MacKey};
pub use manifest::{VaultId, VaultIdError};
pub use master::{MasterKeySource, default_key_file};
pub use private_file::{
    TEMPORARY_SUFFIX, create_private_directory, create_private_file, is_leftover,
    remove_temporary_children, remove_temporary_files, sync_directory, temporary_sibling,
};
pub use recovery::{RecoveryKey, RecoveryKeyError};
pub use rotation::{KeyOrigin, KeyRenewal, KeyStatus};
pub use scope::KeyScope;
pub use sealed_file::{SEALED_FILE_BYTES_MAX, read_sealed_file, write_sealed_file};
pub use slot::FileId;
pub use vault::Vault;
pub use verify::{VaultProblem, VaultReport};
