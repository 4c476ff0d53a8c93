//! `serve` from the first start to the last signal.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use crate::program::{PASSWORD, Program, json, text};

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).expect("there").permissions().mode() & 0o777
}

/// promise: T-09, D-12. A first start needs no setting: it makes its folder, its keys and its
/// certificate, and there is no default password but a code on the terminal.
#[test]
fn a_first_start_prints_a_claim_code_a_fingerprint_and_ready() {
    let program = Program::new();
    let serving = program.serve(None);
    assert!(serving.line("claim code ").is_some_and(|code| code.len() >= 8));
    assert!(serving.line("certificate SHA-256 ").is_some_and(|print| print.len() == 95));
    assert!(serving.address().starts_with("127.0.0.1:"));
    let (success, rest, log) = serving.stop();
    assert!(success && rest.is_empty(), "{log}");
    assert!(!program.data().join("control.sock").exists());
}

/// promise: K-07, N-01. The password from the environment opens the house, and is not in the log.
/// promise: K-07. The administrator's password from the environment never gets into the log.
#[test]
fn with_a_password_in_the_environment_there_is_no_code() {
    let program = Program::new();
    let serving = program.serve(Some(PASSWORD));
    assert!(serving.line("claim code ").is_none());
    let (success, _, log) = serving.stop();
    assert!(success);
    assert!(!log.contains(PASSWORD));
}

/// promise: D-05. Everything the hub keeps is for its owner only.
#[test]
fn folder_socket_and_files_are_for_the_owner_only() {
    let program = Program::new();
    let serving = program.serve(Some(PASSWORD));
    assert_eq!(mode(program.data()), 0o700);
    assert_eq!(mode(&program.data().join("control.sock")), 0o600);
    for entry in fs::read_dir(program.data()).expect("readable") {
        let path = entry.expect("readable").path();
        assert_eq!(mode(&path) & 0o077, 0, "{}", path.display());
    }
    serving.stop();
}

/// promise: D-02, D-35. The data folder alone opens nothing: its key lies elsewhere.
#[test]
fn the_key_does_not_lie_in_the_data_folder() {
    let program = Program::new();
    program.serve(Some(PASSWORD)).stop();
    let elsewhere = Program::new();
    let mut command = elsewhere.command(&["serve", "--listen", "127.0.0.1:0", "--data"]);
    let output = command.arg(program.data()).output().expect("it runs");
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    assert!(text(&output.stderr).contains("key"), "{}", text(&output.stderr));
}

#[test]
fn a_second_hub_on_the_same_folder_is_refused() {
    let program = Program::new();
    let serving = program.serve(Some(PASSWORD));
    let output = program.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(output.status.code(), Some(1));
    let error = text(&output.stderr);
    assert!(error.contains("Another hub") && error.contains(&serving.pid().to_string()), "{error}");
    assert_eq!(json(&program.run(&["camera", "list", "--json"]))["cameras"], serde_json::json!([]));
    serving.stop();
}

#[test]
fn after_a_kill_the_next_start_takes_over_socket_and_lock() {
    let program = Program::new();
    drop(program.serve(Some(PASSWORD)));
    assert!(program.data().join("control.sock").exists());
    let serving = program.serve(None);
    assert!(serving.line("claim code ").is_none(), "the account is still there");
    assert!(program.run(&["camera", "list"]).status.success());
    serving.stop();
}

#[test]
fn the_certificate_stays_the_same_from_start_to_start() {
    let program = Program::new();
    let first = program.serve(Some(PASSWORD));
    let print = first.line("certificate SHA-256 ").expect("printed").to_owned();
    first.stop();
    let second = program.serve(None);
    assert_eq!(second.line("certificate SHA-256 "), Some(print.as_str()));
    second.stop();
}

/// promise: D-32. A mistake in the settings file is told with file and line.
#[test]
fn a_mistake_in_the_settings_file_is_told_with_its_line() {
    let program = Program::new();
    fs::write(program.data().join("hearthwatch.toml"), "house_name = \"Home\"\nbogus = 1\n")
        .expect("written");
    let output = program.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("hearthwatch.toml:2"), "{}", text(&output.stderr));
}

/// promise: N-01. Secrets given by environment are not handed on to the worker process.
#[test]
fn the_worker_does_not_inherit_the_password() {
    let program = Program::new();
    let serving = program.serve(Some(PASSWORD));
    let children = format!("/proc/{0}/task/{0}/children", serving.pid());
    let children = fs::read_to_string(children).unwrap_or_default();
    for child in children.split_whitespace() {
        let environment = fs::read(format!("/proc/{child}/environ")).unwrap_or_default();
        let has_it = environment.windows(PASSWORD.len()).any(|part| part == PASSWORD.as_bytes());
        assert!(!has_it);
    }
    serving.stop();
}
