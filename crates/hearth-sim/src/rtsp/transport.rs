//! How the packets of one track travel, as agreed in `SETUP` (RFC 2326, 12.39).

use std::net::{IpAddr, SocketAddr};

use tokio::net::UdpSocket;

/// Pairs of neighbouring ports are tried this often; nearly always the first one is free.
const PAIR_TRIES: usize = 32;

/// What a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// On the RTSP connection, on these channels if it says so.
    Interleaved(Option<(u8, u8)>),
    /// In UDP packets to these ports.
    Udp(u16, u16),
}

/// Reads the wishes of a `Transport` header in their order; what is not known is left out.
pub(super) fn wishes(header: &str) -> impl Iterator<Item = Wish> + '_ {
    header.split(',').filter_map(|one| {
        let mut parts = one.trim().split(';');
        let profile = parts.next()?;
        let mut pair = None;
        let mut multicast = false;
        for part in parts {
            match part.split_once('=') {
                Some(("interleaved" | "client_port", value)) => pair = read_pair(value),
                None if part.eq_ignore_ascii_case("multicast") => multicast = true,
                _ => {}
            }
        }
        if multicast {
            return None;
        }
        if profile.eq_ignore_ascii_case("RTP/AVP/TCP") {
            let channels = pair
                .and_then(|(rtp, rtcp)| Some((u8::try_from(rtp).ok()?, u8::try_from(rtcp).ok()?)));
            return Some(Wish::Interleaved(channels));
        }
        let is_udp =
            ["RTP/AVP", "RTP/AVP/UDP"].iter().any(|name| profile.eq_ignore_ascii_case(name));
        let (rtp, rtcp) = pair.filter(|_| is_udp)?;
        Some(Wish::Udp(rtp, rtcp))
    })
}

fn read_pair(text: &str) -> Option<(u16, u16)> {
    match text.split_once('-') {
        Some((low, high)) => Some((low.trim().parse().ok()?, high.trim().parse().ok()?)),
        None => {
            let low: u16 = text.trim().parse().ok()?;
            Some((low, low.checked_add(1)?))
        }
    }
}

/// How packets travel.
#[derive(Debug)]
pub(super) enum Transport {
    /// On the RTSP connection.
    Interleaved {
        /// Channel of the media.
        rtp: u8,
        /// Channel of the reports.
        rtcp: u8,
    },
    /// In UDP packets.
    Udp(Box<UdpPair>),
}

/// Two neighbouring UDP ports, and where they send to.
#[derive(Debug)]
pub(super) struct UdpPair {
    rtp: UdpSocket,
    rtcp: UdpSocket,
    /// Our ports.
    pub(super) ports: (u16, u16),
    peer: IpAddr,
    peer_ports: (u16, u16),
    /// A packet that another one overtakes.
    held: Option<Vec<u8>>,
}

impl UdpPair {
    /// Opens two neighbouring ports, the lower one even (RFC 3550, 11).
    pub(super) async fn open(peer: IpAddr, peer_ports: (u16, u16)) -> std::io::Result<Self> {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut last = std::io::Error::from(std::io::ErrorKind::AddrInUse);
        for _ in 0..PAIR_TRIES {
            let rtp = UdpSocket::bind(any).await?;
            let port = rtp.local_addr()?.port();
            if port % 2 == 1 || port == u16::MAX {
                continue;
            }
            match UdpSocket::bind(SocketAddr::from(([127, 0, 0, 1], port + 1))).await {
                Ok(rtcp) => {
                    let ports = (port, port + 1);
                    return Ok(Self { rtp, rtcp, ports, peer, peer_ports, held: None });
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Sends a media packet, or holds it back so that the next one overtakes it. What the network
    /// does not take at once is lost, as UDP packets are.
    pub(super) fn send(&mut self, packet: Vec<u8>, hold: bool) {
        if hold && self.held.is_none() {
            self.held = Some(packet);
            return;
        }
        let to = SocketAddr::new(self.peer, self.peer_ports.0);
        let _lost = self.rtp.try_send_to(&packet, to);
        if let Some(late) = self.held.take() {
            let _lost = self.rtp.try_send_to(&late, to);
        }
    }

    /// Sends a report.
    pub(super) fn report(&self, packet: &[u8]) {
        let to = SocketAddr::new(self.peer, self.peer_ports.1);
        let _lost = self.rtcp.try_send_to(packet, to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_read_in_their_order_and_multicast_is_none() {
        let header = "RTP/AVP;multicast, RTP/AVP;unicast;client_port=5000-5001,\
                      RTP/AVP/TCP;unicast;interleaved=2-3, RTP/SAVP;client_port=1-2";
        let all: Vec<Wish> = wishes(header).collect();
        assert_eq!(all, [Wish::Udp(5000, 5001), Wish::Interleaved(Some((2, 3)))]);
        assert_eq!(wishes("RTP/AVP/TCP").next(), Some(Wish::Interleaved(None)));
        assert_eq!(wishes("RTP/AVP;client_port=99999-1").next(), None);
    }

    proptest::proptest! {
        #[test]
        fn any_header_is_read_without_panic(
            header in "(RTP/AVP(/TCP)?|;|,|client_port=|interleaved=|[0-9]{1,6}|-|\\PC){0,30}",
        ) {
            let _ = wishes(&header).count();
        }
    }
}
