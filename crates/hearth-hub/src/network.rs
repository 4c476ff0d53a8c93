//! Settings of the listener, `[network]`, and the words they are written in. Pure.

use std::{fmt, path::PathBuf};

use hearth_http::Fingerprint;
use hearth_model::AddressRange;

/// The listener.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkConfig {
    /// Host names besides localhost under which the hub may be called.
    pub names: Vec<String>,
    /// Where people open the dashboard, `https://hub.example:8443`: links in notifications lead
    /// there. Without it they are left out where a path alone leads nowhere.
    pub dashboard: Option<Origin>,
    /// Other sites whose pages may use the API with the visitor's sign-in. None unless named.
    pub origins: Vec<Origin>,
    /// Reverse proxies, whose word about the client is believed.
    pub trusted_proxies: Vec<AddressRange>,
    /// In which headers they say it.
    pub proxy_headers: ProxyHeaders,
    /// PEM file with the authorities that may sign certificates of clients; unset asks for none.
    pub client_ca: Option<PathBuf>,
    /// Whether a client must have one.
    pub client_certificate: ClientCertificate,
    /// An authority that issues the listener's certificate; unset means the hub's own one.
    pub acme: Option<AcmeConfig>,
}

/// Names that an authority certifies in one certificate; Let's Encrypt's limit is a hundred.
const ACME_NAMES_MAX: usize = 32;

/// An authority that issues certificates by itself (ACME, RFC 8555). It has to reach the listener
/// under each name, at port 443.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcmeConfig {
    /// Its directory, `https://acme-v02.api.letsencrypt.org/directory`.
    pub directory: String,
    /// Names to certify.
    pub names: Vec<String>,
    /// Where it may write to, `mailto:anna@example.org`.
    #[serde(default)]
    pub contact: Option<String>,
    /// SHA-256 of its certificate, if no public authority signed it: an authority of one's own.
    #[serde(default)]
    pub directory_certificate: Option<Fingerprint>,
}

impl AcmeConfig {
    /// What is wrong with it, if anything is.
    pub(crate) fn mistake(&self) -> Option<&'static str> {
        if !self.directory.starts_with("https://") {
            Some("the directory of [network.acme] begins with https://")
        } else if self.names.is_empty() || self.names.len() > ACME_NAMES_MAX {
            Some("[network.acme] needs 1 to 32 names")
        } else if self.contact.as_ref().is_some_and(|contact| !contact.starts_with("mailto:")) {
            Some("the contact of [network.acme] begins with mailto:")
        } else {
            None
        }
    }
}

/// Host and port of an `https` address.
pub(crate) fn host_and_port(address: &str) -> Option<(String, u16)> {
    let uri: hearth_http::Uri = address.parse().ok()?;
    Some((uri.host()?.trim_matches(['[', ']']).to_owned(), uri.port_u16().unwrap_or(443)))
}

/// Headers in which a reverse proxy names the client.
///
/// Only one family is read: a proxy overwrites the one it knows and passes on the other as a
/// stranger wrote it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyHeaders {
    /// `X-Forwarded-For`, `-Proto` and `-Host`.
    #[default]
    XForwarded,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// Whether a client must show a certificate, if authorities for them are named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientCertificate {
    /// No connection without one.
    #[default]
    Required,
    /// One that is shown must be good.
    Optional,
}

/// A site, as browsers write it in `Origin` (RFC 6454, 6.2): `https://panel.example:8443`.
///
/// HTTPS only, for a page that came in the clear is whoever sat on its way; never a wildcard, for
/// answers to it carry the visitor's sign-in (promise V-05).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Origin(String);

/// A text is no origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an origin is https:// with a host in lower case and perhaps a port, e.g. https://panel.example; no path, no *"
)]
pub struct OriginError;

impl Origin {
    /// As browsers write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let authority = text.strip_prefix("https://").ok_or(OriginError)?;
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !authority.ends_with(']') => (host, Some(port)),
            _ => (authority, None),
        };
        // Browsers leave the default port out; a longer spelling would never match.
        let is_port = |port: &str| {
            port.parse::<u16>().is_ok_and(|number| number.to_string() == port && number != 443)
        };
        if port.is_none_or(is_port) && is_host(host) {
            Ok(Self(text.to_owned()))
        } else {
            Err(OriginError)
        }
    }
}

fn is_host(host: &str) -> bool {
    if let Some(v6) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return v6.parse::<std::net::Ipv6Addr>().is_ok_and(|parsed| parsed.to_string() == v6);
    }
    let fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=253).contains(&host.len())
        && host.split('.').all(|label| !label.is_empty() && label.chars().all(fit))
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Origin {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::HouseConfig;

    /// promise: V-05. An origin is one site by its exact name; nothing stands for several.
    #[test]
    fn an_origin_is_one_site_over_https() {
        for text in [
            "https://panel.example",
            "https://panel.example:8443",
            "https://10.0.0.2",
            "https://[fd00::2]:444",
            "https://localhost",
        ] {
            assert_eq!(text.parse::<Origin>().expect(text).as_str(), text);
        }
        for text in [
            "*",
            "https://*",
            "https://*.example",
            "null",
            "",
            "http://panel.example",
            "panel.example",
            "https://panel.example/",
            "https://Panel.example",
            "https://panel.example:443",
            "https://panel.example:0443",
            "https://u@panel.example",
            "https://panel..example",
            "https://",
            "https://[fd00:0::2]",
            "https://panel.example:x",
            "https://a:1:2",
        ] {
            assert_eq!(text.parse::<Origin>(), Err(OriginError), "{text}");
        }
    }

    /// promise: D-32. A mistake in the listener's settings is told with its line.
    #[test]
    fn the_listener_is_set_in_the_settings_file() {
        let text = "[network]\norigins = [\"https://panel.example\"]\n\
            trusted_proxies = [\"10.0.0.0/8\", \"::1\"]\nproxy_headers = \"forwarded\"\n\
            client_ca = \"/etc/ca.pem\"\nclient_certificate = \"optional\"\n";
        let network = HouseConfig::parse(text).expect("valid").network;
        assert_eq!(network.origins.len(), 1);
        assert!(network.trusted_proxies[0].contains([10, 1, 2, 3].into()));
        assert_eq!(network.proxy_headers, ProxyHeaders::Forwarded);
        assert_eq!(network.client_certificate, ClientCertificate::Optional);
        for (line, value) in [(2, "origins = [\"*\"]"), (2, "trusted_proxies = [\"10.0.0.1/8\"]")] {
            let error = HouseConfig::parse(&format!("[network]\n{value}\n")).expect_err(value);
            assert!(
                error.to_string().starts_with(&format!("hearthwatch.toml:{line}: ")),
                "{error}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_is_an_origin_or_not_without_panic(text in "\\PC{0,50}") {
            drop(text.parse::<Origin>());
        }
    }
}
