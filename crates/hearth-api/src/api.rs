//! What every handler shares: the hub, the listener's names and certificate, the word to stop.

use std::sync::Arc;

use hearth_hub::Hub;
use hearth_model::WallTime;

use crate::{
    certificate::Certificate, limits::Limits, request_counts::RequestCounts, site::HostNames,
    stop::Stop,
};

/// Shared by all requests; cheap to clone.
#[derive(Clone)]
pub(crate) struct Api(Arc<Shared>);

struct Shared {
    hub: Hub,
    names: HostNames,
    certificate: Arc<Certificate>,
    limits: Limits,
    stop: Stop,
    counts: RequestCounts,
}

impl Api {
    pub(crate) fn new(
        hub: Hub,
        names: HostNames,
        certificate: Arc<Certificate>,
        limits: Limits,
        stop: Stop,
    ) -> Self {
        let counts = RequestCounts::default();
        Self(Arc::new(Shared { hub, names, certificate, limits, stop, counts }))
    }

    pub(crate) fn hub(&self) -> &Hub {
        &self.0.hub
    }

    pub(crate) fn names(&self) -> &HostNames {
        &self.0.names
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(crate) fn fingerprint(&self) -> String {
        self.0.certificate.fingerprint()
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
