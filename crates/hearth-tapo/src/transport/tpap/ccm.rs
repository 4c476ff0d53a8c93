//! AES-128-CCM (NIST SP 800-38C) with 12 bytes of nonce, 16 of tag and no associated data, on
//! aws-lc's AES, which has the modes that it is made of.

use aws_lc_rs::{
    cipher::{AES_128, EncryptingKey, EncryptionContext, UnboundCipherKey},
    iv::FixedLength,
};

use crate::cipher::same;

/// Length of the tag.
const TAG_BYTES: usize = 16;
/// The length field of the first block has three bytes.
const PLAIN_BYTES_MAX: usize = (1 << 24) - 1;

/// Encrypts and appends the tag.
pub(super) fn seal(key: &[u8; 16], nonce: &[u8; 12], plain: &[u8]) -> Vec<u8> {
    assert!(plain.len() <= PLAIN_BYTES_MAX, "requests are built here and are short");
    let mut stream = tag(key, nonce, plain).to_vec();
    stream.extend_from_slice(plain);
    counter(key, nonce, &mut stream);
    stream.rotate_left(TAG_BYTES);
    stream
}

/// Verifies and decrypts; `None` if the tag is wrong.
pub(super) fn open(key: &[u8; 16], nonce: &[u8; 12], sealed: &[u8]) -> Option<Vec<u8>> {
    let length = sealed.len().checked_sub(TAG_BYTES).filter(|length| *length <= PLAIN_BYTES_MAX)?;
    let mut stream = sealed.to_vec();
    stream.rotate_right(TAG_BYTES);
    counter(key, nonce, &mut stream);
    let (given, plain) = stream.split_at(TAG_BYTES);
    debug_assert_eq!(plain.len(), length);
    same(given, &tag(key, nonce, plain)).then(|| plain.to_vec())
}

/// Counter mode from block zero, whose key stream is for the tag.
fn counter(key: &[u8; 16], nonce: &[u8; 12], stream: &mut [u8]) {
    // One byte of flags: the length field has 2 + 1 bytes.
    let mut block = [0; 16];
    block[0] = 2;
    block[1..13].copy_from_slice(nonce);
    encrypt(key, EncryptingKey::ctr, block, stream);
}

/// CBC-MAC over the first block, which holds nonce and length, and the padded plaintext.
fn tag(key: &[u8; 16], nonce: &[u8; 12], plain: &[u8]) -> [u8; TAG_BYTES] {
    // Flags: (16 - 2) / 2 for the tag's length, 2 for the length field's.
    let mut blocks = vec![7 << 3 | 2];
    blocks.extend_from_slice(nonce);
    blocks.extend_from_slice(&u32::try_from(plain.len()).unwrap_or(u32::MAX).to_be_bytes()[1..]);
    blocks.extend_from_slice(plain);
    blocks.resize(blocks.len().next_multiple_of(16), 0);
    encrypt(key, EncryptingKey::cbc, [0; 16], &mut blocks);
    let mut tag = [0; TAG_BYTES];
    tag.copy_from_slice(&blocks[blocks.len() - TAG_BYTES..]);
    tag
}

type Mode = fn(UnboundCipherKey) -> Result<EncryptingKey, aws_lc_rs::error::Unspecified>;

fn encrypt(key: &[u8; 16], mode: Mode, vector: [u8; 16], buffer: &mut [u8]) {
    let context = EncryptionContext::Iv128(FixedLength::from(&vector));
    UnboundCipherKey::new(&AES_128, key)
        .and_then(mode)
        .and_then(|cipher| cipher.less_safe_encrypt(buffer, context))
        .expect("whole blocks, and a key and a vector of the right length");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_is_opened_and_every_flipped_bit_is_noticed() {
        let (key, nonce) = ([3; 16], [4; 12]);
        for length in [0, 1, 15, 16, 17, 40] {
            let plain = vec![9; length];
            let mut sealed = seal(&key, &nonce, &plain);
            assert_eq!(open(&key, &nonce, &sealed), Some(plain));
            for index in 0..sealed.len() {
                sealed[index] ^= 1;
                assert_eq!(open(&key, &nonce, &sealed), None);
                sealed[index] ^= 1;
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_bytes_are_never_opened(bytes: Vec<u8>) {
            proptest::prop_assert_eq!(open(&[3; 16], &[4; 12], &bytes), None);
        }
    }
}
