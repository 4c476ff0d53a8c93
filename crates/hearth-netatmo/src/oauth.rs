//! The documented way in: tokens that the owner granted to an application of their own (OAuth 2.0,
//! RFC 6749).
//!
//! Pure. The owner makes an application on dev.netatmo.com and generates a first token there; from
//! then on each refresh brings the next one, and the one before is used up.

use hearth_secret::SecretString;
use serde::Deserialize;

use crate::{Error, form::form};

/// A token is renewed so long before its end, in seconds.
const MARGIN: u64 = 120;
/// Tokens live for three hours; one that claims more is renewed after a day.
const LIFE_MAX: u64 = 24 * 60 * 60;
/// Tokens have about 60 characters.
const TOKEN_BYTES_MAX: usize = 1_024;

/// The owner's application on dev.netatmo.com.
#[derive(Clone, Debug)]
pub struct Application {
    client_id: String,
    client_secret: SecretString,
}

impl Application {
    /// As dev.netatmo.com shows them.
    pub fn new(client_id: &str, client_secret: SecretString) -> Self {
        Self { client_id: client_id.to_owned(), client_secret }
    }

    /// The body of the request that renews a grant (RFC 6749, 6).
    pub(crate) fn refresh_form(&self, refresh: &SecretString) -> SecretString {
        form(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh.expose()),
            ("client_id", &self.client_id),
            ("client_secret", self.client_secret.expose()),
        ])
    }
}

/// What the owner granted.
#[derive(Clone, Debug)]
pub struct Grant {
    /// What requests carry.
    pub(crate) access: SecretString,
    /// What brings the next grant, once.
    pub(crate) refresh: SecretString,
    /// When the access ends, in seconds since 1970.
    pub(crate) ends_at: u64,
}

impl Grant {
    /// Whether it is to be renewed before it is used.
    pub(crate) fn is_over(&self, now: u64) -> bool {
        now.saturating_add(MARGIN) >= self.ends_at || self.ends_at > now.saturating_add(LIFE_MAX)
    }

    /// The text of its file. promise: N-03.
    pub(crate) fn to_file(&self) -> SecretString {
        let file = serde_json::json!({
            "version": 1,
            "access_token": self.access.expose(),
            "refresh_token": self.refresh.expose(),
            "ends_at": self.ends_at,
        });
        SecretString::new(file.to_string())
    }

    /// Reads a file. `None` if it is none.
    pub(crate) fn from_file(text: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct File {
            version: u32,
            access_token: SecretString,
            refresh_token: SecretString,
            ends_at: u64,
        }
        let file: File = serde_json::from_str(text).ok().filter(|file: &File| file.version == 1)?;
        let (access, refresh) = (file.access_token, file.refresh_token);
        (is_token(&access) && is_token(&refresh)).then_some(Self {
            access,
            refresh,
            ends_at: file.ends_at,
        })
    }
}

/// Reads the answer to a refresh (RFC 6749, 5.1) that came at `now`, in seconds since 1970.
pub fn granted(bytes: &[u8], now: u64) -> Result<Grant, Error> {
    #[derive(Deserialize)]
    struct Answer {
        access_token: SecretString,
        refresh_token: SecretString,
        expires_in: u64,
    }
    let answer: Answer =
        serde_json::from_slice(bytes).map_err(|_| Error::Malformed("it holds no grant"))?;
    if !is_token(&answer.access_token) || !is_token(&answer.refresh_token) {
        return Err(Error::Malformed("it holds no grant"));
    }
    let ends_at = now.saturating_add(answer.expires_in.min(LIFE_MAX));
    Ok(Grant { access: answer.access_token, refresh: answer.refresh_token, ends_at })
}

fn is_token(token: &SecretString) -> bool {
    let token = token.expose();
    (1..=TOKEN_BYTES_MAX).contains(&token.len())
        && token.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = r#"{"scope":["read_station"],"access_token":"5f|a","refresh_token":"5f|r",
        "expires_in":10800,"expire_in":10800}"#;

    #[test]
    fn a_grant_is_read_and_kept() {
        let grant = granted(ANSWER.as_bytes(), 1_000).expect("a grant");
        assert_eq!(grant.ends_at, 11_800);
        assert!(!grant.is_over(1_000) && !grant.is_over(11_679) && grant.is_over(11_680));
        let kept = Grant::from_file(grant.to_file().expose()).expect("the same");
        assert_eq!(kept.refresh.expose(), "5f|r");
        assert!(!format!("{grant:?}").contains("5f"));
    }

    #[test]
    fn a_refresh_is_asked_for_as_the_standard_says() {
        let application = Application::new("id", "s&cret".into());
        assert_eq!(
            application.refresh_form(&"5f|r".into()).expose(),
            "grant_type=refresh_token&refresh_token=5f%7Cr&client_id=id&client_secret=s%26cret"
        );
    }

    #[test]
    fn a_clock_that_was_set_back_renews() {
        let grant = granted(ANSWER.as_bytes(), 1_000_000).expect("a grant");
        assert!(grant.is_over(0));
    }

    proptest::proptest! {
        #[test]
        fn any_answer_is_read_or_refused_without_panic(bytes: Vec<u8>, text in "\\PC{0,100}", now: u64) {
            drop(granted(&bytes, now));
            drop(Grant::from_file(&text));
        }
    }
}
