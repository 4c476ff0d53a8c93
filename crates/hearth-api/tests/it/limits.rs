//! What happens to those who send too much, too slowly, or too often.

use std::time::Duration;

use hearth_api::Limits;
use http::{Method, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::house::{House, json, request};

/// promise: D-19. A body larger than its route accepts is refused, whether its length is told or
/// not.
#[tokio::test]
async fn a_large_body_is_refused() {
    let house = House::start().await;
    let large = serde_json::json!({ "name": "x".repeat(8 << 10), "password": "y" });
    let answer = house.send(json(Method::POST, "/api/v1/session", &large)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.code(), "body_too_large");
    let browser = house.browser().await;
    let large = serde_json::json!({ "name": "x".repeat(80 << 10), "url": "rtsp://h/" });
    let answer = browser.change(json(Method::POST, "/api/v1/cameras", &large)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

/// promise: D-19. Whoever announces a large body is told before anything of it is sent, and not when
/// the time for it is over.
#[tokio::test]
async fn an_announced_large_body_is_refused_at_once() {
    let house = House::start().await;
    let (mut stream, _) = house.tls().await;
    let head = "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\
                Content-Type: application/json\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("sent");
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.expect("an answer");
    assert_eq!(&status, b"HTTP/1.1 413");
}

/// promise: D-19. Too many or too long header lines end the request.
#[tokio::test]
async fn a_large_head_is_refused() {
    let house = House::start().await;
    let mut many = request(Method::GET, "/healthz");
    for number in 0..100 {
        let name: http::HeaderName = format!("x-{number}").parse().expect("a name");
        many.headers_mut().insert(name, "1".parse().expect("visible"));
    }
    assert_eq!(house.send(many).await.status, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    let mut long = request(Method::GET, "/healthz");
    long.headers_mut().insert("x-long", "1".repeat(40 << 10).parse().expect("visible"));
    assert_eq!(house.send(long).await.status, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
}

/// promise: D-19. Whoever sends a head byte by byte (slowloris) is hung up on.
#[tokio::test]
async fn a_slow_head_ends_the_connection() {
    let limits = Limits { head: Duration::from_millis(50), ..Limits::default() };
    let house = House::with(limits, None).await;
    let (mut stream, _) = house.tls().await;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-").await.expect("sent");
    let mut rest = Vec::new();
    // The end may come with or without a TLS goodbye; that it comes is what counts.
    drop(stream.read_to_end(&mut rest).await);
    assert!(!rest.windows(3).any(|part| part == b"200"));
}

/// promise: D-19. A connection on which no handshake begins is closed.
#[tokio::test]
async fn a_silent_connection_is_closed() {
    let limits = Limits { handshake: Duration::from_millis(50), ..Limits::default() };
    let house = House::with(limits, None).await;
    let mut stream = house.tcp().await;
    let mut rest = Vec::new();
    assert_eq!(stream.read_to_end(&mut rest).await.expect("closed"), 0);
}

/// promise: D-19, T-10. A body that never ends does not hold a request for ever.
#[tokio::test]
async fn a_slow_body_ends_the_request() {
    let limits = Limits { request: Duration::from_millis(50), ..Limits::default() };
    let house = House::with(limits, None).await;
    let (mut stream, _) = house.tls().await;
    let head = "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\n\
        Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.expect("sent");
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(answer, b"HTTP/1.1 503");
}

/// promise: D-19. One address cannot take all connections.
#[tokio::test]
async fn connections_of_one_address_are_limited() {
    let limits = Limits { connections_per_address: 2, ..Limits::default() };
    let house = House::with(limits, None).await;
    let (first, _) = house.tls().await;
    let (_second, _) = house.tls().await;
    let mut third = house.tcp().await;
    let mut rest = Vec::new();
    // Closed at once: either an end or a reset, but no byte.
    drop(third.read_to_end(&mut rest).await);
    assert!(rest.is_empty());
    drop(first);
}

/// promise: D-15. The listener is one TCP port and one socket file, nothing else.
#[tokio::test]
async fn only_the_configured_port_is_open() {
    let house = House::with(Limits::default(), None).await;
    let sockets = std::fs::read_dir("/proc/self/fd").expect("Linux").filter_map(|entry| {
        let link = std::fs::read_link(entry.ok()?.path()).ok()?;
        let name = link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?;
        name.parse::<u64>().ok()
    });
    let own: Vec<u64> = sockets.collect();
    let mut ports = Vec::new();
    for table in ["/proc/self/net/tcp", "/proc/self/net/tcp6"] {
        for line in std::fs::read_to_string(table).unwrap_or_default().lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let inode = fields.get(9).and_then(|inode| inode.parse().ok()).unwrap_or(0);
            // State 0A is LISTEN.
            if fields.get(3) == Some(&"0A") && own.contains(&inode) {
                let port = fields.get(1).and_then(|local| local.rsplit(':').next());
                ports.push(u16::from_str_radix(port.unwrap_or(""), 16).expect("a port"));
            }
        }
    }
    assert_eq!(ports, [house.server.address().port()]);
}
