//! The session cookie. Pure.
//!
//! The `__Host-` prefix makes browsers refuse the cookie unless it is `Secure`, has `Path=/` and
//! names no domain (RFC 6265bis, 4.1.3.2), so no neighbour host can plant one. promise: D-08.

use hearth_auth::SessionToken;
use http::{HeaderMap, HeaderValue, header};

/// The cookie's name.
pub(crate) const NAME: &str = "__Host-hearthwatch";

/// The session token a request carries. Of two cookies with the name, neither is believed.
pub(crate) fn token(headers: &HeaderMap) -> Option<SessionToken> {
    let mut tokens = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == NAME)
        .map(|(_, token)| token);
    let token = tokens.next()?;
    if tokens.next().is_some() { None } else { SessionToken::parse(token) }
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
