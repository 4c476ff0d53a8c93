//! Foreign hosts and foreign pages.

use hearth_hub::NetworkConfig;
use http::{Method, Request, StatusCode};

use crate::house::{House, json, request};

fn with(mut request: Request<String>, headers: &[(&'static str, &str)]) -> Request<String> {
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().expect("visible"));
    }
    request
}

/// promise: V-05. A name that resolves to this machine without being ours is not served, not even
/// the dashboard's own files.
#[tokio::test]
async fn only_known_hosts_are_served() {
    let house = House::start().await;
    let port = house.server.address().port();
    let ask = |host: String, target| with(request(Method::GET, target), &[("host", &host)]);
    for host in ["localhost", "127.0.0.1", "[::1]", "hearth.test", "Hearth.Test"] {
        let answer = house.send(ask(format!("{host}:{port}"), "/api/v1/welcome")).await;
        assert_eq!(answer.status, StatusCode::OK, "{host}");
    }
    for host in ["evil.example", "127.0.0.1.evil.example", "10.9.8.7"] {
        for target in ["/api/v1/welcome", "/healthz", "/"] {
            let answer = house.send(ask(format!("{host}:{port}"), target)).await;
            assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{host} {target}");
        }
    }
}

/// promise: D-09, D-23. A foreign page cannot sign a browser in, out, or change anything.
#[tokio::test]
async fn a_foreign_page_changes_nothing() {
    let house = House::start().await;
    let browser = house.browser().await;
    let foreign: [&[(&'static str, &str)]; 4] = [
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
    ];
    for headers in foreign {
        let sent = with(request(Method::DELETE, "/api/v1/session"), headers);
        let answer = browser.change(sent).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::FORBIDDEN, "cross_site"));
        let answer = house.send(with(crate::house::sign_in("x"), headers)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(browser.get("/api/v1/session").await.status, StatusCode::OK);
}

/// promise: D-09, D-23. The cookie alone changes nothing; the token of another sign-in does not either.
#[tokio::test]
async fn a_change_needs_the_token_of_its_own_sign_in() {
    let house = House::start().await;
    let (browser, other) = (house.browser().await, house.browser().await);
    let sign_out = || request(Method::DELETE, "/api/v1/session");
    let answer = browser.send(sign_out()).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::FORBIDDEN, "csrf"));
    let foreign = with(sign_out(), &[("x-csrf-token", &other.csrf)]);
    assert_eq!(browser.send(foreign).await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.change(sign_out()).await.status, StatusCode::NO_CONTENT);
}

/// promise: D-09. Live pictures and events are not opened by a foreign page's script.
#[tokio::test]
async fn a_foreign_page_opens_no_stream() {
    let house = House::start().await;
    let browser = house.browser().await;
    let camera = "/api/v1/cameras/cam_00000000000000000000000000000000/live";
    for target in [camera, "/api/v1/events/stream"] {
        let headers = [
            ("origin", "https://evil.example"),
            ("connection", "upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ];
        let answer = browser.send(with(request(Method::GET, target), &headers)).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::FORBIDDEN, "cross_site"));
    }
}

/// promise: V-05. No answer allows another origin to read it, not even to one that asks nicely.
#[tokio::test]
async fn there_is_no_cors() {
    let house = House::start().await;
    let headers = [("origin", "https://evil.example"), ("access-control-request-method", "GET")];
    let preflight = with(request(Method::OPTIONS, "/api/v1/cameras"), &headers);
    for sent in [preflight, with(request(Method::GET, "/api/v1/welcome"), &headers)] {
        let answer = house.send(sent).await;
        assert!(!answer.status.is_success(), "{}", answer.status);
        let allows = answer.headers.keys().any(|name| name.as_str().starts_with("access-control"));
        assert!(!allows);
    }
}

fn allowing(origin: &str) -> NetworkConfig {
    let origins = vec![origin.parse().expect("an origin")];
    NetworkConfig { origins, ..NetworkConfig::default() }
}

/// promise: V-05. A site that the settings name may ask before it sends, send, and read the answer;
/// the answer names that site and no other.
#[tokio::test]
async fn an_allowed_site_may_use_the_api() {
    let house = House::networked(allowing("https://panel.test")).await;
    let browser = house.browser().await;
    let asks = [
        ("origin", "https://panel.test"),
        ("access-control-request-method", "DELETE"),
        ("access-control-request-headers", "x-csrf-token"),
    ];
    let answer = house.send(with(request(Method::OPTIONS, "/api/v1/session"), &asks)).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(answer.header("access-control-allow-origin"), "https://panel.test");
    assert_eq!(answer.header("access-control-allow-credentials"), "true");
    assert!(answer.header("access-control-allow-methods").contains("DELETE"));
    assert!(answer.header("access-control-allow-headers").contains("x-csrf-token"));
    let own = [("origin", "https://panel.test"), ("sec-fetch-site", "same-site")];
    let answer = browser.send(with(request(Method::GET, "/api/v1/session"), &own)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("access-control-allow-origin"), "https://panel.test");
    assert!(answer.header("vary").to_ascii_lowercase().contains("origin"));
    // The list is about who may ask, not about what: a change still needs the token.
    let answer = browser.send(with(request(Method::DELETE, "/api/v1/session"), &own)).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::FORBIDDEN, "csrf"));
    let answer = browser.change(with(request(Method::DELETE, "/api/v1/session"), &own)).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
}

/// promise: V-05. That one site is allowed opens nothing to those whose names look like it.
#[tokio::test]
async fn a_site_that_looks_like_an_allowed_one_is_foreign() {
    let house = House::networked(allowing("https://panel.test")).await;
    let browser = house.browser().await;
    for origin in [
        "https://panel.test.evil.example",
        "https://evil.example",
        "https://panel.test:444",
        "http://panel.test",
        "https://xpanel.test",
        "https://PANEL.test",
        "null",
        "*",
    ] {
        let asks = [("origin", origin), ("access-control-request-method", "GET")];
        for method in [Method::OPTIONS, Method::GET] {
            let answer = browser.send(with(request(method, "/api/v1/cameras"), &asks)).await;
            assert!(!answer.status.is_success(), "{origin}: {}", answer.status);
            let names = answer.headers.keys();
            assert!(!names.into_iter().any(|name| name.as_str().starts_with("access-control")));
            assert!(answer.header("vary").to_ascii_lowercase().contains("origin"));
        }
    }
    let mut two =
        with(request(Method::GET, "/api/v1/cameras"), &[("origin", "https://panel.test")]);
    two.headers_mut().append("origin", "https://evil.example".parse().expect("visible"));
    assert_eq!(browser.send(two).await.status, StatusCode::FORBIDDEN);
}

/// promise: D-09. What an HTML form can send is not accepted as a body.
#[tokio::test]
async fn a_form_is_no_body() {
    let house = House::start().await;
    let text = serde_json::json!({ "name": "admin", "password": "x" });
    let mut form = json(Method::POST, "/api/v1/session", &text);
    form.headers_mut().insert("content-type", "text/plain".parse().expect("visible"));
    assert_eq!(house.send(form).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}
