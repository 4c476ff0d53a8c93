//! What can go wrong with the log itself.

use std::io;

use hearth_vault::VaultError;

/// Why the log can't be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The disk refused.
    #[error("the audit log could not {action}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// Its answer.
        #[source]
        source: io::Error,
    },
    /// The vault refused.
    #[error("the vault refused a key of the audit log")]
    Vault(#[from] VaultError),
    /// The disk does not take what is to be written.
    #[error("the audit log waits for the disk")]
    Busy,
    /// The writer has ended.
    #[error("the audit log is closed")]
    Closed,
}

impl AuditError {
    pub(crate) fn io(action: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, source }
    }
}
