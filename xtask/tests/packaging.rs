//! What is shipped to run the hub takes away what the hub does not need.

mod tree;

use std::process::Command;

const UNIT: &str = "packaging/hearthwatch.service";

fn text(path: &str) -> String {
    tree::text(path).unwrap_or_else(|| unreachable!("{path} is shipped"))
}

/// Lines that are no comments.
fn lines(path: &str) -> Vec<String> {
    let text = text(path);
    let lines =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

fn assert_has(path: &str, wanted: &[&str]) {
    let lines = lines(path);
    for line in wanted {
        assert!(lines.iter().any(|have| have == line), "{path} lacks {line:?}");
    }
}

/// promise: D-17, D-31. The service runs as a user of its own without capabilities, sees the system
/// read-only, and has limits.
#[test]
fn the_unit_is_sandboxed() {
    assert_has(
        UNIT,
        &[
            "User=hearthwatch",
            "UMask=0077",
            "StateDirectoryMode=0700",
            "NoNewPrivileges=yes",
            "CapabilityBoundingSet=",
            "AmbientCapabilities=",
            "RestrictSUIDSGID=yes",
            "ProtectSystem=strict",
            "ProtectHome=yes",
            "PrivateTmp=yes",
            "PrivateDevices=yes",
            "ProtectProc=invisible",
            "ProtectKernelTunables=yes",
            "ProtectKernelModules=yes",
            "ProtectKernelLogs=yes",
            "ProtectControlGroups=yes",
            "ProtectClock=yes",
            "ProtectHostname=yes",
            "RestrictNamespaces=yes",
            "RestrictRealtime=yes",
            "LockPersonality=yes",
            "MemoryDenyWriteExecute=yes",
            "SystemCallArchitectures=native",
            "SystemCallFilter=@system-service",
            "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK",
            "IPAddressDeny=any",
            "MemoryMax=2G",
            "TasksMax=512",
            "LimitCORE=0",
        ],
    );
    let lines = lines(UNIT);
    let value = |key: &str| {
        lines
            .iter()
            .filter_map(|line| line.strip_prefix(key))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert!(value("ExecStart=").iter().all(|line| line.contains("--listen 127.0.0.1:")));
    assert!(
        value("LoadCredentialEncrypted=").iter().any(|line| line.starts_with("hearthwatch.key:"))
    );
    // A line without `=` before a value would reset the list; one with `!` or `+` would skip it.
    assert!(value("ExecStart=").iter().all(|line| line.starts_with('/')));
    assert!(!lines.iter().any(|line| line.starts_with("Environment") && line.contains("PASSWORD")));
}

/// promise: D-17. The eyes lock themselves in after they started, so the unit must leave them the
/// calls with which they do.
#[test]
fn the_unit_lets_the_eyes_lock_themselves_in() {
    let calls =
        "SystemCallFilter=landlock_create_ruleset landlock_add_rule landlock_restrict_self seccomp";
    let lines = lines(UNIT);
    let position = |wanted: &str| lines.iter().position(|line| line.starts_with(wanted));
    let allowed = position(calls).expect("allowed");
    let denied = position("SystemCallFilter=~").expect("denied");
    assert!(allowed > denied, "what is allowed last holds");
}

/// promise: D-31. systemd itself understands the unit and finds little exposed.
#[test]
fn systemd_finds_little_exposed() {
    let unit = tree::root().join(UNIT);
    let analyze = |arguments: &[&str]| {
        Command::new("systemd-analyze").args(arguments).arg(&unit).output().ok()
    };
    // 0 is nothing, 10 everything; 2.0 is what a service on the network can reach without giving up
    // addresses, a user and files.
    let Some(judged) = analyze(&["security", "--offline=true", "--threshold=20"]) else {
        return eprintln!("skipped: no systemd-analyze here");
    };
    let said = String::from_utf8_lossy(&judged.stdout).into_owned();
    let overall = said.lines().last().unwrap_or_default();
    assert!(judged.status.success(), "{overall}{}", String::from_utf8_lossy(&judged.stderr));
    assert!(overall.contains("exposure level"), "{overall}");
    let verified = analyze(&["verify"]).expect("it was there a moment ago");
    let complaints = String::from_utf8_lossy(&verified.stderr).into_owned();
    // That the program is not installed on this machine is no fault of the unit.
    let about_us = complaints.lines().filter(|line| line.contains("hearthwatch.service"));
    let wrong: Vec<&str> = about_us.filter(|line| !line.contains("is not executable")).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// promise: V-22, D-31. The image has a pinned base, a user without rights, and nothing but the
/// program.
#[test]
fn the_image_is_minimal_and_not_root() {
    let lines = lines("packaging/Containerfile");
    let bases: Vec<&String> = lines.iter().filter(|line| line.starts_with("FROM ")).collect();
    assert_eq!(bases.len(), 1);
    assert_eq!(
        lines[..2],
        ["ARG BASE", "FROM ${BASE}"],
        "there is no base but the one that is named"
    );
    assert_has("packaging/Containerfile", &["USER 10001:10001"]);
    let user = lines.iter().position(|line| line.starts_with("USER ")).expect("a user");
    let start = lines.iter().position(|line| line.starts_with("ENTRYPOINT ")).expect("a program");
    assert!(user < start && lines.iter().filter(|line| line.starts_with("USER ")).count() == 1);
    for word in ["curl", "wget", "apt-get", "ADD ", "sudo", "chmod 777", "ENV HEARTHWATCH_ADMIN"] {
        assert!(!lines.iter().any(|line| line.contains(word)), "{word}");
    }
    let copied: Vec<&String> = lines.iter().filter(|line| line.starts_with("COPY ")).collect();
    assert!(copied.len() == 1 && copied[0].contains("--chmod=0555"), "{copied:?}");
}

/// promise: V-22. The image is built from a base that is named by its digest, and from no other: the
/// line of the file that says so is run here with good and bad ones.
#[test]
fn a_base_that_is_not_pinned_is_not_built_from() {
    let lines = lines("packaging/Containerfile");
    let line = lines.iter().find(|line| line.contains("sha256")).expect("a check");
    let command: Vec<String> =
        serde_json::from_str(line.strip_prefix("RUN ").expect("a step")).expect("a list of words");
    let (program, arguments) = command.split_first().expect("a program");
    let passes = |base: &str| {
        let mut check = Command::new(program);
        check.args(arguments).env("BASE", base);
        check.output().expect("a shell").status.success()
    };
    let digest = "0123456789abcdef".repeat(4);
    assert!(passes(&format!("debian@sha256:{digest}")));
    assert!(passes(&format!("registry.example:5000/debian:12-slim@sha256:{digest}")));
    for unpinned in [
        String::new(),
        "debian".to_owned(),
        "debian:12-slim".to_owned(),
        "debian:latest".to_owned(),
        format!("debian@sha256:{}", &digest[1..]),
        format!("debian:sha256-{digest}"),
        format!("debian@sha256:{digest} "),
        format!("debian@sha256:{}", digest.to_uppercase()),
    ] {
        assert!(!passes(&unpinned), "{unpinned:?}");
    }
    assert!(
        self::lines("packaging/compose.yaml")
            .iter()
            .any(|line| line.contains("HEARTHWATCH_BASE:?"))
    );
}

/// promise: D-31, D-19. The container may do as little as the service: no capabilities, no new
/// privileges, read-only, limits, an internal network, and a port for this machine only.
#[test]
fn the_container_is_confined() {
    assert_has(
        "packaging/compose.yaml",
        &[
            "user: \"10001:10001\"",
            "read_only: true",
            "- /tmp:rw,noexec,nosuid,nodev,size=64m,mode=1777",
            "- ALL",
            "- no-new-privileges:true",
            "mem_limit: 2g",
            "pids_limit: 512",
            "internal: true",
            "- \"127.0.0.1:8443:8443\"",
        ],
    );
    let compose = lines("packaging/compose.yaml");
    for word in ["privileged", "cap_add", "network_mode", "docker.sock", "unconfined", "pid: host"]
    {
        assert!(!compose.iter().any(|line| line.contains(word)), "{word}");
    }
    let after = |wanted: &str| {
        let at = compose.iter().position(|line| line == wanted).expect("there");
        compose.get(at + 1).cloned().unwrap_or_default()
    };
    assert_eq!(after("cap_drop:"), "- ALL");
    let line = text("packaging/README.md");
    for option in ["--read-only", "--cap-drop ALL", "no-new-privileges", "noexec", "--pids-limit"] {
        assert!(line.contains(option), "the documented line lacks {option}");
    }
}
