//! Against a server of a few lines that misbehaves as the test says.

use std::{sync::Arc, time::Duration};

use hearth_media::{StreamItem, TrackKind};
use hearth_model::{StateReason, Transport};
use hearth_rtsp::{
    framing::{Framed, Framer},
    message::{Message, Method, Request, Response},
    rtp::RtpHeader,
};
use hearth_stream::{Source, SourceError, connect};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use crate::support::{Clock, PATIENCE, Received, spec};

const PASSWORD: &str = "pl4nted-s3cret";
const SDP: &str = "v=0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n\
    a=fmtp:96 packetization-mode=1;sprop-parameter-sets=\
    Z0LAKNkAeAIn5cBEAAADAAQAAAMAyDxgySA=,aOrjyyLA\r\n\
    a=control:v\r\nm=audio 0 RTP/AVP 0\r\na=control:a\r\n";
const IDR: &[u8] = b"\x65\x88\x84\x00\x2b\x11\x22";
const P: &[u8] = b"\x41\x9a\x23\x6c\x01\x02";
const SPACING: Duration = Duration::from_millis(20);

/// What the camera does after twenty good frames.
#[derive(Clone, Copy, Debug)]
enum Then {
    GoesOn,
    SendsSoundOnly,
    FallsSilent,
    Closes,
    SendsJunk,
    Floods,
}

struct Camera {
    port: u16,
    tls: Option<TlsAcceptor>,
    fingerprint: Option<[u8; 32]>,
}

impl Camera {
    async fn start(then: Then, encrypted: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let (tls, fingerprint) = if encrypted { certificate() } else { (None, None) };
        let camera = Self { port, tls: tls.clone(), fingerprint };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let tls = tls.clone();
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, then).await,
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => serve(stream, then).await,
                            Err(_) => None,
                        },
                    }
                });
            }
        });
        camera
    }

    fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "rtsps" } else { "rtsp" };
        format!("{scheme}://127.0.0.1:{}/cam", self.port)
    }

    async fn connect(&self, pin: Option<[u8; 32]>) -> Result<Source, SourceError> {
        let mut spec = spec(&self.url(), Transport::Tcp, Some(PASSWORD));
        spec.certificate_pin = pin;
        connect(&spec, Clock::start()).await
    }
}

fn certificate() -> (Option<TlsAcceptor>, Option<[u8; 32]>) {
    use sha2::Digest;
    let made = rcgen::generate_simple_self_signed(["camera".to_owned()]).expect("a certificate");
    let der = made.cert.der().clone();
    let fingerprint = sha2::Sha256::digest(&der).into();
    let key = rustls_pki_types::PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![der], key.into())
        .expect("a matching key");
    (Some(TlsAcceptor::from(Arc::new(config))), Some(fingerprint))
}

/// `None` when the client went away.
async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, then: Then) -> Option<()> {
    let mut buffer = Vec::new();
    loop {
        let request = read_request(&mut stream, &mut buffer).await?;
        stream.write_all(&answer(&request)).await.ok()?;
        if request.method == Method::Play {
            break;
        }
    }
    let mut sender = Sender { stream, sequence: [0; 2], frame: 0 };
    for _ in 0..20 {
        sender.send_frame().await?;
        tokio::time::sleep(SPACING).await;
    }
    match then {
        Then::GoesOn => loop {
            sender.send_frame().await?;
            tokio::time::sleep(SPACING).await;
        },
        Then::SendsSoundOnly => loop {
            sender.frame += 1;
            sender.send(1, &[0; 160]).await?;
            tokio::time::sleep(SPACING).await;
        },
        Then::FallsSilent => std::future::pending().await,
        Then::Closes => None,
        Then::SendsJunk => loop {
            sender.stream.write_all(&[0; 65_536]).await.ok()?;
        },
        Then::Floods => loop {
            sender.send_frame().await?;
        },
    }
}

async fn read_request(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut Vec<u8>,
) -> Option<Request> {
    loop {
        if let Ok(Framed::Message(message, used)) = Framer::new().next(buffer) {
            buffer.drain(..used);
            return match *message {
                Message::Request(request) => Some(request),
                Message::Response(_) => None,
            };
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}

fn answer(request: &Request) -> bytes::Bytes {
    let proof = request.headers.get("Authorization");
    let mut response = Response::to(request, 200, "OK");
    match request.method {
        Method::Describe if proof.is_none() => {
            response.status = 401;
            response.headers.push("WWW-Authenticate", "Digest realm=\"c\", nonce=\"1\"");
        }
        Method::Describe => response.body = SDP.into(),
        Method::Setup => {
            let asked = request.headers.get("Transport").unwrap_or_default();
            response.headers.push("Transport", asked);
            response.headers.push("Session", "5");
        }
        _ => {}
    }
    response.encode()
}

struct Sender<S> {
    stream: S,
    sequence: [u16; 2],
    frame: u32,
}

impl<S: AsyncWrite + Unpin> Sender<S> {
    async fn send_frame(&mut self) -> Option<()> {
        let nal = if self.frame.is_multiple_of(10) { IDR } else { P };
        self.send(0, nal).await?;
        self.frame += 1;
        Some(())
    }

    async fn send(&mut self, track: usize, payload: &[u8]) -> Option<()> {
        let (payload_type, ticks) = [(96, 1_800), (0, 160)][track];
        let header = RtpHeader {
            marker: true,
            payload_type,
            sequence: self.sequence[track],
            timestamp: self.frame.wrapping_mul(ticks),
            ssrc: 1,
        };
        self.sequence[track] = self.sequence[track].wrapping_add(1);
        let length = u16::try_from(payload.len() + RtpHeader::BYTES).expect("short");
        let channel = u8::try_from(track * 2).expect("small");
        let [high, low] = length.to_be_bytes();
        let mut bytes = vec![b'$', channel, high, low];
        bytes.extend_from_slice(&header.encode());
        bytes.extend_from_slice(payload);
        self.stream.write_all(&bytes).await.ok()
    }
}

/// Reads until the end and returns what it was, and how many pictures came.
async fn run(then: Then) -> (SourceError, usize) {
    let camera = Camera::start(then, false).await;
    let mut source = camera.connect(None).await.expect("connected");
    let mut pictures = 0;
    let read = async {
        loop {
            match source.next().await {
                Ok(StreamItem::Frame(frame)) => {
                    pictures += usize::from(frame.track == TrackKind::Video);
                }
                Ok(StreamItem::Parameters(_)) => {}
                Err(error) => return error,
            }
        }
    };
    let error = tokio::time::timeout(PATIENCE, read).await.expect("an end");
    assert_eq!(source.next().await.expect_err("it stays ended"), error);
    // promise: V-24, K-07.
    let shown = format!("{source:?} {error} {error:?}");
    assert!(!shown.contains(PASSWORD), "{shown}");
    (error, pictures)
}

#[tokio::test]
async fn silence_is_noticed() {
    let (error, pictures) = run(Then::FallsSilent).await;
    assert_eq!((error.reason, pictures), (StateReason::Silent, 20));
}

#[tokio::test]
async fn sound_alone_is_silence() {
    let (error, pictures) = run(Then::SendsSoundOnly).await;
    assert_eq!((error.reason, pictures), (StateReason::Silent, 20));
}

#[tokio::test]
async fn a_closed_connection_is_noticed_after_the_last_picture() {
    let (error, pictures) = run(Then::Closes).await;
    assert_eq!((error.reason, pictures), (StateReason::Closed, 20));
}

#[tokio::test]
async fn junk_is_noticed_after_the_last_picture() {
    let (error, pictures) = run(Then::SendsJunk).await;
    assert_eq!((error.reason, pictures), (StateReason::Malformed, 20));
}

#[tokio::test]
async fn a_flood_is_noticed() {
    let (error, pictures) = run(Then::Floods).await;
    assert_eq!(error.reason, StateReason::Flooding);
    assert!(pictures > 5_000);
}

#[tokio::test]
async fn a_dropped_wait_loses_nothing() {
    let camera = Camera::start(Then::GoesOn, false).await;
    let mut source = camera.connect(None).await.expect("connected");
    let mut times = Vec::new();
    while times.len() < 30 {
        let wait = tokio::time::timeout(Duration::from_millis(3), source.next());
        if let Ok(item) = wait.await
            && let StreamItem::Frame(frame) = item.expect("the stream goes on")
        {
            times.push(frame.pts.as_micros());
        }
    }
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] == 20_000), "{times:?}");
    source.close().await;
}

/// promise: K-01. Without a pin the fingerprint is reported; with one, only that certificate is
/// accepted, and the change has its own reason.
/// promise: T-08. The same.
#[tokio::test]
async fn a_certificate_is_pinned() {
    let camera = Camera::start(Then::GoesOn, true).await;
    let source = camera.connect(None).await.expect("trusted on first use");
    assert_eq!(source.certificate(), camera.fingerprint);
    let mut source = camera.connect(camera.fingerprint).await.expect("the pinned one");
    assert!(!source.is_password_exposed());
    assert_eq!(Received::from(&mut source, 5).await.video.len(), 5);
    let error = camera.connect(Some([7; 32])).await.expect_err("another one");
    assert_eq!(error.reason, StateReason::CertificateChanged);
}

#[tokio::test]
async fn a_plain_server_is_not_taken_for_tls() {
    let camera = Camera::start(Then::GoesOn, false).await;
    let url = camera.url().replace("rtsp://", "rtsps://");
    // It waits for the rest of a request that never comes, and so does our handshake.
    let error = connect(&spec(&url, Transport::Tcp, None), Clock::start()).await;
    assert_eq!(error.expect_err("no TLS").reason, StateReason::TlsFailed);
}

/// promise: T-10. A camera that accepts and says nothing costs one deadline.
#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    let url = format!("rtsp://127.0.0.1:{port}/");
    let error = connect(&spec(&url, Transport::Tcp, None), Clock::start()).await;
    assert_eq!(error.expect_err("no answer").reason, StateReason::Unreachable);
}

#[tokio::test]
async fn a_closed_port_and_an_unknown_name_are_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    drop(listener);
    let reason = async |url: &str| {
        let error = connect(&spec(url, Transport::Tcp, None), Clock::start()).await;
        error.expect_err("nobody there").reason
    };
    assert_eq!(reason(&format!("rtsp://127.0.0.1:{port}/")).await, StateReason::Refused);
    assert_eq!(reason("rtsp://nobody.invalid/").await, StateReason::Unreachable);
}
