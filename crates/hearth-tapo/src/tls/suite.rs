//! The six suites with RSA key exchange that firmware is known to accept, the strongest first.

/// A cipher suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Suite {
    pub(super) id: [u8; 2],
    pub(super) cipher: Cipher,
    /// Bytes of the AES key.
    pub(super) key_bytes: usize,
    /// Whether the key derivation uses SHA-384; SHA-256 otherwise.
    pub(super) sha384: bool,
}

/// How records are protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cipher {
    Gcm,
    CbcSha256,
    CbcSha1,
}

impl Cipher {
    /// Bytes of the key of the authentication code.
    pub(super) fn mac_bytes(self) -> usize {
        match self {
            Self::Gcm => 0,
            Self::CbcSha256 => 32,
            Self::CbcSha1 => 20,
        }
    }
}

const fn suite(id: u8, cipher: Cipher, key_bytes: usize, sha384: bool) -> Suite {
    Suite { id: [0, id], cipher, key_bytes, sha384 }
}

/// `TLS_RSA_WITH_AES_*`.
pub(super) const SUITES: [Suite; 6] = [
    suite(0x9D, Cipher::Gcm, 32, true),
    suite(0x9C, Cipher::Gcm, 16, false),
    suite(0x3D, Cipher::CbcSha256, 32, false),
    suite(0x3C, Cipher::CbcSha256, 16, false),
    suite(0x35, Cipher::CbcSha1, 32, false),
    suite(0x2F, Cipher::CbcSha1, 16, false),
];
