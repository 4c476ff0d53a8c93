//! Requests that no browser sends: bombs, smuggled headers, ids that are paths.

use http::{Method, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::house::{House, json, request};

/// Sends bytes over TLS and returns all that comes back until the hub hangs up.
async fn raw(house: &House, bytes: &[u8]) -> String {
    let (mut stream, _) = house.tls().await;
    stream.write_all(bytes).await.expect("sent");
    let mut answer = Vec::new();
    // The end may come without a TLS goodbye.
    drop(stream.read_to_end(&mut answer).await);
    String::from_utf8_lossy(&answer).into_owned()
}

/// promise: D-23, D-19. A body that would grow when it is unpacked is not unpacked.
#[tokio::test]
async fn a_compressed_body_is_refused() {
    let house = House::start().await;
    for encoding in ["gzip", "deflate", "br", "zstd", "identity", "gzip, gzip"] {
        let text = serde_json::json!({ "name": "admin", "password": "x" });
        let mut sent = json(Method::POST, "/api/v1/session", &text);
        sent.headers_mut().insert("content-encoding", encoding.parse().expect("visible"));
        let answer = house.send(sent).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{encoding}");
        assert_eq!(answer.code(), "encoded");
    }
}

/// promise: D-23. Deep, wide, huge and ambiguous JSON is a mistake of the sender and nothing more.
#[tokio::test]
async fn a_json_bomb_is_a_bad_request() {
    let house = House::start().await;
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(500), close.repeat(500));
    for body in [
        deep("[", "]"),
        deep("{\"a\":", "}"),
        format!("{{\"name\":{}}}", deep("[", "]")),
        format!("{{\"name\":1{}}}", "0".repeat(3_000)),
        "{\"name\":1e999999999}".to_owned(),
        "{\"name\":-1e-999999999}".to_owned(),
        "{\"name\":\"a\",\"name\":\"b\",\"password\":\"x\"}".to_owned(),
        "{\"name\":\"\\ud800\",\"password\":\"x\"}".to_owned(),
        "{\"__proto__\":{},\"name\":\"a\",\"password\":\"x\"}".to_owned(),
        "\u{feff}{}".to_owned(),
        "NaN".to_owned(),
        String::new(),
    ] {
        let mut sent = request(Method::POST, "/api/v1/session");
        sent.headers_mut().insert("content-type", "application/json".parse().expect("visible"));
        *sent.body_mut() = body.clone();
        let answer = house.send(sent).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body:.60}");
        assert!(["bad_json", "bad_body"].contains(&answer.code().as_str()), "{body:.60}");
    }
    assert_eq!(house.get("/healthz").await.status, StatusCode::OK);
}

/// promise: D-23. Two readings of one request are refused: no second request hides in the first.
#[tokio::test]
async fn a_smuggled_request_is_not_answered() {
    let house = House::start().await;
    let hidden = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    for head in [
        "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n",
        "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: +4\r\n\r\n",
        "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: xchunked\r\n\r\n",
        "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, identity\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\n folded: 1\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost : localhost\r\n\r\n",
        "GET /heal\x7fthz\x01 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /healthz HTTP/9.9\r\nHost: localhost\r\n\r\n",
    ] {
        let answer = raw(&house, format!("{head}{hidden}").as_bytes()).await;
        assert!(!answer.contains(" 200 "), "{head:?}: {answer}");
        assert!(answer.matches("HTTP/1.1 ").count() <= 1, "{head:?}: {answer}");
    }
}

/// promise: D-23. A request without a host, with two, or with an absolute address is not ours.
#[tokio::test]
async fn a_request_for_nobody_is_refused() {
    let house = House::start().await;
    for head in [
        "GET /healthz HTTP/1.1\r\n",
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n",
        "GET https://localhost/healthz HTTP/1.1\r\nHost: localhost\r\n",
        "CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\n",
    ] {
        let answer = raw(&house, format!("{head}Connection: close\r\n\r\n").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{head:?}: {answer}");
    }
}

/// promise: D-23. What somebody writes into a name or a query does not become a header line or a
/// file name.
#[tokio::test]
async fn nothing_a_client_writes_becomes_a_header() {
    let house = House::start().await;
    let browser = house.browser().await;
    for name in
        ["a\r\nSet-Cookie: x=y", "a\nb", "a\u{0}b", "a\u{85}b", " a", "a".repeat(65).as_str()]
    {
        let new = serde_json::json!({ "name": name, "url": "rtsp://10.0.0.5/", "force": true });
        let answer = browser.change(json(Method::POST, "/api/v1/cameras", &new)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name:?}");
    }
    for query in ["kind=%0d%0aSet-Cookie:%20x=y", "camera=%0d%0aX:%20y", "before=%0d%0aX:y"] {
        let answer = browser.get(&format!("/api/v1/events?{query}")).await;
        assert!(answer.headers.get("set-cookie").is_none() && answer.headers.get("x").is_none());
        assert!(answer.status.is_client_error(), "{query}: {}", answer.status);
    }
}

/// promise: D-23. Ids are ids; one that is a path or a statement names nothing.
#[tokio::test]
async fn an_id_that_is_a_path_names_nothing() {
    let house = House::start().await;
    let browser = house.browser().await;
    for id in [
        "..%2f..%2findex.db",
        "%2e%2e%2fkey",
        "cam_00000000000000000000000000000000%00",
        "cam_00000000000000000000000000000000%2f..",
        "cam_0000000000000000000000000000000G",
        "%27%20or%201=1--",
        "$%7bjndi:ldap:x%7d",
        "%7b%7b7*7%7d%7d",
    ] {
        for target in [
            format!("/api/v1/cameras/{id}"),
            format!("/api/v1/cameras/{id}/snapshot.jpg"),
            format!("/api/v1/events/{id}/thumbnail.jpg"),
        ] {
            let answer = browser.get(&target).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{target}");
            assert_eq!(answer.code(), "not_found");
        }
    }
}

/// promise: V-06. Every kind of answer carries the security headers: pages, files, data, refusals.
#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let house = House::start().await;
    let mut foreign = request(Method::GET, "/");
    foreign.headers_mut().insert("host", "evil.example".parse().expect("visible"));
    let answers = [
        house.get("/").await,
        house.get("/healthz").await,
        house.get("/api/v1/cameras").await,
        house.get("/api/v1/nothing").await,
        house.send(request(Method::PUT, "/api/v1/welcome")).await,
        house.send(foreign).await,
    ];
    for answer in answers {
        let header = |name| answer.header(name);
        assert!(header("content-security-policy").contains("default-src 'none'"));
        assert!(!header("content-security-policy").contains("unsafe"));
        assert!(header("content-security-policy").contains("frame-ancestors 'none'"));
        assert!(header("strict-transport-security").starts_with("max-age=31536000"));
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("x-frame-options"), "DENY");
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin");
        assert!(header("permissions-policy").contains("camera=()"));
        assert!(!header("cache-control").is_empty());
        assert!(answer.headers.get("server").is_none(), "no word about what runs here");
    }
}
