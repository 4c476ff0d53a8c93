//! Where a device is, as people write it: `HOST[:PORT][/PATH]`, for ONVIF also with a scheme.
//!
//! An address is an order to connect from inside the house, so it is judged by the addresses its
//! name stands for, and the driver connects to exactly the one that was admitted (promise K-04).

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    str::FromStr,
    time::Duration,
};

use hearth_model::AddressPolicy;
use tokio::time::timeout;

use crate::DeviceError;

/// Longer names are none (RFC 1035, 2.3.4).
const HOST_CHARS_MAX: usize = 253;
/// A service path, or the name of a room.
const PATH_CHARS_MAX: usize = 128;
/// A name server of the house answers within milliseconds.
const LOOKUP_MAX: Duration = Duration::from_secs(5);

/// A text is no address of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an address is HOST, HOST:PORT or HOST:PORT/PATH")]
pub struct AddressError;

/// Where a device is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DeviceAddress {
    is_https: Option<bool>,
    host: String,
    port: Option<u16>,
    path: String,
}

impl DeviceAddress {
    /// Name or IP address, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, if it was named.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// What follows the first slash; empty if there is nothing.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether a scheme was named, and if it was HTTPS.
    pub fn is_https(&self) -> Option<bool> {
        self.is_https
    }

    /// The IP address to connect to.
    ///
    /// # Errors
    /// If the name stands for nothing, or for something that the policy does not admit.
    pub async fn resolve(&self, policy: AddressPolicy) -> Result<IpAddr, DeviceError> {
        let found = tokio::net::lookup_host((self.host.as_str(), self.port.unwrap_or(0)));
        let mut found = match timeout(LOOKUP_MAX, found).await {
            Err(_) => return Err(DeviceError::Timeout),
            Ok(Err(_)) => return Err(DeviceError::Unreachable("its name does not resolve")),
            Ok(Ok(found)) => found,
        };
        let first = found.next().ok_or(DeviceError::Unreachable("its name has no address"))?.ip();
        policy.check(first).map_err(|_| DeviceError::AddressRefused)?;
        Ok(first)
    }
}

impl FromStr for DeviceAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (is_https, rest) = match text.split_once("://") {
            Some(("https", rest)) => (Some(true), rest),
            Some(("http", rest)) => (Some(false), rest),
            Some(_) => return Err(AddressError),
            None => (None, text),
        };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = split(authority).ok_or(AddressError)?;
        let port = match port {
            None => None,
            Some(port) => Some(port.parse().ok().filter(|port| *port != 0).ok_or(AddressError)?),
        };
        let fits = path.chars().count() <= PATH_CHARS_MAX && !path.chars().any(char::is_control);
        if !is_host(host) || !fits {
            return Err(AddressError);
        }
        Ok(Self { is_https, host: host.to_owned(), port, path: path.to_owned() })
    }
}

/// Host and port; an IPv6 address with a port stands in brackets.
fn split(authority: &str) -> Option<(&str, Option<&str>)> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        return match rest {
            "" => Some((host, None)),
            rest => Some((host, Some(rest.strip_prefix(':')?))),
        };
    }
    if authority.parse::<Ipv6Addr>().is_ok() {
        return Some((authority, None));
    }
    match authority.split_once(':') {
        Some((host, port)) => Some((host, Some(port))),
        None => Some((authority, None)),
    }
}

fn is_host(host: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    host.parse::<Ipv6Addr>().is_ok()
        || (!host.is_empty() && host.len() <= HOST_CHARS_MAX && host.chars().all(is_plain))
}

/// As part of a URL.
pub(crate) fn in_url(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

impl fmt::Display for DeviceAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_https {
            Some(true) => f.write_str("https://")?,
            Some(false) => f.write_str("http://")?,
            None => {}
        }
        if self.host.contains(':') {
            write!(f, "[{}]", self.host)?;
        } else {
            f.write_str(&self.host)?;
        }
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        if self.path.is_empty() { Ok(()) } else { write!(f, "/{}", self.path) }
    }
}

impl serde::Serialize for DeviceAddress {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for DeviceAddress {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_is_read_with_and_without_its_parts() {
        let read = |text: &str| text.parse::<DeviceAddress>();
        let plug = read("192.168.1.20").expect("an address");
        assert_eq!((plug.host(), plug.port(), plug.path()), ("192.168.1.20", None, ""));
        let camera = read("http://yard.local:2020/onvif/device_service").expect("an address");
        assert_eq!((camera.host(), camera.port()), ("yard.local", Some(2020)));
        assert_eq!((camera.path(), camera.is_https()), ("onvif/device_service", Some(false)));
        assert_eq!(read("[fd00::7]:80").expect("an address").host(), "fd00::7");
        for text in ["", "a:0", "a:99999", "a b", "ftp://a", "u:p@a", "a:1:2", "[::1", "/x"] {
            assert_eq!(read(text), Err(AddressError), "{text}");
        }
    }

    /// promise: K-04. A name that stands for an address which devices may not have is refused.
    #[tokio::test]
    async fn an_address_outside_of_what_is_admitted_is_refused() {
        let here: DeviceAddress = "127.0.0.1:80".parse().expect("an address");
        let refused = here.resolve(AddressPolicy::DEVICES).await;
        assert_eq!(refused, Err(DeviceError::AddressRefused));
        let metadata: DeviceAddress = "169.254.169.254".parse().expect("an address");
        let all = AddressPolicy::DEVICES.with_this_machine();
        assert_eq!(metadata.resolve(all).await, Err(DeviceError::AddressRefused));
        assert!(here.resolve(all).await.is_ok());
    }

    proptest! {
        #[test]
        fn any_text_is_an_address_or_not_without_panic(text in "\\PC{0,60}") {
            if let Ok(address) = text.parse::<DeviceAddress>() {
                prop_assert_eq!(address.to_string().parse(), Ok(address));
            }
        }

        #[test]
        fn what_is_shown_is_read_back(host in "[a-z0-9.-]{1,20}", port in proptest::option::of(1u16..), path in "[a-z/]{0,9}") {
            let port = port.map_or(String::new(), |port| format!(":{port}"));
            let address: DeviceAddress = format!("{host}{port}/{path}").parse().expect("an address");
            prop_assert_eq!(address.to_string().parse(), Ok(address));
        }
    }
}
