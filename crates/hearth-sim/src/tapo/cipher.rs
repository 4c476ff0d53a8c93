//! The device's side of the cryptography, with other implementations than the client's.

use aes::Aes128;
use base64::Engine as _;
use cbc::cipher::{
    BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _, block_padding::Pkcs7,
};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

pub(super) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    parts.iter().fold(Sha256::new(), |hasher, part| hasher.chain_update(part)).finalize().into()
}

pub(super) fn sha1(text: &[u8]) -> [u8; 20] {
    Sha1::digest(text).into()
}

pub(super) fn md5(parts: &[&[u8]]) -> [u8; 16] {
    parts.iter().fold(Md5::new(), |hasher, part| hasher.chain_update(part)).finalize().into()
}

pub(super) fn upper(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

pub(super) fn lower(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn encode(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

pub(super) fn seal(key: &[u8; 16], vector: &[u8; 16], plain: &[u8]) -> Vec<u8> {
    cbc::Encryptor::<Aes128>::new(key.into(), vector.into()).encrypt_padded_vec::<Pkcs7>(plain)
}

pub(super) fn open(key: &[u8; 16], vector: &[u8; 16], sealed: &[u8]) -> Option<Vec<u8>> {
    cbc::Decryptor::<Aes128>::new(key.into(), vector.into())
        .decrypt_padded_vec::<Pkcs7>(sealed)
        .ok()
}

/// The first `N` of more bytes.
pub(super) fn first<const N: usize>(bytes: &[u8]) -> [u8; N] {
    std::array::from_fn(|index| bytes[index])
}

/// Bytes that nobody can predict; a device without them would not start.
pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system has randomness");
    bytes
}
