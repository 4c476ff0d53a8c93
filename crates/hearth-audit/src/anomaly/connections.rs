//! Connections from the hub to somebody it has no business with. Pure.
//!
//! The hub talks to its cameras and devices, and to whoever calls it. It calls nobody else, so a
//! connection out of it to any other address is worth a question (promises D-28, K-10).

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
};

use hearth_model::{Severity, WallTime};

use super::{Finding, IncidentKind};

/// The same address is told once in this time.
const TOLD_EVERY_MICROS: i64 = 86_400_000_000;

/// Addresses remembered; beyond, the rest is told as one.
const ADDRESSES_MAX: usize = 256;

/// What was told lately.
#[derive(Debug, Default)]
pub struct UnexpectedConnections {
    told: HashMap<IpAddr, WallTime>,
}

impl UnexpectedConnections {
    /// Looks at the addresses that the hub is connected to by calls of its own. `expected` are its
    /// devices.
    pub fn look(
        &mut self,
        at: WallTime,
        called: &[IpAddr],
        expected: &HashSet<IpAddr>,
    ) -> Vec<Finding> {
        self.told.retain(|_, told| (0..TOLD_EVERY_MICROS).contains(&at.micros_since(*told)));
        let mut found = Vec::new();
        for address in called {
            let is_own = address.is_loopback() || expected.contains(address);
            if is_own || self.told.contains_key(address) || self.told.len() >= ADDRESSES_MAX {
                continue;
            }
            self.told.insert(*address, at);
            found.push(Finding {
                kind: IncidentKind::UnexpectedConnection,
                severity: Severity::Critical,
                subject: format!("address {address}"),
                title: format!("The hub is connected to {address}"),
                detail: "That is none of its cameras or devices. If nothing was set up that \
                         explains it, disconnect the hub from the network and look into it."
                    .to_owned(),
            });
        }
        found
    }
}
