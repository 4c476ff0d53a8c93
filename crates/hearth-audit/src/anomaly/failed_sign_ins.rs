//! Failed sign-ins: many from one address, many on one account, or a success behind many. Pure.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
};

use hearth_model::{Severity, WallTime};

use super::{Finding, IncidentKind};

/// Failures of one address within [`ADDRESS_MICROS`]: nobody mistypes that often in a row.
const ADDRESS_FAILURES: usize = 5;
const ADDRESS_MICROS: i64 = 600_000_000;

/// From here on it is no person any more.
const ADDRESS_FAILURES_CRITICAL: usize = 20;

/// Failures on one account from different addresses within [`ACCOUNT_MICROS`].
const ACCOUNT_FAILURES: usize = 10;
const ACCOUNT_MICROS: i64 = 3_600_000_000;

/// Addresses and accounts remembered; the one heard of longest ago goes.
const REMEMBERED_MAX: usize = 1_024;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Of {
    Address(IpAddr),
    Account(String),
}

/// The failures seen lately.
#[derive(Debug, Default)]
pub struct FailedSignIns {
    lately: HashMap<Of, VecDeque<(WallTime, IpAddr)>>,
}

impl FailedSignIns {
    /// A sign-in failed; `account` is the existing account it named, if there is one.
    pub fn failed(
        &mut self,
        at: WallTime,
        address: IpAddr,
        account: Option<&str>,
    ) -> Option<Finding> {
        let failures = self.note(Of::Address(address), at, address, ADDRESS_MICROS);
        let by_address = match failures.len() {
            ADDRESS_FAILURES => Some(Severity::Warning),
            ADDRESS_FAILURES_CRITICAL => Some(Severity::Critical),
            _ => None,
        };
        let by_address = by_address.map(|severity| {
            let title = format!("Failed sign-ins from {address}");
            let detail = format!(
                "{} within ten minutes. If nobody in the house mistyped, somebody is trying \
                 passwords: keep that address away from the hub.",
                failures.len()
            );
            finding(severity, format!("address {address}"), title, detail)
        });
        let by_account = account.and_then(|account| self.account_failed(at, address, account));
        by_address.or(by_account)
    }

    fn account_failed(&mut self, at: WallTime, address: IpAddr, account: &str) -> Option<Finding> {
        let failures = self.note(Of::Account(account.to_owned()), at, address, ACCOUNT_MICROS);
        let one_address = failures.iter().all(|(_, from)| *from == address);
        if failures.len() != ACCOUNT_FAILURES || one_address {
            return None;
        }
        let title = format!("Failed sign-ins as {account} from several addresses");
        let detail =
            format!("{ACCOUNT_FAILURES} within an hour. Change the password of {account}.");
        Some(finding(Severity::Warning, format!("account {account}"), title, detail))
    }

    /// A sign-in worked. Right behind many failures of the same address, that may be a guess that
    /// hit.
    pub fn succeeded(&mut self, at: WallTime, address: IpAddr, account: &str) -> Option<Finding> {
        let failures = self.lately.remove(&Of::Address(address))?;
        let recent = failures.iter().filter(|(when, _)| is_within(*when, at, ADDRESS_MICROS));
        let count = recent.count();
        if count < ADDRESS_FAILURES {
            return None;
        }
        let title = format!("Signed in as {account} after {count} failures");
        let detail = format!(
            "From {address}. If that was not {account}, end the account's sessions and change its \
             password."
        );
        Some(finding(Severity::Critical, format!("address {address}"), title, detail))
    }

    fn note(
        &mut self,
        of: Of,
        at: WallTime,
        address: IpAddr,
        window: i64,
    ) -> &VecDeque<(WallTime, IpAddr)> {
        if self.lately.len() >= REMEMBERED_MAX && !self.lately.contains_key(&of) {
            let newest =
                |failures: &VecDeque<(WallTime, IpAddr)>| failures.back().map(|last| last.0);
            let oldest = self.lately.iter().min_by_key(|(_, failures)| newest(failures));
            if let Some(of) = oldest.map(|(of, _)| of.clone()) {
                self.lately.remove(&of);
            }
        }
        let failures = self.lately.entry(of).or_default();
        failures.retain(|(when, _)| is_within(*when, at, window));
        // One more than is counted, so that the count is passed once.
        if failures.len() > ADDRESS_FAILURES_CRITICAL {
            failures.pop_front();
        }
        failures.push_back((at, address));
        failures
    }
}

fn is_within(when: WallTime, now: WallTime, window: i64) -> bool {
    (0..window).contains(&now.micros_since(when))
}

fn finding(severity: Severity, subject: String, title: String, detail: String) -> Finding {
    Finding { kind: IncidentKind::FailedSignIns, severity, subject, title, detail }
}
