//! `alarm` and `rule` against a running hub.

use serde_json::{Value, json};

use crate::program::{PASSWORD, Program, json as read, text};

fn ask(program: &Program, arguments: &[&str]) -> Value {
    read(&program.run(&[arguments, &["--json"]].concat()))
}

/// With a PIN in the environment.
fn with_pin(program: &Program, arguments: &[&str], pin: &str) -> std::process::Output {
    let mut command = program.command(&[arguments, &["--pin-env", "PIN", "--json"]].concat());
    command.env("PIN", pin).env("HEARTHWATCH_DATA", program.data());
    command.output().expect("it starts")
}

/// promise: N-01. A house is armed and disarmed by a PIN, which comes by the environment and is
/// nowhere in what is printed.
#[test]
fn a_house_is_armed_and_disarmed_by_a_pin() {
    let program = Program::new();
    let serving = program.serve_simulated(PASSWORD);
    assert_eq!(ask(&program, &["alarm", "show"])["state"], "disarmed");
    let set = with_pin(&program, &["alarm", "set-pin", "Anna"], "2580");
    let expected = json!({"pins": [{"holder": "Anna", "has_duress_pin": false}]});
    assert_eq!(read(&set), expected);
    let refused = program.run(&["alarm", "arm", "night"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("nothing is watched"), "{}", text(&refused.stderr));
    let armed = ask(&program, &["alarm", "arm", "night", "--anyway"]);
    assert_eq!((&armed["state"], &armed["mode"]), (&json!("armed"), &json!("night")));
    let wrong = with_pin(&program, &["alarm", "disarm"], "2581");
    assert_eq!(wrong.status.code(), Some(1));
    assert!(text(&wrong.stderr).contains("pin_wrong"), "{}", text(&wrong.stderr));
    assert_eq!(read(&with_pin(&program, &["alarm", "disarm"], "2580"))["state"], "disarmed");
    let setup = ask(&program, &["alarm", "setup"]);
    assert_eq!(setup["settings"]["modes"]["away"]["exit_seconds"], 60);
    let file = program.data().join("setup.json");
    std::fs::write(&file, setup.to_string()).expect("written");
    let file = file.to_str().expect("a path");
    assert!(program.run(&["alarm", "setup", file]).status.success());
    assert!(program.run(&["alarm", "show"]).status.success());
    assert!(program.run(&["alarm", "remove-pin", "Anna"]).status.success());
    assert_eq!(ask(&program, &["alarm", "pins"]), json!({"pins": []}));
    serving.stop();
}

#[test]
fn a_sentence_becomes_a_rule_in_force() {
    let program = Program::new();
    let serving = program.serve_simulated(PASSWORD);
    let sentence = "When somebody rings, log it.";
    let draft = program.run(&["rule", "draft", sentence]);
    assert!(draft.status.success(), "{}", text(&draft.stderr));
    let file = program.data().join("rule.json");
    std::fs::write(&file, &draft.stdout).expect("written");
    let file = file.to_str().expect("a path");
    let checked = ask(&program, &["rule", "check", file]);
    assert_eq!((&checked["history"]["runs"], &checked["conflicts"]), (&json!(0), &json!([])));
    let made = ask(&program, &["rule", "put", file]);
    let id = made["id"].as_str().expect("an id");
    assert_eq!(made["rule"]["is_on"], false, "a draft is switched on by somebody");
    assert_eq!(ask(&program, &["rule", "on", id])["rule"]["is_on"], true);
    let listed = program.run(&["rule", "list"]);
    assert!(text(&listed.stdout).contains(id), "{}", text(&listed.stdout));
    assert_eq!(ask(&program, &["rule", "runs", "--rule", id])["runs"], json!([]));
    assert!(program.run(&["rule", "remove", id]).status.success());
    assert_eq!(program.run(&["rule", "show", id]).status.code(), Some(1));
    let nonsense = program.run(&["rule", "draft", "Colourless green ideas sleep furiously."]);
    assert_eq!(nonsense.status.code(), Some(2));
    serving.stop();
}
