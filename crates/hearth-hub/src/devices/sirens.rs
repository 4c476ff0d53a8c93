//! What can be made to sound: a siren of its own, or something loud on a plug.

use std::sync::Arc;

use hearth_model::DeviceId;

use super::{KeptDevice, POWER};
use crate::house::House;

/// The control of what has a siren of its own.
pub(crate) const SIREN: &str = "siren";

impl KeptDevice {
    /// Whether it has a siren of its own.
    pub(crate) fn has_siren(&self) -> bool {
        self.supervised().standing().control(SIREN).is_some()
    }

    /// The control that makes it sound.
    pub(crate) fn sounding(&self) -> &'static str {
        if self.has_siren() { SIREN } else { POWER }
    }
}

impl House {
    /// The devices that are named to sound; without names, all that have a siren.
    pub(crate) fn sirens(&self, named: &[DeviceId]) -> Vec<Arc<KeptDevice>> {
        let mut all = self.devices.all();
        all.retain(|device| {
            if named.is_empty() { device.has_siren() } else { named.contains(&device.id()) }
        });
        all
    }
}
