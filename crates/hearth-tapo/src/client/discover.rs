//! Asks the network for devices.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use tokio::{
    net::UdpSocket,
    time::{Instant, interval, timeout_at},
};

use super::random;
use crate::{
    Failure,
    discovery::{
        Announcement, DATAGRAM_BYTES_MAX, ProbeKey, TDP_PORTS, probe, read_reply, read_xor_reply,
        xor_probe,
    },
    transport::xor,
};

/// More devices than this answer only where somebody floods the network.
const DEVICES_MAX: usize = 256;
/// Questions get lost; they are asked this often within the time.
const ROUNDS: u32 = 3;

/// A device that answered.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Found {
    /// Where from.
    pub address: IpAddr,
    /// What it said. Unproved until a login.
    pub announcement: Announcement,
}

/// The ports to ask; answers count only from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiscoveryPorts {
    /// Of the oldest devices.
    pub xor: u16,
    /// Of all others.
    pub tdp: [u16; 2],
}

impl Default for DiscoveryPorts {
    fn default() -> Self {
        Self { xor: xor::PORT, tdp: TDP_PORTS }
    }
}

/// Asks `targets` (single devices; none means everybody) for so long. An empty network gives
/// an empty list.
pub async fn discover(
    targets: &[Ipv4Addr],
    ports: DiscoveryPorts,
    within: Duration,
) -> Result<Vec<Found>, Failure> {
    let unreachable = |error: std::io::Error| Failure::Unreachable(error.kind().to_string());
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await.map_err(unreachable)?;
    socket.set_broadcast(true).map_err(unreachable)?;
    let key = tokio::task::spawn_blocking(ProbeKey::generate)
        .await
        .ok()
        .flatten()
        .ok_or(Failure::Unreachable("the system has no randomness".to_owned()))?;
    let addresses = if targets.is_empty() { &[Ipv4Addr::BROADCAST] } else { targets };
    let questions = [
        (ports.xor, xor_probe()),
        (ports.tdp[0], probe(&key, random()?)),
        (ports.tdp[1], probe(&key, random()?)),
    ];
    let end = Instant::now() + within;
    let mut rounds = interval((within / ROUNDS).max(Duration::from_millis(1)));
    let mut found: HashMap<IpAddr, Announcement> = HashMap::new();
    let mut buffer = vec![0; DATAGRAM_BYTES_MAX];
    loop {
        tokio::select! {
            biased;
            received = timeout_at(end, socket.recv_from(&mut buffer)) => match received {
                Err(_) => break,
                // An unreachable port of one device says nothing about the others.
                Ok(Err(_)) => {}
                Ok(Ok((length, from))) => {
                    if let Some(announcement) = read(&buffer[..length], from, ports, &key)
                        && found.len() < DEVICES_MAX
                    {
                        // The first sensible answer of each address counts.
                        found.entry(from.ip()).or_insert(announcement);
                    }
                }
            },
            _ = rounds.tick() => {
                for address in addresses {
                    for (port, question) in &questions {
                        // What cannot be sent now is sent in the next round.
                        socket.send_to(question, (*address, *port)).await.ok();
                    }
                }
            }
        }
    }
    let mut found: Vec<Found> =
        found.into_iter().map(|(address, announcement)| Found { address, announcement }).collect();
    found.sort_by_key(|found| found.address);
    Ok(found)
}

/// Reads an answer; `None` if it is none, or comes from a port that was not asked.
fn read(
    datagram: &[u8],
    from: SocketAddr,
    ports: DiscoveryPorts,
    key: &ProbeKey,
) -> Option<Announcement> {
    let announcement = if from.port() == ports.xor {
        read_xor_reply(datagram)
    } else if ports.tdp.contains(&from.port()) {
        read_reply(datagram, Some(key))
    } else {
        return None;
    };
    match announcement {
        Ok(announcement) => Some(announcement),
        Err(error) => {
            tracing::debug!(address = %from.ip(), %error, "a strange announcement");
            None
        }
    }
}
