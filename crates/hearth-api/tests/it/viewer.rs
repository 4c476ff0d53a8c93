//! A simulated camera in a house, and a viewer of its live pictures.

use hearth_sim::{CameraDescription, House as SimulatedHouse, HouseSpec};
use http::Method;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

use crate::house::{Browser, House, json};

/// A camera that streams, known to the hub.
pub(crate) struct Camera {
    pub(crate) id: String,
    _simulated: SimulatedHouse,
}

impl Camera {
    /// Starts a small simulated camera and adds it.
    pub(crate) async fn add(browser: &Browser<'_>) -> Self {
        let simulated = SimulatedHouse::start(HouseSpec::bench(1, 320, 240, 10, 200_000))
            .await
            .expect("a house");
        let CameraDescription { url, username, password, .. } =
            simulated.describe().cameras.into_iter().next().expect("one camera");
        let body = serde_json::json!({
            "name": "Door", "url": url, "username": username, "password": password,
        });
        let answer = browser.change(json(Method::POST, "/api/v1/cameras", &body)).await;
        assert_eq!(answer.status, http::StatusCode::CREATED, "{:?}", answer.body);
        let id = answer.json()["id"].as_str().expect("an id").to_owned();
        Self { id, _simulated: simulated }
    }

    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/api/v1/cameras/{}{rest}", self.id)
    }
}

/// One message of a WebSocket (RFC 6455, 5.2), as a browser's page sees it.
#[derive(Debug)]
pub(crate) enum Message {
    Text(serde_json::Value),
    Binary(Vec<u8>),
    Ping,
    Close,
}

/// An open WebSocket. Viewers have nothing to say; whoever speaks has.
pub(crate) struct Viewer(BufReader<TlsStream<TcpStream>>);

impl Viewer {
    pub(crate) async fn open(house: &House, browser: &Browser<'_>, target: &str) -> Self {
        let (mut stream, _) = house.tls().await;
        let host = house.authority();
        let head = format!(
            "GET {target} HTTP/1.1\r\nHost: {host}\r\nCookie: {}\r\nOrigin: https://{host}\r\n\
             Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            browser.cookie
        );
        stream.write_all(head.as_bytes()).await.expect("sent");
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).await.expect("an answer");
        assert!(line.starts_with("HTTP/1.1 101 "), "{line}");
        while line != "\r\n" {
            line.clear();
            reader.read_line(&mut line).await.expect("a head");
        }
        Self(reader)
    }

    /// Sends a binary message, masked as a client's have to be (RFC 6455, 5.3).
    pub(crate) async fn send(&mut self, payload: &[u8]) {
        const MASK: [u8; 4] = [1, 2, 3, 4];
        let mut frame = vec![0x82];
        match u8::try_from(payload.len()) {
            Ok(short) if short < 126 => frame.push(0x80 | short),
            _ => {
                frame.push(0x80 | 126);
                frame.extend(u16::try_from(payload.len()).expect("short").to_be_bytes());
            }
        }
        frame.extend(MASK);
        frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        self.0.get_mut().write_all(&frame).await.expect("sent");
    }

    /// The next message; `None` when the connection is gone.
    pub(crate) async fn next(&mut self) -> Option<Message> {
        let first = self.0.read_u8().await.ok()?;
        let length = match self.0.read_u8().await.ok()? {
            126 => u64::from(self.0.read_u16().await.ok()?),
            127 => self.0.read_u64().await.ok()?,
            short => u64::from(short),
        };
        let mut payload = vec![0; usize::try_from(length).expect("fits in memory")];
        self.0.read_exact(&mut payload).await.ok()?;
        Some(match first & 0x0f {
            1 => Message::Text(serde_json::from_slice(&payload).expect("JSON")),
            2 => Message::Binary(payload),
            8 => Message::Close,
            _ => Message::Ping,
        })
    }
}
