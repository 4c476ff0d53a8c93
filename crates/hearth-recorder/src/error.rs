//! Why footage could not be written, found or erased.

use hearth_mp4::Mp4Error;
use hearth_store::StoreError;
use hearth_vault::VaultError;

use crate::WriteFault;

/// Failure of the recorder.
#[derive(Debug, thiserror::Error)]
pub enum RecorderError {
    /// Keys or sealed files.
    #[error("sealed footage: {0}")]
    Vault(#[from] VaultError),
    /// The index.
    #[error("index: {0}")]
    Store(#[from] StoreError),
    /// Boxes.
    #[error("footage format: {0}")]
    Mp4(#[from] Mp4Error),
    /// Folders.
    #[error("footage folder")]
    Io(#[from] std::io::Error),
    /// A segment file whose first record is missing or not ours.
    #[error("not a segment file")]
    NotASegment,
    /// Nothing was recorded at that time.
    #[error("no footage at that time")]
    NoFootage,
    /// More was asked for than one answer may hold.
    #[error("the range holds more than {0} segments; ask for a shorter one")]
    RangeTooLong(u32),
    /// There is no space, and nothing left that may be erased.
    #[error("the disk is full and nothing erasable is left")]
    Full,
}

impl RecorderError {
    /// Whether the disk said that it is full.
    pub(crate) fn is_full(&self) -> bool {
        match self {
            Self::Full => true,
            Self::Vault(error) => error.is_disk_full(),
            Self::Io(error) => is_full(error),
            _ => false,
        }
    }

    /// As a cause for a gap.
    pub(crate) fn write_fault(&self) -> WriteFault {
        match self {
            error if error.is_full() => WriteFault::DiskFull,
            Self::Vault(VaultError::ScopeMissing(_) | VaultError::KeyMissing { .. }) => {
                WriteFault::Locked
            }
            _ => WriteFault::DiskError,
        }
    }
}

/// Whether the disk, or the quota on it, is full.
pub(crate) fn is_full(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded)
}
