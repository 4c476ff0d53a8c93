//! What can go wrong with keys and sealed files, each in words that say what to do next.
//!
//! Messages about the key's location name a path, because they are for the person at the
//! terminal who starts the hub; [`VaultError::fault`] is the form that may leave it.

use std::{io, path::PathBuf};

use hearth_model::{Fault, FaultKind};

use crate::{KeyScope, VaultId};

/// A failure of the vault.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The directory holds no vault.
    #[error("there is no vault in this data directory; check the path, or create one")]
    NotAVault,
    /// The directory holds a vault already; it is never overwritten.
    #[error("this data directory already holds a vault; open it instead")]
    AlreadyAVault,
    /// Another process has it open.
    #[error("another process uses this vault; stop it first")]
    InUse,
    /// Written by a newer version of the product.
    #[error(
        "the vault has format {found}, this version reads up to {supported}; \
         install the newer version"
    )]
    TooNew {
        /// The format found.
        found: u32,
        /// The newest format this version reads.
        supported: u32,
    },
    /// The key was read but is not this vault's.
    #[error("the key or passphrase does not fit this vault")]
    WrongKey,
    /// There is no key where it should be.
    #[error(
        "no key at {}; put the vault's key file back there (it is not part of the data \
         directory), or name the place where it is now", location.display()
    )]
    KeyMissing {
        /// Where the key was expected.
        location: PathBuf,
    },
    /// The key can be read by others.
    #[error(
        "the key at {} can be read by other users (mode {mode:03o}); run chmod 600 on it",
        location.display()
    )]
    KeyExposed {
        /// The key file.
        location: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The key file does not hold a key.
    #[error("{} is not a key: 32 raw bytes or 64 hexadecimal digits", location.display())]
    KeyMalformed {
        /// The file.
        location: PathBuf,
    },
    /// The key would lie next to the data it protects.
    #[error("the key must not lie inside the data directory: a copy would hold both")]
    KeyInsideData,
    /// The recovery key opens a vault, but another key must be there for every day.
    #[error("the recovery key cannot be a vault's only key; set a key file or a passphrase")]
    NotAPrimaryKey,
    /// The vault has no recovery key.
    #[error("this vault has no recovery key; only its key file or passphrase opens it")]
    NoRecoveryKey,
    /// The vault has one already, and it is replaced only when that is asked for.
    #[error("this vault has a recovery key; replace it only if its paper is lost or was seen")]
    RecoveryKeyExists,
    /// The vault was opened by its recovery key, so its everyday key is not known.
    #[error("the vault was opened with its recovery key; set a new key file or passphrase first")]
    UnlockUnknown,
    /// The disk refused an earlier change of keys, and whether it took it is unknown.
    #[error("an earlier change of keys did not complete; restart the hub to complete it")]
    OutOfStep,
    /// The vault's key does not come from a key file that could be renewed.
    #[error("the vault's key is not in a key file of ours, so it cannot be renewed here")]
    NotAKeyFile,
    /// An empty passphrase protects nothing.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// The key or the caller belongs to another vault: probably the wrong data directory.
    #[error(
        "this is vault {found}, but vault {expected} was expected; check the data directory \
         and the key"
    )]
    OtherVault {
        /// The vault that the key or the caller belongs to.
        expected: VaultId,
        /// The vault in the directory.
        found: VaultId,
    },
    /// The scope was never created, or its keys were destroyed.
    #[error("there is no key for {0}; it was erased or never created")]
    ScopeMissing(KeyScope),
    /// The key of a file was destroyed, or there never was one.
    #[error("there is no key for this file; it was erased or never created")]
    FileKeyMissing,
    /// The file has a key already.
    #[error("this file already has a key")]
    FileKeyExists,
    /// Something of the vault itself cannot be read.
    #[error("{what} is damaged; restore it from a backup")]
    Damaged {
        /// Which part.
        what: &'static str,
    },
    /// Sealed bytes that do not open: altered, torn, or sealed for something else.
    #[error("sealed data is altered, or was sealed with another key or for another use")]
    Altered,
    /// The file is not a sealed file.
    #[error("not a sealed file")]
    NotSealed,
    /// The file is no backup.
    #[error("this is not a backup of Hearthwatch")]
    NotABackup,
    /// A backup whose end is missing.
    #[error("the backup ends too early; it was cut off, copy or make it again")]
    Truncated,
    /// The file has its end record; nothing may follow.
    #[error("the sealed file is finished")]
    Finished,
    /// A sync failed before; what the disk holds is unknown, so the file takes no more.
    #[error("an earlier sync of this file failed; begin a new file")]
    Abandoned,
    /// Bytes beyond the end of the stream were asked for.
    #[error("the range lies outside the stored data")]
    OutOfRange,
    /// More than a fixed limit.
    #[error("more than the limit of {what}")]
    LimitReached {
        /// The limit.
        what: &'static str,
    },
    /// The cryptographic library refused; it has no more to say.
    #[error("the cryptographic library refused an operation")]
    Cryptography,
    /// The operating system refused.
    #[error("could not {action}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// Its answer.
        #[source]
        source: io::Error,
    },
}

impl VaultError {
    /// Wraps an answer of the operating system.
    pub(crate) fn io(action: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, source }
    }

    /// The failure of a sealed stream that was read or written as a plain one.
    pub fn of_io(error: io::Error) -> Self {
        let action = "read or write the backup";
        match error.downcast::<Self>() {
            Ok(inner) => inner,
            Err(source) => Self::Io { action, source },
        }
    }

    /// Whether the disk (or its quota) is full: the caller may free space and try again.
    pub fn is_disk_full(&self) -> bool {
        use io::ErrorKind::{QuotaExceeded, StorageFull};
        matches!(self, Self::Io { source, .. }
            if matches!(source.kind(), StorageFull | QuotaExceeded))
    }

    /// The form that may leave the hub: no path.
    ///
    /// promise: T-02.
    pub fn fault(&self) -> Fault {
        match self {
            Self::ScopeMissing(_) | Self::FileKeyMissing => {
                Fault::new(FaultKind::NotFound, "this was erased")
            }
            Self::FileKeyExists
            | Self::AlreadyAVault
            | Self::Finished
            | Self::NoRecoveryKey
            | Self::RecoveryKeyExists
            | Self::UnlockUnknown
            | Self::OutOfStep
            | Self::NotAKeyFile => Fault::new(FaultKind::Conflict, self.to_string()),
            Self::OutOfRange
            | Self::NotABackup
            | Self::Truncated
            | Self::EmptyPassphrase
            | Self::NotAPrimaryKey
            | Self::KeyInsideData => Fault::new(FaultKind::BadInput, self.to_string()),
            Self::LimitReached { .. } => Fault::new(FaultKind::Limited, self.to_string()),
            Self::Altered | Self::NotSealed | Self::Damaged { .. } => {
                Fault::new(FaultKind::Internal, "stored data is damaged")
            }
            error if error.is_disk_full() => Fault::new(FaultKind::Unavailable, "the disk is full"),
            Self::Io { .. } | Self::Abandoned | Self::Cryptography => {
                Fault::new(FaultKind::Internal, "the disk or the vault does not work")
            }
            _ => Fault::new(FaultKind::Unavailable, "the vault is locked"),
        }
    }
}
