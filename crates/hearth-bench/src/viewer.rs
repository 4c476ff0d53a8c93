//! A viewer as a browser is one: TLS, a sign-in, a WebSocket.
//!
//! Just enough of RFC 6455 for a server that sends whole messages.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, bail, ensure};
use bytes::{Buf, Bytes, BytesMut};
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// Until an answer or the next message; a camera with a key frame every 2 s sends all the time.
const DEADLINE: Duration = Duration::from_secs(15);

/// Larger than a group of pictures.
const MESSAGE_BYTES_MAX: usize = 64 << 20;

/// Any key will do for a server that is not a cache (RFC 6455, 4.1).
const KEY: &str = "aGVhcnRod2F0Y2ggYmVuY2g=";

/// Somebody who knows the address and nothing else.
#[derive(Clone)]
pub(crate) struct Knocker {
    address: SocketAddr,
    tls: TlsConnector,
}

/// What a signed-in browser knows.
#[derive(Clone)]
pub(crate) struct Visitor {
    knocker: Knocker,
    cookie: String,
}

/// A message from the hub.
pub(crate) enum Message {
    /// JSON.
    Text(Bytes),
    /// Media.
    Binary(Bytes),
}

/// One open live view.
pub(crate) struct Viewer {
    stream: TlsStream<TcpStream>,
    buffer: BytesMut,
}

impl Knocker {
    pub(crate) fn new(address: SocketAddr) -> anyhow::Result<Self> {
        Ok(Self { address, tls: TlsConnector::from(Arc::new(client_config()?)) })
    }

    /// A TLS connection on which nothing was said yet.
    pub(crate) async fn connect(&self) -> anyhow::Result<TlsStream<TcpStream>> {
        let tcp = timeout(DEADLINE, TcpStream::connect(self.address)).await??;
        tcp.set_nodelay(true)?;
        let name = ServerName::from(self.address.ip());
        Ok(timeout(DEADLINE, self.tls.connect(name, tcp)).await??)
    }
}

impl Visitor {
    /// Signs in.
    pub(crate) async fn sign_in(
        address: SocketAddr,
        name: &str,
        password: &str,
    ) -> anyhow::Result<Self> {
        let mut visitor = Self { knocker: Knocker::new(address)?, cookie: String::new() };
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(visitor.knocker.connect().await?)).await?;
        tokio::spawn(connection);
        let body = serde_json::json!({ "name": name, "password": password }).to_string();
        let request = Request::post("/api/v1/session")
            .header(header::HOST, address.to_string())
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body)))?;
        let response = timeout(DEADLINE, sender.send_request(request)).await??;
        ensure!(response.status() == StatusCode::OK, "sign-in: {}", response.status());
        let cookie = response.headers().get(header::SET_COOKIE).context("no cookie")?;
        let pair = cookie.to_str()?.split(';').next().unwrap_or_default();
        visitor.cookie = pair.to_owned();
        timeout(DEADLINE, response.into_body().collect()).await??;
        Ok(visitor)
    }

    /// What it sends with each request.
    pub(crate) fn cookie(&self) -> &str {
        &self.cookie
    }

    /// Opens the live view of a camera.
    pub(crate) async fn watch(&self, camera: &str) -> anyhow::Result<Viewer> {
        let mut stream = self.knocker.connect().await?;
        let request = format!(
            "GET /api/v1/cameras/{camera}/live HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\n\
             Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: {KEY}\r\n\r\n",
            self.knocker.address, self.cookie
        );
        stream.write_all(request.as_bytes()).await?;
        let mut viewer = Viewer { stream, buffer: BytesMut::new() };
        let end = loop {
            if let Some(end) = find(&viewer.buffer, b"\r\n\r\n") {
                break end;
            }
            viewer.fill().await?;
        };
        let head = viewer.buffer.split_to(end + 4);
        ensure!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
        Ok(viewer)
    }
}

impl Viewer {
    /// The next message that is not about the connection itself.
    pub(crate) async fn next(&mut self) -> anyhow::Result<Message> {
        loop {
            let (kind, payload) = self.frame().await?;
            match kind {
                0x1 => return Ok(Message::Text(payload)),
                0x2 => return Ok(Message::Binary(payload)),
                0x9 => self.pong(&payload).await?,
                0xa => {}
                0x8 => bail!("the hub closed the live view"),
                other => bail!("the hub sent a frame of kind {other}"),
            }
        }
    }

    /// One frame (RFC 6455, 5.2): its kind and what is in it.
    async fn frame(&mut self) -> anyhow::Result<(u8, Bytes)> {
        self.need(2).await?;
        let (first, second) = (self.buffer.get_u8(), self.buffer.get_u8());
        ensure!(first & 0x80 != 0, "the hub sent a message in pieces");
        ensure!(second & 0x80 == 0, "the hub masked a message");
        let length = match second {
            126 => {
                self.need(2).await?;
                u64::from(self.buffer.get_u16())
            }
            127 => {
                self.need(8).await?;
                self.buffer.get_u64()
            }
            short => u64::from(short),
        };
        let length = usize::try_from(length)?;
        ensure!(length <= MESSAGE_BYTES_MAX, "the hub sent {length} bytes at once");
        self.need(length).await?;
        Ok((first & 0x0f, self.buffer.split_to(length).freeze()))
    }

    async fn pong(&mut self, payload: &[u8]) -> anyhow::Result<()> {
        let length = u8::try_from(payload.len()).ok().filter(|length| *length < 126);
        let length = length.context("a ping longer than a ping may be")?;
        // A mask of zeros leaves the payload as it is.
        let mut frame = vec![0x8a, 0x80 | length, 0, 0, 0, 0];
        frame.extend_from_slice(payload);
        Ok(self.stream.write_all(&frame).await?)
    }

    async fn need(&mut self, bytes: usize) -> anyhow::Result<()> {
        while self.buffer.len() < bytes {
            self.fill().await?;
        }
        Ok(())
    }

    async fn fill(&mut self) -> anyhow::Result<()> {
        let read = timeout(DEADLINE, self.stream.read_buf(&mut self.buffer)).await??;
        ensure!(read > 0, "the hub ended the connection");
        Ok(())
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// What a fragment holds beside its boxes: the payload of its `mdat` (ISO 14496-12, 8.1.1).
pub(crate) fn media_data(fragment: &Bytes) -> Option<Bytes> {
    let mut at = 0;
    while let Some(head) = fragment.get(at..at + 8) {
        let (length, kind) = head.split_at(4);
        let length = usize::try_from(u32::from_be_bytes(length.try_into().ok()?)).ok()?;
        let end = at.checked_add(length).filter(|end| length >= 8 && *end <= fragment.len())?;
        if kind == b"mdat" {
            return Some(fragment.slice(at + 8..end));
        }
        at = end;
    }
    None
}

fn client_config() -> anyhow::Result<ClientConfig> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider));
    Ok(builder
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(OwnHub(provider)))
        .with_no_client_auth())
}

/// Accepts the certificate that a hub made for itself: it is our own hub, started a moment ago.
#[derive(Debug)]
struct OwnHub(Arc<CryptoProvider>);

impl ServerCertVerifier for OwnHub {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_media_of_a_fragment_is_found_behind_its_boxes() {
        let fragment = Bytes::from_static(b"\0\0\0\x0cmoofabcd\0\0\0\x0bmdatxyz");
        assert_eq!(media_data(&fragment).as_deref(), Some(b"xyz".as_slice()));
        assert_eq!(media_data(&Bytes::from_static(b"\0\0\0\x00moof")), None);
        assert_eq!(media_data(&Bytes::from_static(b"\0\0\0\xffmdat")), None);
    }
}
