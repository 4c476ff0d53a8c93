//! The encrypted channel of cameras since 2022 (`encrypt_type` 3).
//!
//! Two posts to `/`: the camera proves with `device_confirm` that it knows a hash of the password,
//! which is checked here before anything that depends on the password is sent; then the client does.
//! Each later request is AES-128-CBC inside `securePassthrough`, with a sequence number and a tag
//! over the exact bytes. All hash inputs are hexadecimal text, not the bytes it stands for.

use hearth_secret::SecretString;
use serde_json::{Value, json};

use super::{LoginError, Post, Reply, SessionError};
use crate::{
    Code, CodeClass, Login, Malformed,
    call::code_of,
    cipher::{
        Key128, base64, cbc_decrypt, cbc_encrypt, first, from_base64, hex_upper, md5, same, sha256,
    },
};

/// Nonces are 16 characters; longer ones are nothing of this protocol.
const NONCE_CHARS_MAX: usize = 128;
/// A token is 32 characters.
const TOKEN_CHARS_MAX: usize = 256;

/// Which hash of the password a camera keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordHash {
    /// SHA-256, newer firmware.
    Sha256,
    /// MD5, older firmware.
    Md5,
}

impl PasswordHash {
    fn of(self, password: &SecretString) -> SecretString {
        let bytes = password.expose().as_bytes();
        SecretString::new(match self {
            Self::Sha256 => hex_upper(&sha256(&[bytes])),
            Self::Md5 => hex_upper(&md5(&[bytes])),
        })
    }

    /// The login that this is, by strength.
    pub fn login(self) -> Login {
        match self {
            Self::Sha256 => Login::SecureSha256,
            Self::Md5 => Login::SecureMd5,
        }
    }
}

/// The challenge of a camera.
#[derive(Clone, PartialEq, Eq)]
pub struct Challenge {
    nonce: String,
    device_confirm: String,
}

impl Challenge {
    /// Reads `result.data` of the first answer.
    pub fn read(data: &Value) -> Result<Self, Malformed> {
        let text = |key: &str, chars_max: usize| {
            data.get(key)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty() && text.len() <= chars_max)
                .filter(|text| text.bytes().all(|byte| byte.is_ascii_alphanumeric()))
                .map(str::to_owned)
                .ok_or(Malformed::new("the challenge is incomplete"))
        };
        let nonce = text("nonce", NONCE_CHARS_MAX)?;
        let device_confirm = text("device_confirm", 64 + 2 * NONCE_CHARS_MAX)?;
        Ok(Self { nonce, device_confirm })
    }
}

/// A login that was begun: holds the client's nonce.
pub struct SecureLogin {
    username: String,
    client_nonce: String,
}

impl SecureLogin {
    /// `random` must be unpredictable.
    pub fn new(username: impl Into<String>, random: [u8; 8]) -> Self {
        Self { username: username.into(), client_nonce: hex_upper(&random) }
    }

    /// Asks for the challenge. It already costs one of the camera's login attempts.
    pub fn first(&self) -> Post {
        let body = json!({"method": "login", "params": {
            "cnonce": self.client_nonce, "encrypt_type": "3", "username": self.username,
        }});
        Post::json("/", body.to_string())
    }

    /// Checks that the camera knows the password, or rather a hash of it, and proves the same.
    ///
    /// [`LoginError::Credentials`] means that nothing derived from the password was sent.
    pub fn prove(
        self,
        challenge: &Challenge,
        password: &SecretString,
    ) -> Result<SecureProof, LoginError> {
        let nonce = &challenge.nonce;
        for kind in [PasswordHash::Sha256, PasswordHash::Md5] {
            let hash = kind.of(password);
            let proof =
                sha256(&[self.client_nonce.as_bytes(), hash.expose().as_bytes(), nonce.as_bytes()]);
            let proof = hex_upper(&proof);
            let expected = format!("{proof}{nonce}{}", self.client_nonce);
            if same(expected.as_bytes(), challenge.device_confirm.as_bytes()) {
                let nonce = nonce.clone();
                return Ok(SecureProof { login: self, nonce, kind, hash, proof });
            }
        }
        Err(LoginError::Credentials)
    }
}

/// A login whose camera is known to know the password.
pub struct SecureProof {
    login: SecureLogin,
    nonce: String,
    kind: PasswordHash,
    hash: SecretString,
    proof: String,
}

impl SecureProof {
    /// The hash that the camera keeps.
    pub fn kind(&self) -> PasswordHash {
        self.kind
    }

    /// The second post.
    pub fn second(&self) -> Post {
        let SecureLogin { username, client_nonce } = &self.login;
        let hash = self.hash.expose().as_bytes();
        let digest = sha256(&[hash, client_nonce.as_bytes(), self.nonce.as_bytes()]);
        let digest = format!("{}{client_nonce}{}", hex_upper(&digest), self.nonce);
        let body = json!({"method": "login", "params": {
            "cnonce": client_nonce, "encrypt_type": "3", "digest_passwd": digest,
            "username": username,
        }});
        Post::json("/", body.to_string())
    }

    /// Takes the camera's answer to the second post.
    pub fn finish(self, answer: &Value) -> Result<SecureSession, LoginError> {
        match code_of(answer, "error_code")? {
            Code::SUCCESS => {}
            code if code.class() == CodeClass::Credentials => return Err(LoginError::Credentials),
            code => return Err(LoginError::Refused(code)),
        }
        let result = answer.get("result").ok_or(Malformed::new("no result"))?;
        if result.get("user_group").is_some_and(|group| group != "root") {
            // Third-party accounts get a token but cannot use the encrypted channel.
            return Err(LoginError::Unsupported("an account that is not its owner's"));
        }
        let token = token(result)?;
        let sequence = result
            .get("start_seq")
            .and_then(|start| start.as_u64().or_else(|| start.as_str()?.parse().ok()))
            .and_then(|start| u32::try_from(start).ok())
            .ok_or(Malformed::new("no start of the sequence"))?;
        let SecureLogin { client_nonce, .. } = &self.login;
        let derive = |name: &str| {
            let parts = [name, client_nonce, &self.nonce, &self.proof].map(str::as_bytes);
            Key128::new(first(&sha256(&parts)))
        };
        let tag_key = sha256(&[self.hash.expose().as_bytes(), client_nonce.as_bytes()]);
        Ok(SecureSession {
            token,
            sequence,
            key: derive("lsk"),
            vector: derive("ivb"),
            tag_key: SecretString::new(hex_upper(&tag_key)),
        })
    }
}

/// Reads a session token; it becomes part of a path, so it is checked.
pub(crate) fn token(result: &Value) -> Result<SecretString, Malformed> {
    result
        .get("stok")
        .and_then(Value::as_str)
        .filter(|token| !token.is_empty() && token.len() <= TOKEN_CHARS_MAX)
        .filter(|token| token.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        .map(SecretString::from)
        .ok_or(Malformed::new("no session token"))
}

/// An encrypted session.
pub struct SecureSession {
    token: SecretString,
    sequence: u32,
    key: Key128,
    // Constant for the session and both directions: the protocol's weakness, not a choice.
    vector: Key128,
    tag_key: SecretString,
}

impl SecureSession {
    /// Encrypts a request. Every call uses up a sequence number, whether the answer comes or not.
    pub fn wrap(&mut self, inner: &str) -> Post {
        let sealed =
            base64(&cbc_encrypt(self.key.expose(), self.vector.expose(), inner.as_bytes()));
        let body = json!({"method": "securePassthrough", "params": {"request": sealed}});
        let body = body.to_string();
        let sequence = self.sequence.to_string();
        self.sequence = self.sequence.wrapping_add(1);
        let tag = sha256(&[self.tag_key.expose(), &body, &sequence].map(String::as_bytes));
        Post {
            path: format!("/stok={}/ds", self.token.expose()),
            headers: vec![("Seq", sequence), ("Tapo_tag", hex_upper(&tag))],
            body: body.into_bytes(),
        }
    }

    /// Decrypts an answer.
    pub fn unwrap(&self, reply: &Reply) -> Result<Value, SessionError> {
        let outer = opened(reply)?;
        let Some(response) = outer.get("result").and_then(|result| result.get("response")) else {
            // Cameras answer single `get` requests in clear: the outer object is the answer.
            return Ok(outer);
        };
        let text = response.as_str().ok_or(Malformed::new("the response is no text"))?;
        let plain = from_base64(text)
            .and_then(|sealed| cbc_decrypt(self.key.expose(), self.vector.expose(), &sealed));
        // Some firmware answers with plain JSON in the place of the ciphertext.
        let bytes = plain.as_deref().unwrap_or(text.as_bytes());
        serde_json::from_slice(bytes)
            .ok()
            .filter(Value::is_object)
            .ok_or(Malformed::new("the response cannot be decrypted").into())
    }
}

/// Reads the outer object of an answer and finds out whether the session still lives.
pub(crate) fn opened(reply: &Reply) -> Result<Value, SessionError> {
    match reply.status {
        200 => {}
        // 401: the token is not known any more. 500: another session began from this address.
        401 | 500 => return Err(SessionError::Lost),
        status => return Err(SessionError::Status(status)),
    }
    let outer = reply.json()?;
    let code = code_of(&outer, "error_code")?;
    if let Some(seconds_left) = locked(&outer) {
        return Err(SessionError::Locked { seconds_left });
    }
    match code.class() {
        CodeClass::SessionLost => Err(SessionError::Lost),
        // "Check tapo tag failed" comes as a common failure; so does a sequence out of step.
        _ if code == Code(-1) || code == Code::CHALLENGE => Err(SessionError::Lost),
        CodeClass::Success => Ok(outer),
        _ if outer.get("result").is_some_and(|result| result.get("responses").is_some()) => {
            Ok(outer)
        }
        _ => Err(SessionError::Refused(code)),
    }
}

/// Whether an answer says that the device is locked, in either of its two shapes; the inner value
/// is the time left.
pub(crate) fn locked(answer: &Value) -> Option<Option<u32>> {
    let data = [answer.get("data"), answer.get("result").and_then(|result| result.get("data"))];
    data.into_iter().flatten().find_map(|data| {
        let seconds = data.get("sec_left").and_then(Value::as_u64);
        let seconds = seconds.map(|seconds| u32::try_from(seconds).unwrap_or(u32::MAX));
        let blocked = data.get("code").and_then(Value::as_i64) == Some(Code::BLOCKED.0.into());
        (blocked || seconds.is_some_and(|seconds| seconds > 0)).then_some(seconds)
    })
}

#[cfg(test)]
mod tests;
