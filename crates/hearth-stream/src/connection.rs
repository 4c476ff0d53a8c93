//! Opens the connection to a camera: name, TCP, and TLS with a pinned certificate.
//!
//! Invariant: each step has its own deadline, so that a dead camera costs at most
//! [`RESOLVE_TIMEOUT`] + [`CONNECT_TIMEOUT`] + [`TLS_TIMEOUT`].

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use hearth_model::{SourceUrl, StateReason};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::client::TlsStream;

use crate::{SourceError, certificate};

/// A name server on the house's network answers within milliseconds.
pub(crate) const RESOLVE_TIMEOUT: Duration = Duration::from_secs(5);
/// Covers a lost SYN or two (1 s, 3 s).
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Cameras need up to 2 s for an RSA handshake.
pub(crate) const TLS_TIMEOUT: Duration = Duration::from_secs(5);
/// A name with more addresses is no camera.
const ADDRESSES_MAX: usize = 4;

/// A connection, encrypted or not.
#[derive(Debug)]
pub(crate) enum Connection {
    /// TCP.
    Plain(TcpStream),
    /// TLS over TCP.
    Encrypted(Box<TlsStream<TcpStream>>),
}

/// What opening yields.
#[derive(Debug)]
pub(crate) struct Opened {
    /// Ready to be written to.
    pub(crate) connection: Connection,
    /// Own address.
    pub(crate) local: SocketAddr,
    /// The camera's address.
    pub(crate) peer: SocketAddr,
    /// SHA-256 of its certificate.
    pub(crate) certificate: Option<[u8; 32]>,
}

/// Connects to the host of a URL and, if its scheme is encrypted, agrees on keys.
pub(crate) async fn open(
    url: &SourceUrl,
    certificate_pin: Option<[u8; 32]>,
) -> Result<Opened, SourceError> {
    let stream = connect(url).await?;
    let unreachable = |error: io::Error| refused_or_unreachable("asking for addresses", &error);
    let local = stream.local_addr().map_err(unreachable)?;
    let peer = stream.peer_addr().map_err(unreachable)?;
    // Requests are small and each waits for its answer.
    stream.set_nodelay(true).map_err(unreachable)?;
    if !url.scheme().is_encrypted() {
        let connection = Connection::Plain(stream);
        return Ok(Opened { connection, local, peer, certificate: None });
    }
    let agreed = certificate::agree(stream, url.host(), certificate_pin);
    let (stream, fingerprint) = timeout(TLS_TIMEOUT, agreed)
        .await
        .map_err(|_| SourceError::new(StateReason::TlsFailed, "no TLS handshake in time"))??;
    let connection = Connection::Encrypted(Box::new(stream));
    Ok(Opened { connection, local, peer, certificate: Some(fingerprint) })
}

async fn connect(url: &SourceUrl) -> Result<TcpStream, SourceError> {
    let unreachable = |detail: &str| SourceError::new(StateReason::Unreachable, detail);
    let found = timeout(RESOLVE_TIMEOUT, tokio::net::lookup_host((url.host(), url.port())))
        .await
        .map_err(|_| unreachable("the name server did not answer in time"))?
        .map_err(|_| unreachable("the name does not resolve"))?;
    let addresses: Vec<SocketAddr> = found.take(ADDRESSES_MAX).collect();
    timeout(CONNECT_TIMEOUT, TcpStream::connect(addresses.as_slice()))
        .await
        .map_err(|_| unreachable("no connection in time"))?
        .map_err(|error| refused_or_unreachable("connecting", &error))
}

/// The error for something that went wrong with a socket.
pub(crate) fn refused_or_unreachable(doing: &str, error: &io::Error) -> SourceError {
    let reason = match error.kind() {
        io::ErrorKind::ConnectionRefused => StateReason::Refused,
        // Accepted and dropped at once.
        io::ErrorKind::ConnectionReset | io::ErrorKind::NotConnected => StateReason::Closed,
        _ => StateReason::Unreachable,
    };
    SourceError::new(reason, format!("{doing}: {error}"))
}

/// The error for a connection that broke.
pub(crate) fn closed(error: &io::Error) -> SourceError {
    SourceError::new(StateReason::Closed, format!("the connection broke: {error}"))
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Encrypted(stream) => Pin::new(stream.as_mut()).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Encrypted(stream) => Pin::new(stream.as_mut()).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Encrypted(stream) => Pin::new(stream.as_mut()).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Encrypted(stream) => Pin::new(stream.as_mut()).poll_shutdown(cx),
        }
    }
}
