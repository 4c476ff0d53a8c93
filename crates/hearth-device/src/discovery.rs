//! Finding devices: asks, and lists who answered. Nothing is listed that is not there.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use hearth_tapo::{client::DiscoveryPorts, discovery::Family as TapoFamily};

use crate::Family;

/// Whom to ask.
#[derive(Clone, Debug)]
pub struct Search {
    /// Tapo and Kasa devices: at these ports; `None` asks none.
    pub tapo: Option<DiscoveryPorts>,
    /// ONVIF devices: at this address, a multicast one or a single device; `None` asks none.
    pub onvif: Option<SocketAddr>,
    /// Single addresses to ask for Tapo and Kasa devices; empty broadcasts.
    pub addresses: Vec<Ipv4Addr>,
    /// For how long.
    pub within: Duration,
}

impl Search {
    /// Single addresses in one search: a network of a house (a /24) and no more.
    pub const ADDRESSES_MAX: usize = 256;

    /// Everybody, where devices usually listen.
    pub fn everywhere(within: Duration) -> Self {
        Self {
            tapo: Some(DiscoveryPorts::default()),
            onvif: Some(hearth_onvif::discovery::MULTICAST),
            addresses: Vec::new(),
            within,
        }
    }
}

/// Ways that were asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// Tapo and Kasa devices, by broadcast or one by one.
    TapoBroadcast,
    /// ONVIF devices, by multicast.
    OnvifMulticast,
}

/// A way that could not be asked.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct NotAsked {
    /// Which.
    pub what: Asked,
    /// Why.
    pub reason: &'static str,
}

/// A device that answered. What it says about itself is unproved until it is logged in to.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Found {
    /// Its protocol.
    pub family: Family,
    /// Where it is, as it is to be added.
    pub address: String,
    /// Its IP address.
    #[schema(value_type = String)]
    pub ip: IpAddr,
    /// What it is.
    pub model: Option<String>,
    /// Its hardware address.
    pub mac: Option<String>,
    /// What its owner called it.
    pub name: Option<String>,
}

/// What a search led to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Discovery {
    /// Who answered.
    pub found: Vec<Found>,
    /// Whom was asked.
    pub asked: Vec<Asked>,
    /// Whom could not be asked.
    pub failed: Vec<NotAsked>,
}

/// Asks all ways at once.
pub async fn discover(search: Search) -> Discovery {
    let tapo = async {
        let ports = search.tapo?;
        Some(hearth_tapo::client::discover(&search.addresses, ports, search.within).await)
    };
    let onvif = async {
        let target = search.onvif?;
        let own = Ipv4Addr::UNSPECIFIED;
        Some(hearth_onvif::discovery::search(own, target, search.within).await)
    };
    let (tapo, onvif) = tokio::join!(tapo, onvif);
    let mut discovery = Discovery::default();
    match tapo {
        None => {}
        Some(Ok(found)) => {
            discovery.asked.push(Asked::TapoBroadcast);
            discovery.found.extend(found.into_iter().filter_map(of_tapo));
        }
        Some(Err(_)) => discovery.failed.push(no_network(Asked::TapoBroadcast)),
    }
    match onvif {
        None => {}
        Some(Ok(found)) => {
            discovery.asked.push(Asked::OnvifMulticast);
            discovery.found.extend(found.into_iter().filter_map(of_onvif));
        }
        Some(Err(_)) => discovery.failed.push(no_network(Asked::OnvifMulticast)),
    }
    discovery
}

fn no_network(what: Asked) -> NotAsked {
    NotAsked { what, reason: "The network could not be asked: there is no way out for it." }
}

fn of_tapo(found: hearth_tapo::client::Found) -> Option<Found> {
    let announcement = found.announcement;
    let family = match announcement.family {
        TapoFamily::TapoCamera | TapoFamily::TapoDoorbell => Family::TapoCamera,
        TapoFamily::TapoPlug | TapoFamily::KasaSmartPlug => Family::TapoPlug,
        TapoFamily::KasaPlug => Family::KasaPlug,
        TapoFamily::KasaCamera => Family::KasaCamera,
        // Neither can be controlled here.
        TapoFamily::TapoHub | TapoFamily::Other => return None,
    };
    let ip = found.address;
    let address = announcement.port.map_or_else(|| ip.to_string(), |port| format!("{ip}:{port}"));
    let (model, mac, name) = (Some(announcement.model), announcement.mac, announcement.alias);
    Some(Found { family, address, ip, model, mac, name })
}

fn of_onvif(found: hearth_onvif::discovery::Found) -> Option<Found> {
    let ip = found.url.host().trim_matches(['[', ']']).parse().ok()?;
    Some(Found {
        family: Family::Onvif,
        // Without its scheme: what it takes encrypted is asked encrypted.
        address: format!("{}:{}{}", found.url.host(), found.url.port(), found.url.path()),
        ip,
        model: found.hardware,
        mac: None,
        name: found.name,
    })
}
