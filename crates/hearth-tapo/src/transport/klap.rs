//! KLAP, the protocol of plugs since 2023, versions 1 and 2. Raw bytes over HTTP, under `/app`.
//!
//! Two posts: the device proves first, with a hash over the client's seed, that it knows the
//! account; only then does the client. Requests are AES-128-CBC with a vector that holds a sequence
//! number, and signed. One handshake tells both versions apart, so the stronger one is never missed.
//!
//! ```
//! use hearth_tapo::transport::{Account, LoginError, Reply, klap::KlapHandshake};
//!
//! let handshake = KlapHandshake::new([7; 16]);
//! assert_eq!(handshake.first().path, "/app/handshake1");
//!
//! // An impostor cannot prove that it knows the account, and so learns nothing about it.
//! let cookies = vec!["TP_SESSIONID=AB;TIMEOUT=86400".to_owned()];
//! let reply = Reply { status: 200, cookies, body: vec![0; 48] };
//! let refused = handshake.prove(&reply, &Account::new("anna@example.com", "secret"));
//! assert_eq!(refused.err(), Some(LoginError::Credentials));
//! ```

use std::time::Duration;

use hearth_secret::{Secret, SecretBytes};
use serde_json::Value;

use super::{Account, LoginError, Post, Reply, SessionCookie, SessionError};
use crate::{
    Login, Malformed,
    cipher::{Key128, cbc_decrypt, cbc_encrypt, first, md5, same, sha1, sha256},
};

/// Length of the seeds of both sides.
const SEED_BYTES: usize = 16;
/// Length of the signature before each ciphertext.
const SIGNATURE_BYTES: usize = 32;

/// The version of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KlapVersion {
    /// Hashes of the account with MD5.
    V1,
    /// Hashes of the account with SHA-1 and SHA-256.
    V2,
}

impl KlapVersion {
    /// What both sides know of the account.
    fn account_hash(self, account: &Account) -> SecretBytes {
        let (name, word) = (account.username.as_bytes(), account.password.expose().as_bytes());
        SecretBytes::new(match self {
            Self::V1 => md5(&[&md5(&[name]), &md5(&[word])]).to_vec(),
            Self::V2 => sha256(&[&sha1(&[name]), &sha1(&[word])]).to_vec(),
        })
    }

    fn device_proof(self, local: &[u8], remote: &[u8], account: &[u8]) -> [u8; 32] {
        match self {
            Self::V1 => sha256(&[local, account]),
            Self::V2 => sha256(&[local, remote, account]),
        }
    }

    fn own_proof(self, local: &[u8], remote: &[u8], account: &[u8]) -> [u8; 32] {
        match self {
            Self::V1 => sha256(&[remote, account]),
            Self::V2 => sha256(&[remote, local, account]),
        }
    }

    /// The login that this is, by strength.
    pub fn login(self) -> Login {
        match self {
            Self::V1 => Login::KlapV1,
            Self::V2 => Login::KlapV2,
        }
    }
}

/// The account of a device that nobody set up. Its password is known to everybody.
pub fn factory_account() -> Account {
    Account::new("test@tp-link.net", "test")
}

/// A handshake that was begun.
pub struct KlapHandshake {
    seed: [u8; SEED_BYTES],
}

impl KlapHandshake {
    /// `seed` must be unpredictable.
    pub fn new(seed: [u8; SEED_BYTES]) -> Self {
        Self { seed }
    }

    /// Sends the seed.
    pub fn first(&self) -> Post {
        Post { path: "/app/handshake1".into(), headers: Vec::new(), body: self.seed.to_vec() }
    }

    /// Checks the device's proof against an account, in both versions, the stronger one first.
    ///
    /// [`LoginError::Credentials`] means that nothing derived from the password was sent. The
    /// answer can be tried again with another account.
    pub fn prove(&self, reply: &Reply, account: &Account) -> Result<KlapProof, LoginError> {
        if reply.status != 200 {
            return Err(LoginError::Status(reply.status));
        }
        let short = Malformed::new("the answer to the seed has another length");
        let (remote, proof) = reply
            .body
            .split_at_checked(SEED_BYTES)
            .filter(|(_, proof)| proof.len() == 32)
            .ok_or(short)?;
        let cookie =
            SessionCookie::find(&reply.cookies).ok_or(Malformed::new("no session cookie"))?;
        for version in [KlapVersion::V2, KlapVersion::V1] {
            let hash = version.account_hash(account);
            if same(&version.device_proof(&self.seed, remote, hash.expose()), proof) {
                let remote = first(remote);
                return Ok(KlapProof { seed: self.seed, remote, version, hash, cookie });
            }
        }
        Err(LoginError::Credentials)
    }
}

/// A handshake with a device that knows the account.
pub struct KlapProof {
    seed: [u8; SEED_BYTES],
    remote: [u8; SEED_BYTES],
    version: KlapVersion,
    hash: SecretBytes,
    cookie: SessionCookie,
}

impl KlapProof {
    /// The version that the device speaks.
    pub fn version(&self) -> KlapVersion {
        self.version
    }

    /// The client's proof.
    pub fn second(&self) -> Post {
        let proof = self.version.own_proof(&self.seed, &self.remote, self.hash.expose());
        Post {
            path: "/app/handshake2".into(),
            headers: vec![("Cookie", self.cookie.pair.clone())],
            body: proof.to_vec(),
        }
    }

    /// Takes the answer to the proof.
    pub fn finish(self, reply: &Reply) -> Result<KlapSession, LoginError> {
        match reply.status {
            200 => {}
            401 | 403 => return Err(LoginError::Credentials),
            status => return Err(LoginError::Status(status)),
        }
        let derive = |name: &[u8]| sha256(&[name, &self.seed, &self.remote, self.hash.expose()]);
        let vector = derive(b"iv");
        let sequence = i32::from_be_bytes(first(&vector[28..]));
        Ok(KlapSession {
            key: Key128::new(first(&derive(b"lsk"))),
            vector: Secret::new(first(&vector)),
            signature_key: Secret::new(first(&derive(b"ldk"))),
            sequence,
            cookie: self.cookie,
            signs_answers: None,
        })
    }
}

/// An encrypted session.
pub struct KlapSession {
    key: Key128,
    vector: Secret<[u8; 12]>,
    signature_key: Secret<[u8; 28]>,
    // Signed, and may begin below zero.
    sequence: i32,
    cookie: SessionCookie,
    signs_answers: Option<bool>,
}

impl KlapSession {
    /// For how long the device keeps it, less a margin.
    pub fn life(&self) -> Duration {
        self.cookie.life
    }

    /// Requires signed answers, because the device is known to sign.
    pub fn require_signatures(&mut self) {
        self.signs_answers = Some(true);
    }

    /// Whether answers are signed; `None` before the first.
    pub fn signs_answers(&self) -> Option<bool> {
        self.signs_answers
    }

    /// Encrypts and signs a request.
    pub fn wrap(&mut self, inner: &str) -> Post {
        self.sequence = self.sequence.wrapping_add(1);
        let sealed = cbc_encrypt(self.key.expose(), &self.full_vector(), inner.as_bytes());
        let mut body = self.signature(&sealed).to_vec();
        body.extend(sealed);
        Post {
            path: format!("/app/request?seq={}", self.sequence),
            headers: vec![("Cookie", self.cookie.pair.clone())],
            body,
        }
    }

    /// Verifies and decrypts the answer to the last request.
    ///
    /// Other clients skip the signature, so it is not known that every firmware signs. The first
    /// answer decides: from one that signs, an unsigned answer is refused for good.
    pub fn unwrap(&mut self, reply: &Reply) -> Result<Value, SessionError> {
        match reply.status {
            200 => {}
            401 | 403 => return Err(SessionError::Lost),
            status => return Err(SessionError::Status(status)),
        }
        let (signature, sealed) = reply
            .body
            .split_at_checked(SIGNATURE_BYTES)
            .ok_or(Malformed::new("the answer is too short"))?;
        let is_signed = same(signature, &self.signature(sealed));
        if self.signs_answers == Some(true) && !is_signed {
            return Err(Malformed::new("the signature is wrong").into());
        }
        let plain = cbc_decrypt(self.key.expose(), &self.full_vector(), sealed)
            .ok_or(Malformed::new("the answer cannot be decrypted"))?;
        let answer: Value = serde_json::from_slice(&plain)
            .ok()
            .filter(Value::is_object)
            .ok_or(Malformed::new("no JSON object"))?;
        self.signs_answers = Some(is_signed);
        Ok(answer)
    }

    fn full_vector(&self) -> [u8; 16] {
        let mut vector = [0; 16];
        vector[..12].copy_from_slice(self.vector.expose());
        vector[12..].copy_from_slice(&self.sequence.to_be_bytes());
        vector
    }

    fn signature(&self, sealed: &[u8]) -> [u8; 32] {
        sha256(&[self.signature_key.expose(), &self.sequence.to_be_bytes(), sealed])
    }
}

#[cfg(test)]
mod tests;
