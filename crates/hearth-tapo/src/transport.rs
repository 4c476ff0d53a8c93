//! Logins and encryption, each as a pure machine: requests out, replies in.
//!
//! Randomness and time are arguments, so every machine can be run with the numbers of a vector.

pub mod klap;
pub mod legacy;
pub mod pass_through;
pub mod secure;
pub mod tpap;
pub mod xor;

use std::{fmt, time::Duration};

use hearth_secret::SecretString;

use crate::{Code, Malformed};

/// Most bytes of an answer: a batch of everything is below 100 KiB, a page of recordings too.
pub const REPLY_BYTES_MAX: usize = 1024 * 1024;

/// An HTTP POST to be sent as it is: hashes cover its exact bytes.
///
/// Path, headers and body hold tokens and proofs, so printing one shows their lengths (K-07).
#[derive(Clone, PartialEq, Eq)]
pub struct Post {
    /// The path with its query.
    pub path: String,
    /// Headers besides the ones every request of a client carries.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Post {
    pub(crate) fn json(path: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), headers: Vec::new(), body: body.into() }
    }
}

impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (headers, body) = (self.headers.len(), self.body.len());
        write!(f, "Post {{ {headers} headers, {body} bytes }}")
    }
}

/// An answer to a [`Post`]. Printing one shows its lengths, for the same reason.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The values of `Set-Cookie`.
    pub cookies: Vec<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply {{ status {}, {} bytes }}", self.status, self.body.len())
    }
}

impl Reply {
    /// A JSON object.
    pub(crate) fn json(&self) -> Result<serde_json::Value, Malformed> {
        serde_json::from_slice(&self.body)
            .ok()
            .filter(serde_json::Value::is_object)
            .ok_or(Malformed::new("no JSON object"))
    }
}

/// Who logs in.
#[derive(Clone, Debug)]
pub struct Account {
    /// The user name: `admin` or the camera account for cameras, an e-mail address for plugs.
    pub username: String,
    /// The password.
    pub password: SecretString,
}

impl Account {
    /// An account.
    pub fn new(username: impl Into<String>, password: impl Into<SecretString>) -> Self {
        Self { username: username.into(), password: password.into() }
    }
}

/// Why a login ended without a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// The password or the user name is wrong.
    #[error("wrong user name or password")]
    Credentials,
    /// Locked after too many failed logins.
    #[error("locked after too many failed logins")]
    Locked {
        /// Until it unlocks, where the device says so.
        seconds_left: Option<u32>,
    },
    /// It wants something that is not implemented.
    #[error("wants {0}, which is not supported")]
    Unsupported(&'static str),
    /// It offers less than before.
    #[error("offers weaker protection than before ({0})")]
    Downgrade(&'static str),
    /// It refuses for another reason.
    #[error("{0}")]
    Refused(Code),
    /// An HTTP status that is no part of a login.
    #[error("HTTP status {0}")]
    Status(u16),
    /// It says something strange.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

/// Why a request within a session has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The session is over; log in again.
    #[error("the session is over")]
    Lost,
    /// Locked after too many failed logins.
    #[error("locked after too many failed logins")]
    Locked {
        /// Until it unlocks, where the device says so.
        seconds_left: Option<u32>,
    },
    /// The whole request was refused.
    #[error("{0}")]
    Refused(Code),
    /// An HTTP status other than success.
    #[error("HTTP status {0}")]
    Status(u16),
    /// It says something strange.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

/// The session cookie of a plug, and how long it is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SessionCookie {
    /// `NAME=VALUE`, to be sent back without the rest.
    pub(crate) pair: String,
    /// Its life, less a margin.
    pub(crate) life: Duration,
}

impl SessionCookie {
    /// What a device means that does not say.
    const LIFE_DEFAULT: Duration = Duration::from_secs(86_400);
    /// Taken off, so that a session never ends in the middle of a command.
    const MARGIN: Duration = Duration::from_secs(1_200);
    /// Longer ones are not cookies of these devices.
    const BYTES_MAX: usize = 256;

    /// Finds it among the `Set-Cookie` headers: `TP_SESSIONID=...;TIMEOUT=...`.
    pub(crate) fn find(cookies: &[String]) -> Option<Self> {
        let pairs = || cookies.iter().flat_map(|cookie| cookie.split(';')).map(str::trim);
        let pair = pairs().find(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            matches!(name, "TP_SESSIONID" | "SESSIONID")
        })?;
        if pair.len() > Self::BYTES_MAX || !pair.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        let life = pairs()
            .filter_map(|pair| pair.split_once('='))
            .find(|(name, _)| name.eq_ignore_ascii_case("TIMEOUT"))
            .and_then(|(_, seconds)| seconds.parse().ok())
            .map_or(Self::LIFE_DEFAULT, Duration::from_secs);
        Some(Self { pair: pair.to_owned(), life: life.saturating_sub(Self::MARGIN) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// promise: K-07. What carries tokens and proofs does not show them when printed.
    #[test]
    fn printing_a_request_or_an_answer_shows_no_content() {
        let post = Post::json("/stok=SECRET/ds", "SECRET");
        let reply = Reply { status: 200, cookies: vec!["SECRET".into()], body: b"SECRET".to_vec() };
        assert_eq!(format!("{post:?}"), "Post { 0 headers, 6 bytes }");
        assert_eq!(format!("{reply:?}"), "Reply { status 200, 6 bytes }");
    }

    #[test]
    fn the_timeout_of_a_cookie_is_read_and_not_sent_back() {
        let cookies = ["TP_SESSIONID=ABC;TIMEOUT=3600".to_owned()];
        let cookie = SessionCookie::find(&cookies).expect("a cookie");
        assert_eq!(cookie.pair, "TP_SESSIONID=ABC");
        assert_eq!(cookie.life, Duration::from_secs(2_400));
        let cookies = ["SESSIONID=A; path=/".to_owned()];
        let cookie = SessionCookie::find(&cookies).expect("a cookie");
        assert_eq!(cookie.life, Duration::from_secs(85_200));
        assert_eq!(SessionCookie::find(&["TIMEOUT=5".to_owned()]), None);
    }
}
