//! Nobody gets in without a sign-in. The routes are taken from the OpenAPI document, which is made
//! from the same table as the router.

use http::{Method, StatusCode};

use crate::house::{House, json, request};

/// Routes that answer anybody. A new one has to be added here by hand, with a reason.
const OPEN: [(&str, &str); 12] = [
    // Health, readiness and sign-in, as promise V-01 says.
    ("get", "/healthz"),
    ("get", "/readyz"),
    ("post", "/api/v1/session"),
    // The first account is made before there is one to sign in with.
    ("get", "/api/v1/welcome"),
    ("post", "/api/v1/claim"),
    // Signing in with a passkey or at the provider is signing in.
    ("post", "/api/v1/session/passkey/begin"),
    ("post", "/api/v1/session/passkey/finish"),
    ("post", "/api/v1/session/provider/begin"),
    ("post", "/api/v1/session/provider/finish"),
    // These carry the token that they are about.
    ("post", "/api/v1/token"),
    ("post", "/api/v1/token/revoke"),
    // Public keys.
    ("get", "/.well-known/jwks.json"),
];

/// Every route of the document: method, path, whether it needs a sign-in.
fn routes() -> Vec<(Method, String, bool)> {
    let document: serde_json::Value =
        serde_json::from_str(&hearth_api::openapi_json()).expect("JSON");
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("methods") {
            let needs = operation["security"][0].as_object().is_some_and(|one| !one.is_empty());
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
            routes.push((method, path.clone(), needs));
        }
    }
    routes
}

/// An address that a route's path stands for.
pub(crate) fn example(path: &str) -> String {
    let digits = "0".repeat(32);
    let path = path
        .replace("{user}", &format!("usr_{digits}"))
        .replace("{session}", &format!("ses_{digits}"))
        .replace("{token}", &format!("tok_{digits}"))
        .replace("{passkey}", &format!("pk_{digits}"));
    // A rule of the house, not one of a device.
    path.replace("/rules/{rule}", &format!("/rules/rul_{digits}"))
        .replace("{camera}", &format!("cam_{digits}"))
        .replace("{event}", &format!("evt_{digits}"))
        .replace("{device}", &format!("dev_{digits}"))
        .replace("{person}", &format!("per_{digits}"))
        .replace("{watched}", &format!("wat_{digits}"))
        .replace("{group}", &format!("grp_{digits}"))
        .replace("{sample}", &format!("smp_{digits}"))
        .replace("{visitor}", "7")
        .replace("{reply}", &format!("rpl_{digits}"))
        .replace("{visit}", &format!("vis_{digits}"))
        .replace("{review}", &format!("rev_{digits}"))
        .replace("{face}", "0")
        .replace("{room}", "Hall")
        .replace("{rule}", &format!("rule_{digits}"))
        .replace("{control}", "power")
        .replace("{action}", "reboot")
        .replace("{hold}", &format!("hold_{digits}"))
        .replace("{incident}", &format!("inc_{digits}"))
        .replace("{matter}", &format!("inc_{digits}"))
        .replace("{channel}", &format!("chn_{digits}"))
        .replace("{recipient}", &format!("rcp_{digits}"))
        .replace("{approval}", &format!("apr_{digits}"))
        .replace("{conversation}", &format!("cnv_{digits}"))
        .replace("{search}", &format!("sea_{digits}"))
        .replace("{delivery}", &format!("ntf_{digits}"))
}

/// promise: V-01. Every route but the open ones answers 401 to whoever is not signed in, whatever
/// they send.
#[tokio::test]
async fn every_route_asks_for_a_sign_in() {
    let house = House::start().await;
    let routes = routes();
    assert!(routes.len() > 20, "the table was read");
    for (method, path, needs_sign_in) in routes {
        let name = method.as_str().to_ascii_lowercase();
        let is_open = OPEN.contains(&(name.as_str(), path.as_str()));
        assert_eq!(needs_sign_in, !is_open, "{method} {path} says who may use it");
        if is_open {
            continue;
        }
        let target = example(&path);
        let mut forged = json(method.clone(), &target, &serde_json::json!({}));
        forged.headers_mut().insert("x-csrf-token", "x".parse().expect("visible"));
        let token = "__Host-hearthwatch=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        forged.headers_mut().insert("cookie", token.parse().expect("visible"));
        for sent in [request(method.clone(), &target), forged] {
            let answer = house.send(sent).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {target}");
            assert_eq!(answer.code(), "not_signed_in");
        }
    }
}

/// promise: V-01. HEAD is GET without a body, and no way around.
#[tokio::test]
async fn asking_for_the_head_only_needs_a_sign_in_too() {
    let house = House::start().await;
    let target = example("/api/v1/cameras/{camera}/clip.mp4");
    let answer = house.send(request(Method::HEAD, &target)).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

/// promise: V-11. Health and readiness can be asked for by a supervisor without an account.
#[tokio::test]
async fn health_and_readiness_are_open() {
    let house = House::start().await;
    for target in ["/healthz", "/readyz"] {
        assert_eq!(house.get(target).await.status, StatusCode::OK);
    }
}

/// promise: V-11. Readiness follows the disk: a data folder that takes no file is not ready. What is
/// wrong is told to those who are signed in, and to nobody else.
#[tokio::test]
async fn a_hub_that_cannot_write_is_not_ready() {
    use std::os::unix::fs::PermissionsExt;
    let house = House::start().await;
    let browser = house.browser().await;
    let said = |answer: crate::house::Answer| String::from_utf8(answer.body.into()).expect("text");
    assert_eq!(said(house.get("/readyz").await), "ready\n");
    assert!(said(browser.get("/readyz").await).contains("disk ok\n"));
    // Something in the way that even root cannot write a file over.
    let probe = house.data().join("ready.probe");
    std::fs::create_dir(&probe).expect("made");
    std::fs::set_permissions(&probe, PermissionsExt::from_mode(0o700)).expect("set");
    let failing = tokio::time::timeout(std::time::Duration::from_secs(60), async {
        loop {
            let answer = house.get("/readyz").await;
            if answer.status == StatusCode::SERVICE_UNAVAILABLE {
                return answer;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    });
    assert_eq!(said(failing.await.expect("in time")), "not ready\n");
    assert!(said(browser.get("/readyz").await).contains("disk failed\n"));
    assert_eq!(house.get("/healthz").await.status, StatusCode::OK, "it lives still");
}

#[tokio::test]
async fn the_owner_needs_no_sign_in_on_the_control_socket() {
    let house = House::start().await;
    let answer = house.control(request(Method::GET, "/api/v1/cameras")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["cameras"], serde_json::json!([]));
}

/// promise: T-05. What does not exist and what may not be seen look the same.
#[tokio::test]
async fn an_unknown_camera_is_not_found_whatever_its_id_looks_like() {
    let house = House::start().await;
    let browser = house.browser().await;
    for camera in ["cam_00000000000000000000000000000000", "cam_x", "..%2f..%2fetc", "1 or 1=1"] {
        let target = format!("/api/v1/cameras/{}/timeline", camera.replace(' ', "%20"));
        let query = "?from=2026-01-01T00:00:00Z&to=2026-01-01T01:00:00Z";
        let answer = browser.get(&format!("{target}{query}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{camera}");
    }
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_method_have_the_form_of_every_error() {
    let house = House::start().await;
    let answer = house.get("/api/v1/nothing").await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::NOT_FOUND, "not_found"));
    let answer = house.send(request(Method::PUT, "/api/v1/welcome")).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.code(), "wrong_method");
}

/// promise: D-11, T-02. A mistake is explained without saying anything about the inside.
#[tokio::test]
async fn an_error_has_a_code_a_text_and_an_id_and_nothing_of_the_inside() {
    let house = House::start().await;
    let browser = house.browser().await;
    let new = serde_json::json!({ "name": "x", "url": "gopher://nowhere" });
    let answer = browser.change(json(Method::POST, "/api/v1/cameras", &new)).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, "bad_url"));
    let error = &answer.json()["error"];
    assert!(error["id"].as_str().is_some_and(|id| id.starts_with("err_") && id.len() == 20));
    let text = answer.json().to_string();
    let data = house.data().display().to_string();
    for word in [data.as_str(), "src/", ".rs", "panicked", "SELECT", "Error {"] {
        assert!(!text.contains(word), "{text}");
    }
}
