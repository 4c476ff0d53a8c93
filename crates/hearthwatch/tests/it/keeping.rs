//! `key`, `backup` and `restore` as a person uses them.

use std::{fs, process::Command};

use crate::program::{PASSWORD, Program, json, text};

const PASSPHRASE: &str = "nine red tulips on the window sill";

impl Program {
    fn with_phrase(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(arguments);
        command.env("HEARTHWATCH_DATA", self.data()).env("PHRASE", PASSPHRASE);
        command
    }
}

/// promise: V-18. A house is saved while it runs and made anew elsewhere: it starts there, with the
/// same account, and a wrong passphrase is told apart.
#[test]
fn a_house_is_backed_up_checked_and_restored() {
    let program = Program::new();
    let serving = program.serve(Some(PASSWORD));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("house.backup");
    let file = file.to_str().expect("text");
    let made = program.with_phrase(&["backup", "-o", file, "--passphrase-env", "PHRASE", "--json"]);
    let made = json(&{ made }.output().expect("runs"));
    assert_eq!(made["bytes"], fs::metadata(file).expect("there").len());
    let inside = program.data().join("x.backup");
    let inside = ["backup", "-o", inside.to_str().expect("text"), "--passphrase-env", "PHRASE"];
    assert_eq!(program.with_phrase(&inside).output().expect("runs").status.code(), Some(2));
    let report = json(&program.run(&["doctor", "--json"]));
    let row = |id: &str| {
        let checks = report["checks"].as_array().expect("rows").clone();
        checks.into_iter().find(|check| check["id"] == id).expect("a row")
    };
    assert_eq!(
        (row("backup")["outcome"].as_str(), row("key")["promise"].as_str()),
        (Some("ok"), Some("D-35"))
    );
    serving.stop();

    let check = ["restore", file, "--verify", "--passphrase-env", "PHRASE", "--json"];
    let report = json(&program.with_phrase(&check).output().expect("runs"));
    assert!(report["entries"].as_u64().is_some_and(|entries| entries >= 4), "{report}");
    let wrong = program.with_phrase(&check).env("PHRASE", "nine red roses").output().expect("runs");
    assert_eq!(wrong.status.code(), Some(1));
    assert!(text(&wrong.stderr).contains("does not open the backup"), "{}", text(&wrong.stderr));

    let other = Program::new();
    let restore = ["restore", file, "--passphrase-env", "PHRASE"];
    let restored = other.with_phrase(&restore).output().expect("runs");
    assert!(restored.status.success(), "{}", text(&restored.stderr));
    let serving = other.serve(None);
    assert!(serving.line("claim code ").is_none(), "the account is there");
    serving.stop();
    let again = other.with_phrase(&restore).output().expect("runs");
    assert!(text(&again.stderr).contains("is not empty"), "{}", text(&again.stderr));
}

/// promise: V-18, T-16. A disk that is full leaves no half backup, and the next one works.
#[test]
fn a_backup_on_a_full_disk_leaves_no_file() {
    let program = Program::new();
    let serving = program.serve(Some(PASSWORD));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("house.backup");
    // A limit of the shell on the size of files stands for the disk's end; 8 blocks are 4 kB.
    let script = "trap '' XFSZ; ulimit -f 8; exec \"$0\" backup -o \"$1\" --passphrase-env PHRASE";
    let limited = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_hearthwatch")])
        .arg(&file)
        .env("HEARTHWATCH_DATA", program.data())
        .env("PHRASE", PASSPHRASE)
        .output()
        .expect("runs");
    assert_eq!(limited.status.code(), Some(1), "{}", text(&limited.stderr));
    assert!(text(&limited.stderr).contains("could not be written"), "{}", text(&limited.stderr));
    assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 0);
    let keys = json(&program.run(&["key", "status", "--json"]));
    assert!(keys["newest_backup"].is_null(), "{keys}");
    serving.stop();
}

/// promise: D-36. The recovery key is printed once, opens the house when its key file is lost, and
/// another key can be set then.
#[test]
fn the_recovery_key_opens_a_house_whose_key_file_is_lost() {
    let program = Program::new();
    let serving = program.serve(Some(PASSWORD));
    let paper = json(&program.run(&["key", "recovery", "--json"]))["recovery_key"].clone();
    let paper = paper.as_str().expect("a key").to_owned();
    assert!(!program.run(&["key", "recovery"]).status.success(), "only once");
    let rotated = json(&program.run(&["key", "rotate", "--renew-key-file", "--json"]));
    assert_eq!(rotated["generation"], 2);
    let (_, _, log) = serving.stop();
    assert!(!log.contains(&paper), "the log does not hold it");

    let elsewhere = Program::new();
    let data = program.data().to_str().expect("text");
    let line = ["serve", "--listen", "127.0.0.1:0", "--recovery-key-env", "PAPER", "--data", data];
    let mistyped = elsewhere.command(&line).env("PAPER", "ABCD").output().expect("runs");
    assert_eq!(mistyped.status.code(), Some(2), "{}", text(&mistyped.stderr));
    let serving = elsewhere.serve_as(&line, "PAPER", &paper);
    let status = json(&program.run(&["key", "status", "--json"]));
    assert_eq!(status["opened_by"], "recovery_key");
    let set = ["key", "set-passphrase", "--passphrase-env", "PHRASE", "--json"];
    let set = json(&program.with_phrase(&set).output().expect("runs"));
    assert_eq!(set["opened_by"], "passphrase");
    serving.stop();
    let line = ["serve", "--listen", "127.0.0.1:0", "--passphrase-env", "PHRASE", "--data", data];
    elsewhere.serve_as(&line, "PHRASE", PASSPHRASE).stop();
}

#[test]
fn a_tpm_that_is_not_there_is_not_pretended() {
    let program = Program::new();
    let refused = program.run(&["serve", "--listen", "127.0.0.1:0", "--key-source", "tpm"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("systemd-creds"), "{}", text(&refused.stderr));
    let none = program.run(&["serve", "--listen", "127.0.0.1:0", "--key-source", "credential"]);
    assert!(text(&none.stderr).contains("no credential"), "{}", text(&none.stderr));
}
