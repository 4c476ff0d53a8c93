//! Streams without an end of their own: when they resume, and when they end.

use http::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};

use crate::{
    house::{Browser, House, json, request},
    viewer::{Camera, Message, Viewer},
};

/// An open event stream.
struct Events(BufReader<tokio_rustls::client::TlsStream<tokio::net::TcpStream>>, String);

impl Events {
    async fn open(house: &House, browser: &Browser<'_>, more: &str) -> Self {
        let (mut stream, _) = house.tls().await;
        let head = format!(
            "GET /api/v1/events/stream HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\n{more}\r\n",
            house.authority(),
            browser.cookie
        );
        stream.write_all(head.as_bytes()).await.expect("sent");
        Self(BufReader::new(stream), String::new())
    }

    /// Reads until `mark` has come; `false` if the stream ends before.
    async fn reaches(&mut self, mark: &str) -> bool {
        let mut piece = [0; 4096];
        while !self.1.contains(mark) {
            match self.0.read(&mut piece).await {
                Ok(0) | Err(_) => return false,
                Ok(length) => self.1.push_str(&String::from_utf8_lossy(&piece[..length])),
            }
        }
        true
    }

    /// Reads to the end of the answer: its last chunk (RFC 9112, 7.1), or that of the connection.
    async fn end(&mut self) {
        self.reaches("\r\n0\r\n\r\n").await;
    }
}

async fn add_camera(browser: &Browser<'_>, name: &str) {
    let body = serde_json::json!({ "name": name, "url": "rtsp://127.0.0.1:9/", "force": true });
    let answer = browser.change(json(Method::POST, "/api/v1/cameras", &body)).await;
    assert_eq!(answer.status, http::StatusCode::CREATED, "{:?}", answer.body);
}

/// Each fact is told once: what happened before is resumed behind the last one seen.
#[tokio::test]
async fn an_event_stream_resumes_behind_the_last_event_seen() {
    let house = House::start().await;
    let browser = house.browser().await;
    add_camera(&browser, "First").await;
    let kinds = "/api/v1/events?kind=camera_added";
    let page = browser.get(kinds).await.json();
    let seen = page["events"][0]["seq"].as_u64().expect("a number");
    add_camera(&browser, "Second").await;
    let mut events = Events::open(&house, &browser, &format!("Last-Event-ID: {seen}\r\n")).await;
    assert!(events.reaches("\"camera_name\":\"Second\"").await, "{}", events.1);
    assert!(!events.1.contains(&format!("\nid: {seen}\n")));
    assert!(events.reaches("event: status").await);
    add_camera(&browser, "Third").await;
    assert!(events.reaches("\"camera_name\":\"Third\"").await);
}

#[tokio::test]
async fn a_place_that_is_gone_is_said() {
    let house = House::start().await;
    let browser = house.browser().await;
    let mut events = Events::open(&house, &browser, "Last-Event-ID: 999999\r\n").await;
    assert!(events.reaches("event: gone").await, "{}", events.1);
}

/// promise: D-08, T-11. Signing out ends what the sign-in had opened, at once.
#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_streams_of_that_sign_in() {
    let house = House::start().await;
    let (browser, other) = (house.browser().await, house.browser().await);
    let camera = Camera::add(&browser).await;
    let mut events = Events::open(&house, &browser, "").await;
    assert!(events.reaches("event: status").await);
    let mut viewer = Viewer::open(&house, &browser, &camera.path("/live")).await;
    assert!(viewer.next().await.is_some());
    let mut stays = Viewer::open(&house, &other, &camera.path("/live")).await;

    browser.change(request(Method::DELETE, "/api/v1/session")).await;
    events.end().await;
    while !matches!(viewer.next().await, Some(Message::Close) | None) {}
    for _ in 0..20 {
        assert!(stays.next().await.is_some(), "another sign-in's pictures go on");
    }
}

/// promise: D-19, T-11. The end of the server ends all streams, so that it does end.
#[tokio::test(flavor = "multi_thread")]
async fn shutdown_does_not_wait_for_streams() {
    let house = House::start().await;
    let browser = house.browser().await;
    let camera = Camera::add(&browser).await;
    let mut viewer = Viewer::open(&house, &browser, &camera.path("/live")).await;
    assert!(viewer.next().await.is_some());
    let mut events = Events::open(&house, &browser, "").await;
    assert!(events.reaches("event: status").await);
    let House { server, hub, .. } = house;
    server.shutdown().await;
    while !matches!(viewer.next().await, Some(Message::Close) | None) {}
    events.end().await;
    hub.shutdown().await;
}
