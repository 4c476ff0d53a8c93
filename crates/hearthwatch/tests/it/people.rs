//! `people eval`: what scripts rely on.

use std::{fs, path::PathBuf};

use serde_json::Value;

use crate::program::{Program, text};

/// Something of the test data; says so if it is not there.
fn shared(path: &str) -> Option<String> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
    let folder = std::env::var_os("HEARTHWATCH_TEST_DATA").map_or(beside.into(), PathBuf::from);
    let found = folder.join(path);
    if found.exists() {
        return found.to_str().map(str::to_owned);
    }
    eprintln!("skipped: no {path} in the test data");
    None
}

/// What `people eval` says of a path; says so if the program was built without a face model.
fn evaluate(program: &Program, arguments: &[&str]) -> Option<Value> {
    let arguments = [&["--json", "people", "eval"], arguments].concat();
    let mut command = program.command(&arguments);
    // Wherever a program might leave something behind.
    let places = ["HEARTHWATCH_DATA", "HOME", "TMPDIR"].map(|place| (place, program.data()));
    let output = command.envs(places).current_dir(program.data()).output().expect("it runs");
    if text(&output.stderr).contains("no_face_model") {
        assert_eq!(output.status.code(), Some(1));
        eprintln!("skipped: built without a face model (cargo xtask models)");
        return None;
    }
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout).lines().count(), 1, "one object");
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

/// promise: D-01. Recognition is measured on this machine, without a hub, and leaves nothing behind.
#[test]
fn labelled_folders_are_compared_and_nothing_is_kept() {
    let Some(people) = shared("faces/people") else { return };
    let program = Program::new();
    let Some(report) = evaluate(&program, &[&people]) else { return };
    assert_eq!((&report["pairs"], &report["undetected"]), (&105.into(), &0.into()));
    assert_eq!(report["accuracy"], 1.0, "{report}");
    assert_eq!((&report["fmr"], &report["fnmr"]), (&0.0.into(), &0.0.into()));
    assert_eq!(report["search"]["fpir"], 0.0);
    let rows = report["det"].as_array().expect("a table");
    assert!(rows.iter().all(|row| row["threshold"].is_number() && row["fmr"].is_number()));
    let mut left = fs::read_dir(program.data()).expect("a folder");
    assert!(left.next().is_none(), "something is kept");
    assert!(!report.to_string().contains(&people), "no path is told");
}

#[test]
fn a_list_of_pairs_is_compared_and_what_cannot_be_is_counted() {
    let Some(people) = shared("faces/people") else { return };
    let program = Program::new();
    let folder = tempfile::tempdir().expect("a folder");
    let list = folder.path().join("pairs.csv");
    fs::write(folder.path().join("broken.jpg"), b"no picture").expect("written");
    let rows = [
        format!("{people}/obama/obama.jpg,{people}/obama/obama2.jpg,Yes"),
        format!("{people}/obama/obama.jpg,{people}/biden/biden.jpg,No"),
        format!("{people}/obama/obama.jpg,broken.jpg,No"),
        format!("{people}/obama/obama.jpg,missing.jpg,Yes"),
    ];
    fs::write(&list, format!("file_x,file_y,Decision\n{}\n", rows.join("\n"))).expect("written");
    let list = list.to_str().expect("text");
    let Some(report) = evaluate(&program, &[list]) else { return };
    assert_eq!((&report["pairs"], &report["undetected"]), (&4.into(), &2.into()));
    assert_eq!((&report["accuracy"], &report["search"]), (&1.0.into(), &Value::Null));
    assert_eq!(report["pictures"]["unreadable"], 2);
    // A threshold of 0 takes nobody for the same.
    let strict = evaluate(&program, &[list, "--threshold", "0"]).expect("as before");
    assert_eq!((&strict["fnmr"], &strict["accuracy"]), (&1.0.into(), &0.5.into()));
}

/// A detector that is not the expected file is not used, and there is no way to use it all the same.
#[test]
fn a_detector_with_another_sum_is_refused() {
    let Some(people) = shared("faces/people") else { return };
    let program = Program::new();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("yunet.onnx");
    fs::write(&file, b"not the model").expect("written");
    let file = file.to_str().expect("text");
    let arguments = ["--json", "people", "eval", &people, "--detector", file];
    let output = program.command(&arguments).output().expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    let error: Value = serde_json::from_slice(&output.stderr).expect("JSON");
    assert_eq!(error["error"]["code"], "face_detector_refused");
    assert!(output.stdout.is_empty());
}

#[test]
fn what_cannot_be_compared_is_wrong_usage() {
    let program = Program::new();
    let folder = tempfile::tempdir().expect("a folder");
    let list = folder.path().join("pairs.csv");
    fs::write(&list, "file_x,file_y,Decision\na.jpg,b.jpg,Perhaps\n").expect("written");
    for arguments in [
        &["people"][..],
        &["people", "eval"],
        &["people", "eval", folder.path().to_str().expect("text")],
        &["people", "eval", list.to_str().expect("text")],
        &["people", "eval", "x", "--threshold", "far"],
        &["people", "eval", "x", "--detector-sha256", "00"],
    ] {
        let output = program.command(arguments).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty());
    }
}
