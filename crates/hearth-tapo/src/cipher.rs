//! Hashes and ciphers as the protocols combine them. The arithmetic is aws-lc's; MD5 is not in it.
//!
//! Pure. None of the old primitives is here by choice: each protocol file says where it must be.

use aws_lc_rs::{
    cipher::{
        AES_128, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey,
        PaddedBlockEncryptingKey, UnboundCipherKey,
    },
    digest,
    iv::FixedLength,
};
use base64::Engine as _;
use hearth_secret::Secret;
use md5::Digest as _;

/// A 128-bit key.
pub(crate) type Key128 = Secret<[u8; 16]>;

/// SHA-256 over the parts joined.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// SHA-1 over the parts joined.
pub(crate) fn sha1(parts: &[&[u8]]) -> [u8; 20] {
    let mut context = digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY);
    parts.iter().for_each(|part| context.update(part));
    let mut hash = [0; 20];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// MD5 over the parts joined.
pub(crate) fn md5(parts: &[&[u8]]) -> [u8; 16] {
    let mut hasher = md5::Md5::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}

/// Upper-case hexadecimal.
pub(crate) fn hex_upper(bytes: &[u8]) -> String {
    hex(bytes, b"0123456789ABCDEF")
}

/// Lower-case hexadecimal.
pub(crate) fn hex_lower(bytes: &[u8]) -> String {
    hex(bytes, b"0123456789abcdef")
}

fn hex(bytes: &[u8], digits: &[u8; 16]) -> String {
    let digit = |index: u8| char::from(digits[usize::from(index & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

/// Base64 with padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Reads base64 with padding.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    base64::engine::general_purpose::STANDARD.decode(text.trim()).ok()
}

/// The first `N` of more bytes.
pub(crate) fn first<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut part = [0; N];
    part.copy_from_slice(&bytes[..N]);
    part
}

/// AES-128-CBC with PKCS#7 padding.
pub(crate) fn cbc_encrypt(key: &[u8; 16], iv: &[u8; 16], plain: &[u8]) -> Vec<u8> {
    let mut buffer = plain.to_vec();
    let context = EncryptionContext::Iv128(FixedLength::from(iv));
    UnboundCipherKey::new(&AES_128, key)
        .and_then(PaddedBlockEncryptingKey::cbc_pkcs7)
        .and_then(|cipher| cipher.less_safe_encrypt(&mut buffer, context))
        .expect("a key and a vector of the right length");
    buffer
}

/// AES-128-CBC with PKCS#7 padding; `None` if length or padding are wrong.
pub(crate) fn cbc_decrypt(key: &[u8; 16], iv: &[u8; 16], sealed: &[u8]) -> Option<Vec<u8>> {
    if sealed.is_empty() || !sealed.len().is_multiple_of(16) {
        return None;
    }
    let mut buffer = sealed.to_vec();
    let context = DecryptionContext::Iv128(FixedLength::from(iv));
    let cipher =
        UnboundCipherKey::new(&AES_128, key).and_then(PaddedBlockDecryptingKey::cbc_pkcs7).ok()?;
    let length = cipher.decrypt(&mut buffer, context).ok()?.len();
    buffer.truncate(length);
    Some(buffer)
}

/// Compares without telling where the difference is.
pub(crate) fn same(left: &[u8], right: &[u8]) -> bool {
    subtle::ConstantTimeEq::ct_eq(left, right).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_encrypted_is_decrypted_and_a_cut_is_noticed() {
        let (key, iv) = ([1; 16], [2; 16]);
        for length in [0, 1, 15, 16, 17, 100] {
            let plain = vec![7; length];
            let sealed = cbc_encrypt(&key, &iv, &plain);
            assert_eq!(cbc_decrypt(&key, &iv, &sealed), Some(plain));
            assert_eq!(cbc_decrypt(&key, &iv, &sealed[1..]), None);
        }
        assert_eq!(cbc_decrypt(&key, &iv, &[]), None);
    }

    #[test]
    fn hexadecimal_is_written_in_both_cases() {
        assert_eq!((hex_upper(&[0xAB, 1]), hex_lower(&[0xAB, 1])), ("AB01".into(), "ab01".into()));
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_bytes_never_panic_the_decryption(bytes: Vec<u8>) {
            cbc_decrypt(&[1; 16], &[2; 16], &bytes);
        }
    }
}
