//! Small values sealed in one piece: format byte, nonce, ciphertext, tag.
//!
//! Pure apart from the random nonce. Random nonces are safe for up to 2^32 values under one key
//! (NIST SP 800-38D 8.3): one value a second for 136 years.

use hearth_secret::SecretBytes;

use crate::{
    VaultError,
    key::{AeadKey, NONCE_BYTES, TAG_BYTES, random},
};

/// The first byte of every sealed value.
const FORMAT: u8 = 1;
const PREFIX_BYTES: usize = 1 + NONCE_BYTES;

/// Bytes that sealing adds.
pub(crate) const OVERHEAD_BYTES: usize = PREFIX_BYTES + TAG_BYTES;

/// Seals `plaintext`; `context` is authenticated but not stored.
pub(crate) fn seal(key: &AeadKey, context: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, VaultError> {
    let nonce: [u8; NONCE_BYTES] = random()?;
    // Reserved whole, so that no half-filled buffer with plaintext is freed by growing.
    let mut sealed = Vec::with_capacity(plaintext.len() + OVERHEAD_BYTES);
    sealed.push(FORMAT);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(plaintext);
    let body = sealed.get_mut(PREFIX_BYTES..).expect("the prefix was just written");
    let tag = key.seal_in_place(nonce, context, body)?;
    sealed.extend_from_slice(&tag);
    Ok(sealed)
}

/// Opens what [`seal`] made.
pub(crate) fn unseal(
    key: &AeadKey,
    context: &[u8],
    sealed: &[u8],
) -> Result<SecretBytes, VaultError> {
    let Some((&FORMAT, rest)) = sealed.split_first() else { return Err(VaultError::Altered) };
    let Some((nonce, body)) = rest.split_first_chunk() else { return Err(VaultError::Altered) };
    let mut body = zeroize::Zeroizing::new(body.to_vec());
    let length = key.open_in_place(*nonce, context, &mut body)?.len();
    body.truncate(length);
    Ok(SecretBytes::new(std::mem::take(&mut *body)))
}

#[cfg(test)]
mod tests {
    use hearth_secret::Key256;
    use proptest::prelude::*;

    use super::*;
    use crate::key::Purpose;

    fn key() -> AeadKey {
        AeadKey::derive(&Key256::new([3; 32]), Purpose::ScopeSeals, &[], &[]).expect("derives")
    }

    proptest! {
        #[test]
        fn what_was_sealed_comes_back(context: Vec<u8>, plaintext: Vec<u8>) {
            let sealed = seal(&key(), &context, &plaintext).expect("seals");
            let opened = unseal(&key(), &context, &sealed).expect("opens");
            prop_assert_eq!(opened.expose(), &plaintext);
        }

        #[test]
        fn arbitrary_bytes_do_not_open_and_do_not_panic(bytes: Vec<u8>) {
            prop_assert!(unseal(&key(), b"", &bytes).is_err());
        }
    }

    #[test]
    fn no_flipped_bit_goes_unnoticed() {
        let sealed = seal(&key(), b"context", b"plaintext").expect("seals");
        for bit in 0..sealed.len() * 8 {
            let mut altered = sealed.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(matches!(unseal(&key(), b"context", &altered), Err(VaultError::Altered)));
        }
    }

    #[test]
    fn another_context_does_not_open_it() {
        let sealed = seal(&key(), b"thumbnail of a", b"plaintext").expect("seals");
        let other = unseal(&key(), b"thumbnail of b", &sealed);
        assert!(matches!(other, Err(VaultError::Altered)));
    }
}
