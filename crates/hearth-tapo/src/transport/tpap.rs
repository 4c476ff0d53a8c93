//! TPAP, the login of the newest cameras (`encrypt_type` 4): SPAKE2+ on P-256, then AES-128-CCM.
//!
//! Both sides prove that they know the password without showing it, even to an attacker who
//! records the login or plays the camera. Known from one independent client only; the simulator's
//! side was written from the same description.

mod ccm;
mod password_shadow;
mod spake2;

use aws_lc_rs::hkdf;
use hearth_secret::{Secret, SecretString};
use serde_json::{Value, json};

use self::spake2::{Exchange, Shared};
use super::{LoginError, Post, Reply, SessionError, secure};
use crate::{
    Code, CodeClass, Malformed,
    call::code_of,
    cipher::{Key128, base64, first, from_base64, hex_lower, hex_upper, md5, same, sha256},
};

/// More would only serve to keep this machine busy; cameras ask for 1,000 to 10,000.
const ITERATIONS_MAX: u32 = 100_000;
/// Lengths of the device's salt and random bytes; 16 and 32 were seen.
const DEVICE_BYTES_MAX: usize = 64;

/// What a camera says about its login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    hashes_username_with_sha256: bool,
}

impl Offer {
    /// Asks for it. Older cameras answer with the challenge of their own login.
    pub fn ask() -> Post {
        let body = json!({"method": "login", "params": {"sub_method": "discover"}});
        Post::json("/", body.to_string())
    }

    /// Reads the answer; `None` if the camera does not know TPAP.
    pub fn read(answer: &Value) -> Result<Option<Self>, LoginError> {
        let Some(tpap) = answer.get("result").and_then(|result| result.get("tpap")) else {
            return Ok(None);
        };
        let pake = tpap.get("pake").and_then(Value::as_array);
        if !pake.is_some_and(|kinds| kinds.iter().any(|kind| kind.as_u64() == Some(2))) {
            return Err(LoginError::Unsupported("a TPAP exchange other than SPAKE2+"));
        }
        let kind = tpap.get("user_hash_type").and_then(Value::as_u64);
        Ok(Some(Self { hashes_username_with_sha256: kind == Some(1) }))
    }
}

/// A login that was begun.
pub struct TpapLogin {
    username: String,
    credential: SecretString,
    random: [u8; 32],
    scalar: Secret<[u8; 32]>,
}

impl TpapLogin {
    /// `random` and `scalar` must be unpredictable.
    pub fn new(
        offer: Offer,
        password: &SecretString,
        random: [u8; 32],
        scalar: Secret<[u8; 32]>,
    ) -> Self {
        let username = if offer.hashes_username_with_sha256 {
            hex_upper(&sha256(&[b"admin"]))
        } else {
            hex_lower(&md5(&[b"admin"]))
        };
        let credential = SecretString::new(hex_lower(&md5(&[password.expose().as_bytes()])));
        Self { username, credential, random, scalar }
    }

    /// Asks for the device's half.
    pub fn register(&self) -> Post {
        let body = json!({"method": "login", "params": {
            "sub_method": "pake_register",
            "username": self.username,
            "user_random": base64(&self.random),
            "cipher_suites": [1],
            "encryption": ["aes_128_ccm"],
            "passcode_type": "userpw",
        }});
        Post::json("/", body.to_string())
    }

    /// Takes the device's half.
    pub fn exchange(self, answer: &Value) -> Result<TpapProof, LoginError> {
        let result = accepted(answer)?;
        let bytes = |key: &str, bytes_max: usize| {
            result
                .get(key)
                .and_then(Value::as_str)
                .and_then(from_base64)
                .filter(|bytes| !bytes.is_empty() && bytes.len() <= bytes_max)
                .ok_or(Malformed::new("the device's half is incomplete"))
        };
        let iterations = result
            .get("iterations")
            .and_then(Value::as_u64)
            .and_then(|count| u32::try_from(count).ok())
            .filter(|count| (1..=ITERATIONS_MAX).contains(count))
            .ok_or(Malformed::new("the number of iterations is out of range"))?;
        let credential = match result.get("extra_crypt").filter(|extra| !extra.is_null()) {
            None => self.credential,
            Some(extra) => password_shadow::apply(extra, &self.credential)?,
        };
        let shared = Exchange {
            credential: &credential,
            user_random: &self.random,
            device_random: &bytes("dev_random", DEVICE_BYTES_MAX)?,
            device_salt: &bytes("dev_salt", DEVICE_BYTES_MAX)?,
            device_share: &bytes("dev_share", 65)?,
            iterations,
            scalar: &self.scalar,
        };
        let shared = shared.compute().ok_or(Malformed::new("the device's share is no point"))?;
        Ok(TpapProof { shared })
    }
}

/// A login whose device has yet to prove that it knows the password.
pub struct TpapProof {
    shared: Shared,
}

impl TpapProof {
    /// Sends the client's half and proof.
    pub fn share(&self) -> Post {
        let body = json!({"method": "login", "params": {
            "sub_method": "pake_share",
            "user_share": base64(&self.shared.user_share),
            "user_confirm": base64(&self.shared.user_confirm),
        }});
        Post::json("/", body.to_string())
    }

    /// Takes the device's proof.
    pub fn finish(self, answer: &Value) -> Result<TpapSession, LoginError> {
        let result = accepted(answer)?;
        let confirm = result.get("dev_confirm").and_then(Value::as_str).and_then(from_base64);
        if !confirm.is_some_and(|confirm| same(&confirm, &self.shared.device_confirm)) {
            return Err(LoginError::Credentials);
        }
        let sequence = result
            .get("start_seq")
            .and_then(Value::as_u64)
            .and_then(|start| u32::try_from(start).ok())
            .ok_or(Malformed::new("no start of the sequence"))?;
        let key = self.shared.key.expose();
        let derive = |salt: &[u8], info: &[u8]| {
            spake2::hkdf(hkdf::Salt::new(hkdf::HKDF_SHA256, salt), key, info)
        };
        let nonce: [u8; 32] = derive(b"tp-kdf-salt-aes128-iv", b"tp-kdf-info-aes128-iv");
        let key: [u8; 32] = derive(b"tp-kdf-salt-aes128-key", b"tp-kdf-info-aes128-key");
        Ok(TpapSession {
            token: secure::token(result)?,
            sequence,
            key: Key128::new(first(&key)),
            nonce: Secret::new(first(&nonce)),
        })
    }
}

fn accepted(answer: &Value) -> Result<&Value, LoginError> {
    if let Some(seconds_left) = secure::locked(answer) {
        return Err(LoginError::Locked { seconds_left });
    }
    match code_of(answer, "error_code")? {
        Code::SUCCESS => {}
        code if matches!(code.class(), CodeClass::Credentials | CodeClass::SessionLost) => {
            return Err(LoginError::Credentials);
        }
        code => return Err(LoginError::Refused(code)),
    }
    Ok(answer.get("result").ok_or(Malformed::new("no result"))?)
}

/// An encrypted session. Cameras take only batches in it.
pub struct TpapSession {
    token: SecretString,
    sequence: u32,
    key: Key128,
    nonce: Secret<[u8; 8]>,
}

impl TpapSession {
    /// Encrypts a request.
    pub fn wrap(&mut self, inner: &str) -> Post {
        let mut body = self.sequence.to_be_bytes().to_vec();
        let nonce = self.full_nonce(self.sequence);
        body.extend(ccm::seal(self.key.expose(), &nonce, inner.as_bytes()));
        self.sequence = self.sequence.wrapping_add(1);
        Post {
            path: format!("/stok={}/ds", self.token.expose()),
            headers: vec![("Content-Type", "application/octet-stream".into())],
            body,
        }
    }

    /// Verifies and decrypts an answer.
    pub fn unwrap(&self, reply: &Reply) -> Result<Value, SessionError> {
        if reply.status != 200 || reply.body.first() == Some(&b'{') {
            // A refusal comes as plain JSON; a plain success would be forged.
            return match secure::opened(reply) {
                Ok(_) => Err(Malformed::new("an answer that is not encrypted").into()),
                Err(error) => Err(error),
            };
        }
        let (head, sealed) =
            reply.body.split_first_chunk().ok_or(Malformed::new("the answer is too short"))?;
        let nonce = self.full_nonce(u32::from_be_bytes(*head));
        let plain = ccm::open(self.key.expose(), &nonce, sealed)
            .ok_or(Malformed::new("the tag of the answer is wrong"))?;
        serde_json::from_slice(&plain)
            .ok()
            .filter(Value::is_object)
            .ok_or(Malformed::new("no JSON object").into())
    }

    fn full_nonce(&self, sequence: u32) -> [u8; 12] {
        let mut nonce = [0; 12];
        nonce[..8].copy_from_slice(self.nonce.expose());
        nonce[8..].copy_from_slice(&sequence.to_be_bytes());
        nonce
    }
}

#[cfg(test)]
mod tests;
