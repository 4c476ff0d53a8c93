//! What the hub says while it runs, and what it does not say where nobody is to be named.

use std::{fs, os::unix::fs::PermissionsExt as _};

use hearth_sim::tapo::{PlugLogin, TapoPlug, TapoPlugSpec};
use tokio::runtime::Runtime;

use crate::program::{PASSWORD, Program, json, text};

/// Names nobody's program would say by itself.
const CAMERA: &str = "Annabelles Kinderzimmer";
const DEVICE: &str = "Annabelles Leselampe";
const USER: &str = "gwendolyn";
const HOST: &str = "kinderzimmer.annabelle.test";
const ROOM: &str = "Turmstube";

/// Has a camera and a device that fail in several ways, an account that signs in wrongly, and
/// answers what `serve` wrote to standard error.
fn a_day_with_names(settings: &str) -> (String, Vec<String>) {
    let program = Program::new();
    fs::set_permissions(program.data(), fs::Permissions::from_mode(0o700)).expect("ours");
    let file = program.data().join("hearthwatch.toml");
    fs::write(&file, settings).expect("written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("ours");
    let runtime = Runtime::new().expect("threads");
    let spec = TapoPlugSpec::new(PlugLogin::KlapV2, "me@example.com", "right");
    let plug = runtime.block_on(TapoPlug::start(spec)).expect("a free port");
    let address = format!("127.0.0.1:{}", plug.port());
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    let serving = program.serve_talkative(fs::File::create(&log).expect("made"));

    let url = format!("rtsp://{address}/x");
    let add = ["camera", "add", CAMERA, "--url", &url, "--force", "--json"];
    let camera = json(&program.run(&add))["id"].as_str().expect("an id").to_owned();
    let unknown = format!("rtsp://{HOST}:554/x");
    assert!(!program.run(&["camera", "add", "Other", "--url", &unknown]).status.success());
    let mut add = program.command(&["device", "add", DEVICE, "--family", "tapo_plug", "--json"]);
    add.args(["--address", &address, "--room", ROOM, "--username", "me@example.com"]);
    add.args(["--password-env", "PLUG_PASSWORD"]).env("PLUG_PASSWORD", "wrong");
    let refused = add.env("HEARTHWATCH_DATA", program.data()).output().expect("it starts");
    assert!(!refused.status.success(), "{}", text(&refused.stdout));
    let mut add = program.command(&["device", "add", DEVICE, "--family", "tapo_plug", "--json"]);
    add.args(["--address", &address, "--room", ROOM, "--username", "me@example.com"]);
    add.args(["--password-env", "PLUG_PASSWORD"]).env("PLUG_PASSWORD", "right");
    let added = add.env("HEARTHWATCH_DATA", program.data()).output().expect("it starts");
    let device = json(&added)["id"].as_str().expect("an id").to_owned();
    drop(plug);
    let switched = program.run(&["device", "set", DEVICE, "power", "on"]);
    assert!(!switched.status.success(), "nobody answers any more");
    assert!(program.run(&["user", "add", USER, "--role", "viewer"]).status.success());
    assert!(program.run(&["camera", "status", "--json"]).status.success());

    let said = serving.said.join("\n");
    let data = program.data().display().to_string();
    let names = [CAMERA, DEVICE, USER, HOST, ROOM, "me@example.com", PASSWORD, &data];
    let mut names: Vec<String> = names.map(str::to_owned).into();
    names.push(address);
    let (ended, out, _) = serving.stop();
    let log = fs::read_to_string(&log).expect("text");
    assert!(ended, "{log}");
    for name in &names {
        assert!(!said.contains(name) && !out.contains(name), "{name} in {said}\n{out}");
    }
    assert!(log.contains(&camera), "the camera that fails is there by its id {camera}:\n{log}");
    assert!(log.contains(&device), "the device that fails is there by its id {device}:\n{log}");
    (log, names)
}

/// promise: D-27, D-33. Where nobody is to be named, whatever fails and however much is logged:
/// no name of a camera, device, room, host or account, no address and no path is in what the hub
/// writes; ids and what happened are.
#[test]
fn an_anonymised_hub_names_nobody_on_standard_error() {
    let (log, names) = a_day_with_names("[log]\nanonymise = true\n");
    for name in names {
        assert!(!log.contains(&name), "{name} is in the log:\n{log}");
    }
    assert!(!log.contains("127.0.0.1"), "{log}");
    assert!(log.contains("the stream ended") && log.contains("a probe failed"), "{log}");
    assert!(log.contains("error=error-"), "what failed has a short form:\n{log}");
}

/// promise: D-27. Names that people give are in no line either where addresses may be there.
#[test]
fn a_camera_and_a_device_are_logged_by_their_id() {
    let (log, _) = a_day_with_names("");
    for name in [CAMERA, USER, ROOM, PASSWORD, "me@example.com"] {
        assert!(!log.contains(name), "{name} is in the log:\n{log}");
    }
}
