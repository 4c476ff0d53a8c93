//! Commands against a running hub.

use std::fs;

use crate::program::{PASSWORD, Program, json, text};

/// promise: T-01. A camera that does not answer is not added, with the reason, unless that is asked
/// for.
#[test]
fn a_camera_that_does_not_answer_is_added_only_by_force() {
    let program = Program::new();
    let serving = program.serve(Some(PASSWORD));
    // Nothing listens on a port of ours that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("rtsp://127.0.0.1:{}/x", port.local_addr().expect("bound").port());
    drop(port);
    let output = program.run(&["camera", "add", "Door", "--url", &url, "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let error: serde_json::Value = serde_json::from_slice(&output.stderr).expect("JSON");
    assert_eq!(error["error"]["code"], "refused", "{error}");
    assert_eq!(json(&program.run(&["camera", "list", "--json"]))["cameras"], serde_json::json!([]));

    let added = json(&program.run(&["camera", "add", "Door", "--url", &url, "--force", "--json"]));
    assert_eq!(added["name"], "Door");
    let again = program.run(&["camera", "add", "Door", "--url", &url, "--force"]);
    assert_eq!(again.status.code(), Some(1), "the name is taken");
    let status = json(&program.run(&["camera", "status", "Door", "--json"]));
    let camera = &status["cameras"][0];
    for field in [
        "state",
        "reason",
        "recorded_seconds",
        "expected_seconds",
        "frames_received",
        "frames_decoded",
        "frames_analysed",
    ] {
        assert!(camera.get(field).is_some(), "{field}");
    }
    let id = added["id"].as_str().expect("an id");
    assert!(program.run(&["camera", "status", id]).status.success());
    let removed = json(&program.run(&["camera", "remove", "Door", "--json"]));
    assert_eq!(removed["segments"], 0);
    assert_eq!(program.run(&["camera", "status", "Door"]).status.code(), Some(1));
    serving.stop();
}

#[test]
fn what_happened_is_listed_one_object_a_line() {
    let program = Program::new();
    let serving = program.serve(Some(PASSWORD));
    let arguments = ["camera", "add", "Door", "--url", "rtsp://127.0.0.1:9/x", "--force"];
    assert!(program.run(&arguments).status.success());
    let output = program.run(&["events", "--kind", "camera_added", "--json"]);
    let lines: Vec<&str> = text(&output.stdout).lines().collect();
    assert_eq!(lines.len(), 1, "{}", text(&output.stderr));
    let event: serde_json::Value = serde_json::from_str(lines[0]).expect("JSON");
    for field in ["id", "kind", "camera", "at", "label", "score", "clip"] {
        assert!(event.get(field).is_some(), "{field}");
    }
    assert!(text(&program.run(&["events"]).stdout).contains("camera_added"));
    serving.stop();
}

/// promise: T-16. A failed export or picture leaves no file, not even a hidden one.
#[test]
fn a_failed_export_leaves_nothing_behind() {
    let program = Program::new();
    let serving = program.serve(Some(PASSWORD));
    let arguments = ["camera", "add", "Door", "--url", "rtsp://127.0.0.1:9/x", "--force"];
    assert!(program.run(&arguments).status.success());
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("clip.mp4");
    let target = target.to_str().expect("UTF-8");
    let times = ["--from", "2026-01-01T00:00:00Z", "--to", "2026-01-01T00:01:00Z"];
    let export = ["export", "Door", times[0], times[1], times[2], times[3], "-o", target, "--json"];
    let output = program.run(&export);
    assert_eq!(output.status.code(), Some(1));
    let error: serde_json::Value = serde_json::from_slice(&output.stderr).expect("JSON");
    assert_eq!(error["error"]["code"], "no_footage");
    assert_eq!(program.run(&["snapshot", "Door", "-o", target]).status.code(), Some(1));
    assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 0);
    serving.stop();
}

/// promise: V-20. The checklist is a command, and its exit code says whether everything holds.
#[test]
fn verify_and_doctor_say_with_their_exit_code_whether_all_is_well() {
    let program = Program::new();
    let serving = program.serve(Some(PASSWORD));
    let report = json(&program.run(&["verify", "--json"]));
    assert_eq!(report["ok"], true);
    let output = program.run(&["doctor", "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["ok"] == true, output.status.success(), "{report}");
    let permissions = report["checks"].as_array().expect("checks").iter();
    let permissions = permissions.filter(|check| check["promise"] == "D-05");
    assert!(permissions.into_iter().all(|check| check["outcome"] == "ok"), "{report}");
    serving.stop();
}

/// promise: V-20. Nothing is wrong with a hub that just came into being, claimed or not.
#[test]
fn a_first_start_has_no_failed_row() {
    for password in [None, Some(PASSWORD)] {
        let program = Program::new();
        let serving = program.serve(password);
        let output = program.run(&["doctor", "--json"]);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let checks = report["checks"].as_array().expect("checks").iter();
        // How full the disk is says nothing about the hub.
        let failed = checks.filter(|row| row["outcome"] == "failed" && row["id"] != "space");
        assert_eq!(failed.collect::<Vec<_>>(), [&serde_json::Value::Null; 0]);
        serving.stop();
    }
}

#[test]
fn footage_is_protected_and_released() {
    let program = Program::new();
    let serving = program.serve(Some(PASSWORD));
    let arguments = ["camera", "add", "Door", "--url", "rtsp://127.0.0.1:9/x", "--force"];
    assert!(program.run(&arguments).status.success());
    let times = ["--from", "2026-01-01T00:00:00Z", "--to", "2026-01-01T00:01:00Z"];
    let add = ["hold", "add", "Door", times[0], times[1], times[2], times[3], "--reason", "theft"];
    assert!(program.run(&add).status.success());
    let holds = json(&program.run(&["hold", "list", "--json"]));
    let id = holds["holds"][0]["id"].as_str().expect("an id");
    assert!(text(&program.run(&["hold", "list"]).stdout).contains("theft"));
    assert!(program.run(&["hold", "remove", id]).status.success());
    assert_eq!(program.run(&["hold", "remove", id]).status.code(), Some(1));
    serving.stop();
}
