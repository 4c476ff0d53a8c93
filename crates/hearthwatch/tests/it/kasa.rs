//! `kasa` against a simulated camera.

use std::process::{Command, Output};

use hearth_sim::{KasaCamera, KasaFault, KasaProtocol};
use serde_json::{Value, json};

use crate::program::{Program, json, text};

/// A simulated camera and the user's own folders.
struct Bench {
    program: Program,
    camera: KasaCamera,
}

impl Bench {
    async fn start(protocol: KasaProtocol) -> Self {
        let camera = KasaCamera::start(protocol).await.expect("it starts");
        Self { program: Program::new(), camera }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let description = self.camera.describe();
        let mut line = vec!["kasa"];
        line.extend(arguments);
        let port = description.port.to_string();
        line.extend(["--host", "127.0.0.1", "--port", &port]);
        match description.protocol {
            KasaProtocol::Linkie2 => line.push("--linkie2"),
            KasaProtocol::Linkie => {
                line.extend(["--username", &description.username, "--password-env", "KASA_WORD"]);
            }
        }
        let mut command = self.program.command(&line);
        command.env("KASA_WORD", &description.password);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("it runs")
    }

    fn answer(&self, arguments: &[&str]) -> Value {
        json(&self.run(&[arguments, &["--json"]].concat()))
    }
}

/// promise: K-08. Every command of the reference has its command here.
#[tokio::test(flavor = "multi_thread")]
async fn every_command_works() {
    let bench = Bench::start(KasaProtocol::Linkie).await;
    let set: &[(&[&str], &[&str], Value)] = &[
        (&["switch", "power"], &["on"], json!({"value": true})),
        (&["switch", "do-not-disturb"], &["on"], json!({"value": true})),
        (&["sensitivity", "motion"], &["high"], json!({"value": "high"})),
        (&["trigger-time"], &["1500", "2500"], json!({"day_ms": 1500, "night_ms": 2500})),
        (&["resolution"], &["1920x1080"], json!({"value": "1920x1080"})),
        (&["rotation"], &["180"], json!({"value": "180"})),
        (&["night-vision"], &["night"], json!({"value": "night"})),
        (&["clock"], &["2027-01-15T08:00:00Z"], json!({"value": 1_800_000_000})),
        (
            &["time-zone"],
            &["UTC-05:00", "America/New_York"],
            json!({"offset": "UTC-05:00", "area": "America/New_York"}),
        ),
        (&["position"], &["-120", "45"], json!({"x": -120, "y": 45})),
    ];
    for (what, to, value) in set {
        assert_eq!(bench.answer(&[*what, *to].concat()), json!({"done": true}), "{what:?}");
        assert_eq!(bench.answer(what), *value, "{what:?}");
    }
    for action in [
        &["move", "left", "--speed", "3"][..],
        &["stop"],
        &["preset", "1"],
        &["format-card", "--yes"],
    ] {
        assert_eq!(bench.answer(action), json!({"done": true}), "{action:?}");
    }
    let span = ["--from", "2023-11-14T00:00:00Z", "--to", "2023-11-15T00:00:00Z"];
    let detections = bench.answer(&[&["detections"][..], &span].concat());
    assert_eq!(detections["value"].as_array().map(Vec::len), Some(2));
    assert_eq!(bench.answer(&["snapshot"])["link"], "https://127.0.0.1/simulated.jpg");
    assert_eq!(bench.answer(&["info"])["alias"], "Simulated camera");
    assert_eq!(bench.answer(&["card"])["state"], "formatting");
    assert_eq!(bench.answer(&["card-encryption"])["enc"], "off");
    assert_eq!(bench.answer(&["cloud"])["bind_status"], 1);
    assert_eq!(bench.answer(&["clock-status"])["area"], "America/New_York");
    assert_eq!(bench.answer(&["presets"])["value"][1]["name"], "Window");
    assert_eq!(bench.answer(&["playback", "abc123"])["value"], "off");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_read_lines() {
    let bench = Bench::start(KasaProtocol::Linkie2).await;
    let output = bench.run(&["info"]);
    assert!(text(&output.stdout).contains("alias: Simulated camera\n"));
    assert_eq!(text(&bench.run(&["switch", "power"]).stdout), "value: false\n");
}

/// promise: K-02, T-01. Values out of range end with 2, and the camera is asked nothing.
#[tokio::test(flavor = "multi_thread")]
async fn values_out_of_range_reach_no_camera() {
    let bench = Bench::start(KasaProtocol::Linkie2).await;
    for arguments in [
        &["move", "left", "--speed", "11"][..],
        &["move", "back"],
        &["preset", "5"],
        &["rotation", "90"],
        &["resolution", "640x480"],
        &["sensitivity", "motion", "extreme"],
        &["switch", "engine"],
        &["switch", "power", "maybe"],
        &["trigger-time", "0", "1"],
        &["trigger-time", "1"],
        &["position", "40000", "1"],
        &["clock", "1970-01-01T00:00:00Z"],
        &["clock", "yesterday"],
        &["time-zone", "GMT+1", "Europe/Berlin"],
        &["playback", "a b"],
        &["detections", "--from", "2027-01-15T08:00:00Z", "--to", "2027-01-14T08:00:00Z"],
        &["format-card"],
    ] {
        let output = bench.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty());
    }
    assert!(bench.camera.asked().is_empty());
}

/// promise: K-01, T-08. The first certificate is pinned and shown; a change stops the command, says
/// so, and needs a person to confirm it.
#[tokio::test(flavor = "multi_thread")]
async fn a_changed_certificate_needs_confirmation() {
    let bench = Bench::start(KasaProtocol::Linkie).await;
    let first = bench.run(&["info"]);
    let shown = bench.camera.describe().certificate_sha256;
    assert!(text(&first.stderr).contains(&shown), "{}", text(&first.stderr));
    assert!(text(&bench.run(&["info"]).stderr).is_empty());
    bench.camera.replace_certificate().expect("made");
    let asked = bench.camera.asked().len();
    for _ in 0..2 {
        let stopped = bench.run(&["info", "--json"]);
        assert_eq!(stopped.status.code(), Some(1));
        let error: Value = serde_json::from_slice(&stopped.stderr).expect("JSON");
        assert_eq!(error["error"]["code"], "certificate_changed");
    }
    assert_eq!(bench.camera.asked().len(), asked);
    let seen = bench.camera.describe().certificate_sha256;
    assert!(bench.run(&["info", "--certificate-sha256", &seen]).status.success());
    assert!(bench.run(&["info"]).status.success());
}

/// promise: K-04. What is weak about a camera is said, without sending a password.
#[tokio::test(flavor = "multi_thread")]
async fn the_weaknesses_of_a_camera_are_said() {
    let bench = Bench::start(KasaProtocol::Linkie).await;
    let port = bench.camera.describe().port.to_string();
    let line = ["kasa", "certificate", "--host", "127.0.0.1", "--port", &port, "--json"];
    let said = json(&bench.program.command(&line).output().expect("it runs"));
    assert_eq!(said["certificate_sha256"], bench.camera.describe().certificate_sha256);
    let weaknesses = said["weaknesses"].as_array().expect("a list");
    assert!(weaknesses.contains(&json!("cloud_account_password")));
    assert!(bench.camera.asked().is_empty());
}

/// promise: N-01, K-07. The password comes by environment only, and is never shown.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_not_shown() {
    let bench = Bench::start(KasaProtocol::Linkie).await;
    let wrong = bench.command(&["info"]).env("KASA_WORD", "planted-secret").output();
    let wrong = wrong.expect("it runs");
    assert_eq!(wrong.status.code(), Some(1));
    let said = text(&wrong.stderr);
    assert!(said.contains("--password-env") && !said.contains("planted"), "{said}");
    let unset = bench.command(&["info"]).env_remove("KASA_WORD").output().expect("it runs");
    assert_eq!(unset.status.code(), Some(2));
    assert_eq!(bench.run(&["info", "--password", "x"]).status.code(), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_says_what_to_do_next() {
    let bench = Bench::start(KasaProtocol::Linkie2).await;
    for (fault, word) in [
        (KasaFault::Malformed, "--linkie2"),
        (KasaFault::Starting, "--port"),
        (KasaFault::Ignorant, "model or firmware"),
    ] {
        bench.camera.fault(fault);
        let output = bench.run(&["card"]);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains(word), "{}", text(&output.stderr));
    }
    let nowhere = ["kasa", "info", "--linkie2"];
    let output = bench.program.command(&nowhere).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("--host"));
}
