//! Which addresses a request may go to.
//!
//! Pure. The check is made on the address that is connected to, after names were resolved: a name
//! that resolves differently the second time (DNS rebinding) gains nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which addresses a request may go to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AddressPolicy {
    /// All that are one machine's address.
    #[default]
    Any,
    /// This machine and the networks of a house: loopback, RFC 1918, RFC 4193 and link-local. For
    /// devices whose authentication is too weak for anything else.
    Private,
    /// Only what is reachable from everywhere. For addresses that came from outside, so that
    /// nobody uses this machine to look into the house.
    Public,
    /// What the house's own policy for addresses that a person set admits.
    Admitted(hearth_model::AddressPolicy),
}

impl AddressPolicy {
    /// Whether a connection to this address is allowed.
    pub fn allows(self, address: IpAddr) -> bool {
        // ::ffff:10.0.0.1 is 10.0.0.1.
        let address = address.to_canonical();
        if address.is_unspecified() || address.is_multicast() || is_broadcast(address) {
            return false;
        }
        match self {
            Self::Any => true,
            Self::Private => is_private(address),
            Self::Public => !is_private(address) && !is_special(address),
            Self::Admitted(policy) => policy.check(address).is_ok(),
        }
    }
}

fn is_broadcast(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(address) if address.is_broadcast())
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// Neither a house's nor the world's: the rest of RFC 6890, and addresses that hide an IPv4 one.
fn is_special(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_special_v4(v4),
        IpAddr::V6(v6) => is_special_v6(v6),
    }
}

fn is_special_v4(v4: Ipv4Addr) -> bool {
    let octets = v4.octets();
    v4.is_documentation()
        || octets[0] == 0
        // Carrier-grade NAT (RFC 6598).
        || (octets[0] == 100 && octets[1] & 0b1100_0000 == 64)
        || (octets[0] == 192 && octets[1] == 0 && octets[2] == 0)
        // Benchmarks (RFC 2544).
        || (octets[0] == 198 && octets[1] & 0b1111_1110 == 18)
        // Reserved (RFC 1112).
        || octets[0] >= 240
}

fn is_special_v6(v6: Ipv6Addr) -> bool {
    let segments = v6.segments();
    let hidden = match segments {
        // NAT64 (RFC 6052), and IPv4-compatible addresses, which are obsolete.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0, 0, 0, 0, 0, 0, high, low] => Some((high, low)),
        // 6to4 (RFC 3056).
        [0x2002, high, low, ..] => Some((high, low)),
        _ => None,
    };
    let hides_inner = hidden.is_some_and(|(high, low)| {
        let v4 = Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
        !AddressPolicy::Public.allows(IpAddr::V4(v4))
    });
    // Discard-only (RFC 6666), Teredo (RFC 4380), documentation (RFC 3849), site-local (RFC 3879).
    hides_inner
        || segments[..4] == [0x100, 0, 0, 0]
        || segments[..2] == [0x2001, 0]
        || segments[..2] == [0x2001, 0xdb8]
        || segments[0] & 0xffc0 == 0xfec0
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIVATE: [&str; 9] = [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.254",
        "192.168.1.20",
        "169.254.3.4",
        "::1",
        "fd00::1",
        "fe80::1",
    ];
    const PUBLIC: [&str; 5] =
        ["1.1.1.1", "172.32.0.1", "8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"];
    const NEITHER: [&str; 12] = [
        "0.1.2.3",
        "100.64.0.1",
        "192.0.0.8",
        "192.0.2.1",
        "198.19.0.1",
        "250.0.0.1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "fec0::1",
        "64:ff9b::a00:1",
        "2002:c0a8:101::1",
    ];
    const NO_MACHINE: [&str; 5] = ["0.0.0.0", "::", "224.0.0.1", "ff02::1", "255.255.255.255"];

    fn allowed(addresses: &[&str], policy: AddressPolicy) -> Vec<bool> {
        let parsed = addresses.iter().map(|text| text.parse::<IpAddr>().expect("an address"));
        parsed.map(|address| policy.allows(address)).collect()
    }

    /// promise: K-04. A device with weak authentication is spoken to in the house's network only.
    #[test]
    fn private_means_this_machine_and_the_house() {
        assert_eq!(allowed(&PRIVATE, AddressPolicy::Private), [true; 9]);
        assert_eq!(allowed(&PUBLIC, AddressPolicy::Private), [false; 5]);
        assert_eq!(allowed(&NEITHER, AddressPolicy::Private), [false; 12]);
        assert_eq!(allowed(&["::ffff:10.0.0.1"], AddressPolicy::Private), [true]);
    }

    #[test]
    fn public_means_reachable_from_everywhere() {
        assert_eq!(allowed(&PUBLIC, AddressPolicy::Public), [true; 5]);
        assert_eq!(allowed(&PRIVATE, AddressPolicy::Public), [false; 9]);
        assert_eq!(allowed(&NEITHER, AddressPolicy::Public), [false; 12]);
        assert_eq!(allowed(&["::ffff:127.0.0.1"], AddressPolicy::Public), [false]);
    }

    #[test]
    fn nothing_is_sent_to_what_is_no_machine() {
        for policy in [AddressPolicy::Any, AddressPolicy::Private, AddressPolicy::Public] {
            assert_eq!(allowed(&NO_MACHINE, policy), [false; 5]);
        }
    }
}
