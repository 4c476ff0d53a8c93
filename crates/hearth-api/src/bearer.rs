//! The `Authorization` header of programs (RFC 6750, 2.1). Pure.

use http::{HeaderMap, header};

/// Longer than any token of ours.
const TOKEN_BYTES_MAX: usize = 2048;

/// The bearer token that a request carries. `None` if it carries none; `Some(None)` if it tries to
/// and fails: such a request is nobody's, and no cookie makes up for it.
///
/// Another scheme is left alone: some browsers send what they know for the host.
pub(crate) fn token(headers: &HeaderMap) -> Option<Option<&str>> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let first = values.next()?;
    if values.next().is_some() {
        return Some(None);
    }
    let Ok(text) = first.to_str() else { return Some(None) };
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let token = token.trim_matches(' ');
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    let fits = !token.is_empty() && token.len() <= TOKEN_BYTES_MAX && token.bytes().all(is_plain);
    Some(fits.then_some(token))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn read(lines: &[&str]) -> Option<Option<String>> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::AUTHORIZATION, HeaderValue::from_str(line).expect("visible"));
        }
        token(&headers).map(|token| token.map(str::to_owned))
    }

    #[test]
    fn a_token_is_read_and_what_is_none_is_not_mistaken_for_one() {
        assert_eq!(read(&[]), None);
        assert_eq!(read(&["Bearer hw_abc"]), Some(Some("hw_abc".to_owned())));
        assert_eq!(read(&["bearer  a.b.c "]), Some(Some("a.b.c".to_owned())));
        assert_eq!(read(&["Basic YTpi"]), None);
        for bad in ["Bearer", "Bearer ", "Bearer a b", "Bearer a,b", "bearer \t"] {
            assert_eq!(read(&[bad]), Some(None), "{bad}");
        }
        assert_eq!(read(&["Bearer a", "Bearer b"]), Some(None), "of two, neither");
        assert_eq!(read(&[&format!("Bearer {}", "a".repeat(2049))]), Some(None));
    }

    proptest! {
        #[test]
        fn any_header_is_read_without_panic(line in "[ -~]{0,80}") {
            if let Some(Some(token)) = read(&[&line]) {
                prop_assert!(!token.is_empty() && !token.contains(' '));
            }
        }
    }
}
