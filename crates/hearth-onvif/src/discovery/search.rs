//! The shell of discovery: one UDP socket for a few seconds.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use tokio::{net::UdpSocket, time::timeout};

use super::{Collector, DATAGRAM_BYTES_MAX, Found, matches, probe};

/// Where devices listen (WS-Discovery, 2.4).
pub const MULTICAST: SocketAddr =
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(239, 255, 255, 250)), 3702);

/// Datagrams looked at in one search; a flood ends it.
const DATAGRAMS_MAX: usize = 4096;
/// Probes get lost; WS-Discovery repeats them too.
const PROBES: u32 = 2;
/// Discovery stays in the house.
const TIME_TO_LIVE: u32 = 1;
/// Devices wait up to half a second before they answer; nobody waits longer than this for more.
const DURATION_MAX: Duration = Duration::from_secs(30);

/// Why a search could not be made. That nobody answers is no error.
#[derive(Debug, thiserror::Error)]
#[error("the network cannot be searched: {0}")]
pub struct SearchError(#[from] std::io::Error);

/// Asks everybody at `target` and collects who answers within `duration` (at most 30 s).
///
/// `interface` is the own address whose network is searched; unspecified lets the system choose.
///
/// # Errors
/// If there is no socket, or the probe cannot be sent.
pub async fn search(
    interface: Ipv4Addr,
    target: SocketAddr,
    duration: Duration,
) -> Result<Vec<Found>, SearchError> {
    // Linux sends multicast by the interface of the address that the socket is bound to.
    let socket = UdpSocket::bind(SocketAddr::from((interface, 0))).await?;
    socket.set_multicast_ttl_v4(TIME_TO_LIVE)?;
    let message_id =
        crate::random::urn().map_err(|error| SearchError(std::io::Error::other(error)))?;
    let message = probe(&message_id);
    let mut collector = Collector::default();
    let part = duration.min(DURATION_MAX) / PROBES;
    let mut left = DATAGRAMS_MAX;
    for _ in 0..PROBES {
        socket.send_to(message.as_bytes(), target).await?;
        // The end of the time is the end of the search, not a failure.
        timeout(part, receive(&socket, &message_id, &mut collector, &mut left)).await.ok();
    }
    Ok(collector.finish())
}

/// Takes answers until the limit is reached.
async fn receive(
    socket: &UdpSocket,
    message_id: &str,
    collector: &mut Collector,
    left: &mut usize,
) {
    // One more, so that a longer datagram is noticed and not read cut short.
    let mut buffer = vec![0; DATAGRAM_BYTES_MAX + 1];
    while *left > 0 {
        *left -= 1;
        // An error here is an ICMP answer to the probe; others may still answer.
        let Ok((count, sender)) = socket.recv_from(&mut buffer).await else { continue };
        match matches(buffer.get(..count).unwrap_or_default(), message_id, sender.ip()) {
            Ok(found) => found.into_iter().for_each(|device| collector.add(device)),
            Err(error) => tracing::debug!(%sender, %error, "a datagram is no answer to the probe"),
        }
    }
}
