//! Streams without an end of their own: when they resume, and when they end.

use http::{Method, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};

use crate::{
    house::{Browser, House, json, request},
    viewer::{Camera, Message, Viewer},
};

/// An open event stream.
pub(crate) struct Events(BufReader<tokio_rustls::client::TlsStream<tokio::net::TcpStream>>, String);

impl Events {
    async fn open(house: &House, browser: &Browser<'_>, more: &str) -> Self {
        Self::open_as(house, &format!("Cookie: {}\r\n{more}", browser.cookie)).await
    }

    /// With the headers of whoever opens it.
    async fn open_as(house: &House, headers: &str) -> Self {
        Self::open_at(house, "/api/v1/events/stream", headers).await
    }

    /// At another address.
    pub(crate) async fn open_at(house: &House, target: &str, headers: &str) -> Self {
        let (mut stream, _) = house.tls().await;
        let head = format!("GET {target} HTTP/1.1\r\nHost: {}\r\n{headers}\r\n", house.authority());
        stream.write_all(head.as_bytes()).await.expect("sent");
        Self(BufReader::new(stream), String::new())
    }

    /// Reads until `mark` has come; `false` if the stream ends before.
    pub(crate) async fn reaches(&mut self, mark: &str) -> bool {
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
    pub(crate) async fn end(&mut self) {
        self.reaches("\r\n0\r\n\r\n").await;
    }
}

/// Each fact is told once: what happened before is resumed behind the last one seen.
#[tokio::test]
async fn an_event_stream_resumes_behind_the_last_event_seen() {
    let house = House::start().await;
    let browser = house.browser().await;
    browser.add_camera("First").await;
    let kinds = "/api/v1/events?kind=camera_added";
    let page = browser.get(kinds).await.json();
    let seen = page["events"][0]["seq"].as_u64().expect("a number");
    browser.add_camera("Second").await;
    let mut events = Events::open(&house, &browser, &format!("Last-Event-ID: {seen}\r\n")).await;
    assert!(events.reaches("\"camera_name\":\"Second\"").await, "{}", events.1);
    assert!(!events.1.contains(&format!("\nid: {seen}\n")));
    assert!(events.reaches("event: status").await);
    browser.add_camera("Third").await;
    assert!(events.reaches("\"camera_name\":\"Third\"").await);
}

/// Who asks for some facts is told of no others, neither of those before nor of what comes.
#[tokio::test]
async fn an_event_stream_follows_only_what_is_asked_for() {
    let house = House::start().await;
    let browser = house.browser().await;
    let headers = format!("Cookie: {}\r\nLast-Event-ID: 0\r\n", browser.cookie);
    let first = browser.add_camera("First").await;
    let open = async |query: &str| {
        Events::open_at(&house, &format!("/api/v1/events/stream?{query}"), &headers).await
    };
    let mut removals = open("kind=camera_removed").await;
    let mut of_first = open(&format!("camera={first}&kind=camera_added,camera_removed")).await;
    browser.add_camera("Second").await;
    let removal = request(Method::DELETE, &format!("/api/v1/cameras/{first}"));
    assert_eq!(browser.change(removal).await.status, StatusCode::OK);
    for events in [&mut removals, &mut of_first] {
        assert!(events.reaches("\"kind\":\"camera_removed\"").await, "{}", events.1);
        assert!(
            !events.1.contains("Second") && !events.1.contains("event: status"),
            "{}",
            events.1
        );
    }
    assert!(!removals.1.contains("\"kind\":\"camera_added\""), "{}", removals.1);
    assert!(of_first.1.contains("\"kind\":\"camera_added\""), "{}", of_first.1);
    let wrong = browser.get("/api/v1/events/stream?kind=nonsense").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
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

/// promise: D-08, T-05, V-02. What somebody opened ends when their rights change: another role,
/// other cameras, a disabled account, a revoked token, all at once and nobody else's.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_rights_ends_what_was_opened_with_them() {
    let house = House::start().await;
    let admin = house.browser().await;
    let mut stays = Events::open(&house, &admin, "").await;
    assert!(stays.reaches("event: status").await);
    let patches = [
        ("ben", serde_json::json!({ "role": "operator" })),
        ("carl", serde_json::json!({ "camera_access": { "only_listed": true } })),
        ("dora", serde_json::json!({ "disabled": true })),
    ];
    for (name, patch) in patches {
        let id = house.add_user(&admin, name, "viewer", serde_json::json!({})).await;
        let browser = house.browser_of(name).await;
        let mut events = Events::open(&house, &browser, "").await;
        assert!(events.reaches("event: status").await, "{}", events.1);
        let target = format!("/api/v1/users/{id}");
        let answer = admin.change(json(Method::PATCH, &target, &patch)).await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
        events.end().await;
    }
    let scope = serde_json::json!({ "actions": ["read_events", "list_cameras"] });
    let token = admin.token(scope, serde_json::json!({})).await;
    let headers = format!("Authorization: Bearer {}\r\n", token.secret);
    let mut events = Events::open_as(&house, &headers).await;
    assert!(events.reaches("event: status").await, "{}", events.1);
    let target = format!("/api/v1/tokens/{}", token.id);
    admin.change(request(Method::DELETE, &target)).await;
    events.end().await;
    admin.add_camera("Door").await;
    assert!(stays.reaches("\"camera_name\":\"Door\"").await, "the administrator's goes on");
}
