//! From the password to the key of the bodies.

use hearth_secret::{Secret, SecretString};

use super::head::parameter;
use crate::{
    cipher::{Key128, cbc_decrypt, cbc_encrypt, hex_upper, md5, sha256},
    transport::secure::PasswordHash,
};

/// What cameras use in place of the password when their media encryption is switched off. It is
/// the same everywhere and public (CVE-2022-37255).
const KEY_OF_EVERYBODY: &str = "TPL075526460603";

/// The hash of the password that takes the password's place on this port.
pub(super) fn password_hash(password: &SecretString, kind: PasswordHash) -> SecretString {
    let bytes = password.expose().as_bytes();
    SecretString::new(match kind {
        PasswordHash::Sha256 => hex_upper(&sha256(&[bytes])),
        PasswordHash::Md5 => hex_upper(&md5(&[bytes])),
    })
}

/// The key of the bodies; each part begins with the same vector.
pub(super) struct MediaKey {
    key: Key128,
    vector: Key128,
    /// Whether the key has anything to do with the password.
    pub(super) is_secret: bool,
}

impl MediaKey {
    /// From the parameters of `Key-Exchange`.
    pub(super) fn derive(exchange: &[(String, String)], hash: &SecretString) -> Option<Self> {
        let cipher = parameter(exchange, "cipher")?;
        let nonce = parameter(exchange, "nonce")?.as_bytes();
        let username = parameter(exchange, "username")?;
        let is_secret = username != "none";
        let secret = if is_secret { hash.expose().as_str() } else { KEY_OF_EVERYBODY };
        (cipher == "AES_128_CBC").then(|| Self {
            key: Secret::new(md5(&[nonce, b":", secret.as_bytes()])),
            vector: Secret::new(md5(&[username.as_bytes(), b":", nonce])),
            is_secret,
        })
    }

    pub(super) fn open(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        cbc_decrypt(self.key.expose(), self.vector.expose(), sealed)
    }

    pub(super) fn seal(&self, plain: &[u8]) -> Vec<u8> {
        cbc_encrypt(self.key.expose(), self.vector.expose(), plain)
    }
}

#[cfg(test)]
mod tests {
    use hearth_rtsp::auth::parse_parameters;

    use super::*;
    use crate::cipher::hex_lower;

    fn exchange(username: &str) -> Vec<(String, String)> {
        let nonce = "00112233445566778899aabbccddeeff";
        let text = format!("cipher=\"AES_128_CBC\",username=\"{username}\",nonce=\"{nonce}\"");
        parse_parameters(&text)
    }

    fn key(username: &str, kind: PasswordHash) -> MediaKey {
        let hash = password_hash(&"cloudpw".into(), kind);
        MediaKey::derive(&exchange(username), &hash).expect("a key")
    }

    #[test]
    fn keys_and_bodies_are_those_of_the_vectors() {
        let plain = [&[0x47][..], &[0; 19]].concat();
        for (kind, bytes, sealed) in [
            (
                PasswordHash::Md5,
                "c7853a5debce33a99c2975882fcc2253",
                "54cffbeb6a48a5a1d19659fe3138ff21298fb8083fe3da0a5051462ae86ff7b2",
            ),
            (
                PasswordHash::Sha256,
                "e9c033f1ef615fef675866a87bd3bf62",
                "a10a08ce2255653aef964bee11516d1ff7fed01268aba95638f12bdba3d0224c",
            ),
        ] {
            let key = key("admin", kind);
            assert_eq!(hex_lower(key.key.expose()), bytes);
            assert_eq!(hex_lower(key.vector.expose()), "36a114e0b5f4f44a99edb48a5a291645");
            assert_eq!(hex_lower(&key.seal(&plain)), sealed);
            assert_eq!(key.open(&key.seal(&plain)), Some(plain.clone()));
        }
    }

    #[test]
    fn a_camera_without_media_encryption_is_known_by_the_key_of_everybody() {
        let key = key("none", PasswordHash::Sha256);
        assert!(!key.is_secret);
        assert_eq!(hex_lower(key.key.expose()), "dcdb96c9ad12d1ac159f5c28136b4927");
        assert_eq!(hex_lower(key.vector.expose()), "22319839f8d5aa5ba829c53151c2ba0c");
    }
}
