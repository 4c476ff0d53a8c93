//! A secret that a device's service hands out and changes by itself, and that must survive a
//! restart: whoever keeps devices keeps it sealed.

use std::{fmt, io};

use hearth_secret::SecretString;

/// Keeps one secret of one device. Calls may block.
pub trait Keepsake: fmt::Debug + Send + Sync {
    /// What was kept last.
    fn read(&self) -> Option<SecretString>;

    /// Keeps another; durable on return.
    ///
    /// # Errors
    /// If it was not kept.
    fn write(&self, secret: &SecretString) -> io::Result<()>;
}
