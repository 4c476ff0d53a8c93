//! From a name to an address, and whether that is inside the house.

use std::net::{IpAddr, SocketAddr};

use tokio::{net::TcpStream, time::timeout};

use super::{CONNECT_TIMEOUT, RESOLVE_TIMEOUT};
use crate::Failure;

/// A name with more addresses is no device of a house.
const ADDRESSES_MAX: usize = 4;

/// Whether an address is only reachable from inside: loopback, private, link-local or unique local.
pub fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            address.is_loopback() || address.is_private() || address.is_link_local()
        }
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

/// Resolves a name.
pub(super) async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, Failure> {
    let found = timeout(RESOLVE_TIMEOUT, tokio::net::lookup_host((host, port)))
        .await
        .map_err(|_| Failure::Timeout("looking up its name"))?
        .map_err(|_| Failure::Unreachable("its name does not resolve".to_owned()))?;
    let addresses: Vec<SocketAddr> = found.take(ADDRESSES_MAX).collect();
    if addresses.is_empty() {
        return Err(Failure::Unreachable("its name has no address".to_owned()));
    }
    Ok(addresses)
}

/// Connects to one of them.
pub(super) async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, Failure> {
    let stream = timeout(CONNECT_TIMEOUT, TcpStream::connect(addresses))
        .await
        .map_err(|_| Failure::Timeout("connecting"))?
        .map_err(|error| Failure::Unreachable(error.kind().to_string()))?;
    // Requests are small and each waits for its answer.
    stream.set_nodelay(true).map_err(|error| Failure::Unreachable(error.kind().to_string()))?;
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// promise: K-04. What is inside the house is told from what is not.
    #[test]
    fn addresses_of_the_house_are_told_from_public_ones() {
        let private = [
            "127.0.0.1",
            "10.1.2.3",
            "192.168.1.9",
            "172.16.0.1",
            "169.254.1.1",
            "::1",
            "fd00::1",
            "fe80::1",
            "::ffff:192.168.1.9",
        ];
        for text in private {
            assert!(is_private(text.parse().expect("an address")), "{text}");
        }
        for text in ["8.8.8.8", "172.32.0.1", "2001:db8::1", "::ffff:8.8.8.8", "100.64.0.1"] {
            assert!(!is_private(text.parse().expect("an address")), "{text}");
        }
    }
}
