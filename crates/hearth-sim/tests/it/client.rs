//! A bare RTSP client that sees every packet and every fault.

use std::time::Duration;

use hearth_rtsp::{
    framing::{Framed, Framer},
    message::{Message, Method, Request, Response},
    rtp::RtpPacket,
};
use hearth_sim::{CameraDescription, House};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// Far longer than anything here takes, even on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// Long enough to be sure that nothing comes: several frames of the small camera.
pub(crate) const SILENCE: Duration = Duration::from_millis(700);

/// Something that came from the camera.
#[derive(Debug)]
pub(crate) enum Received {
    Response(Response),
    Packet(u8, Vec<u8>),
    Closed,
}

/// A packet of media.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Media {
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) payload: Vec<u8>,
}

pub(crate) struct Client {
    wire: TcpStream,
    url: String,
    inbox: Vec<u8>,
    framer: Framer,
    cseq: u32,
    session: Option<String>,
}

impl Client {
    pub(crate) async fn connect(camera: &CameraDescription) -> std::io::Result<Self> {
        Ok(Self {
            wire: TcpStream::connect(("127.0.0.1", camera.port)).await?,
            url: camera.url.clone(),
            inbox: Vec::new(),
            framer: Framer::new(),
            cseq: 0,
            session: None,
        })
    }

    /// A client that already plays the video track over TCP.
    pub(crate) async fn playing(camera: &CameraDescription) -> Self {
        let mut client = Self::connect(camera).await.expect("an open port");
        let transport = "RTP/AVP/TCP;unicast;interleaved=0-1";
        assert_eq!(client.setup(0, transport).await.status, 200);
        assert_eq!(client.ask(Method::Play, "").await.status, 200);
        client
    }

    pub(crate) async fn setup(&mut self, track: usize, transport: &str) -> Response {
        let path = format!("/trackID={track}");
        let mut request = self.request(Method::Setup, &path);
        request.headers.push("Transport", transport);
        self.send(&request).await;
        let response = self.response().await;
        if let Some(session) = response.headers.get("Session") {
            self.session = session.split(';').next().map(str::to_owned);
        }
        response
    }

    pub(crate) async fn ask(&mut self, method: Method, path: &str) -> Response {
        let request = self.request(method, path);
        self.send(&request).await;
        self.response().await
    }

    pub(crate) fn request(&mut self, method: Method, path: &str) -> Request {
        let mut request = Request::new(method, &format!("{}{path}", self.url));
        self.cseq += 1;
        request.headers.push("CSeq", &self.cseq.to_string());
        if let Some(session) = &self.session {
            request.headers.push("Session", session);
        }
        request
    }

    pub(crate) async fn send(&mut self, request: &Request) {
        self.wire.write_all(&request.encode()).await.expect("an open connection");
    }

    pub(crate) async fn response(&mut self) -> Response {
        loop {
            match self.next().await {
                Received::Response(response) => return response,
                Received::Packet(..) => {}
                Received::Closed => panic!("closed instead of a response"),
            }
        }
    }

    /// Sends a packet on a channel of the connection.
    pub(crate) async fn send_packet(&mut self, channel: u8, packet: &[u8]) {
        let [high, low] = u16::try_from(packet.len()).expect("short").to_be_bytes();
        let whole = [&[b'$', channel, high, low], packet].concat();
        self.wire.write_all(&whole).await.expect("an open connection");
    }

    /// The next thing that comes, within a patient time.
    pub(crate) async fn next(&mut self) -> Received {
        timeout(PATIENCE, self.receive()).await.expect("something within a patient time")
    }

    /// Whether nothing comes and the connection stays open.
    pub(crate) async fn is_silent(&mut self) -> bool {
        timeout(SILENCE, self.receive()).await.is_err()
    }

    async fn receive(&mut self) -> Received {
        loop {
            let found = match self.framer.next(&self.inbox).expect("RTSP") {
                Framed::NeedMore(_) => None,
                Framed::Skip(bytes) => {
                    self.inbox.drain(..bytes);
                    continue;
                }
                Framed::Message(message, bytes) => match *message {
                    Message::Response(response) => Some((Received::Response(response), bytes)),
                    Message::Request(request) => panic!("a camera asked {request:?}"),
                },
                Framed::Packet { channel, payload } => Some((
                    Received::Packet(channel, payload.to_vec()),
                    Framer::PREFIX_BYTES + payload.len(),
                )),
            };
            if let Some((received, bytes)) = found {
                self.inbox.drain(..bytes);
                return received;
            }
            match self.wire.read_buf(&mut self.inbox).await {
                Ok(0) | Err(_) => return Received::Closed,
                Ok(_) => {}
            }
        }
    }

    /// The next packet of the video track as it is.
    pub(crate) async fn raw_media(&mut self) -> Option<Vec<u8>> {
        loop {
            match self.next().await {
                Received::Packet(0, packet) => return Some(packet),
                Received::Packet(..) | Received::Response(_) => {}
                Received::Closed => return None,
            }
        }
    }

    /// The next packet of the video track; `None` once the connection is closed.
    pub(crate) async fn media(&mut self) -> Option<Media> {
        let packet = self.raw_media().await?;
        Some(read_media(&packet))
    }

    /// Reads until the camera closes the connection.
    pub(crate) async fn until_closed(&mut self) {
        while !matches!(self.next().await, Received::Closed) {}
    }
}

pub(crate) fn read_media(packet: &[u8]) -> Media {
    let packet = RtpPacket::parse(packet).expect("a sound packet");
    Media {
        sequence: packet.header.sequence,
        timestamp: packet.header.timestamp,
        payload: packet.payload.to_vec(),
    }
}

/// Sends a request as it is to the control of a house; the whole answer.
pub(crate) async fn ask_control(house: &House, request: String) -> String {
    let control = house.describe().control;
    let address = control.trim_start_matches("http://");
    let mut wire = TcpStream::connect(address).await.expect("an open port");
    wire.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    wire.read_to_string(&mut answer).await.expect("an answer");
    answer
}
