//! Where connections come from, and how one is served from its first byte to its last.
//!
//! Not here: the loop that accepts (`server`), what requests may do (`gate`).

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    pin::pin,
};

use axum::Router;
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixListener, UnixStream},
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use crate::{
    certificate::CHALLENGE_PROTOCOL,
    connection::Connection,
    control,
    limits::{HEAD_BYTES_MAX, HEADERS_MAX, Limits},
    slots::Slot,
    stop::Stop,
};

/// First byte of a TLS handshake record (RFC 8446, 5.1).
const TLS_HANDSHAKE: u8 = 0x16;

const PLAIN_HTTP_ANSWER: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n\
    Content-Length: 38\r\nConnection: close\r\n\r\nThis port speaks HTTPS. Use https://.\n";

/// Of a plain request: a browser's whole head.
const PLAIN_BYTES_READ: usize = 4096;

/// One of the two places where connections come from.
pub(crate) enum Listener {
    /// TCP, with TLS on it.
    Network(TcpListener, TlsAcceptor),
    /// The owner's socket.
    Control(UnixListener),
}

/// A connection that nothing has been read from yet.
pub(crate) enum Arrival {
    Network(TcpStream, SocketAddr, TlsAcceptor),
    Control(UnixStream),
}

/// How a request came in. The gate decides by it who asks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Via {
    /// Through TLS.
    Network {
        /// From where.
        peer: IpAddr,
        /// To which of our addresses.
        local: IpAddr,
    },
    /// Through the control socket, as the user who runs the hub.
    Control,
}

/// What every connection needs.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) router: Router,
    pub(crate) limits: Limits,
    /// Heard when the server stops.
    pub(crate) stop: Stop,
}

impl Listener {
    /// The next connection. Cancel-safe.
    pub(crate) async fn accept(&self) -> io::Result<Arrival> {
        match self {
            Self::Network(listener, acceptor) => {
                let (stream, peer) = listener.accept().await?;
                Ok(Arrival::Network(stream, peer, acceptor.clone()))
            }
            Self::Control(listener) => Ok(Arrival::Control(listener.accept().await?.0)),
        }
    }
}

impl Arrival {
    /// Under which address its place is counted.
    pub(crate) fn address(&self) -> IpAddr {
        match self {
            Self::Network(_, peer, _) => peer.ip(),
            Self::Control(_) => Ipv4Addr::LOCALHOST.into(),
        }
    }

    /// Serves it until either side ends it, or the server stops.
    pub(crate) async fn serve(self, slot: Slot, door: Door) {
        match self {
            Self::Network(stream, peer, acceptor) => {
                let secured = timeout(door.limits.handshake, secure(stream, &acceptor)).await;
                let Ok(Ok(Some((stream, local)))) = secured else {
                    tracing::debug!(peer = %peer.ip(), "no TLS connection came about");
                    return;
                };
                let via = Via::Network { peer: peer.ip().to_canonical(), local };
                door.serve(stream, slot, via).await;
            }
            Self::Control(stream) if control::is_owner(&stream) => {
                door.serve(stream, slot, Via::Control).await;
            }
            Self::Control(_) => tracing::warn!("another user tried the control socket"),
        }
    }
}

/// The TLS connection and our address on it; `None` if the peer spoke plainly and was told so, or
/// wanted no more than the handshake.
async fn secure(
    stream: TcpStream,
    acceptor: &TlsAcceptor,
) -> io::Result<Option<(TlsStream<TcpStream>, IpAddr)>> {
    let local = stream.local_addr()?.ip().to_canonical();
    // Live fragments are small and must not wait for the acknowledgement of the one before.
    stream.set_nodelay(true)?;
    let mut first = [0];
    if stream.peek(&mut first).await? == 1 && first != [TLS_HANDSHAKE] {
        refuse_plainly(stream).await?;
        return Ok(None);
    }
    let mut stream = acceptor.accept(stream).await?;
    if stream.get_ref().1.alpn_protocol() == Some(CHALLENGE_PROTOCOL) {
        // The handshake was all that the authority wanted to see.
        stream.shutdown().await?;
        return Ok(None);
    }
    Ok(Some((stream, local)))
}

/// Says that this port speaks HTTPS. What was sent is read first, or the connection would be reset
/// before the answer is.
async fn refuse_plainly(mut stream: TcpStream) -> io::Result<()> {
    let mut unread = [0; PLAIN_BYTES_READ];
    let _read_and_forgotten = stream.read(&mut unread).await?;
    stream.write_all(PLAIN_HTTP_ANSWER).await?;
    stream.shutdown().await
}

impl Door {
    async fn serve<S>(self, stream: S, slot: Slot, via: Via)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let stream = Connection::new(stream, slot, self.limits.stalled_write);
        let router = TowerToHyperService::new(self.router);
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(via);
            hyper::service::Service::call(&router, request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.head)
            .max_buf_size(HEAD_BYTES_MAX)
            .max_header_size(HEAD_BYTES_MAX)
            .max_headers(HEADERS_MAX)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        let mut connection = pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.stop.heard() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}
