//! The audit log and incidents on the command line.

use std::fs;

use crate::program::{PASSWORD, Program, json, text};

/// promise: V-17, T-13. What the owner does on the command line is recorded too, is listed, and is
/// exported as a whole file that only the owner reads; `verify` checks it.
#[test]
fn the_owner_reads_exports_and_checks_what_was_recorded() {
    use std::os::unix::fs::PermissionsExt as _;
    let program = Program::new();
    let serving = program.serve(Some(PASSWORD));
    assert!(program.run(&["camera", "list"]).status.success());
    let output = program.run(&["audit", "--who", "owner", "--json"]);
    let lines: Vec<serde_json::Value> = text(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("one object a line"))
        .collect();
    let list = lines.iter().find(|line| line["action"] == "get_cameras").expect("recorded");
    assert_eq!((&list["from"], &list["result"]), (&"control_socket".into(), &"ok".into()));
    assert!(text(&program.run(&["audit"]).stdout).contains("get_cameras"));

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("audit.ndjson");
    let exported =
        json(&program.run(&["audit", "--export", file.to_str().expect("UTF-8"), "--json"]));
    let kept = fs::read_to_string(&file).expect("written");
    assert_eq!(exported["entries"].as_u64(), Some(kept.lines().count() as u64));
    assert_eq!(fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o600);

    let report = json(&program.run(&["verify", "--json"]));
    assert_eq!((&report["audit"]["ok"], &report["ok"]), (&true.into(), &true.into()));
    let none = json(&program.run(&["incident", "list", "--json"]));
    assert_eq!(none["incidents"], serde_json::json!([]));
    let missing = "inc_00000000000000000000000000000000";
    assert_eq!(program.run(&["incident", "show", missing]).status.code(), Some(1));
    assert_eq!(program.run(&["incident", "show", "x"]).status.code(), Some(2));
    assert_eq!(program.run(&["audit", "--category", "nonsense"]).status.code(), Some(1));
    serving.stop();
}
