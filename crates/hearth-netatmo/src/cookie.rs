//! The cookies of the vendor's sign-in: names and values, nothing more.
//!
//! Pure. They go to the vendor alone, so one small jar without paths does; what a cookie says about
//! its domain is checked against who sent it (RFC 6265, 5.3).

use std::collections::BTreeMap;

use hearth_secret::SecretString;

/// The vendor sets about ten.
const COOKIES_MAX: usize = 32;
/// What browsers take (RFC 6265, 6.1).
const COOKIE_BYTES_MAX: usize = 4096;

/// Cookies by name.
#[derive(Clone, Debug, Default)]
pub struct CookieJar {
    cookies: BTreeMap<String, SecretString>,
}

impl CookieJar {
    /// Takes one header `Set-Cookie` that a host sent, or leaves it.
    pub fn take(&mut self, host: &str, header: &str) {
        let mut parts = header.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
            return;
        };
        let mut is_gone = value.is_empty() || value == "deleted";
        for part in parts {
            let (attribute, said) = part.split_once('=').unwrap_or((part, ""));
            if attribute.eq_ignore_ascii_case("domain") && !is_in_domain(host, said) {
                return;
            }
            is_gone |= attribute.eq_ignore_ascii_case("max-age")
                && said.trim().parse::<i64>().is_ok_and(|seconds| seconds <= 0);
            // How servers delete; other dates are far away, and the session is renewed before.
            is_gone |= attribute.eq_ignore_ascii_case("expires") && said.contains("1970");
        }
        if is_gone {
            self.cookies.remove(name);
        } else {
            self.set(name, value);
        }
    }

    /// Puts a cookie in, unless it is none or there is no room.
    pub fn set(&mut self, name: &str, value: &str) {
        let fits = name.len() + value.len() <= COOKIE_BYTES_MAX
            && (self.cookies.len() < COOKIES_MAX || self.cookies.contains_key(name));
        if fits && is_name(name) && is_value(value) {
            self.cookies.insert(name.to_owned(), value.into());
        }
    }

    /// The value of a cookie.
    pub fn get(&self, name: &str) -> Option<&SecretString> {
        self.cookies.get(name)
    }

    /// The header `Cookie`, if there are any.
    pub fn header(&self) -> Option<SecretString> {
        let pairs = self.cookies.iter().map(|(name, value)| (name, value.expose()));
        let pairs: Vec<String> = pairs.map(|(name, value)| format!("{name}={value}")).collect();
        (!pairs.is_empty()).then(|| SecretString::new(pairs.join("; ")))
    }

    /// All cookies, for the file of the session.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &SecretString)> {
        self.cookies.iter().map(|(name, value)| (name.as_str(), value))
    }
}

/// Whether a host may set cookies for a domain: its own, or one above it that is not a mere ending.
fn is_in_domain(host: &str, domain: &str) -> bool {
    let domain = domain.trim().trim_start_matches('.').to_ascii_lowercase();
    let below = host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.ends_with('.'));
    host == domain || (below && domain.contains('.'))
}

/// A token (RFC 9110, 5.6.2).
fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !name.is_empty() && name.chars().all(fits)
}

/// RFC 6265, 4.1.1, without quotes.
fn is_value(value: &str) -> bool {
    value.chars().all(|c| c.is_ascii_graphic() && !"\",;\\".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jar(headers: &[&str]) -> CookieJar {
        let mut jar = CookieJar::default();
        headers.iter().for_each(|header| jar.take("auth.netatmo.com", header));
        jar
    }

    fn header(headers: &[&str]) -> String {
        jar(headers).header().map_or_else(String::new, |header| header.expose().clone())
    }

    #[test]
    fn cookies_are_taken_replaced_and_deleted() {
        let set = "b=2; Path=/; Domain=.netatmo.com; Secure; HttpOnly";
        assert_eq!(header(&["a=1", set, "a=3; Max-Age=60"]), "a=3; b=2");
        for gone in ["a=; Path=/", "a=deleted", "a=x; Max-Age=0", "a=x; Max-Age=-1"] {
            assert_eq!(header(&["a=1", gone]), "", "{gone}");
        }
        assert_eq!(header(&["a=1", "a=x; expires=Thu, 01-Jan-1970 00:00:01 GMT"]), "");
    }

    #[test]
    fn a_cookie_for_somebody_else_is_left() {
        for domain in ["evil.example", "com", ".com", "tatmo.com", "my.netatmo.com"] {
            assert_eq!(header(&[&format!("a=1; Domain={domain}")]), "", "{domain}");
        }
        for domain in ["netatmo.com", ".NETATMO.com", "auth.netatmo.com"] {
            assert_eq!(header(&[&format!("a=1; Domain={domain}")]), "a=1", "{domain}");
        }
    }

    #[test]
    fn what_would_break_a_header_is_left() {
        for bad in ["a", "=1", "a b=1", "a=1\r\nX: y", "a=ö", "a=\"x\"", ""] {
            assert_eq!(header(&[bad]), "", "{bad:?}");
        }
    }

    /// promise: D-19. A service that sets cookies without end fills no memory.
    #[test]
    fn the_jar_is_bounded() {
        let mut jar = CookieJar::default();
        (0..1_000).for_each(|number| jar.set(&format!("c{number}"), "x"));
        assert_eq!(jar.iter().count(), COOKIES_MAX);
        jar.set("c0", &"x".repeat(COOKIE_BYTES_MAX));
        assert_eq!(jar.get("c0").map(|value| value.expose().as_str()), Some("x"));
    }

    proptest::proptest! {
        #[test]
        fn any_header_is_taken_or_left_without_panic(headers in proptest::collection::vec("\\PC{0,40}", 0..4)) {
            let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
            let jar = jar(&headers);
            if let Some(header) = jar.header() {
                proptest::prop_assert!(header.expose().chars().all(|c| c.is_ascii_graphic() || c == ' '));
            }
        }
    }
}
