//! A session: the cookies of one sign-in and the token among them.
//!
//! Pure; the file is JSON text in and out (promise N-03). It holds cookies, when they came, and
//! whose they are as a digest: no password, no e-mail address, nothing about the home (N-05, N-10).

use std::collections::BTreeMap;

use hearth_secret::SecretString;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::cookie::CookieJar;

/// The cookie that is the token.
const TOKEN_COOKIE: &str = "netatmocomaccess_token";
/// Tokens live for three hours; after this one a new check is made.
pub(crate) const FRESH_SECONDS: u64 = 9_000;
/// Tokens have about 60 characters.
const TOKEN_BYTES_MAX: usize = 1_024;
/// Raised when the meaning of the file changes; others are left alone and a new one is made.
const VERSION: u32 = 1;

/// A session that works, as far as known.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// What requests carry.
    pub(crate) token: SecretString,
    /// All cookies of the sign-in.
    pub(crate) jar: CookieJar,
    /// When the token was known to work, in seconds since 1970.
    pub(crate) checked_at: u64,
}

/// A session as its file holds it.
#[derive(Debug)]
pub struct StoredSession(Session);

#[derive(Serialize, Deserialize)]
struct File<Text> {
    version: u32,
    account: String,
    checked_at: u64,
    cookies: BTreeMap<String, Text>,
}

impl Session {
    /// The session that a jar amounts to, if the token is in it.
    pub(crate) fn from_jar(jar: CookieJar, checked_at: u64) -> Option<Self> {
        let token = token(&jar)?;
        Some(Self { token, jar, checked_at })
    }

    /// Whether the token need not be checked again yet.
    pub(crate) fn is_fresh(&self, now: u64) -> bool {
        // A time in the future is a clock that was set back.
        (self.checked_at..self.checked_at.saturating_add(FRESH_SECONDS)).contains(&now)
    }

    /// The text of its file.
    pub(crate) fn to_file(&self, email: &str) -> SecretString {
        let cookies =
            self.jar.iter().map(|(name, value)| (name.to_owned(), value.expose().as_str()));
        let file = File {
            version: VERSION,
            account: account(email),
            checked_at: self.checked_at,
            cookies: cookies.collect(),
        };
        SecretString::new(serde_json::to_string(&file).unwrap_or_default())
    }
}

impl StoredSession {
    /// Reads a file. `None` if it is none, or another account's.
    pub fn parse(text: &str, email: &str) -> Option<Self> {
        let file: File<SecretString> = serde_json::from_str(text).ok()?;
        if file.version != VERSION || file.account != account(email) {
            return None;
        }
        let mut jar = CookieJar::default();
        file.cookies.iter().for_each(|(name, value)| jar.set(name, value.expose()));
        Session::from_jar(jar, file.checked_at).map(Self)
    }

    pub(crate) fn into_session(self) -> Session {
        self.0
    }
}

/// The token in a jar, as requests carry it.
pub(crate) fn token(jar: &CookieJar) -> Option<SecretString> {
    let cookie = jar.get(TOKEN_COOKIE)?.expose();
    let token = SecretString::new(cookie.replace("%7C", "|").replace("%7c", "|"));
    let fits = (1..=TOKEN_BYTES_MAX).contains(&token.expose().len());
    fits.then_some(token)
}

/// Whose session it is, so that another account's is not taken for it.
fn account(email: &str) -> String {
    let digest = Sha256::digest(format!("hearthwatch netatmo\0{}", email.to_lowercase()));
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        let mut jar = CookieJar::default();
        jar.set(TOKEN_COOKIE, "5f0c%7Cdeadbeef");
        jar.set("other", "x");
        Session::from_jar(jar, 1_000).expect("a token")
    }

    /// promise: K-08. The token of the recorded cookie.
    #[test]
    fn the_token_is_the_cookie_with_a_bar() {
        assert_eq!(session().token.expose(), "5f0c|deadbeef");
        assert!(Session::from_jar(CookieJar::default(), 0).is_none());
    }

    /// promise: N-03, N-10. The file is plain JSON with the cookies and nothing else about anybody.
    #[test]
    fn the_file_is_json_without_anything_personal() {
        let file = session().to_file("Me@Example.com");
        let json: serde_json::Value = serde_json::from_str(file.expose()).expect("JSON");
        let fields: Vec<&String> = json.as_object().expect("an object").keys().collect();
        assert_eq!(fields, ["account", "checked_at", "cookies", "version"]);
        assert!(!file.expose().to_lowercase().contains("example"));
        let read = StoredSession::parse(file.expose(), "me@example.com").expect("the same");
        assert_eq!(read.into_session().token.expose(), "5f0c|deadbeef");
    }

    #[test]
    fn the_session_of_another_account_is_not_taken() {
        let file = session().to_file("me@example.com");
        assert!(StoredSession::parse(file.expose(), "you@example.com").is_none());
    }

    #[test]
    fn a_session_is_fresh_for_two_and_a_half_hours() {
        let session = session();
        assert!(session.is_fresh(1_000) && session.is_fresh(9_999));
        assert!(!session.is_fresh(10_000) && !session.is_fresh(999));
    }

    /// promise: K-07. A debug print shows no cookie.
    #[test]
    fn a_debug_print_shows_no_cookie() {
        assert!(!format!("{:?}", session()).contains("deadbeef"));
    }

    proptest::proptest! {
        #[test]
        fn any_file_is_read_or_left_without_panic(text in "\\PC{0,100}") {
            drop(StoredSession::parse(&text, "me"));
        }
    }
}
