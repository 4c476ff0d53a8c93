//! Opens the connection to a camera: name, TCP, and TLS with a pinned certificate.
//!
//! The one place that opens sockets to addresses which a person set. A name is resolved once; each
//! address it stands for is judged by an [`AddressPolicy`], and the connection goes to exactly one
//! that was admitted, so that a name which changes its mind in between changes nothing (DNS
//! rebinding). promise: K-04.
//!
//! Invariant: each step has its own deadline, so that a dead camera costs at most
//! [`RESOLVE_TIMEOUT`] + [`CONNECT_TIMEOUT`] + [`TLS_TIMEOUT`].

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use hearth_model::{AddressKind, AddressPolicy, SourceUrl, StateReason};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::client::TlsStream;

use crate::{SourceError, SourceSpec, certificate};

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

impl Opened {
    /// Whether strangers cannot listen: it is encrypted, or does not leave the private network.
    pub(crate) fn is_private(&self) -> bool {
        is_private(matches!(self.connection, Connection::Encrypted(_)), self.peer.ip())
    }
}

fn is_private(is_encrypted: bool, peer: IpAddr) -> bool {
    let kind = AddressKind::of(peer);
    is_encrypted || matches!(kind, AddressKind::Private | AddressKind::Loopback)
}

/// Whether strangers would read a password in a URL.
fn tells_strangers(url: &SourceUrl, peer: IpAddr) -> bool {
    url.wants_password() && !is_private(url.scheme().is_encrypted(), peer)
}

/// Connects to the host of a URL as `spec` allows and, if its scheme is encrypted, agrees on keys.
/// After a redirect the URL is another than that of `spec`.
pub(crate) async fn open(url: &SourceUrl, spec: &SourceSpec) -> Result<Opened, SourceError> {
    let stream = dial(url.host(), url.port(), spec.addresses).await?;
    let unreachable = |error: io::Error| refused_or_unreachable("asking for addresses", &error);
    let local = stream.local_addr().map_err(unreachable)?;
    let peer = stream.peer_addr().map_err(unreachable)?;
    // Requests are small and each waits for its answer.
    stream.set_nodelay(true).map_err(unreachable)?;
    if tells_strangers(url, peer.ip()) {
        let detail = "the address holds the password, and strangers could listen";
        return Err(SourceError::new(StateReason::PasswordInClear, detail));
    }
    if !url.scheme().is_encrypted() {
        let connection = Connection::Plain(stream);
        return Ok(Opened { connection, local, peer, certificate: None });
    }
    let agreed = certificate::agree(stream, url.host(), spec.certificate_pin);
    let (stream, fingerprint) = timeout(TLS_TIMEOUT, agreed)
        .await
        .map_err(|_| SourceError::new(StateReason::TlsFailed, "no TLS handshake in time"))??;
    let connection = Connection::Encrypted(Box::new(stream));
    Ok(Opened { connection, local, peer, certificate: Some(fingerprint) })
}

/// Connects to a host that a person named: resolves it once and connects to an admitted address.
///
/// # Errors
/// [`StateReason::AddressRefused`] if none of its addresses is admitted, else what connecting says.
pub async fn dial(host: &str, port: u16, policy: AddressPolicy) -> Result<TcpStream, SourceError> {
    let unreachable = |detail: &str| SourceError::new(StateReason::Unreachable, detail);
    let found = timeout(RESOLVE_TIMEOUT, tokio::net::lookup_host((host, port)))
        .await
        .map_err(|_| unreachable("the name server did not answer in time"))?
        .map_err(|_| unreachable("the name does not resolve"))?;
    let addresses = admitted(found.take(ADDRESSES_MAX), policy)?;
    timeout(CONNECT_TIMEOUT, TcpStream::connect(addresses.as_slice()))
        .await
        .map_err(|_| unreachable("no connection in time"))?
        .map_err(|error| refused_or_unreachable("connecting", &error))
}

/// The addresses that may be connected to. One that is not admitted does not spoil the others: a
/// camera's name in the local domain often stands for its link-local address too.
fn admitted(
    found: impl Iterator<Item = SocketAddr>,
    policy: AddressPolicy,
) -> Result<Vec<SocketAddr>, SourceError> {
    let mut refused = None;
    let mut addresses = Vec::new();
    for address in found {
        match policy.check(address.ip()) {
            Err(error) => refused = Some(error.to_string()),
            Ok(()) if !policy.admits_this_machine() && is_own(address) => {
                refused = Some("it is an address of this machine".to_owned());
            }
            Ok(()) => addresses.push(address),
        }
    }
    match refused {
        Some(detail) if addresses.is_empty() => {
            Err(SourceError::new(StateReason::AddressRefused, detail))
        }
        _ => Ok(addresses),
    }
}

/// Whether an address is one of this machine's own, on which the hub itself may listen.
///
/// To send from the very address that is sent to is what only the machine itself does. Connecting a
/// datagram socket asks the routing table and sends nothing.
fn is_own(address: SocketAddr) -> bool {
    let any: IpAddr = match address {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let source = UdpSocket::bind((any, 0)).and_then(|socket| {
        socket.connect(address)?;
        socket.local_addr()
    });
    source.is_ok_and(|source| source.ip() == address.ip())
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

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    async fn reason(host: &str, port: u16, policy: AddressPolicy) -> Option<StateReason> {
        dial(host, port, policy).await.err().map(|error| error.reason)
    }

    /// promise: K-04. However this machine is spelt, nothing is connected to, even if it listens.
    #[tokio::test]
    async fn this_machine_is_refused_in_every_spelling() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        for host in [
            "127.0.0.1",
            "127.9.9.9",
            "localhost",
            "localhost.",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "0177.0.0.1",
            "127.1",
            "0",
            "0.0.0.0",
            "::1",
            "::",
            "::ffff:127.0.0.1",
            "::ffff:7f00:1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
        ] {
            let seen = reason(host, port, AddressPolicy::DEVICES).await;
            // A spelling that no resolver knows leads nowhere, which is as good.
            let refused = [Some(StateReason::AddressRefused), Some(StateReason::Unreachable)];
            assert!(refused.contains(&seen), "{host}: {seen:?}");
        }
        let accepted = timeout(Duration::ZERO, listener.accept()).await;
        assert!(accepted.is_err(), "nobody connected");
        assert_eq!(
            reason("127.0.0.1", port, AddressPolicy::DEVICES.with_this_machine()).await,
            None
        );
    }

    /// promise: K-04. Services that hand out credentials are refused, in every dress.
    #[tokio::test]
    async fn metadata_services_are_refused() {
        let policy = AddressPolicy::DEVICES.with_this_machine();
        for host in ["169.254.169.254", "::ffff:a9fe:a9fe", "fd00:ec2::254", "100.100.100.200"] {
            assert_eq!(reason(host, 80, policy).await, Some(StateReason::AddressRefused), "{host}");
        }
    }

    /// promise: K-04. Of several addresses only the admitted ones are used, and the port stays.
    #[test]
    fn only_admitted_addresses_are_used() {
        let found = ["127.0.0.1:554", "169.254.3.4:554", "8.8.8.8:554"];
        let found = found.map(|text| text.parse::<SocketAddr>().expect("an address"));
        let used = admitted(found.into_iter(), AddressPolicy::SERVICES).expect("one is left");
        assert_eq!(used, [found[2]]);
        let none = admitted(found[..2].iter().copied(), AddressPolicy::SERVICES);
        assert_eq!(none.expect_err("refused").reason, StateReason::AddressRefused);
    }

    /// promise: K-04. Only a private network or encryption makes a connection fit for a password.
    #[test]
    fn a_password_goes_where_strangers_cannot_listen() {
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        let tells =
            |url: &str, peer: &str| tells_strangers(&url.parse().expect("a URL"), address(peer));
        assert!(tells("rtsp://h/?pwd={password}", "8.8.8.8"));
        assert!(!tells("rtsps://h/?pwd={password}", "8.8.8.8"));
        assert!(!tells("rtsp://h/?pwd={password}", "192.168.1.4"));
        assert!(!tells("rtsp://h/?pwd=", "8.8.8.8"));
        for home in ["192.168.1.4", "10.0.0.4", "fd00::4", "127.0.0.1", "::ffff:192.168.1.4"] {
            assert!(is_private(false, address(home)), "{home}");
        }
        for away in ["8.8.8.8", "2001:4860:4860::8888", "203.0.113.4", "64:ff9b::8.8.8.8"] {
            assert!(!is_private(false, address(away)), "{away}");
            assert!(is_private(true, address(away)), "{away}");
        }
    }

    /// promise: K-04. The hub's own addresses are known, whatever their kind.
    #[test]
    fn an_own_address_is_recognised() {
        let address = |text: &str| text.parse::<SocketAddr>().expect("an address");
        assert!(is_own(address("127.0.0.1:1")));
        assert!(!is_own(address("192.0.2.1:1")));
    }
}
