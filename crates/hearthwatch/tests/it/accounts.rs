//! Accounts, tokens and the claim code on the command line, against a hub that runs.

use std::process::Output;

use crate::program::{PASSWORD, Program, json, text};

const VARIABLE: &str = "HEARTHWATCH_TEST_PASSWORD";

fn run(program: &Program, arguments: &[&str]) -> serde_json::Value {
    json(&program.run(&[arguments, &["--json"]].concat()))
}

fn with_password(program: &Program, arguments: &[&str], password: &str) -> Output {
    let mut command = program.command(&[arguments, &["--password-env", VARIABLE]].concat());
    command.env("HEARTHWATCH_DATA", program.data()).env(VARIABLE, password);
    command.output().expect("the program starts")
}

/// promise: V-03. Accounts are made, changed and removed by whoever runs the hub; what is refused
/// ends with 1 and says why.
#[test]
fn accounts_are_managed_from_the_command_line() {
    let program = Program::new();
    let hub = program.serve(Some(PASSWORD));
    let added = with_password(
        &program,
        &["user", "add", "Anna", "--role", "operator", "--json"],
        "seven green boats drift",
    );
    let added = json(&added);
    assert_eq!(added["user"]["role"], "operator");
    assert!(added["password"].is_null(), "it was given");
    let weak = with_password(&program, &["user", "add", "Ben", "--json"], "password1234");
    assert_eq!(weak.status.code(), Some(1));
    assert!(text(&weak.stderr).contains("weak_password"));
    let made = run(&program, &["user", "add", "Ben", "--role", "guest"]);
    assert_eq!(made["password"].as_str().map(str::len), Some(19), "made and shown once");
    assert!(made["user"]["expires_at"].is_string());
    let shown = program.run(&["user", "reset-password", "ben"]);
    assert!(text(&shown.stdout).contains("one-time password "), "{}", text(&shown.stdout));

    let listed = run(&program, &["user", "list"]);
    assert_eq!(listed["users"].as_array().map(Vec::len), Some(3));
    assert!(!listed.to_string().contains("argon2"));
    let table = program.run(&["user", "list"]);
    assert!(text(&table.stdout).contains("Anna"), "{}", text(&table.stdout));
    assert_eq!(run(&program, &["user", "role", "anna", "viewer"])["role"], "viewer");
    assert!(run(&program, &["user", "disable", "anna"])["disabled_at"].is_string());
    assert!(run(&program, &["user", "enable", "anna"])["disabled_at"].is_null());
    assert_eq!(run(&program, &["user", "sessions", "anna"])["sessions"], serde_json::json!([]));
    assert_eq!(run(&program, &["user", "sign-out", "anna"])["ended"], 0);
    let last = program.run(&["user", "remove", "admin", "--json"]);
    assert_eq!(last.status.code(), Some(1));
    assert!(text(&last.stderr).contains("last administrator"), "{}", text(&last.stderr));
    run(&program, &["user", "remove", "Anna"]);
    let unknown = program.run(&["user", "role", "anna", "viewer", "--json"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(text(&unknown.stderr).contains("no_such_user"));
    hub.stop();
}

/// promise: T-05. Rules about single cameras are set one by one.
#[test]
fn rules_about_cameras_are_set_from_the_command_line() {
    let program = Program::new();
    let hub = program.serve(Some(PASSWORD));
    let url = ["--url", "rtsp://127.0.0.1:9/", "--force"];
    let door = run(&program, &[&["camera", "add", "Door"][..], &url].concat());
    let door = door["id"].as_str().expect("an id");
    run(&program, &["user", "add", "Anna"]);
    let rules = ["user", "grant", "anna", "--only-listed", "true", "--camera", "Door"];
    let granted = run(&program, &[&rules[..], &["--allow", "live,playback"]].concat());
    let expected = serde_json::json!({
        "only_listed": true, "cameras": { door: ["live", "playback"] },
    });
    assert_eq!(granted["camera_access"], expected);
    let cleared = run(&program, &["user", "grant", "anna", "--camera", "Door", "--clear"]);
    assert_eq!(cleared["camera_access"]["cameras"], serde_json::json!({}));
    assert_eq!(cleared["camera_access"]["only_listed"], true, "what is not named stays");
    let unknown = program.run(&["user", "grant", "anna", "--camera", "Nowhere", "--allow", "live"]);
    assert_eq!(unknown.status.code(), Some(1));
    hub.stop();
}

/// promise: V-02. Tokens are made, shown once, rotated and revoked.
#[test]
fn tokens_are_managed_from_the_command_line() {
    let program = Program::new();
    let hub = program.serve(Some(PASSWORD));
    let create = ["token", "create", "panel", "--user", "admin", "--allow", "live,list_cameras"];
    let made = run(&program, &[&create[..], &["--network", "10.0.0.0/8"]].concat());
    let secret = made["secret"].as_str().expect("shown once").to_owned();
    assert!(secret.starts_with("hw_"));
    assert_eq!(made["token"]["networks"], serde_json::json!(["10.0.0.0/8"]));
    let listed = program.run(&["token", "list"]);
    assert!(text(&listed.stdout).contains("panel") && !text(&listed.stdout).contains(&secret));
    let rotated = run(&program, &["token", "rotate", "panel"]);
    assert_ne!(rotated["secret"], secret.as_str());
    run(&program, &["token", "revoke", "panel"]);
    assert_eq!(run(&program, &["token", "list"])["tokens"], serde_json::json!([]));
    assert_eq!(program.run(&["token", "revoke", "panel"]).status.code(), Some(1));
    hub.stop();
}

/// promise: T-09. Another claim code, as long as nobody has claimed the house.
#[test]
fn a_claim_code_is_renewed_from_the_command_line() {
    let program = Program::new();
    let hub = program.serve(None);
    let first = hub.line("claim code ").expect("printed").to_owned();
    let renewed = run(&program, &["claim", "renew"]);
    let code = renewed["code"].as_str().expect("a code");
    assert!(code.len() == first.len() && code != first);
    let shown = program.run(&["claim", "renew"]);
    assert!(text(&shown.stdout).starts_with("claim code "));
    hub.stop();

    let program = Program::new();
    let hub = program.serve(Some(PASSWORD));
    let closed = program.run(&["claim", "renew", "--json"]);
    assert_eq!(closed.status.code(), Some(1));
    assert!(text(&closed.stderr).contains("already_claimed"));
    hub.stop();
}
