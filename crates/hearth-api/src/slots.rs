//! How many connections there are, in all and from one address.
//!
//! Pure counting behind a lock that is held for a few instructions. A [`Slot`] gives its place back
//! when it is dropped, so that no path out of a connection can leak one. promise: D-19.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};

/// The places of one listener.
#[derive(Clone)]
pub(crate) struct Slots(Arc<Mutex<Taken>>);

struct Taken {
    total_max: usize,
    total: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// One taken place.
pub(crate) struct Slot {
    slots: Slots,
    address: IpAddr,
}

impl Slots {
    pub(crate) fn new(total_max: usize) -> Self {
        Self(Arc::new(Mutex::new(Taken { total_max, total: 0, by_address: HashMap::new() })))
    }

    /// A place for a connection from `address`, which may have `own_max` of them; `None` when all
    /// are taken.
    pub(crate) fn take(&self, address: IpAddr, own_max: usize) -> Option<Slot> {
        let address = network_of(address);
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_address = taken.by_address.get(&address).copied().unwrap_or(0);
        if taken.total >= taken.total_max || of_address >= own_max {
            return None;
        }
        taken.total += 1;
        taken.by_address.insert(address, of_address + 1);
        drop(taken);
        Some(Slot { slots: self.clone(), address })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = self.slots.0.lock().unwrap_or_else(PoisonError::into_inner);
        taken.total = taken.total.saturating_sub(1);
        match taken.by_address.get_mut(&self.address) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                taken.by_address.remove(&self.address);
            }
        }
    }
}

/// One IPv6 host may choose among all addresses of its /64 (RFC 4291, 2.5.1), so these count as
/// one.
pub(crate) fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let prefix = u128::from(v6) & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from(prefix))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    /// promise: D-19. One address cannot take all places, and none is lost.
    #[test]
    fn places_are_limited_by_address_and_in_all_and_come_back() {
        let slots = Slots::new(3);
        let first = slots.take(address("10.0.0.1"), 2).expect("free");
        let _second = slots.take(address("10.0.0.1"), 2).expect("free");
        assert!(slots.take(address("10.0.0.1"), 2).is_none());
        let _third = slots.take(address("10.0.0.2"), 2).expect("free");
        assert!(slots.take(address("10.0.0.3"), 2).is_none());
        drop(first);
        assert!(slots.take(address("10.0.0.1"), 2).is_some());
    }

    #[test]
    fn neighbours_in_one_ipv6_network_share_their_places() {
        let slots = Slots::new(9);
        let _held = slots.take(address("2001:db8::1"), 1).expect("free");
        assert!(slots.take(address("2001:db8::2"), 1).is_none());
        assert!(slots.take(address("2001:db8:0:1::1"), 1).is_some());
    }

    #[test]
    fn an_ipv4_address_is_the_same_in_its_ipv6_clothes() {
        let slots = Slots::new(9);
        let _held = slots.take(address("10.0.0.1"), 1).expect("free");
        assert!(slots.take(address("::ffff:10.0.0.1"), 1).is_none());
    }
}
