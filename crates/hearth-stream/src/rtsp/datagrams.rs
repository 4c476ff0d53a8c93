//! The UDP sockets of a session: a pair for RTP and RTCP for each of two tracks.

use std::{
    io,
    net::SocketAddr,
    task::{Context, Poll},
};

use tokio::{io::ReadBuf, net::UdpSocket};

use crate::{SourceError, connection::refused_or_unreachable};

/// Two tracks.
const PAIRS: usize = 2;
/// Even port with a free odd one behind it: every second try succeeds on an idle machine.
const TRIES_MAX: usize = 64;
/// A key frame of an 8K camera in one burst.
const RECEIVE_BUFFER_BYTES: usize = 2 * 1024 * 1024;
/// No datagram is larger.
const DATAGRAM_BYTES_MAX: usize = 65_536;

/// See the module. Socket `2n` takes RTP of track `n`, socket `2n + 1` its RTCP.
#[derive(Debug)]
pub(super) struct Datagrams {
    sockets: Vec<UdpSocket>,
    ports: [u16; PAIRS],
    peer: SocketAddr,
    buffer: Vec<u8>,
    next: usize,
}

impl Datagrams {
    /// Binds at the address that the camera is connected to.
    pub(super) async fn bind(local: SocketAddr, peer: SocketAddr) -> Result<Self, SourceError> {
        let mut sockets = Vec::with_capacity(PAIRS * 2);
        let mut ports = [0; PAIRS];
        for port in &mut ports {
            let (rtp, rtcp, number) = bind_pair(local)
                .await
                .map_err(|error| refused_or_unreachable("binding ports for datagrams", &error))?;
            // What the system gives is enough for a while; more is only for bursts.
            if let Err(error) =
                rustix::net::sockopt::set_socket_recv_buffer_size(&rtp, RECEIVE_BUFFER_BYTES)
            {
                tracing::debug!(%error, "the receive buffer stays small");
            }
            sockets.extend([rtp, rtcp]);
            *port = number;
        }
        Ok(Self { sockets, ports, peer, buffer: vec![0; DATAGRAM_BYTES_MAX], next: 0 })
    }

    /// The RTP ports.
    pub(super) fn ports(&self) -> [u16; PAIRS] {
        self.ports
    }

    /// The datagram received last.
    pub(super) fn packet(&self, bytes: usize) -> &[u8] {
        self.buffer.get(..bytes).unwrap_or_default()
    }

    /// The next datagram from the camera; others are dropped. Sockets take turns.
    pub(super) fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<(usize, usize)> {
        for _ in 0..self.sockets.len() {
            let socket = self.next % self.sockets.len();
            let Some(from) = self.sockets.get(socket) else { break };
            loop {
                let mut room = ReadBuf::new(&mut self.buffer);
                match from.poll_recv_from(cx, &mut room) {
                    Poll::Ready(Ok(sender)) if sender.ip() == self.peer.ip() => {
                        return Poll::Ready((socket, room.filled().len()));
                    }
                    // Strangers, and ICMP errors about our own reports.
                    Poll::Ready(_) => {}
                    Poll::Pending => break,
                }
            }
            self.next = socket + 1;
        }
        Poll::Pending
    }

    /// Sends a report from a track's RTCP socket, if there is room for it now.
    pub(super) fn send_report(&self, track: usize, ports: (u16, u16), report: &[u8]) {
        let to = SocketAddr::new(self.peer.ip(), ports.1);
        if let Some(Err(error)) =
            self.sockets.get(track * 2 + 1).map(|socket| socket.try_send_to(report, to))
        {
            tracing::debug!(%error, "a receiver report was not sent");
        }
    }
}

async fn bind_pair(local: SocketAddr) -> io::Result<(UdpSocket, UdpSocket, u16)> {
    for _ in 0..TRIES_MAX {
        let first = UdpSocket::bind(SocketAddr::new(local.ip(), 0)).await?;
        let port = first.local_addr()?.port();
        let is_even = port.is_multiple_of(2);
        let beside = if is_even { port.checked_add(1) } else { port.checked_sub(1) };
        let Some(beside) = beside else { continue };
        let Ok(second) = UdpSocket::bind(SocketAddr::new(local.ip(), beside)).await else {
            continue;
        };
        let pair = if is_even { (first, second, port) } else { (second, first, beside) };
        return Ok(pair);
    }
    Err(io::ErrorKind::AddrInUse.into())
}
