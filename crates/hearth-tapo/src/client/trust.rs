//! Where the caller keeps what devices have shown. The vault owns it in the product.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::Trust;

/// Remembers what devices have shown: certificates (pinned on first use) and strengths.
///
/// A new certificate is confirmed by a person, and then by [`TrustStore::remember`] with it.
pub trait TrustStore: Send + Sync {
    /// What is known of a device; the default for a new one.
    fn known(&self, device: &str) -> Trust;

    /// Keeps what a device has shown. Called after each login that showed something new.
    fn remember(&self, device: &str, trust: Trust);
}

/// Remembers until the process ends: for single commands and tests.
#[derive(Debug, Default)]
pub struct MemoryTrust(Mutex<HashMap<String, Trust>>);

impl TrustStore for MemoryTrust {
    fn known(&self, device: &str) -> Trust {
        let devices = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        devices.get(device).copied().unwrap_or_default()
    }

    fn remember(&self, device: &str, trust: Trust) {
        let mut devices = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        devices.insert(device.to_owned(), trust);
    }
}
