//! Where the endpoint of drafts is, judged by what an administrator typed: on this machine, in the own
//! network, or outside. Pure; addresses are judged again when they are connected to.

use std::net::IpAddr;

use hearth_http::AddressPolicy;
use hearth_model::AddressKind;

use crate::network::host_and_port;

/// Longer than any address of a service.
const URL_BYTES_MAX: usize = 512;

/// Names that are in one's own network and nowhere else.
const OWN_DOMAINS: [&str; 5] = [".local", ".lan", ".home", ".internal", ".home.arpa"];

/// Where a host is, by what an administrator typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    ThisMachine,
    OwnNetwork,
    Outside,
}

pub(super) fn place_of(host: &str) -> Place {
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

/// Host and port of the endpoint.
pub(super) fn host_of(url: &str) -> Option<(String, u16)> {
    let uri: hearth_http::Uri = url.parse().ok()?;
    match (uri.scheme_str(), uri.port_u16()) {
        (Some("http"), None) => Some((host_and_port(url)?.0, 80)),
        _ => host_and_port(url),
    }
}

/// promise: K-04. A name of the world leads into the world only, whatever it stands for tomorrow; the
/// own network is reached by what is plainly of it.
pub(super) fn addresses_of(place: Place) -> AddressPolicy {
    let services = hearth_model::AddressPolicy::SERVICES;
    AddressPolicy::Admitted(match place {
        Place::ThisMachine => services.with_this_machine(),
        Place::OwnNetwork => services.with_private(),
        Place::Outside => services,
    })
}

/// Whether it is an address to which anything may be sent: encrypted, or on this very machine.
pub(super) fn is_url(url: &str) -> bool {
    let uri: Option<hearth_http::Uri> = url.parse().ok();
    uri.is_some_and(|uri| {
        let has_password = uri.authority().is_none_or(|it| it.as_str().contains('@'));
        let here = host_of(url).is_some_and(|(host, _)| place_of(&host) == Place::ThisMachine);
        let is_safe =
            uri.scheme_str() == Some("https") || (uri.scheme_str() == Some("http") && here);
        is_safe && !has_password && !url.contains(['?', '#']) && url.len() <= URL_BYTES_MAX
    })
}
