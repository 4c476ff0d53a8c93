//! Where a camera's URL may lead, by who set it.

use http::{Method, StatusCode};
use tokio::net::TcpListener;

use crate::house::{Browser, House, Setup, json};

/// Spellings of places on the hub's own machine or of clouds' services, with `PORT` for a port on
/// which somebody listens.
const INSIDE: [&str; 8] = [
    "rtsp://127.0.0.1:PORT/x",
    "rtsp://localhost:PORT/x",
    "http://10.0.0.5@127.0.0.1:PORT/x",
    "rtsp://[::ffff:127.0.0.1]:PORT/x",
    "rtsp://0.0.0.0:PORT/x",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/",
    "file:///etc/hostname",
];

/// promise: K-04. Whoever signs in over the network cannot send the hub to its own machine or to a
/// cloud's services, and nobody there hears of it.
#[tokio::test]
async fn a_signed_in_person_cannot_send_the_hub_to_its_own_machine() {
    let house = House::built(Setup { simulated: false, ..Setup::default() }).await;
    let browser = house.browser().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("bound").port().to_string();
    for url in INSIDE {
        let new = serde_json::json!({ "name": "Door", "url": url.replace("PORT", &port) });
        let answer = browser.change(json(Method::POST, "/api/v1/cameras", &new)).await;
        assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "{url}");
        assert_eq!(answer.code(), "address_refused", "{url}");
    }
    for url in ["rtsp://2130706433/x", "rtsp://0x7f.1/x", "rtsp://0177.0.0.1/x", "rtsp://127.1/x"] {
        let new = serde_json::json!({ "name": "Door", "url": url });
        let answer = browser.change(json(Method::POST, "/api/v1/cameras", &new)).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, "bad_url"));
    }
    let accepted = tokio::time::timeout(std::time::Duration::ZERO, listener.accept()).await;
    assert!(accepted.is_err(), "nobody connected");
}

/// promise: K-04. The machine's own user may name a source on it, and keeps that right to itself: a
/// later change of the address by somebody else ends it.
#[tokio::test]
async fn a_source_on_this_machine_is_its_users_to_name() {
    let house = House::built(Setup { simulated: false, ..Setup::default() }).await;
    let browser = house.browser().await;
    let new = serde_json::json!({ "name": "Door", "url": "rtsp://127.0.0.1:9/x", "force": true });
    let added = house.control(json(Method::POST, "/api/v1/cameras", &new)).await;
    assert_eq!(added.status, StatusCode::CREATED);
    let camera = format!("/api/v1/cameras/{}", added.json()["id"].as_str().expect("an id"));
    let may = |answer: crate::house::Answer| answer.json()["settings"]["this_machine"].clone();
    assert_eq!(may(browser.get(&camera).await), true);
    let renamed = json(Method::PATCH, &camera, &serde_json::json!({ "name": "Gate" }));
    assert_eq!(may(browser.change(renamed).await), true);
    let forged = json(Method::PATCH, &camera, &serde_json::json!({ "this_machine": true }));
    assert_eq!(browser.change(forged).await.status, StatusCode::BAD_REQUEST);
    let moved = serde_json::json!({ "url": "rtsp://127.0.0.1:10/x" });
    assert_eq!(may(browser.change(json(Method::PATCH, &camera, &moved)).await), false);
}

async fn added(admin: &Browser<'_>, new: &serde_json::Value) -> (StatusCode, serde_json::Value) {
    let answer = admin.change(json(Method::POST, "/api/v1/cameras", new)).await;
    (answer.status, answer.json())
}

/// promise: T-17, V-24, K-05. What proves an account is cut out of an address wherever it stands, also
/// of the second one and of a later one, and shown to nobody; a camera has one account.
#[tokio::test]
async fn no_address_shows_a_password() {
    let house = House::start().await;
    let admin = house.browser().await;
    let new = serde_json::json!({
        "name": "Door", "force": true,
        "url": "rtsp://127.0.0.1:9/user=anna_password=Pl4nted_channel=1",
        "sub_url": "rtsp://anna:Pl4nted@127.0.0.1:9/live?usr=anna&pwd=Pl4nted",
    });
    let (status, door) = added(&admin, &new).await;
    assert_eq!(status, StatusCode::CREATED, "{door}");
    let camera = format!("/api/v1/cameras/{}", door["id"].as_str().expect("an id"));
    let shown = admin.get(&camera).await.json();
    assert_eq!(shown["has_credentials"], true);
    let urls = ["url", "sub_url"].map(|name| shown["settings"][name].clone());
    assert_eq!(
        urls,
        [
            "rtsp://127.0.0.1:9/user={username}_password={password}_channel=1",
            "rtsp://127.0.0.1:9/live?usr={username}&pwd={password}",
        ]
    );
    let moved = serde_json::json!({ "url": "rtsp://127.0.0.1:9/live?token=Pl4nted&channel=2" });
    let moved = admin.change(json(Method::PATCH, &camera, &moved)).await.json();
    assert_eq!(moved["settings"]["url"], "rtsp://127.0.0.1:9/live?token={password}&channel=2");
    assert!(![door, shown, moved].iter().any(|told| told.to_string().contains("Pl4nted")));
    for (more, code) in [
        (serde_json::json!({ "url": "rtsp://h/?password=a&token=b" }), "bad_url"),
        (
            serde_json::json!({ "url": "rtsp://x:a@h/", "sub_url": "rtsp://x:b@h/" }),
            "two_passwords",
        ),
        (
            serde_json::json!({ "url": "rtsp://h/?pwd=a", "username": "x", "password": "b" }),
            "two_passwords",
        ),
    ] {
        let mut new = more.clone();
        new["name"] = "Gate".into();
        new["force"] = true.into();
        let (status, told) = added(&admin, &new).await;
        let code = (StatusCode::BAD_REQUEST, serde_json::Value::from(code));
        assert_eq!((status, told["error"]["code"].clone()), code, "{more}");
    }
}

/// promise: T-05, V-24. There are cameras that serve whoever knows their path: it is shown to those who
/// set the camera up.
#[tokio::test]
async fn who_only_looks_is_not_told_what_the_camera_is_asked_for() {
    let house = House::start().await;
    let admin = house.browser().await;
    let url = "rtsp://127.0.0.1:9/AbCd3f";
    let new = serde_json::json!({ "name": "Door", "url": url, "sub_url": url, "force": true });
    let (_, door) = added(&admin, &new).await;
    let camera = format!("/api/v1/cameras/{}", door["id"].as_str().expect("an id"));
    house.add_user(&admin, "anna", "viewer", serde_json::json!({})).await;
    let anna = house.browser_of("anna").await.get(&camera).await.json();
    for name in ["url", "sub_url"] {
        assert_eq!(anna["settings"][name], "rtsp://127.0.0.1:9/");
        assert_eq!(admin.get(&camera).await.json()["settings"][name], url);
    }
}
