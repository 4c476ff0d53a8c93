//! Keys that authenticate without hiding: HMAC-SHA256 (RFC 2104) under a key of the vault.
//!
//! Whoever has the disk but not the vault's key can neither make a tag nor check one, so what
//! carries tags cannot be rewritten, and names that were replaced by tags cannot be guessed back.

use std::fmt;

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use hearth_secret::Key256;

/// Bytes of a tag.
pub const MAC_BYTES: usize = 32;

/// A key for one use, made by [`Vault::mac_key`](crate::Vault::mac_key).
#[derive(Clone)]
pub struct MacKey(hmac::Key);

impl MacKey {
    pub(crate) fn derive(from: &Key256, context: &[u8]) -> Self {
        let from = hmac::Key::new(hmac::HMAC_SHA256, from.expose());
        // HMAC is a pseudo-random function: its tag over the use is the key of that use.
        Self(hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&from, context).as_ref()))
    }

    /// The tag over `parts`, one behind the other. Their lengths must be fixed or among the parts,
    /// or two different rows of parts have the same tag.
    pub fn tag(&self, parts: &[&[u8]]) -> [u8; MAC_BYTES] {
        let mut context = hmac::Context::with_key(&self.0);
        parts.iter().for_each(|part| context.update(part));
        let mut tag = [0; MAC_BYTES];
        // SHA-256 gives 32 bytes.
        tag.copy_from_slice(context.sign().as_ref());
        tag
    }

    /// Whether `tag` is the one over `parts`; takes as long for any wrong tag.
    pub fn verify(&self, parts: &[&[u8]], tag: &[u8]) -> bool {
        verify_slices_are_equal(&self.tag(parts), tag).is_ok()
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey([secret])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8, context: &[u8]) -> MacKey {
        MacKey::derive(&Key256::new([byte; 32]), context)
    }

    #[test]
    fn a_tag_depends_on_key_use_and_every_part() {
        let tag = key(1, b"chain").tag(&[b"a", b"bc"]);
        assert!(key(1, b"chain").verify(&[b"a", b"bc"], &tag));
        for (key, parts) in [
            (key(2, b"chain"), [&b"a"[..], b"bc"]),
            (key(1, b"other"), [b"a", b"bc"]),
            (key(1, b"chain"), [b"a", b"bd"]),
            (key(1, b"chain"), [b"", b"bc"]),
        ] {
            assert!(!key.verify(&parts, &tag));
        }
        assert!(!key(1, b"chain").verify(&[b"a", b"bc"], &tag[..31]));
    }

    /// promise: T-15. A debug print of a key shows none of it.
    #[test]
    fn it_is_not_printed() {
        assert_eq!(format!("{:?}", key(0x5a, b"x")), "MacKey([secret])");
    }
}
