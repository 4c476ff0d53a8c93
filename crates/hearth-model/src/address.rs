//! Which network addresses the hub may be sent to by a URL that a person set.
//!
//! A URL is an order to connect from inside the house, so it is judged by the addresses its name
//! stands for and never by its text (server-side request forgery). Pure: resolving names and opening
//! sockets is `hearth-stream`'s, which asks [`AddressPolicy::check`] for every address and connects
//! to exactly one that was admitted. The ranges are those of the IANA special-purpose address
//! registries (RFC 6890 and its updates). promise: K-04.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// Where an address leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AddressKind {
    /// This very machine: 127.0.0.0/8, ::1.
    Loopback,
    /// A network of one's own: RFC 1918, unique local addresses, and the shared range of RFC 6598
    /// that overlay networks (VPN) use.
    Private,
    /// Anywhere on the internet.
    Public,
    /// This link only. In clouds, services that hand out credentials are here (169.254.169.254).
    LinkLocal,
    /// Nowhere: 0.0.0.0/8 and ::, which operating systems read as "this machine".
    Unspecified,
    /// Many machines at once.
    Multicast,
    /// All machines of a link.
    Broadcast,
    /// Documentation, benchmarks, discarding, future use, services of cloud hosts outside the
    /// link-local range, and addresses that only wrap another one.
    Reserved,
}

/// Services of cloud hosts that hand out credentials, outside the link-local range.
const METADATA: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254)),
];

use AddressKind::{
    Broadcast, LinkLocal, Loopback, Multicast, Private, Public, Reserved, Unspecified,
};

/// The first range that holds an address decides.
const V4: [(Ipv4Addr, u8, AddressKind); 18] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8, Unspecified),
    (Ipv4Addr::new(10, 0, 0, 0), 8, Private),
    (Ipv4Addr::new(100, 64, 0, 0), 10, Private),
    (Ipv4Addr::new(127, 0, 0, 0), 8, Loopback),
    (Ipv4Addr::new(169, 254, 0, 0), 16, LinkLocal),
    (Ipv4Addr::new(172, 16, 0, 0), 12, Private),
    (Ipv4Addr::new(192, 0, 0, 0), 24, Reserved),
    (Ipv4Addr::new(192, 0, 2, 0), 24, Reserved),
    (Ipv4Addr::new(192, 88, 99, 0), 24, Reserved),
    (Ipv4Addr::new(192, 168, 0, 0), 16, Private),
    (Ipv4Addr::new(198, 18, 0, 0), 15, Reserved),
    (Ipv4Addr::new(198, 51, 100, 0), 24, Reserved),
    (Ipv4Addr::new(203, 0, 113, 0), 24, Reserved),
    (Ipv4Addr::new(224, 0, 0, 0), 4, Multicast),
    (Ipv4Addr::new(255, 255, 255, 255), 32, Broadcast),
    (Ipv4Addr::new(240, 0, 0, 0), 4, Reserved),
    (Ipv4Addr::new(168, 63, 129, 16), 32, Reserved),
    (Ipv4Addr::new(0, 0, 0, 0), 0, Public),
];

/// The same for IPv6. What no row names is not allotted.
const V6: [(Ipv6Addr, u8, AddressKind); 10] = [
    (Ipv6Addr::UNSPECIFIED, 128, Unspecified),
    (Ipv6Addr::LOCALHOST, 128, Loopback),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, Private),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, LinkLocal),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, Multicast),
    // IETF protocols, among them Teredo, which wraps IPv4 addresses.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, Reserved),
    (Ipv6Addr::new(0x2001, 0x0db8, 0, 0, 0, 0, 0, 0), 32, Reserved),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, Reserved),
    (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3, Public),
    (Ipv6Addr::UNSPECIFIED, 0, Reserved),
];

impl AddressKind {
    /// The kind of an address.
    pub fn of(address: IpAddr) -> Self {
        if METADATA.contains(&address) {
            return Reserved;
        }
        match address {
            IpAddr::V4(v4) => Self::of_v4(v4),
            IpAddr::V6(v6) => Self::of_v6(v6),
        }
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        let row = V4.iter().find(|row| {
            let mask = u32::MAX.checked_shl(32 - u32::from(row.1)).unwrap_or(0);
            u32::from(address) & mask == u32::from(row.0)
        });
        row.map_or(Reserved, |row| row.2)
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        // An IPv4 address in IPv6 clothes goes where the IPv4 address goes (RFC 4291, 2.5.5.2).
        if let Some(v4) = address.to_ipv4_mapped() {
            return Self::of(v4.into());
        }
        // A translator on the way may take these apart; only one that leads to the internet is
        // harmless, because every other one has an address of its own.
        if let Some(v4) = wrapped(address) {
            return if Self::of(v4.into()) == Public { Public } else { Reserved };
        }
        let row = V6.iter().find(|row| {
            let mask = u128::MAX.checked_shl(128 - u32::from(row.1)).unwrap_or(0);
            u128::from(address) & mask == u128::from(row.0)
        });
        row.map_or(Reserved, |row| row.2)
    }
}

/// The IPv4 address inside a NAT64 (RFC 6052, 2.1) or 6to4 (RFC 3056, 2) address.
fn wrapped(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let join = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match (a, b) {
        (0x0064, 0xff9b) if [c, d, e, f] == [0; 4] => Some(join(g, h)),
        (0x2002, _) => Some(join(b, c)),
        _ => None,
    }
}

/// An address may not be connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("addresses of this kind are not connected to: {kind:?}")]
pub struct AddressRefused {
    /// What it is.
    pub kind: AddressKind,
}

/// Which kinds of address a URL may lead to. Public ones always; of the others only what is named
/// here, and link-local, unspecified, multicast, broadcast and reserved ones never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressPolicy {
    private: bool,
    loopback: bool,
}

impl AddressPolicy {
    /// For cameras and other devices: private networks are where they live.
    pub const DEVICES: Self = Self { private: true, loopback: false };

    /// For messages to services outside, e.g. webhooks.
    pub const SERVICES: Self = Self { private: false, loopback: false };

    /// The same, and this machine too: for a simulated house, or a source that the machine's own
    /// user named.
    #[must_use]
    pub const fn with_this_machine(self) -> Self {
        Self { loopback: true, ..self }
    }

    /// The same, and private networks too.
    #[must_use]
    pub const fn with_private(self) -> Self {
        Self { private: true, ..self }
    }

    /// Whether this machine is among what is admitted.
    pub const fn admits_this_machine(self) -> bool {
        self.loopback
    }

    /// Whether an address may be connected to.
    ///
    /// # Errors
    /// [`AddressRefused`] with what the address is.
    pub fn check(self, address: IpAddr) -> Result<(), AddressRefused> {
        let kind = AddressKind::of(address);
        let admitted = match kind {
            Public => true,
            Private => self.private,
            Loopback => self.loopback,
            LinkLocal | Unspecified | Multicast | Broadcast | Reserved => false,
        };
        if admitted { Ok(()) } else { Err(AddressRefused { kind }) }
    }
}

/// Addresses that begin alike, e.g. `10.0.0.0/8`; a single address is a range of one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AddressRange {
    first: IpAddr,
    prefix: u8,
}

/// A text is no range of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an address or a range of addresses such as 10.0.0.0/8 is expected, without bits behind the prefix"
)]
pub struct AddressRangeError;

impl AddressRange {
    /// Whether an address is in it; an IPv4 address is the same in its IPv6 clothes.
    pub fn contains(self, address: IpAddr) -> bool {
        match (self.first, address.to_canonical()) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                u32::from(first) == u32::from(address) & mask
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                u128::from(first) == u128::from(address) & mask
            }
            _ => false,
        }
    }
}

impl std::str::FromStr for AddressRange {
    type Err = AddressRangeError;

    fn from_str(text: &str) -> Result<Self, AddressRangeError> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let first: IpAddr = address.parse().map_err(|_| AddressRangeError)?;
        let bits = if first.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            // `+8` and `08` are numbers to Rust, and mistakes to people.
            Some(digits) if digits.starts_with(['+', '0']) && digits != "0" => None,
            Some(digits) => digits.parse().ok().filter(|prefix| *prefix <= bits),
            None => Some(bits),
        };
        let range = Self { first, prefix: prefix.ok_or(AddressRangeError)? };
        // 10.1.2.3/8 is a mistake: nobody can tell which part was meant. A mapped address would
        // never match, for addresses are compared in their shortest form.
        let is_mapped = matches!(first, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some());
        if is_mapped || !range.contains(first) { Err(AddressRangeError) } else { Ok(range) }
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

impl fmt::Debug for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<'de> serde::Deserialize<'de> for AddressRange {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
