//! A connection to a checked address, encrypted or not.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

use crate::{AddressPolicy, Error};

/// A name with more addresses belongs to a service that answers on each of them.
const ADDRESSES_MAX: usize = 8;

/// A connection.
#[derive(Debug)]
pub(crate) enum Connection {
    /// TCP.
    Plain(TcpStream),
    /// TLS over TCP.
    Encrypted(Box<TlsStream<TcpStream>>),
}

/// Connects to the first address of a host that answers and that the policy allows; for protocols
/// other than HTTP too. The caller sets the deadline.
///
/// # Errors
/// [`Error::Address`] and [`Error::Unreachable`].
pub async fn dial(host: &str, port: u16, policy: AddressPolicy) -> Result<TcpStream, Error> {
    let unreachable = |error: io::Error| Error::Unreachable(error.to_string());
    let found = tokio::net::lookup_host((host, port))
        .await
        .map_err(|_| Error::Unreachable("the name does not resolve".to_owned()))?;
    let found: Vec<SocketAddr> = found.take(ADDRESSES_MAX).collect();
    let (allowed, refused): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|address| policy.allows(address.ip()));
    if allowed.is_empty() {
        return Err(refused.first().map_or_else(
            || Error::Unreachable("the name has no address".to_owned()),
            |address| Error::Address(address.ip()),
        ));
    }
    let stream = TcpStream::connect(allowed.as_slice()).await.map_err(unreachable)?;
    // A request is small and waits for its answer.
    stream.set_nodelay(true).map_err(unreachable)?;
    Ok(stream)
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
