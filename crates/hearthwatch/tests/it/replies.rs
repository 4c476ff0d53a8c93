//! `reply`: what the house says at a door, by the program itself.

use std::fs;

use serde_json::Value;

use crate::program::{PASSWORD, Program, text};

#[test]
fn what_can_be_said_is_added_listed_and_removed() {
    let program = Program::new();
    let _serving = program.serve(Some(PASSWORD));
    let run = |arguments: &[&str]| program.run(arguments);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("parcel.wav");
    let file = path.to_str().expect("text");
    let head =
        b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data";
    fs::write(&path, [&head[..], b"\x50\0\0\0", &[128; 80]].concat()).expect("written");

    let nothing = run(&["reply", "list"]);
    assert!(text(&nothing.stdout).contains("There is nothing to say."), "{nothing:?}");
    let added = run(&["reply", "add", "Leave the parcel", file]);
    assert_eq!(text(&added.stdout).trim(), "Leave the parcel can be said.", "{added:?}");
    let listed = run(&["--json", "reply", "list"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    assert_eq!(listed["replies"][0]["name"], "Leave the parcel");
    fs::write(&path, "no sound").expect("written");
    let refused = run(&["reply", "add", "Noise", file]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("It is no WAV file."), "{refused:?}");
    let nowhere = run(&["reply", "play", "door", "Leave the parcel"]);
    assert_eq!(nowhere.status.code(), Some(1), "there is no camera");
    let removed = run(&["reply", "remove", "Leave the parcel"]);
    assert!(removed.status.success(), "{removed:?}");
    let again = run(&["reply", "remove", "Leave the parcel"]);
    assert!(text(&again.stderr).contains("Nothing to say is called"), "{again:?}");
}
