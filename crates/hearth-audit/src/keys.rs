//! The keys of the audit log, each for one use.

use hearth_vault::{KeyScope, MacKey, Vault, VaultError};

use crate::{
    entry::Entry,
    record::{Link, SEALED_BYTES_MAX},
};

/// Context under which an entry is sealed; its number follows, so none can stand in for another.
const ENTRY: &[u8] = b"audit entry v1\0";

/// The vault, and what is derived from it for this log.
#[derive(Clone)]
pub(crate) struct Keys {
    vault: Vault,
    /// Chains records.
    pub(crate) chain: MacKey,
    /// Authenticates heads of files.
    pub(crate) head: MacKey,
    /// Authenticates the anchor.
    pub(crate) anchor: MacKey,
}

impl Keys {
    pub(crate) fn new(vault: Vault) -> Result<Self, VaultError> {
        let key = |context: &[u8]| vault.mac_key(&KeyScope::House, context);
        Ok(Self {
            chain: key(b"audit chain v1")?,
            head: key(b"audit file head v1")?,
            anchor: key(b"audit anchor v1")?,
            vault,
        })
    }

    /// Seals an entry that will be number `seq`.
    pub(crate) fn seal(&self, seq: u64, entry: &Entry) -> Result<Vec<u8>, VaultError> {
        // Plain data without maps of odd keys: JSON can always say it.
        let json = serde_json::to_vec(entry).unwrap_or_default();
        let sealed = self.vault.seal(&KeyScope::House, &context(seq), &json)?;
        if sealed.len() > SEALED_BYTES_MAX {
            return Err(VaultError::LimitReached { what: "bytes in an audit entry" });
        }
        Ok(sealed)
    }

    /// Opens the entry of a link.
    pub(crate) fn open(&self, link: Link, sealed: &[u8]) -> Option<Entry> {
        let json = self.vault.unseal(&KeyScope::House, &context(link.seq), sealed).ok()?;
        serde_json::from_slice(json.expose()).ok()
    }
}

fn context(seq: u64) -> Vec<u8> {
    [ENTRY, &seq.to_le_bytes()].concat()
}
