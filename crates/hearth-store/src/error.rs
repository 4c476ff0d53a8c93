//! What can go wrong, by what the caller does about it.

use hearth_model::{Fault, FaultKind};
use hearth_sealed_sqlite::UnlockError;

/// Why the database did not do it.
///
/// `Display` is fit for people; what the engine said is the source, for the log only (promise T-02).
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file is not a sound database: set it aside, restore the house and rebuild the index.
    #[error("the index is damaged")]
    Corrupt(#[source] Cause),
    /// The file was sealed under another key, or is no database: give the right key. Whoever knows
    /// that the key is right treats the file as damaged.
    #[error("the index does not open with this key")]
    WrongKey,
    /// The disk is full; make room and try again.
    #[error("the disk is full")]
    Full(#[source] Cause),
    /// Somebody else kept it locked for too long; try again.
    #[error("the index is busy")]
    Busy(#[source] Cause),
    /// The disk or the file system refused.
    #[error("the index cannot be read or written")]
    Disk(#[source] Cause),
    /// There is no such thing.
    #[error("there is no such {what}")]
    NotFound {
        /// What was looked for.
        what: &'static str,
    },
    /// Something there already rules it out.
    #[error("{message}")]
    Conflict {
        /// What, for a person.
        message: &'static str,
    },
    /// A value that must not be stored.
    #[error("{message}")]
    Invalid {
        /// Why, for a person.
        message: &'static str,
    },
    /// There are as many as there may be.
    #[error("there are already {max} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        max: usize,
    },
    /// A newer release has written it.
    #[error("the index was written by a newer release (schema {found}, this one knows {known})")]
    TooNew {
        /// The schema found.
        found: i64,
        /// The newest schema this release knows.
        known: i64,
    },
    /// A bug here.
    #[error("the index failed")]
    Internal(#[source] Cause),
}

/// What the layer below said.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

// Primary result codes, https://sqlite.org/rescode.html.
const SQLITE_BUSY: i32 = 5;
const SQLITE_LOCKED: i32 = 6;
const SQLITE_READONLY: i32 = 8;
const SQLITE_IOERR: i32 = 10;
const SQLITE_CORRUPT: i32 = 11;
const SQLITE_FULL: i32 = 13;
const SQLITE_CANTOPEN: i32 = 14;
const SQLITE_NOTADB: i32 = 26;
// Extended codes: the file ends before the page that its header promises, or the file system says
// that its content is damaged.
const SQLITE_IOERR_SHORT_READ: i32 = 522;
const SQLITE_IOERR_CORRUPTFS: i32 = 8458;

impl StoreError {
    /// A stored value that no release has written.
    pub(crate) fn corrupt(what: impl Into<Cause>) -> Self {
        Self::Corrupt(what.into())
    }

    /// The failure as it may leave the hub.
    pub fn fault(&self) -> Fault {
        let kind = match self {
            Self::NotFound { .. } => FaultKind::NotFound,
            Self::Conflict { .. } => FaultKind::Conflict,
            Self::Invalid { .. } => FaultKind::BadInput,
            Self::TooMany { .. } => FaultKind::Limited,
            Self::Full(_) | Self::Busy(_) => FaultKind::Unavailable,
            Self::Corrupt(_)
            | Self::WrongKey
            | Self::Disk(_)
            | Self::TooNew { .. }
            | Self::Internal(_) => FaultKind::Internal,
        };
        Fault::new(kind, self.to_string())
    }

    /// Whether the error is that a unique value exists, which callers turn into their own words.
    pub(crate) fn or_conflict(error: sqlx::Error, message: &'static str) -> Self {
        match error.as_database_error() {
            Some(inner) if inner.is_unique_violation() => Self::Conflict { message },
            _ => error.into(),
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error;
        match &error {
            Error::Database(inner) => {
                let code = inner.code().and_then(|code| code.parse().ok());
                match code.map(|code: i32| (code, code & 0xff)) {
                    Some((SQLITE_IOERR_SHORT_READ | SQLITE_IOERR_CORRUPTFS, _))
                    | Some((_, SQLITE_CORRUPT | SQLITE_NOTADB)) => Self::Corrupt(error.into()),
                    Some((_, SQLITE_FULL)) => Self::Full(error.into()),
                    Some((_, SQLITE_BUSY | SQLITE_LOCKED)) => Self::Busy(error.into()),
                    Some((_, SQLITE_IOERR | SQLITE_CANTOPEN | SQLITE_READONLY)) => {
                        Self::Disk(error.into())
                    }
                    _ => Self::Internal(error.into()),
                }
            }
            // Our queries name their columns and types; a row that differs is not one of ours.
            Error::ColumnDecode { .. }
            | Error::Decode(_)
            | Error::AnyDriverError(_)
            | Error::TypeNotFound { .. } => Self::Corrupt(error.into()),
            Error::PoolTimedOut => Self::Busy(error.into()),
            Error::Io(_) => Self::Disk(error.into()),
            _ => Self::Internal(error.into()),
        }
    }
}

impl From<UnlockError> for StoreError {
    fn from(error: UnlockError) -> Self {
        match error {
            UnlockError::Path(error) => error.into(),
            UnlockError::OtherKey => Self::WrongKey,
            UnlockError::TooMany => Self::Busy(error.into()),
            UnlockError::Engine(_) => Self::Internal(error.into()),
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull => Self::Full(error.into()),
            _ => Self::Disk(error.into()),
        }
    }
}
