//! Where Netatmo is. HTTPS, or nowhere. promise: N-04.

use crate::Error;

/// `https://host[:port]`, without a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    authority: String,
}

/// What the vendor's cookies and redirects are about.
const DOMAIN: &str = "netatmo.com";

/// The services of Netatmo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    pub(crate) auth: Origin,
    pub(crate) api: Origin,
}

impl Default for Endpoints {
    fn default() -> Self {
        let origin = |host: &str| Origin { authority: format!("{host}.{DOMAIN}") };
        Self { auth: origin("auth"), api: origin("api") }
    }
}

impl Endpoints {
    /// Others than Netatmo's own, for tests against a simulated one: `https://host[:port]` each.
    ///
    /// # Errors
    /// [`Error::NotHttps`] for anything else, plain HTTP above all.
    pub fn new(auth: &str, api: &str) -> Result<Self, Error> {
        Ok(Self { auth: Origin::parse(auth)?, api: Origin::parse(api)? })
    }
}

impl Origin {
    fn parse(url: &str) -> Result<Self, Error> {
        let authority = url.strip_prefix("https://").ok_or(Error::NotHttps)?;
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        let plain = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
        if authority.is_empty() || !authority.chars().all(plain) {
            return Err(Error::NotHttps);
        }
        Ok(Self { authority: authority.to_ascii_lowercase() })
    }

    /// The URL of a path, which begins with a slash.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.authority)
    }

    /// The host without its port.
    pub(crate) fn host(&self) -> &str {
        host_of(&self.authority)
    }

    /// Where a redirect of this service leads, if following it is safe: over HTTPS to the same
    /// service, or from one of Netatmo's to another.
    pub(crate) fn redirect(&self, location: &str) -> Option<(Self, String)> {
        if location.starts_with('/') && !location.starts_with("//") {
            return Some((self.clone(), location.to_owned()));
        }
        let rest = location.strip_prefix("https://")?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end)?;
        let to = Self::parse(&format!("https://{authority}")).ok()?;
        let path = path.split('#').next().unwrap_or_default();
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let stays = to == *self || (is_vendor(self.host()) && is_vendor(&to.authority));
        stays.then_some((to, path))
    }
}

fn host_of(authority: &str) -> &str {
    let port = authority.rfind(':').filter(|at| !authority[*at..].contains(']'));
    &authority[..port.unwrap_or(authority.len())]
}

/// Whether a host, without a port, is Netatmo's.
fn is_vendor(host: &str) -> bool {
    host.strip_suffix(DOMAIN).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// promise: N-04. Nothing but HTTPS can be written down as an endpoint.
    #[test]
    fn a_plain_http_endpoint_is_refused() {
        for url in [
            "http://api.netatmo.com",
            "HTTP://api.netatmo.com",
            "ftp://api.netatmo.com",
            "api.netatmo.com",
            "https://",
            "https://user@api.netatmo.com",
            "https://api.netatmo.com/path",
            "",
        ] {
            assert_eq!(Endpoints::new(url, url), Err(Error::NotHttps), "{url}");
        }
        assert!(Endpoints::new("https://127.0.0.1:8443/", "https://[::1]:1").is_ok());
        assert_eq!(Endpoints::default().api.url("/x"), "https://api.netatmo.com/x");
    }

    /// promise: N-04. A redirect is followed to Netatmo over HTTPS only.
    #[test]
    fn a_redirect_leads_nowhere_else() {
        let auth = Endpoints::default().auth;
        let led = |location: &str| auth.redirect(location).map(|(to, path)| to.url(&path));
        assert_eq!(led("/a?b"), Some("https://auth.netatmo.com/a?b".to_owned()));
        assert_eq!(led("https://my.netatmo.com"), Some("https://my.netatmo.com/".to_owned()));
        assert_eq!(led("https://my.netatmo.com?x#y"), Some("https://my.netatmo.com/?x".to_owned()));
        for location in [
            "http://auth.netatmo.com/",
            "//evil.example/",
            "https://evil.example/",
            "https://netatmo.com.evil.example/",
            "https://evilnetatmo.com/",
            "https://my.netatmo.com:444/",
            "https://my.netatmo.com@evil.example/",
            "relative",
            "",
        ] {
            assert_eq!(led(location), None, "{location}");
        }
        let simulated = Origin::parse("https://127.0.0.1:1").expect("an origin");
        assert_eq!(simulated.redirect("https://my.netatmo.com/"), None);
        assert_eq!(simulated.redirect("https://127.0.0.1:2/"), None);
        assert!(simulated.redirect("https://127.0.0.1:1/x").is_some());
    }

    proptest::proptest! {
        #[test]
        fn any_redirect_is_followed_or_not_without_panic(location in "(https://)?\\PC{0,60}") {
            let auth = Endpoints::default().auth;
            if let Some((to, _)) = auth.redirect(&location) {
                proptest::prop_assert!(is_vendor(to.host()));
            }
        }
    }
}
