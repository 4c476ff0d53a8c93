//! The session cookie, and the one that waits while somebody is at the sign-in provider. Pure.
//!
//! The `__Host-` prefix makes browsers refuse the cookie unless it is `Secure`, has `Path=/` and
//! names no domain (RFC 6265bis, 4.1.3.2), so no neighbour host can plant one. promise: D-08.

use hearth_auth::SessionToken;
use hearth_secret::SecretString;
use http::{HeaderMap, HeaderValue, header};

/// The session cookie's name.
pub(crate) const NAME: &str = "__Host-hearthwatch";

/// Name of the cookie by which an answer of the provider counts in the browser that asked only.
const ASKED_NAME: &str = "__Host-hearthwatch-asked";

/// The session token a request carries.
pub(crate) fn token(headers: &HeaderMap) -> Option<SessionToken> {
    SessionToken::parse(only(headers, NAME)?)
}

/// What a browser keeps while its user is at the provider.
pub(crate) fn asked(headers: &HeaderMap) -> Option<SecretString> {
    only(headers, ASKED_NAME).map(|text| SecretString::new(text.to_owned()))
}

/// The value of a cookie. Of two with the name, neither is believed.
fn only<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    let mut values = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == wanted)
        .map(|(_, value)| value);
    let value = values.next()?;
    if values.next().is_some() { None } else { Some(value) }
}

/// The header that makes a browser keep `binding` for the ten minutes that an answer may take.
pub(crate) fn keep_asked(binding: &SecretString) -> Option<HeaderValue> {
    let text = format!(
        "{ASKED_NAME}={}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=600",
        binding.expose()
    );
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The header that hands out `token`; `None` if it held what no cookie may, which it does not.
///
/// There is no `Max-Age`: the browser forgets it when it closes, the hub when it expires.
pub(crate) fn grant(token: &SessionToken) -> Option<HeaderValue> {
    let text =
        format!("{NAME}={}; Path=/; Secure; HttpOnly; SameSite=Strict", token.to_text().expose());
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The header that makes a browser forget the token.
pub(crate) fn withdraw() -> HeaderValue {
    HeaderValue::from_static(
        "__Host-hearthwatch=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0",
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn headers(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, HeaderValue::from_str(line).expect("visible"));
        }
        headers
    }

    /// promise: D-08. All attributes that keep scripts and other sites away are set.
    #[test]
    fn the_cookie_is_kept_from_scripts_other_sites_and_plain_http() {
        let token = SessionToken::generate();
        let value = grant(&token).expect("fits");
        let text = token.to_text();
        let expected = format!(
            "__Host-hearthwatch={}; Path=/; Secure; HttpOnly; SameSite=Strict",
            text.expose()
        );
        assert_eq!(value.to_str().ok(), Some(expected.as_str()));
        assert!(value.is_sensitive());
    }

    #[test]
    fn the_token_is_found_among_other_cookies() {
        let sent = SessionToken::generate();
        let text = sent.to_text();
        let line = format!("theme=dark; __Host-hearthwatch={}", text.expose());
        let found = token(&headers(&[&line, "x=y"])).expect("there");
        assert_eq!(found.hash(), sent.hash());
        assert!(token(&headers(&[&format!("hearthwatch={}", text.expose())])).is_none());
        assert!(token(&headers(&["__Host-hearthwatch="])).is_none());
    }

    /// promise: D-08. What waits for the provider's answer is kept as the session is.
    #[test]
    fn the_binding_comes_back_as_it_was_kept() {
        let value = keep_asked(&SecretString::new("a-b_1".into())).expect("fits");
        let text = value.to_str().expect("visible");
        assert!(text.ends_with("; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=600"));
        assert!(value.is_sensitive());
        let pair = text.split(';').next().expect("a pair");
        let found = asked(&headers(&["theme=dark", pair])).expect("there");
        assert_eq!(found.expose(), "a-b_1");
        assert!(asked(&headers(&[&format!("{pair}; {pair}")])).is_none());
    }

    #[test]
    fn two_tokens_are_none() {
        let pair = || format!("{NAME}={}", SessionToken::generate().to_text().expose());
        assert!(token(&headers(&[&format!("{}; {}", pair(), pair())])).is_none());
    }

    proptest! {
        #[test]
        fn any_cookie_line_is_read_without_panic(line in "[ -~]{0,80}") {
            let _ = token(&headers(&[&line]));
        }
    }
}
