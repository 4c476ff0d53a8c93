//! How often somebody may ask, by address and by account, with costs from the route table.
//!
//! Every request from the network takes from its address's bucket before anything else is looked at,
//! so that a flood is refused at the price of one look-up; a row adds what its work costs. An IPv6
//! address counts with its whole /64, and memory is bounded however many addresses there are
//! (`hearth_auth::RateLimit`). The control socket is free of it: its user can stop the hub anyway.
//! Times are the monotonic clock's, so that a step of the wall clock frees and locks nobody.
//! promise: V-04, D-10.

use std::{
    hash::Hash,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use hearth_auth::{Principal, Rate, RateLimit, Throttled};
use hearth_model::{TokenId, UserId, WallTime};

use crate::slots::network_of;

/// Addresses remembered at a time, 48 bytes each: more than a house has, and less than a megabyte.
/// Under a flood of more, newcomers share one bucket.
const ADDRESSES_MAX: usize = 16_384;

/// Accounts remembered at a time. An account asks only once it has proved itself.
const ACCOUNTS_MAX: usize = 1_024;

/// What a row costs the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cost {
    /// Looks something up.
    Ordinary,
    /// Hashes a password: tens of milliseconds and megabytes, for anybody.
    SignIn,
    /// Decodes pictures, reads footage, walks the disk, or connects elsewhere.
    Heavy,
}

/// The rates of one listener.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// All requests of one address. A page with 16 tiles and a hundred thumbnails opens with fewer
    /// than 200; a household behind one address has several.
    pub address: Rate,
    /// Sign-ins and claims of one address. Guessing is slowed down long before, by name; this bounds
    /// what hashing costs.
    pub sign_in: Rate,
    /// All requests of one account or of one program's token, from wherever.
    pub account: Rate,
    /// Requests of one account that cost much. Dragging along a timeline asks a few times a second.
    pub heavy: Rate,
}

impl Default for Rates {
    fn default() -> Self {
        let rate = |millis, burst| Rate { interval: Duration::from_millis(millis), burst };
        Self {
            address: rate(10, 1_000),
            sign_in: rate(2_000, 60),
            account: rate(20, 1_000),
            heavy: rate(200, 120),
        }
    }
}

/// All buckets of one listener.
pub(crate) struct RateGate {
    began: Instant,
    address: Mutex<RateLimit<IpAddr>>,
    sign_in: Mutex<RateLimit<IpAddr>>,
    account: Mutex<RateLimit<Payer>>,
    heavy: Mutex<RateLimit<Payer>>,
}

/// Whose bucket is charged: a program's token has its own, so that it cannot lock its owner out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Payer {
    User(UserId),
    Token(TokenId),
}

impl RateGate {
    pub(crate) fn new(rates: Rates) -> Self {
        Self {
            began: Instant::now(),
            address: Mutex::new(RateLimit::new(rates.address, ADDRESSES_MAX)),
            sign_in: Mutex::new(RateLimit::new(rates.sign_in, ADDRESSES_MAX)),
            account: Mutex::new(RateLimit::new(rates.account, ACCOUNTS_MAX)),
            heavy: Mutex::new(RateLimit::new(rates.heavy, ACCOUNTS_MAX)),
        }
    }

    /// Any request at all.
    pub(crate) fn arrive(&self, address: IpAddr) -> Result<(), Throttled> {
        self.take(&self.address, network_of(address))
    }

    /// A request for a row of this cost that anybody may send.
    pub(crate) fn begin(&self, cost: Cost, address: IpAddr) -> Result<(), Throttled> {
        match cost {
            Cost::SignIn => self.take(&self.sign_in, network_of(address)),
            Cost::Ordinary | Cost::Heavy => Ok(()),
        }
    }

    /// The same, once it is known who sends it.
    pub(crate) fn charge(&self, cost: Cost, principal: &Principal) -> Result<(), Throttled> {
        let account = match principal {
            Principal::User { user, .. } => Payer::User(*user),
            Principal::Machine { token, .. } => Payer::Token(*token),
            Principal::Owner => return Ok(()),
        };
        self.take(&self.account, account)?;
        match cost {
            Cost::Heavy => self.take(&self.heavy, account),
            Cost::Ordinary | Cost::SignIn => Ok(()),
        }
    }

    fn take<K: Eq + Hash>(&self, limit: &Mutex<RateLimit<K>>, key: K) -> Result<(), Throttled> {
        let micros = i64::try_from(self.began.elapsed().as_micros()).unwrap_or(i64::MAX);
        let mut limit = limit.lock().unwrap_or_else(PoisonError::into_inner);
        limit.take(key, WallTime::from_micros(micros))
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    fn strict() -> RateGate {
        let rate = Rate { interval: Duration::from_secs(3_600), burst: 2 };
        RateGate::new(Rates { address: rate, sign_in: rate, account: rate, heavy: rate })
    }

    /// promise: V-04. The addresses of one IPv6 network share a bucket, and so do an IPv4 address
    /// and its IPv6 form.
    #[test]
    fn addresses_of_one_host_share_a_bucket() {
        let gate = strict();
        let v6 = |text: &str| IpAddr::V6(text.parse::<Ipv6Addr>().expect("an address"));
        gate.arrive(v6("2001:db8::1")).expect("first");
        gate.arrive(v6("2001:db8::2")).expect("second");
        assert!(gate.arrive(v6("2001:db8::3")).is_err());
        gate.arrive(v6("2001:db8:0:1::1")).expect("another network");
        gate.arrive(Ipv4Addr::new(10, 0, 0, 1).into()).expect("first");
        gate.arrive(v6("::ffff:10.0.0.1")).expect("second");
        assert!(gate.arrive(Ipv4Addr::new(10, 0, 0, 1).into()).is_err());
    }

    /// promise: D-10. A million addresses take no more memory than the table allows.
    #[test]
    fn memory_is_bounded_under_a_flood_of_addresses() {
        let gate = strict();
        for number in 0..200_000_u32 {
            gate.arrive(Ipv4Addr::from(number).into()).ok();
        }
        assert_eq!(gate.address.lock().expect("not poisoned").keys(), ADDRESSES_MAX);
    }
}
