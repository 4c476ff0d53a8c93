//! What every handler shares: the hub, the listener's names and certificate, the word to stop.

use std::{net::SocketAddr, sync::Arc, time::SystemTime};

use hearth_hub::{Hub, NetworkConfig};
use hearth_model::WallTime;

use crate::{
    certificate::Certificate, cors::Origins, forwarded::Proxies, limits::Limits,
    listener_checks::Facts, rate::RateGate, request_counts::RequestCounts, site::HostNames,
    stop::Stop,
};

/// Shared by all requests; cheap to clone.
#[derive(Clone)]
pub(crate) struct Api(Arc<Shared>);

struct Shared {
    hub: Hub,
    names: HostNames,
    origins: Origins,
    proxies: Proxies,
    rates: RateGate,
    facts: Facts,
    certificate: Arc<Certificate>,
    limits: Limits,
    stop: Stop,
    counts: RequestCounts,
}

impl Api {
    pub(crate) fn new(
        hub: Hub,
        address: SocketAddr,
        network: NetworkConfig,
        certificate: Arc<Certificate>,
        limits: Limits,
        stop: Stop,
    ) -> Self {
        Self(Arc::new(Shared {
            hub,
            facts: Facts::of(address, &network),
            names: HostNames::new(network.names),
            origins: Origins::new(network.origins),
            proxies: Proxies::new(network.trusted_proxies, network.proxy_headers),
            rates: RateGate::new(limits.rates),
            certificate,
            limits,
            stop,
            counts: RequestCounts::default(),
        }))
    }

    pub(crate) fn hub(&self) -> &Hub {
        &self.0.hub
    }

    pub(crate) fn names(&self) -> &HostNames {
        &self.0.names
    }

    pub(crate) fn origins(&self) -> &Origins {
        &self.0.origins
    }

    pub(crate) fn proxies(&self) -> &Proxies {
        &self.0.proxies
    }

    pub(crate) fn rates(&self) -> &RateGate {
        &self.0.rates
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(crate) fn fingerprint(&self) -> String {
        self.0.certificate.fingerprint()
    }

    pub(crate) fn facts(&self) -> &Facts {
        &self.0.facts
    }

    pub(crate) fn certificate_validity(&self) -> Option<(SystemTime, SystemTime)> {
        self.0.certificate.validity()
    }

    pub(crate) fn now(&self) -> WallTime {
        self.0.hub.welcome().time
    }

    pub(crate) fn counts(&self) -> &RequestCounts {
        &self.0.counts
    }

    /// Heard when the server stops: what streams without end must end then.
    pub(crate) fn stop(&self) -> Stop {
        self.0.stop.clone()
    }
}
