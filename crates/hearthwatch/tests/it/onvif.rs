//! `onvif`: against a simulated device, as a person or a script does it.

use std::process::Output;

use hearth_sim::{OnvifAccess, OnvifDevice, OnvifEvent, OnvifSpec};
use tokio::runtime::Runtime;

use crate::program::{Program, json, text};

struct Simulated {
    runtime: Runtime,
    device: OnvifDevice,
    program: Program,
}

impl Simulated {
    fn new(spec: OnvifSpec) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = { runtime }.worker_threads(1).enable_all().build().expect("a runtime");
        let device = runtime.block_on(OnvifDevice::start(spec)).expect("ports are free");
        Self { runtime, device, program: Program::new() }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.run_with("simulated-door", arguments)
    }

    fn run_with(&self, password: &str, arguments: &[&str]) -> Output {
        let url = self.device.url();
        let port = url.split(':').nth(2).and_then(|rest| rest.split('/').next()).expect("a port");
        let mut command = self.program.command(&["onvif"]);
        command.args(arguments).args([
            "--host",
            "127.0.0.1",
            "--port",
            port,
            "--username",
            "admin",
        ]);
        command.args(["--password-env", "DOOR_PASSWORD", "--json"]).env("DOOR_PASSWORD", password);
        if url.starts_with("https") {
            command.arg("--https");
        }
        command.output().expect("the program starts")
    }
}

/// promise: K-02. A move beyond the device's limits ends with 2 before anything is moved.
#[test]
fn a_device_is_asked_moved_and_set() {
    let simulated = Simulated::new(OnvifSpec::new("door"));
    let info = json(&simulated.run(&["info"]));
    assert_eq!(info["device"]["model"], "door");
    assert_eq!(info["security"]["encrypted"], false);
    assert_eq!(info["security"]["scheme"], "username_token");
    let profiles = json(&simulated.run(&["profiles"]));
    assert_eq!(profiles["profiles"][0]["encoder"]["resolution"]["width"], 1920);
    let stream = json(&simulated.run(&["stream-uri", "--profile", "sub"]));
    assert_eq!(stream["url"], "rtsp://127.0.0.1:8554/main");
    json(&simulated.run(&["ptz", "to", "--pan", "-0.5", "--zoom", "0.5"]));
    assert_eq!(simulated.device.position(), (-0.5, 0.0, 0.5));
    let preset = json(&simulated.run(&["ptz", "save", "gate"]));
    json(&simulated.run(&["ptz", "home"]));
    json(&simulated.run(&["ptz", "goto", preset["preset"].as_str().expect("a token")]));
    assert_eq!(json(&simulated.run(&["ptz", "status"]))["status"]["position"]["zoom"], 0.5);
    assert_eq!(simulated.run(&["ptz", "to", "--pan", "1.5"]).status.code(), Some(2));
    let image = json(&simulated.run(&["imaging", "--brightness", "70"]));
    assert_eq!(image["settings"]["brightness"], 70.0);
    assert_eq!(simulated.run(&["imaging", "--brightness", "101"]).status.code(), Some(2));
    json(&simulated.run(&["reboot"]));
    assert_eq!(simulated.device.position(), (-0.5, 0.0, 0.5));
}

#[test]
fn a_picture_is_saved() {
    let simulated =
        Simulated::new(OnvifSpec { access: OnvifAccess::Digest, ..OnvifSpec::new("door") });
    let file = simulated.program.data().join("door.jpg");
    json(&simulated.run(&["snapshot", "-o", file.to_str().expect("text")]));
    assert!(std::fs::read(file).expect("there").starts_with(&[0xFF, 0xD8]));
}

/// promise: T-07. Over TLS the command says so, and which certificate it saw. K-01: that one is
/// pinned, and another one ends it.
#[test]
fn an_encrypted_device_is_shown_as_such_and_pinned() {
    let simulated = Simulated::new(OnvifSpec { encrypted: true, ..OnvifSpec::new("door") });
    let info = json(&simulated.run(&["info"]));
    assert_eq!(info["security"]["encrypted"], true);
    let seen = info["security"]["certificate"].as_str().map(str::to_owned);
    assert_eq!(seen, simulated.device.certificate_sha256());
    json(&simulated.run(&["info"]));
    let other = "00".repeat(32);
    let output = simulated.run(&["info", "--certificate-sha256", &other]);
    let error: serde_json::Value = serde_json::from_slice(&output.stderr).expect("JSON");
    assert_eq!(error["error"]["code"], "certificate_changed");
}

#[test]
fn a_wrong_password_is_told_as_such_and_appears_nowhere() {
    let simulated = Simulated::new(OnvifSpec::new("door"));
    let output = simulated.run_with("planted-password", &["info"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let error: serde_json::Value = serde_json::from_slice(&output.stderr).expect("JSON");
    assert_eq!(error["error"]["code"], "wrong_password");
    assert!(!text(&output.stderr).contains("planted-password"));
}

#[test]
fn what_the_device_notices_is_printed_one_object_a_line() {
    let simulated = Simulated::new(OnvifSpec::new("door"));
    let output = std::thread::scope(|scope| {
        let running = scope.spawn(|| simulated.run(&["events", "--count", "2"]));
        while simulated.device.subscriptions() == 0 && !running.is_finished() {
            std::thread::yield_now();
        }
        simulated.device.notice(OnvifEvent::Doorbell(true));
        running.join().expect("it ran")
    });
    let lines: Vec<serde_json::Value> = text(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines.len(), 2, "{}", text(&output.stderr));
    assert!(lines.iter().any(|one| one["meaning"]["kind"] == "doorbell_press"), "{lines:?}");
    drop(simulated.runtime);
}

#[test]
fn devices_are_found() {
    let simulated = Simulated::new(OnvifSpec::new("door"));
    let target = simulated.device.discovery().to_string();
    let arguments = [
        "onvif",
        "discover",
        "--seconds",
        "1",
        "--interface",
        "127.0.0.1",
        "--target",
        &target,
        "--json",
    ];
    let found = json(&simulated.program.run(&arguments));
    assert_eq!(found["devices"][0]["name"], "door");
}
