//! Quick replies, over HTTP.

use hearth_sim::{CameraSpec, House as Simulated, HouseSpec, SceneKind, SceneSpec, Sound};
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use crate::{
    house::{Browser, House, json as sent, request},
    viewer::{Message, Viewer},
};

const REPLIES: &str = "/api/v1/replies";

/// A WAV file, a tenth of a second of 8 bits; all of its bytes are text, as requests here are.
fn wave() -> String {
    let head = "RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data";
    format!("{head}\x20\x03\0\0{}", "a".repeat(800))
}

fn upload(name: &str, kind: &str, file: String) -> Request<String> {
    let target = format!("{REPLIES}?name={name}");
    let request = Request::builder().method(Method::POST).uri(target).header("content-type", kind);
    request.body(file).expect("valid")
}

async fn camera(browser: &Browser<'_>, house: &Simulated, name: &str) -> String {
    let camera = house.camera(name).expect("a camera");
    let body = json!({
        "name": name, "url": camera.url, "username": camera.username, "password": camera.password,
        "force": true,
    });
    let added = browser.change(sent(Method::POST, "/api/v1/cameras", &body)).await;
    assert_eq!(added.status, StatusCode::CREATED, "{:?}", added.body);
    added.json()["id"].as_str().expect("an id").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_is_added_said_recorded_and_removed() {
    let scene = |name| {
        let scene = SceneSpec::new(SceneKind::FrontDoor, 160, 96, 5);
        CameraSpec::scene(name, SceneSpec { seconds: 1, ..scene }, 0)
    };
    let cameras = vec![scene("door").with_speaker(Sound::Pcmu), scene("hall")];
    let simulated = Simulated::start(HouseSpec::new("Test house", cameras)).await.expect("a house");
    let house = House::start().await;
    let browser = house.browser().await;
    let (door, hall) =
        (camera(&browser, &simulated, "door").await, camera(&browser, &simulated, "hall").await);
    let made = browser.change(upload("Leave%20it%20there", "audio/wav", wave())).await;
    assert_eq!(made.status, StatusCode::CREATED, "{:?}", made.body);
    let made = made.json();
    let id = made["id"].as_str().expect("an id");
    assert_eq!(made, json!({ "id": id, "name": "Leave it there" }));
    assert_eq!(browser.get(REPLIES).await.json(), json!({ "replies": [made] }));

    let say = async |camera: &str| {
        let path = format!("/api/v1/cameras/{camera}/replies/{id}");
        browser.change(sent(Method::POST, &path, &json!({}))).await
    };
    let said = say(&door).await;
    assert_eq!(said.status, StatusCode::OK, "{:?}", said.body);
    let expected = json!({ "camera": door, "reply": id, "millis": 100, "visit": Value::Null });
    assert_eq!(said.json(), expected);
    assert_eq!(simulated.heard("door").expect("a camera").len(), 1);
    let silent = say(&hall).await;
    let told = (silent.status, silent.code());
    assert_eq!(told, (StatusCode::CONFLICT, "cannot_speak".to_owned()));
    // promise: T-13. Who spoke where is in the audit log, and what could not be said too.
    let log = browser.get("/api/v1/audit?class=control").await.json().to_string();
    assert!(log.contains(&door) && log.contains(&hall), "{log}");

    let removed = browser.change(request(Method::DELETE, &format!("{REPLIES}/{id}"))).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    assert_eq!(say(&door).await.status, StatusCode::NOT_FOUND);
}

/// promise: T-13. What somebody speaks is heard, whoever cannot be heard is told why, and that
/// somebody spoke is in the audit log with its begin and end.
#[tokio::test(flavor = "multi_thread")]
async fn somebody_speaks_over_a_web_socket() {
    let scene = SceneSpec::new(SceneKind::FrontDoor, 160, 96, 5);
    let scene = |name| CameraSpec::scene(name, SceneSpec { seconds: 1, ..scene.clone() }, 0);
    let cameras = vec![scene("door").with_speaker(Sound::Pcmu), scene("hall")];
    let simulated = Simulated::start(HouseSpec::new("Test house", cameras)).await.expect("a house");
    let house = House::start().await;
    let browser = house.browser().await;
    let talk = async |name: &str| {
        let camera = camera(&browser, &simulated, name).await;
        let target = format!("/api/v1/cameras/{camera}/talk");
        (Viewer::open(&house, &browser, &target).await, camera)
    };
    let text = async |viewer: &mut Viewer| match viewer.next().await {
        Some(Message::Text(text)) => text,
        _ => Value::Null,
    };
    let (mut viewer, door) = talk("door").await;
    assert_eq!(text(&mut viewer).await, json!({ "type": "connecting" }));
    viewer.send(&[9; 800]).await;
    assert_eq!(text(&mut viewer).await, json!({ "type": "listening" }));
    viewer.send(&[9; 100]).await;
    viewer.send(&[]).await;
    let over = json!({ "type": "over", "reason": "done", "visit": Value::Null });
    assert_eq!(text(&mut viewer).await, over);
    assert!(matches!(viewer.next().await, Some(Message::Close)));
    let heard = simulated.heard("door").expect("a camera").remove(0);
    assert_eq!(heard.samples.iter().filter(|code| **code == 9).count(), 900);

    let (mut viewer, _) = talk("hall").await;
    assert_eq!(text(&mut viewer).await["type"], "connecting");
    let failed = text(&mut viewer).await;
    assert_eq!((&failed["type"], &failed["code"]), (&json!("failed"), &json!("cannot_speak")));
    let log = browser.get("/api/v1/audit?class=control").await.json().to_string();
    assert!(log.contains(&door) && log.contains("get_cameras_camera_talk"), "{log}");
}

#[tokio::test]
async fn what_is_no_sound_or_too_much_of_it_is_refused() {
    let house = House::start().await;
    let browser = house.browser().await;
    let code = async |request: Request<String>| {
        let answer = browser.change(request).await;
        (answer.status.as_u16(), answer.code())
    };
    let refused = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(code(upload("x", "text/plain", wave())).await, refused(415, "not_a_sound"));
    assert_eq!(code(upload("x", "audio/wav", "ID3".into())).await, refused(400, "bad_sound"));
    assert_eq!(code(upload("", "audio/wav", wave())).await, refused(400, "bad_name"));
    let large = "x".repeat(4 * 1024 * 1024 + 1);
    assert_eq!(code(upload("x", "audio/x-wav", large)).await, refused(413, "body_too_large"));
    let text = browser.change(upload("x", "audio/wav", "ID3".into())).await.json();
    assert_eq!(text["error"]["message"], "It is no WAV file.");
}
