//! Exit codes and what stands on which stream.

use crate::program::{Program, text};

fn code(program: &Program, arguments: &[&str]) -> Option<i32> {
    program.run(arguments).status.code()
}

/// promise: T-01. What makes no sense is refused with exit code 2, and stdout stays empty.
#[test]
fn wrong_usage_ends_with_2() {
    let program = Program::new();
    let times = ["--from", "2026-11-22T14:00:00Z", "--to", "2026-11-22T13:00:00Z"];
    for arguments in [
        &["frobnicate"][..],
        &["camera", "add", "Door"],
        &["camera", "add", "a\nb", "--url", "rtsp://h/"],
        &["camera", "add", "Door", "--url", "gopher://h/"],
        &["camera", "add", "Door", "--url", "rtsp://h/", "--username", "u"],
        &["events", "--from", "yesterday"],
        &["events", "--kind", "nonsense"],
        &["export", "Door", times[0], times[1], times[2], times[3], "-o", "x.mp4"],
        &["user", "add", "anna", "--role", "queen"],
        &["user", "add", "anna", "--password", "on the command line"],
        &["user", "add", "anna", "--password-env", "HEARTHWATCH_TEST_UNSET"],
        &["user", "grant", "anna"],
        &["user", "grant", "anna", "--allow", "live"],
        &["user", "grant", "anna", "--camera", "Door", "--allow", "manage_users"],
        &["user", "sign-out", "anna", "--session", "nonsense"],
        &["token", "create", "panel", "--user", "anna"],
        &["token", "create", "panel", "--user", "anna", "--allow", "manage_tokens"],
        &["token", "create", "panel", "--user", "anna", "--allow", "live", "--network", "home"],
        &["claim"],
        &["serve", "--cert", "only-one-of-two.pem"],
        &["serve", "--passphrase-env", "HEARTHWATCH_TEST_UNSET"],
    ] {
        let output = program.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn help_and_version_end_with_0() {
    let program = Program::new();
    for arguments in [&["--help"][..], &["--version"], &["camera", "add", "--help"]] {
        assert_eq!(code(&program, arguments), Some(0), "{arguments:?}");
    }
}

#[test]
fn without_a_data_folder_the_command_says_how_to_name_one() {
    let program = Program::new();
    let output = program.command(&["camera", "list"]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("--data"));
}

#[test]
fn without_a_hub_the_command_says_how_to_start_one() {
    let program = Program::new();
    let output = program.run(&["camera", "list"]);
    assert_eq!(output.status.code(), Some(1));
    let expected = format!(
        "hearthwatch: The hub is not running. Start it with: hearthwatch serve --data {}\n",
        program.data().display()
    );
    assert_eq!(text(&output.stderr), expected);
    let output = program.run(&["camera", "list", "--json"]);
    let error: serde_json::Value = serde_json::from_slice(&output.stderr).expect("JSON");
    assert_eq!(error["error"]["code"], "not_running");
}
