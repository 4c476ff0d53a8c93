//! What every handler shares: the hub, the listener's names and certificate, the word to stop.

use std::{net::SocketAddr, sync::Arc, time::SystemTime};

use hearth_hub::{Check, Hub, NetworkConfig};
use hearth_mcp::Mcp;
use hearth_model::WallTime;

use crate::{
    certificate::Certificate,
    cors::Origins,
    forwarded::Proxies,
    limits::Limits,
    listener_checks::{self, Facts},
    rate::RateGate,
    request_counts::RequestCounts,
    site::HostNames,
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
    surroundings: Arc<Surroundings>,
    mcp: Mcp,
    limits: Limits,
    stop: Stop,
    counts: RequestCounts,
}

/// What the doctor looks at beside the hub.
struct Surroundings {
    hub: Hub,
    facts: Facts,
    certificate: Arc<Certificate>,
}

impl Surroundings {
    fn checks(&self) -> Vec<Check> {
        let (is_claimed, now) = (!self.hub.welcome().claim_needed, SystemTime::now());
        listener_checks::checks(&self.facts, is_claimed, self.certificate.validity(), now)
    }
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
        let facts = Facts::of(address, &network);
        let surroundings = Arc::new(Surroundings { hub: hub.clone(), facts, certificate });
        let looked_at = Arc::clone(&surroundings);
        Self(Arc::new(Shared {
            mcp: Mcp::new(hub.clone(), Arc::new(move || looked_at.checks())),
            hub,
            surroundings,
            names: HostNames::new(network.names),
            origins: Origins::new(network.origins),
            proxies: Proxies::new(network.trusted_proxies, network.proxy_headers),
            rates: RateGate::new(limits.rates),
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
        self.0.surroundings.certificate.fingerprint()
    }

    /// What the doctor says about the listener.
    pub(crate) fn checks(&self) -> Vec<Check> {
        self.0.surroundings.checks()
    }

    /// The door for AI assistants.
    pub(crate) fn mcp(&self) -> &Mcp {
        &self.0.mcp
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
