//! The first generation of cameras: a token for the MD5 of the password, then plain JSON in TLS.
//!
//! Whoever sees the login once can repeat it, so only TLS with the pinned certificate protects it.

use hearth_secret::SecretString;
use serde_json::{Value, json};

use super::{Account, LoginError, Post, Reply, SessionError, secure};
use crate::{
    Code, CodeClass, Malformed,
    call::code_of,
    cipher::{hex_upper, md5},
};

/// The only post of the login.
pub fn login(account: &Account) -> Post {
    let hash = hex_upper(&md5(&[account.password.expose().as_bytes()]));
    let body = json!({"method": "login", "params": {
        "hashed": true, "password": hash, "username": account.username,
    }});
    Post::json("/", body.to_string())
}

/// A session that is a token.
pub struct LegacySession {
    token: SecretString,
}

impl LegacySession {
    /// Takes the answer to the login.
    pub fn begin(answer: &Value) -> Result<Self, LoginError> {
        if let Some(seconds_left) = secure::locked(answer) {
            return Err(LoginError::Locked { seconds_left });
        }
        match code_of(answer, "error_code")? {
            Code::SUCCESS => {}
            // Here the code for an expired session means that the login was not believed.
            code if matches!(code.class(), CodeClass::Credentials | CodeClass::SessionLost) => {
                return Err(LoginError::Credentials);
            }
            code => return Err(LoginError::Refused(code)),
        }
        let result = answer.get("result").ok_or(Malformed::new("no result"))?;
        Ok(Self { token: secure::token(result)? })
    }

    /// A request.
    pub fn wrap(&self, inner: &str) -> Post {
        Post::json(format!("/stok={}/ds", self.token.expose()), inner)
    }

    /// An answer.
    pub fn unwrap(&self, reply: &Reply) -> Result<Value, SessionError> {
        secure::opened(reply)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_login_is_what_other_clients_send() {
        let post = login(&Account::new("admin", "cloudpw"));
        let body: Value = serde_json::from_slice(&post.body).expect("JSON");
        let password = "09D0B757737AA16F47A96A1FA9A42049";
        let expected = json!({"hashed": true, "password": password, "username": "admin"});
        assert_eq!(body, json!({"method": "login", "params": expected}));
    }

    #[test]
    fn a_refused_login_is_a_matter_of_credentials_and_a_lock_is_not() {
        let refused = LegacySession::begin(&json!({"error_code": -40401}));
        assert_eq!(refused.err(), Some(LoginError::Credentials));
        let data = json!({"code": -40404, "sec_left": 30});
        let locked = LegacySession::begin(&json!({"error_code": -40401, "data": data}));
        assert_eq!(locked.err(), Some(LoginError::Locked { seconds_left: Some(30) }));
    }

    #[test]
    fn requests_go_to_the_path_of_the_token() {
        let answer = json!({"error_code": 0, "result": {"stok": "abc", "user_group": "root"}});
        let session = LegacySession::begin(&answer).expect("a session");
        assert_eq!(session.wrap("{}"), Post::json("/stok=abc/ds", "{}"));
    }
}
