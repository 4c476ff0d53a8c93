//! Where a service is that the house asks, judged by what an administrator typed: on this machine, in the
//! own network, or outside. Pure; addresses are judged again when they are connected to.

use std::net::IpAddr;

use hearth_http::{AddressPolicy, Client, ClientBuilder, Trust};
use hearth_model::AddressKind;

use crate::network::host_and_port;

/// Longer than any address of a service.
const URL_BYTES_MAX: usize = 512;

/// Names that are in one's own network and nowhere else.
const OWN_DOMAINS: [&str; 5] = [".local", ".lan", ".home", ".internal", ".home.arpa"];

/// Where a host is, by what an administrator typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    ThisMachine,
    OwnNetwork,
    Outside,
}

pub(crate) fn place_of(host: &str) -> Place {
    let host = host.to_ascii_lowercase();
    if let Ok(address) = host.parse::<IpAddr>() {
        return match AddressKind::of(address) {
            AddressKind::Loopback => Place::ThisMachine,
            AddressKind::Private => Place::OwnNetwork,
            // What leads nowhere is refused when it is connected to.
            _ => Place::Outside,
        };
    }
    let is_own = !host.contains('.') || OWN_DOMAINS.iter().any(|domain| host.ends_with(domain));
    match host.as_str() {
        "localhost" => Place::ThisMachine,
        _ if is_own => Place::OwnNetwork,
        _ => Place::Outside,
    }
}

/// Host and port of a service.
pub(crate) fn host_of(url: &str) -> Option<(String, u16)> {
    let uri: hearth_http::Uri = url.parse().ok()?;
    match (uri.scheme_str(), uri.port_u16()) {
        (Some("http"), None) => Some((host_and_port(url)?.0, 80)),
        _ => host_and_port(url),
    }
}

/// promise: K-04. A name of the world leads into the world only, whatever it stands for tomorrow; the
/// own network is reached by what is plainly of it.
fn addresses_of(place: Place) -> AddressPolicy {
    let services = hearth_model::AddressPolicy::SERVICES;
    AddressPolicy::Admitted(match place {
        Place::ThisMachine => services.with_this_machine(),
        Place::OwnNetwork => services.with_private(),
        Place::Outside => services,
    })
}

/// A client for a service whose address an administrator typed: it goes nowhere else, whatever its name
/// stands for.
pub(crate) fn client_for(url: &str) -> ClientBuilder {
    let place = host_of(url).map_or(Place::Outside, |(host, _)| place_of(&host));
    let client = Client::builder().trust(Trust::Roots).address_policy(addresses_of(place));
    match place {
        Place::ThisMachine => client.allow_plain_http(),
        Place::OwnNetwork | Place::Outside => client,
    }
}

/// Whether it is an address to which anything may be sent: encrypted, or on this very machine.
pub(crate) fn is_url(url: &str) -> bool {
    let uri: Option<hearth_http::Uri> = url.parse().ok();
    uri.is_some_and(|uri| {
        let has_password = uri.authority().is_none_or(|it| it.as_str().contains('@'));
        let here = host_of(url).is_some_and(|(host, _)| place_of(&host) == Place::ThisMachine);
        let is_safe =
            uri.scheme_str() == Some("https") || (uri.scheme_str() == Some("http") && here);
        is_safe && !has_password && !url.contains(['?', '#']) && url.len() <= URL_BYTES_MAX
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// promise: K-04. What an administrator typed says where it may lead.
    #[test]
    fn an_address_leads_where_it_says() {
        for (url, place) in [
            ("https://api.example.com/v1", Some(Place::Outside)),
            ("https://192.168.1.20:8443/v1", Some(Place::OwnNetwork)),
            ("https://gpu.lan/v1", Some(Place::OwnNetwork)),
            ("https://gpu/v1", Some(Place::OwnNetwork)),
            ("http://127.0.0.1:11434/v1", Some(Place::ThisMachine)),
            ("http://[::1]:11434/v1", Some(Place::ThisMachine)),
            ("http://localhost:11434/v1", Some(Place::ThisMachine)),
            ("http://192.168.1.20/v1", None),
            ("http://api.example.com/v1", None),
            ("http://localhost.example.com/v1", None),
            ("https://me:secret@api.example.com/v1", None),
            ("https://api.example.com/v1?key=1", None),
            ("file:///etc/passwd", None),
            ("gopher://gpu.lan", None),
            ("", None),
        ] {
            let found = is_url(url).then(|| place_of(&host_of(url).expect("a host").0));
            assert_eq!(found, place, "{url}");
        }
        let reaches =
            |place, address: &str| addresses_of(place).allows(address.parse().expect("an address"));
        assert!(reaches(Place::Outside, "1.1.1.1") && !reaches(Place::Outside, "192.168.1.20"));
        assert!(!reaches(Place::Outside, "127.0.0.1") && !reaches(Place::OwnNetwork, "127.0.0.1"));
        assert!(
            reaches(Place::OwnNetwork, "192.168.1.20") && reaches(Place::ThisMachine, "127.0.0.1")
        );
        for place in [Place::Outside, Place::OwnNetwork, Place::ThisMachine] {
            assert!(!reaches(place, "169.254.169.254"), "credentials of clouds");
        }
    }
}
