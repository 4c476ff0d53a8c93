//! What may lie in the repository: nothing of one machine, no secret, no test data, no dead link.

mod tree;

use std::path::{Path, PathBuf};

use serde_json::Value;

/// No written file comes near this; what does is data that belongs elsewhere.
const FILE_BYTES_MAX: u64 = 256 << 10;

/// Written by a test from the table of routes, to be compared; grows with them.
const GENERATED: &str = "openapi/hearthwatch.json";

/// Endings of pictures, films, models, databases and keys.
const DATA_ENDINGS: [&str; 20] = [
    "bin",
    "db",
    "gz",
    "h264",
    "h265",
    "jpeg",
    "jpg",
    "key",
    "m4s",
    "mkv",
    "mov",
    "mp4",
    "onnx",
    "p12",
    "pem",
    "png",
    "safetensors",
    "sqlite",
    "wav",
    "zip",
];

/// First folders of paths that exist on one machine only.
const MACHINE_FOLDERS: [&str; 5] = ["home", "mnt", "root", "Users", "work"];

/// Words in the names of hosts that hand out packages. Lock files and settings say what, never
/// from where.
const HOST_WORDS: [&str; 5] = ["artifact", "mirror", "nexus", "proxy", "registry"];

/// Characters of what is probably a real password or token behind `password=`.
const TOKEN_CHARS_MIN: usize = 20;

/// What is in the repository, or will be with the next commit.
fn tracked() -> Vec<String> {
    let listed = ["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate"];
    // A source archive has no history, and then everything in it counts.
    let Some(listed) = tree::output("git", &listed) else { return tree::files("") };
    let exists = |path: &&str| tree::root().join(path).is_file();
    listed.lines().filter(exists).map(str::to_owned).collect()
}

fn texts() -> impl Iterator<Item = (String, String)> {
    tracked().into_iter().filter_map(|path| tree::text(&path).map(|text| (path, text)))
}

fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// Only what illustrates the documents, and the icons of the installed dashboard.
#[test]
fn no_file_is_data() {
    let mut wrong = Vec::new();
    for path in tracked() {
        let ending = Path::new(&path).extension().and_then(|ending| ending.to_str());
        let bytes = tree::root().join(&path).metadata().map_or(0, |metadata| metadata.len());
        let shown = path.starts_with("docs/") || path.starts_with("web/public/icon");
        let illustrates = shown && matches!(ending, Some("jpg" | "png"));
        let is_data = ending.is_some_and(|ending| DATA_ENDINGS.contains(&ending)) && !illustrates;
        if is_data || (bytes > FILE_BYTES_MAX && path != GENERATED) {
            wrong.push(format!("{path}: {bytes} bytes"));
        }
    }
    none(&wrong);
}

#[test]
fn no_file_names_a_path_of_one_machine() {
    let folders = MACHINE_FOLDERS.map(|folder| format!("/{folder}/"));
    let mut wrong = Vec::new();
    for (path, text) in texts() {
        for (at, line) in text.lines().enumerate() {
            for folder in &folders {
                let starts = line.match_indices(folder.as_str()).any(|(begin, _)| {
                    line[..begin].chars().next_back().is_none_or(|c| " \"'`=(<".contains(c))
                });
                wrong.extend(starts.then(|| format!("{path}:{} names {folder}", at + 1)));
            }
        }
    }
    none(&wrong);
}

#[test]
fn no_file_names_a_host_of_packages() {
    let mut wrong = Vec::new();
    for (path, text) in texts() {
        for (at, line) in text.lines().enumerate() {
            let hosts = line.split("://").skip(1);
            let hosts = hosts.filter_map(|rest| rest.split(['/', ' ', '"', '\'', '`']).next());
            let named = hosts.filter(|host| HOST_WORDS.iter().any(|word| host.contains(word)));
            wrong.extend(named.map(|host| format!("{path}:{} names {host}", at + 1)));
        }
    }
    none(&wrong);
}

/// promise: T-06. What is built is locked: versions and hashes for both package managers, from the
/// public registry and nowhere else.
#[test]
fn lock_files_say_what_and_not_from_where() {
    for path in ["web/package-lock.json", "packaging/mcp-inspector/package-lock.json"] {
        let lock = tree::text(path).expect("there");
        let lock: Value = serde_json::from_str(&lock).expect("JSON");
        for (name, package) in lock["packages"].as_object().expect("a table") {
            assert!(package.get("resolved").is_none(), "{name} says where it came from");
            let is_own = name.is_empty();
            assert!(is_own || package["integrity"].is_string(), "{name} has no hash");
        }
    }
    for path in ["Cargo.lock", "fuzz/Cargo.lock"] {
        let lock: toml::Table = tree::text(path).expect("there").parse().expect("TOML");
        for package in lock["package"].as_array().expect("a list") {
            let Some(source) = package.get("source") else { continue };
            let source = source.as_str().expect("text");
            assert_eq!(source, "registry+https://github.com/rust-lang/crates.io-index");
            assert!(package.get("checksum").is_some(), "{package} has no hash");
        }
    }
}

/// promise: D-27. What a line of the log is made of besides its fields is a constant: a value inside
/// the sentence could not be left out when nobody is to be named.
#[test]
fn sentences_of_the_log_hold_no_value() {
    let mut wrong = Vec::new();
    let mut found = 0;
    for (path, text) in texts() {
        let is_ours = path.starts_with("crates/") && path.contains("/src/");
        let may_name = path.starts_with("crates/hearth-sim/") || path.ends_with("tests.rs");
        if !is_ours || !path.ends_with(".rs") || may_name {
            continue;
        }
        for level in ["trace", "debug", "info", "warn", "error"] {
            for rest in text.split(&format!("tracing::{level}!(")).skip(1) {
                found += 1;
                let call = rest.split_once(";\n").map_or(rest, |(call, _)| call);
                let call = call.split_once("),\n").map_or(call, |(call, _)| call);
                let holds = call.split('"').skip(1).step_by(2).any(|literal| literal.contains('{'));
                wrong.extend(holds.then(|| format!("{path}: {call}")));
            }
        }
    }
    assert!(found > 100, "there is a log: {found}");
    none(&wrong);
}

/// promise: V-19, D-24. No private key, no token and no password that looks real.
#[test]
fn no_file_holds_a_secret() {
    let mut wrong = Vec::new();
    for (path, text) in texts().filter(|(path, _)| !path.ends_with("lock.json")) {
        for (at, line) in text.lines().enumerate() {
            let found = secret_in(line);
            wrong.extend(found.map(|what| format!("{path}:{} has {what}", at + 1)));
        }
    }
    none(&wrong);
}

/// What kind of secret a line seems to hold.
fn secret_in(line: &str) -> Option<&'static str> {
    let header = line.split_once("-----BEGIN ").and_then(|(_, rest)| rest.split("-----").next());
    if header.is_some_and(|kind| kind.ends_with("PRIVATE KEY")) {
        return Some("a private key");
    }
    let behind = |mark: &'static str| line.split(mark).skip(1);
    let is_vendors = |mark| behind(mark).any(|rest| token(rest).len() >= 16);
    if ["AKIA", "ghp_", "github_pat_", "glpat-", "npm_", "xoxb-"].into_iter().any(is_vendors) {
        return Some("a token");
    }
    let words = ["passphrase", "password", "secret", "token"];
    words.into_iter().flat_map(behind).filter_map(value).any(is_dense).then_some("a password")
}

/// What is assigned at the beginning of a text, if anything is.
fn value(rest: &str) -> Option<&str> {
    let rest = rest.trim_start_matches([' ', '"', '\'']).strip_prefix(['=', ':'])?;
    Some(token(rest.trim_start_matches([' ', '"', '\'', '='])))
}

/// The characters up to the first that stands in no token.
fn token(text: &str) -> &str {
    text.split(|c: char| !c.is_ascii_alphanumeric() && !"+/_-".contains(c)).next().unwrap_or(text)
}

/// Whether it looks drawn at random: names and words have no digits among both kinds of letters.
fn is_dense(token: &str) -> bool {
    let has = |kind: fn(&char) -> bool| token.chars().any(|c| kind(&c));
    token.len() >= TOKEN_CHARS_MIN
        && has(char::is_ascii_digit)
        && has(char::is_ascii_lowercase)
        && has(char::is_ascii_uppercase)
}

#[test]
fn secrets_are_told_from_words() {
    let found = |line: String| secret_in(&line);
    // Put together, so that this file does not contain what it looks for.
    assert!(found(format!("-----BEGIN {} KEY-----", "EC PRIVATE")).is_some());
    assert!(found(format!("export pass{} = \"aGVhcnRoIHdhdGNoIDQyIGxhbXA4\"", "word")).is_some());
    assert!(found(format!("token: gh{}", "p_0123456789abcdefABCDEF0123456789abcd")).is_some());
    assert!(found("password: &SecretString,".to_owned()).is_none());
    assert!(found("--password-env HEARTHWATCH_CAMERA_PASSWORD".to_owned()).is_none());
}

#[test]
fn every_link_in_the_documents_leads_somewhere() {
    let mut wrong = Vec::new();
    for (path, text) in texts().filter(|(path, _)| path.ends_with(".md")) {
        let folder = Path::new(&path).parent().map(Path::to_owned).unwrap_or_default();
        for link in links(&text) {
            let target = link.split('#').next().unwrap_or_default();
            let to: PathBuf = match target.strip_prefix('/') {
                Some(from_root) => from_root.into(),
                None => folder.join(target),
            };
            let leads = target.is_empty() || tree::root().join(to).exists();
            wrong.extend((!leads).then(|| format!("{path}: {link} leads nowhere")));
        }
    }
    none(&wrong);
}

/// Links to files, not to other sites.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
}

#[test]
fn the_gate_installs_what_the_tests_need() {
    let tools = tree::text("xtask/src/tools.rs").expect("there");
    let line =
        tools.split("--no-install-recommends ").nth(1).and_then(|rest| rest.split('"').next());
    let packages: Vec<&str> = line.expect("an apt line").split(['\\', ' ', '\n']).collect();
    let gate = tree::text(".ci/run").expect("there");
    let installed: Vec<&str> = gate.split([' ', '"', '\n']).collect();
    let wanted = packages.into_iter().filter(|package| !package.is_empty());
    let missing: Vec<String> =
        wanted.filter(|package| !installed.contains(package)).map(str::to_owned).collect();
    none(&missing);
}
