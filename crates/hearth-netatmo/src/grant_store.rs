//! Where a grant is kept between two runs: each refresh token is good once, so the next one must
//! not be lost.

use std::{fmt, io, path::PathBuf};

use hearth_secret::SecretString;

use crate::private_file;

/// Keeps the text of a grant. Calls may block.
pub trait GrantStore: fmt::Debug + Send + Sync {
    /// What was kept last.
    fn read(&self) -> Option<SecretString>;

    /// Keeps another; durable on return.
    ///
    /// # Errors
    /// If it was not kept.
    fn write(&self, grant: &SecretString) -> io::Result<()>;

    /// Forgets it.
    fn remove(&self);
}

/// A file that only its owner reads.
#[derive(Debug)]
pub(crate) struct GrantFile(pub(crate) PathBuf);

impl GrantStore for GrantFile {
    fn read(&self) -> Option<SecretString> {
        private_file::read(&self.0)
    }

    fn write(&self, grant: &SecretString) -> io::Result<()> {
        private_file::write(&self.0, grant)
    }

    fn remove(&self) {
        private_file::remove(&self.0);
    }
}
