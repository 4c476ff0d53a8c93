//! Which site a request was meant for, and which site sent it. Pure.
//!
//! Two attacks are stopped here. DNS rebinding: a foreign name that resolves to this machine
//! carries the attacker's page into the same origin; so only known names and literal addresses are
//! served. Cross-site requests: a foreign page makes the browser send something here; browsers say
//! so in
//! `Origin` (RFC 6454, 7) and `Sec-Fetch-Site` (W3C Fetch Metadata, 2.4). promise: D-09, V-05.

use std::net::{IpAddr, SocketAddr};

use hearth_auth::PasskeySite;
use http::{HeaderMap, header};

/// Names this listener answers to.
#[derive(Clone, Debug)]
pub(crate) struct HostNames(Vec<String>);

impl HostNames {
    /// `localhost` and the given names. An address of a proxy in front may be among them.
    pub(crate) fn new(names: impl IntoIterator<Item = String>) -> Self {
        let mut all = vec!["localhost".to_owned()];
        all.extend(names.into_iter().map(|name| name.to_ascii_lowercase()));
        Self(all)
    }

    /// Whether a `Host` header may be answered on a connection that arrived at `local`.
    ///
    /// The port is not compared: a forwarded port differs from ours, and rebinding needs a name.
    pub(crate) fn admits(&self, host: &str, local: IpAddr) -> bool {
        if let Some(address) = literal(host) {
            let is_own = address.is_loopback() || address == local.to_canonical();
            return is_own || self.0.contains(&address.to_string());
        }
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.parse::<u16>().is_ok() => name,
            Some(_) => return false,
            None => host,
        };
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        self.0.contains(&name)
    }
}

/// The address in `192.0.2.1`, `192.0.2.1:8443`, `[::1]` or `[::1]:8443`.
fn literal(host: &str) -> Option<IpAddr> {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    let address = match bare.parse::<IpAddr>() {
        Ok(address) => address,
        Err(_) => host.parse::<SocketAddr>().ok()?.ip(),
    };
    Some(address.to_canonical())
}

/// Whether another site made the browser send this request.
///
/// Programs that are no browsers send neither header; they hold no cookie a foreign page could use.
pub(crate) fn is_cross_site(headers: &HeaderMap) -> bool {
    let foreign_fetch = headers
        .get_all("sec-fetch-site")
        .iter()
        // `none` is a person who typed the address.
        .any(|site| site != "same-origin" && site != "none");
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let foreign_origin = headers.get_all(header::ORIGIN).iter().any(|origin| {
        let authority = origin.to_str().ok().and_then(|text| text.strip_prefix("https://"));
        match (authority, host) {
            (Some(authority), Some(host)) => !authority.eq_ignore_ascii_case(host),
            _ => true,
        }
    });
    foreign_fetch || foreign_origin
}

/// What passkeys are bound to, from the `Host` under which a page was opened; `None` for an
/// address. Pages come by HTTPS only.
pub(crate) fn passkey_site(host: &str) -> Option<PasskeySite> {
    if literal(host).is_some() {
        return None;
    }
    let origin = format!("https://{}", host.to_ascii_lowercase());
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name).to_ascii_lowercase();
    Some(PasskeySite { id: name, origin })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    const LAN: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 168, 1, 9));

    /// promise: V-05. A name that merely resolves to this machine is not served.
    #[test]
    fn only_known_names_and_own_addresses_are_answered() {
        let names = HostNames::new(["Hearth.lan".to_owned()]);
        for host in [
            "localhost",
            "localhost:8443",
            "LOCALHOST.",
            "127.0.0.1:8443",
            "[::1]:8443",
            "[::1]",
            "hearth.lan:443",
            "192.168.1.9",
            "192.168.1.9:8443",
        ] {
            assert!(names.admits(host, LAN), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "192.168.1.8",
            "localhost:x",
            "[::2]:8443",
            "hearth.lan:443:443",
        ] {
            assert!(!names.admits(host, LAN), "{host}");
        }
    }

    fn cross_site(lines: &[(&'static str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_str(value).expect("visible"));
        }
        is_cross_site(&headers)
    }

    /// promise: D-09. What a browser says about a foreign page is believed.
    #[test]
    fn a_foreign_page_is_recognised() {
        assert!(!cross_site(&[("host", "hearth.lan:8443"), ("origin", "https://hearth.lan:8443")]));
        assert!(!cross_site(&[("host", "hearth.lan"), ("sec-fetch-site", "same-origin")]));
        assert!(!cross_site(&[("host", "hearth.lan"), ("sec-fetch-site", "none")]));
        assert!(!cross_site(&[("host", "hearth.lan")]));
        assert!(cross_site(&[("host", "hearth.lan:8443"), ("origin", "https://hearth.lan")]));
        assert!(cross_site(&[("host", "hearth.lan"), ("origin", "http://hearth.lan")]));
        assert!(cross_site(&[("host", "hearth.lan"), ("origin", "null")]));
        assert!(cross_site(&[("host", "hearth.lan"), ("sec-fetch-site", "same-site")]));
        assert!(cross_site(&[("host", "hearth.lan"), ("sec-fetch-site", "cross-site")]));
        assert!(cross_site(&[("origin", "https://hearth.lan")]));
    }

    #[test]
    fn passkeys_are_bound_to_the_name_and_never_to_an_address() {
        let site = passkey_site("Hearth.lan:8443").expect("a name");
        assert_eq!(site.id, "hearth.lan");
        assert_eq!(site.origin, "https://hearth.lan:8443");
        assert_eq!(passkey_site("localhost").expect("a name").id, "localhost");
        for address in ["127.0.0.1:8443", "[::1]:8443", "[::1]", "192.168.1.9"] {
            assert_eq!(passkey_site(address), None, "{address}");
        }
    }

    proptest! {
        #[test]
        fn any_host_is_judged_without_panic(host in "\\PC{0,60}") {
            let _ = HostNames::new([]).admits(&host, LAN);
            let _ = passkey_site(&host);
        }
    }
}
