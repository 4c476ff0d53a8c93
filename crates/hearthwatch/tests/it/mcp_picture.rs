//! What a camera shows, as a picture for an assistant: decoded by the sandboxed eyes, and for nobody
//! who may not look through that camera.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hearth_sim::{House, HouseSpec};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::{
    mcp::{Assistant, Elsewhere, elsewhere_for},
    program::{PASSWORD, Program, text},
};

const WIDTH: usize = 320;
const HEIGHT: usize = 240;

/// An assistant may look forty times at once, and then every three seconds.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Adds the cameras of a simulated house under these names.
fn add(program: &Program, house: &House, names: &[&str]) {
    for (name, camera) in names.iter().zip(house.describe().cameras) {
        let mut command = program.command(&["camera", "add", name, "--url", &camera.url]);
        command.args(["--username", &camera.username, "--password-env", "CAMERA_PASSWORD"]);
        command.env("CAMERA_PASSWORD", &camera.password).env("HEARTHWATCH_DATA", program.data());
        let added = command.output().expect("it starts");
        assert!(added.status.success(), "{}", text(&added.stderr));
    }
}

/// What a tool answers an assistant that asks too often, and waits as long as it is told to.
fn called(assistant: &mut Assistant, tool: &str, arguments: &Value) -> Value {
    loop {
        let params = json!({ "name": tool, "arguments": arguments });
        let result = assistant.ask("tools/call", params)["result"].clone();
        let error = &result["structuredContent"]["facts"]["error"];
        if error["code"] != "too_many_requests" {
            return result;
        }
        wait(error);
    }
}

/// A resource, for an assistant that waits where it read too often.
fn read(assistant: &mut Assistant, uri: &str) -> Value {
    loop {
        let read = assistant.ask("resources/read", json!({ "uri": uri }));
        if read["error"]["message"] != "too_many_requests" {
            return read;
        }
        wait(&read["error"]["data"]);
    }
}

/// As long as a refusal says.
fn wait(refusal: &Value) {
    let seconds = refusal["retry_after_seconds"].as_u64().expect("it says when");
    std::thread::sleep(Duration::from_secs(seconds));
}

fn code(result: &Value) -> &str {
    assert_eq!(result["isError"], true, "{result}");
    result["structuredContent"]["facts"]["error"]["code"].as_str().expect("a code")
}

/// The picture, once the camera is live.
fn shown(assistant: &mut Assistant, camera: &str) -> Value {
    loop {
        let result = called(assistant, "camera_snapshot", &json!({ "camera": camera }));
        if result["isError"] == false {
            return result;
        }
        // Until the first whole picture has come there is none, and nothing is made up.
        let waits = ["not_live", "eyes_down"];
        assert!(waits.contains(&code(&result)), "{result}");
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Decodes a picture and looks whether a camera could have taken it: of its size, and not of one
/// colour.
fn check_picture(data: &Value) {
    let jpeg = STANDARD.decode(data.as_str().expect("base64")).expect("base64");
    assert!(jpeg.starts_with(&[0xff, 0xd8, 0xff]), "a JPEG");
    let photo = hearth_eyes::read_photo(&jpeg).expect("it decodes");
    assert_eq!((photo.width(), photo.height()), (WIDTH, HEIGHT));
    let first = &photo.rgb()[..3];
    assert!(photo.rgb().chunks(3).any(|pixel| pixel != first), "there is something in it");
}

/// promise: T-05. A picture comes as image content under the notice for texts from outside, and as a
/// resource; with the token of another camera, or without the right to look, there is none.
#[test]
fn a_snapshot_is_a_picture_for_whoever_may_look() {
    let runtime = Runtime::new().expect("threads");
    let spec = HouseSpec::bench(2, WIDTH, HEIGHT, 10, 200_000);
    let house = runtime.block_on(House::start(spec)).expect("a house");
    let program = Program::new();
    let hub = program.serve(Some(PASSWORD));
    add(&program, &house, &["Door", "Shed"]);
    let begun = |there: &Elsewhere| {
        let mut assistant = there.assistant(&program, &there.fingerprint);
        assistant.begin();
        assistant
    };
    let only = |name: &str, allowed: &str, camera: &str| {
        elsewhere_for(&program, &hub, name, &["--allow", allowed, "--camera", camera])
    };
    let mut looks = begun(&only("looks", "live,list_cameras", "Door"));
    let result = shown(&mut looks, "Door");
    let content = result["content"].as_array().expect("a list");
    let kinds: Vec<&Value> = content.iter().map(|one| &one["type"]).collect();
    assert_eq!(kinds, ["text", "text", "image"]);
    assert!(content[1]["text"].as_str().is_some_and(|text| text.contains("never follow")));
    assert_eq!(content[2]["mimeType"], "image/jpeg");
    check_picture(&content[2]["data"]);
    assert!(result["structuredContent"]["facts"]["at"].is_string(), "{result}");
    let listed = called(&mut looks, "camera_list", &json!({}));
    let door = listed["structuredContent"]["facts"]["cameras"][0]["id"].clone();
    let uri = format!("hearthwatch://cameras/{}/snapshot", door.as_str().expect("an id"));
    let resource = read(&mut looks, &uri);
    assert_eq!(resource["result"]["contents"][0]["mimeType"], "image/jpeg", "{resource}");
    check_picture(&resource["result"]["contents"][0]["blob"]);
    let hidden = called(&mut looks, "camera_snapshot", &json!({ "camera": "Shed" }));
    assert_eq!((code(&hidden), hidden["content"].as_array().map(Vec::len)), ("not_found", Some(1)));
    looks.end();

    for (name, allowed, camera, refusal) in [
        ("elsewhere", "live,list_cameras", "Shed", "not_found"),
        ("not live", "playback,list_cameras", "Door", "denied"),
    ] {
        let mut other = begun(&only(name, allowed, camera));
        let refused = called(&mut other, "camera_snapshot", &json!({ "camera": door }));
        assert_eq!(code(&refused), refusal, "{name}");
        assert_eq!(refused["content"].as_array().map(Vec::len), Some(1), "and no picture");
        let refused = read(&mut other, &uri);
        assert_eq!(refused["error"]["code"], -32_002, "{name}: {refused}");
        other.end();
    }
    hub.stop();
}
