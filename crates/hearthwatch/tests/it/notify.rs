//! `notify matters|acknowledge`: what waits for somebody to look after it.

use crate::program::{Program, json, text};

/// promise: D-29. What waits is listed; where nothing does, there is no newest to acknowledge.
#[test]
fn nothing_waits_in_a_new_house() {
    let program = Program::new();
    let serving = program.serve(Some("a long walk by the canal"));
    let listed = json(&program.run(&["notify", "matters", "--json"]));
    assert_eq!(listed["matters"], serde_json::json!([]));
    let refused = program.run(&["notify", "acknowledge"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("Nothing waits"), "{}", text(&refused.stderr));
    let unknown = program.run(&["notify", "acknowledge", "inc_1"]);
    assert_eq!(unknown.status.code(), Some(1));
    serving.stop();
}
