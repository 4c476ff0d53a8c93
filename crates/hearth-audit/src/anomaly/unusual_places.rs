//! Sign-ins to an account from a network it was never used from. Pure; learned by account.

use std::{
    collections::{BTreeMap, VecDeque},
    net::IpAddr,
};

use hearth_model::Severity;

use super::{Finding, IncidentKind};

/// Sign-ins before a place is unusual: the first days, with every device of a person once.
const LEARNED_SIGN_INS_MIN: u32 = 5;

/// Networks remembered of one account; the one used longest ago goes.
const NETWORKS_MAX: usize = 32;

/// Accounts remembered.
const ACCOUNTS_MAX: usize = 64;

#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Places {
    sign_ins: u32,
    /// The one used last at the end.
    networks: VecDeque<IpAddr>,
}

/// From where accounts are used. Kept over restarts.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct UnusualPlaces {
    accounts: BTreeMap<String, Places>,
}

impl UnusualPlaces {
    /// Somebody signed in to an account.
    pub fn signed_in(&mut self, account: &str, address: IpAddr) -> Option<Finding> {
        if !self.accounts.contains_key(account) && self.accounts.len() >= ACCOUNTS_MAX {
            return None;
        }
        let places = self.accounts.entry(account.to_owned()).or_default();
        let network = network(address);
        let known = places.networks.iter().position(|one| *one == network);
        let is_unusual = known.is_none() && places.sign_ins >= LEARNED_SIGN_INS_MIN;
        places.sign_ins = places.sign_ins.saturating_add(1);
        if let Some(at) = known {
            places.networks.remove(at);
        } else if places.networks.len() >= NETWORKS_MAX {
            places.networks.pop_front();
        }
        places.networks.push_back(network);
        is_unusual.then(|| Finding {
            kind: IncidentKind::UnusualPlace,
            severity: Severity::Warning,
            subject: format!("account {account}"),
            title: format!("{account} signed in from a new place"),
            detail: format!(
                "From {address}, a network this account was never used from. Ask {account}; if it \
                 was somebody else, end the account's sessions and change its password."
            ),
        })
    }
}

/// A household or an office: a /24, or a /64 of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(v4) => IpAddr::V4((u32::from(v4) & 0xffff_ff00).into()),
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
    }
}
