//! Devices as surfaces show them.

use std::sync::Arc;

use hearth_device::{
    Asked, Control, DeviceError, DeviceState, Family, Fingerprint, Found, Look, NotAsked,
    Protection, Reading, TransportKind, Weakness,
};
use hearth_model::{CameraId, DeviceId, WallTime};

use super::{registry::KeptDevice, settings::History};
use crate::{house::House, name::DeviceName};

/// A device with all that is known about it. Never its password.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct DeviceView {
    /// Its id.
    pub id: DeviceId,
    /// What it is called.
    pub name: String,
    /// Where it is in the house.
    pub room: Option<DeviceName>,
    /// Which protocol it speaks.
    pub family: Family,
    /// Its model, once it said so.
    pub model: Option<String>,
    /// Its firmware, once it said so.
    pub firmware: Option<String>,
    /// Where it is in the network.
    pub address: String,
    /// The camera whose control side it is.
    pub camera: Option<CameraId>,
    /// There is no such device: the house is simulated.
    pub is_simulated: bool,
    /// How it is spoken to; absent until it answered.
    pub transport: Option<TransportKind>,
    /// Whether others in the network could read along or command it.
    pub is_insecure: bool,
    /// What is weak about it, the worst first.
    pub weakness: Option<Weakness>,
    /// The certificate that is pinned.
    pub fingerprint: Option<String>,
    /// The certificate that it shows instead; only while that waits to be confirmed.
    pub shown_fingerprint: Option<String>,
    /// How it fares.
    pub state: DeviceState,
    /// Why, for a person.
    pub reason: Option<String>,
    /// Since when it is in this state.
    pub since: WallTime,
    /// When it last answered.
    pub answered_at: Option<WallTime>,
    /// What can be set and done.
    pub controls: Vec<Control>,
    /// What it measures.
    pub readings: Vec<Reading>,
    /// Whether what it measures is kept.
    pub history: History,
}

/// What one attempt with a device led to.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct ProbeView {
    /// Which protocol it speaks.
    pub family: Family,
    /// Its model.
    pub model: Option<String>,
    /// Its firmware.
    pub firmware: Option<String>,
    /// What it calls itself.
    pub name: Option<String>,
    /// What can be set and done.
    pub controls: Vec<Control>,
    /// What it measures.
    pub readings: Vec<Reading>,
    /// How it is spoken to.
    pub transport: TransportKind,
    /// Whether others in the network could read along or command it.
    pub is_insecure: bool,
    /// What is weak about it, the worst first.
    pub weakness: Option<Weakness>,
    /// The certificate that it shows.
    pub fingerprint: Option<String>,
}

/// What a device measured just now.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct ReadingsView {
    /// Which device.
    pub device: DeviceId,
    /// What.
    pub readings: Vec<Reading>,
}

/// A device that answered a search.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct FoundView {
    /// What it says about itself; unproved.
    #[serde(flatten)]
    pub found: Found,
    /// The device of the house that is at this address.
    pub known_as: Option<DeviceId>,
}

/// What a search led to.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct DiscoveryView {
    /// Who answered.
    pub found: Vec<FoundView>,
    /// Whom was asked.
    pub asked: Vec<Asked>,
    /// Whom could not be asked.
    pub failed: Vec<NotAsked>,
    /// How long it took.
    pub seconds: f64,
}

impl FoundView {
    pub(crate) fn of(found: Found, known: &[Arc<KeptDevice>]) -> Self {
        let ip = found.ip.to_string();
        let is_it = |device: &&Arc<KeptDevice>| {
            let settings = device.settings();
            settings.family == found.family && settings.address.host() == ip
        };
        let known_as = known.iter().find(is_it).map(|device| device.id());
        Self { found, known_as }
    }
}

impl ProbeView {
    pub(crate) fn of(family: Family, look: Look) -> Self {
        let Protection { transport, is_insecure, weakness, fingerprint } = look.protection;
        Self {
            family,
            model: look.model,
            firmware: look.firmware,
            name: look.name,
            controls: look.controls,
            readings: look.readings,
            transport,
            is_insecure,
            weakness,
            fingerprint: fingerprint.map(shown),
        }
    }
}

/// With the name of the hash, as it is confirmed.
fn shown(fingerprint: Fingerprint) -> String {
    format!("sha256:{fingerprint}")
}

impl House {
    /// A device as surfaces show it.
    pub(crate) fn view(&self, device: &KeptDevice) -> DeviceView {
        let (settings, standing) = (device.settings(), device.supervised().standing());
        let protection = standing.look.as_ref().map(|look| look.protection);
        let reason = standing.reason();
        let (model, firmware, controls, readings) = match standing.look {
            Some(look) => (look.model, look.firmware, look.controls, look.readings),
            None => (None, None, Vec::new(), Vec::new()),
        };
        DeviceView {
            id: device.id(),
            name: device.name(),
            room: settings.room.clone(),
            family: settings.family,
            model,
            firmware,
            address: settings.address.to_string(),
            camera: settings.camera,
            is_simulated: self.simulated,
            transport: protection.map(|protection| protection.transport),
            is_insecure: protection.is_some_and(|protection| protection.is_insecure),
            weakness: protection.and_then(|protection| protection.weakness),
            fingerprint: standing.memory.certificate.map(shown),
            shown_fingerprint: match standing.failure {
                Some(DeviceError::CertificateChanged { shown: seen, .. }) => Some(shown(seen)),
                _ => None,
            },
            state: standing.state,
            reason,
            since: standing.since,
            answered_at: standing.answered_at,
            controls,
            readings,
            history: settings.history.into(),
        }
    }
}
