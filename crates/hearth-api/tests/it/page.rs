//! Headers, TLS, and what is served to a browser that has not signed in.

use std::os::unix::fs::PermissionsExt;

use http::{Method, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::house::{House, request};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' blob:; media-src 'self' blob:; connect-src 'self'; font-src 'self'; \
    manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types hearth";

/// promise: V-06. Every answer carries the security headers: pages, data, refusals alike.
#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let house = House::start().await;
    for target in ["/", "/nothing", "/healthz", "/api/v1/welcome", "/api/v1/cameras", "/api/v1/x"] {
        let answer = house.get(target).await;
        let expected = [
            ("content-security-policy", POLICY),
            ("strict-transport-security", "max-age=31536000"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("permissions-policy", "camera=(), microphone=(self)"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("x-frame-options", "DENY"),
        ];
        for (name, value) in expected {
            assert_eq!(answer.header(name), value, "{target}");
        }
        if target.starts_with("/api/") {
            assert_eq!(answer.header("cache-control"), "private, no-store", "{target}");
        }
    }
}

/// promise: D-23. No path leads out of the embedded files.
#[tokio::test]
async fn traversal_leads_nowhere() {
    let house = House::start().await;
    for target in [
        "/../../etc/passwd",
        "/assets/../../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/assets/..%2f..%2f..%2fetc%2fpasswd",
        "//etc/passwd",
        "/assets/%00",
        "/assets/index.html%00.png",
        "/....//....//etc/passwd",
        "/..;/..;/etc/passwd",
        "/%252e%252e/%252e%252e/etc/passwd",
        "/%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd",
        "/%uff0e%uff0e/etc/passwd",
        "/..%5c..%5cetc%5cpasswd",
        "/..\\..\\etc\\passwd",
        "/C:/Windows/win.ini",
        "/file:///etc/passwd",
        "/.git/config",
        "/.env",
        "/hearthwatch.toml",
        "/index.db",
        "/control.sock",
        "/assets/",
        "/proc/self/environ",
    ] {
        let answer = house.get(target).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{target}");
        assert!(!answer.body.windows(5).any(|part| part == b"root:"));
    }
}

/// promise: D-12, T-09. TLS works without any setting; the fingerprint shown is the one served.
#[tokio::test]
async fn tls_is_on_by_default_with_the_certificate_that_is_shown() {
    let house = House::start().await;
    let (_stream, fingerprint) = house.tls().await;
    assert_eq!(fingerprint, house.fingerprint);
    let welcome = house.get("/api/v1/welcome").await.json();
    assert_eq!(welcome["certificate_sha256"], fingerprint.as_str());
    assert_eq!(fingerprint.len(), 95);
}

/// promise: D-12, D-15. Plain HTTP gets one line that says so, and nothing else.
#[tokio::test]
async fn plain_http_is_not_served() {
    let house = House::start().await;
    let mut stream = house.tcp().await;
    stream
        .write_all(b"GET /api/v1/welcome HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer:?}");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    assert!(head.contains(&format!("Content-Length: {}", body.len())), "{answer:?}");
    assert!(!answer.contains("claim"));
}

/// promise: V-07, D-05. The private key is on the disk in sealed form only, for the owner only.
#[tokio::test]
async fn the_certificates_key_is_not_readable_on_disk() {
    let house = House::start().await;
    let path = house.data().join("certificate.sealed");
    let bytes = std::fs::read(&path).expect("there");
    for word in [&b"PRIVATE KEY"[..], b"certificate", b"\"key\""] {
        assert!(!bytes.windows(word.len()).any(|part| part == word));
    }
    let mode = std::fs::metadata(&path).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

/// promise: D-15. When it stops, nothing listens any more and the socket file is gone.
#[tokio::test]
async fn after_shutdown_nothing_listens() {
    let house = House::start().await;
    let (address, data) = (house.server.address(), house.data());
    let House { hub, server, .. } = house;
    server.shutdown().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    assert!(!data.join(hearth_api::CONTROL_SOCKET).exists());
    hub.shutdown().await;
}

#[tokio::test]
async fn the_start_page_is_a_page() {
    let house = House::start().await;
    let answer = house.send(request(Method::GET, "/")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.header("content-type").starts_with("text/html"));
}
