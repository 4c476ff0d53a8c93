//! The AES pass-through of plugs before KLAP: HTTP, port 80.
//!
//! The client sends an RSA key of 1024 bits, because devices accept no other size; the device
//! sends back an AES key under it. Neither side proves anything about the account until the login
//! inside, so an attacker on the way can read it: shown as [`crate::Weakness::ShortRsaKey`].

use std::time::Duration;

use hearth_secret::{Secret, SecretString};
use rsa::{
    Pkcs1v15Encrypt, RsaPrivateKey,
    pkcs8::{DecodePrivateKey as _, EncodePublicKey as _},
};
use serde_json::{Value, json};

use super::{Account, LoginError, Post, Reply, SessionCookie, SessionError};
use crate::{
    Code, CodeClass, Malformed,
    call::code_of,
    cipher::{Key128, base64, cbc_decrypt, cbc_encrypt, first, from_base64, hex_lower, sha1},
};

/// The size that devices want, in bits.
const KEY_BITS: usize = 1024;

/// The client's key pair. Making one takes tens of milliseconds, and it may be used again.
pub struct PassThroughKey(RsaPrivateKey);

impl PassThroughKey {
    /// A new one from the system's randomness. `None` if there is none.
    pub fn generate() -> Option<Self> {
        let mut random = rsa::rand_core::UnwrapErr(getrandom::SysRng);
        RsaPrivateKey::new(&mut random, KEY_BITS).ok().map(Self)
    }

    /// From PKCS#8.
    pub fn from_pkcs8(der: &[u8]) -> Option<Self> {
        RsaPrivateKey::from_pkcs8_der(der).ok().map(Self)
    }

    /// Sends the public half. Devices insist on exactly 314 bytes.
    pub fn handshake(&self) -> Post {
        let der = self.0.to_public_key().to_public_key_der();
        let der = base64(der.expect("a key that was made or read here").as_bytes());
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{der}\n-----END PUBLIC KEY-----\n");
        let body = json!({"method": "handshake", "params": {"key": pem}});
        Post::json("/app", body.to_string())
    }

    /// Takes the device's key.
    pub fn finish(&self, reply: &Reply) -> Result<PassThroughSession, LoginError> {
        if reply.status != 200 {
            return Err(LoginError::Status(reply.status));
        }
        let answer = reply.json()?;
        match code_of(&answer, "error_code")? {
            Code::SUCCESS => {}
            // The device knows the method, but wants KLAP.
            Code(1003) => return Err(LoginError::Unsupported("another transport")),
            code => return Err(LoginError::Refused(code)),
        }
        let unreadable = Malformed::new("the device's key cannot be read");
        let sealed = answer
            .get("result")
            .and_then(|result| result.get("key"))
            .and_then(Value::as_str)
            .and_then(from_base64)
            .ok_or(unreadable)?;
        // A private operation whose time could tell something: but the key is ours, lives as long
        // as this process, and the device, the only one who could ask, gets no second try.
        let plain = Secret::new(self.0.decrypt(Pkcs1v15Encrypt, &sealed).map_err(|_| unreadable)?);
        if plain.expose().len() != 32 {
            return Err(unreadable.into());
        }
        let cookie =
            SessionCookie::find(&reply.cookies).ok_or(Malformed::new("no session cookie"))?;
        let key = Key128::new(first(plain.expose()));
        let vector = Key128::new(first(&plain.expose()[16..]));
        Ok(PassThroughSession { key, vector, cookie, token: None })
    }
}

/// How a device wants the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordForm {
    /// In base64 (`lv` 1 or absent).
    Plain,
    /// Its SHA-1 (`lv` 2).
    Sha1,
}

/// The login, to be sent inside the session.
pub fn login(account: &Account, form: PasswordForm, time_ms: u64) -> Value {
    let hash = |text: &str| base64(hex_lower(&sha1(&[text.as_bytes()])).as_bytes());
    let username = hash(&account.username);
    let password = account.password.expose();
    let params = match form {
        PasswordForm::Plain => {
            json!({"username": username, "password": base64(password.as_bytes())})
        }
        PasswordForm::Sha1 => json!({"username": username, "password2": hash(password)}),
    };
    json!({"method": "login_device", "params": params, "request_time_milis": time_ms})
}

/// An encrypted session; before [`PassThroughSession::logged_in`] it only takes the login.
pub struct PassThroughSession {
    key: Key128,
    vector: Key128,
    cookie: SessionCookie,
    token: Option<SecretString>,
}

impl PassThroughSession {
    /// For how long the device keeps it, less a margin.
    pub fn life(&self) -> Duration {
        self.cookie.life
    }

    /// Encrypts a request.
    pub fn wrap(&self, inner: &str) -> Post {
        let sealed = cbc_encrypt(self.key.expose(), self.vector.expose(), inner.as_bytes());
        let body = json!({"method": "securePassthrough", "params": {"request": base64(&sealed)}});
        let token = self.token.as_ref();
        let query = token.map_or_else(String::new, |token| format!("?token={}", token.expose()));
        Post {
            path: format!("/app{query}"),
            headers: vec![("Cookie", self.cookie.pair.clone())],
            body: body.to_string().into_bytes(),
        }
    }

    /// Decrypts an answer.
    pub fn unwrap(&self, reply: &Reply) -> Result<Value, SessionError> {
        match reply.status {
            200 => {}
            401 | 403 => return Err(SessionError::Lost),
            status => return Err(SessionError::Status(status)),
        }
        let outer = reply.json()?;
        let code = code_of(&outer, "error_code")?;
        match code.class() {
            CodeClass::Success => {}
            CodeClass::SessionLost => return Err(SessionError::Lost),
            _ => return Err(SessionError::Refused(code)),
        }
        let text = outer
            .get("result")
            .and_then(|result| result.get("response"))
            .and_then(Value::as_str)
            .ok_or(Malformed::new("no response"))?;
        let plain = from_base64(text)
            .and_then(|sealed| cbc_decrypt(self.key.expose(), self.vector.expose(), &sealed));
        serde_json::from_slice(plain.as_deref().unwrap_or(text.as_bytes()))
            .ok()
            .filter(Value::is_object)
            .ok_or(Malformed::new("the response cannot be decrypted").into())
    }

    /// Takes the decrypted answer to the login.
    pub fn logged_in(&mut self, answer: &Value) -> Result<(), LoginError> {
        match code_of(answer, "error_code")? {
            Code::SUCCESS => {}
            code if code.class() == CodeClass::Credentials => return Err(LoginError::Credentials),
            code => return Err(LoginError::Refused(code)),
        }
        let token = answer
            .get("result")
            .and_then(|result| result.get("token"))
            .and_then(Value::as_str)
            .filter(|token| (1..=256).contains(&token.len()))
            .filter(|token| token.bytes().all(|byte| byte.is_ascii_alphanumeric()))
            .ok_or(Malformed::new("no token"))?;
        self.token = Some(SecretString::from(token));
        Ok(())
    }
}

#[cfg(test)]
mod tests;
