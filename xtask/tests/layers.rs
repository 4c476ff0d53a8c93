//! The house rules that a compiler does not know: which crate may lean on which, and what every
//! crate and file has in common.

mod tree;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// The layers from the bottom up. An arrow points down.
const LAYERS: [(&str, &[&str]); 6] = [
    ("words", &["hearth-media", "hearth-model", "hearth-secret"]),
    (
        "pure",
        &[
            "hearth-auth",
            "hearth-face",
            "hearth-gate",
            "hearth-mp4",
            "hearth-rtsp",
            "hearth-rules",
            "hearth-search",
            "hearth-vision",
        ],
    ),
    (
        "adapters",
        &[
            "hearth-audit",
            "hearth-capture",
            "hearth-device",
            "hearth-eyes",
            "hearth-http",
            "hearth-kasa",
            "hearth-netatmo",
            "hearth-notify",
            "hearth-onvif",
            "hearth-recorder",
            "hearth-sealed-sqlite",
            "hearth-store",
            "hearth-stream",
            "hearth-tapo",
            "hearth-vault",
        ],
    ),
    ("app", &["hearth-hub"]),
    ("surfaces", &["hearth-api", "hearth-mcp", "hearthwatch"]),
    ("test", &["hearth-bench", "hearth-sim", "xtask"]),
];

/// Arrows that do not point to a lower layer, each with its reason.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("hearth-device", "hearth-capture", "what hangs on the machine is a device like others"),
    ("hearth-device", "hearth-http", "pins and addresses have one type"),
    ("hearth-device", "hearth-kasa", "it puts the protocols behind one interface"),
    ("hearth-device", "hearth-netatmo", "it puts the protocols behind one interface"),
    ("hearth-device", "hearth-onvif", "it puts the protocols behind one interface"),
    ("hearth-device", "hearth-tapo", "it puts the protocols behind one interface"),
    ("hearth-audit", "hearth-vault", "entries are sealed and chained with the vault's keys"),
    ("hearth-kasa", "hearth-http", "a driver asks its device over HTTPS"),
    ("hearth-netatmo", "hearth-http", "a driver asks its service over HTTPS"),
    ("hearth-notify", "hearth-http", "services are asked over HTTPS, and addresses are checked"),
    ("hearth-stream", "hearth-http", "there is one verifier of pinned certificates"),
    ("hearth-recorder", "hearth-store", "a segment is committed with its index row"),
    ("hearth-recorder", "hearth-vault", "a segment is written through the envelope"),
    ("hearth-store", "hearth-sealed-sqlite", "the index lies sealed on the disk"),
    ("hearth-gate", "hearth-vision", "key frames are compared with the same arithmetic"),
    ("hearth-onvif", "hearth-http", "a driver asks its device over HTTP"),
    ("hearth-stream", "hearth-capture", "a camera of this machine is a stream like others"),
    ("hearth-api", "hearth-mcp", "assistants come in through the one route table"),
    ("hearthwatch", "hearth-api", "the binary starts the listener"),
    ("hearthwatch", "hearth-mcp", "`hearthwatch mcp` passes the protocol's messages on"),
    ("hearthwatch", "hearth-sim", "`hearthwatch simulate` is part of the product"),
    ("hearth-bench", "hearth-sim", "measurements need cameras"),
];

/// Crates that contain `unsafe`, and therefore deny it crate-wide and allow it at single functions.
const WITH_UNSAFE: [&str; 3] = ["hearth-eyes", "hearth-sealed-sqlite", "hearthwatch"];

/// Clients of databases, brokers and object stores in a network. Whoever brings one brings its account,
/// its TLS and their tests along.
const STORES_ELSEWHERE: [&str; 14] = [
    "async-nats",
    "aws-sdk-s3",
    "fred",
    "lapin",
    "mongodb",
    "mysql",
    "mysql_async",
    "object_store",
    "postgres",
    "rdkafka",
    "redis",
    "sqlx-mysql",
    "sqlx-postgres",
    "tokio-postgres",
];

/// Names that say nothing about what is inside.
const DRAWERS: [&str; 5] = ["common", "core", "helper", "misc", "util"];

struct Package {
    name: String,
    folder: String,
    needs: BTreeSet<String>,
}

/// The crates of the workspace with their normal dependencies: not those of tests and build scripts.
fn packages() -> Vec<Package> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let arguments = ["metadata", "--no-deps", "--offline", "--format-version=1"];
    let printed = tree::output(&cargo, &arguments).expect("cargo knows the workspace");
    let metadata: Value = serde_json::from_str(&printed).expect("JSON");
    let packages = metadata["packages"].as_array().expect("a list");
    packages.iter().map(package).collect()
}

fn package(package: &Value) -> Package {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let root = format!("{}/", tree::root().display());
    let manifest = text(&package["manifest_path"]);
    let folder = manifest.trim_start_matches(&root).trim_end_matches("/Cargo.toml").to_owned();
    let needs = package["dependencies"].as_array().expect("a list").iter();
    let needs = needs.filter(|need| need["kind"].is_null()).map(|need| text(&need["name"]));
    Package { name: text(&package["name"]), folder, needs: needs.collect() }
}

fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|(_, crates)| crates.contains(&name))
}

fn is_exception(from: &str, to: &str) -> bool {
    EXCEPTIONS.iter().any(|exception| (exception.0, exception.1) == (from, to))
}

#[test]
fn every_crate_has_a_layer_and_arrows_point_down() {
    let mut wrong = Vec::new();
    for package in packages() {
        let Some(own) = layer(&package.name) else {
            wrong.push(format!("{} has no layer", package.name));
            continue;
        };
        for need in &package.needs {
            let points_down = layer(need).is_none_or(|other| other < own);
            if !points_down && !is_exception(&package.name, need) {
                wrong.push(format!("{} must not need {need}", package.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_exception_is_needed() {
    let packages = packages();
    for &(from, to, reason) in EXCEPTIONS {
        let package = packages.iter().find(|package| package.name == from);
        let is_used = package.is_some_and(|package| package.needs.contains(to));
        assert!(is_used, "{from} does not need {to} ({reason})");
        assert!(layer(from) <= layer(to), "{from} may need {to} anyway");
    }
}

/// Only the hub joins the adapters: what serves people asks the hub.
#[test]
fn the_listener_reaches_cameras_and_disk_through_the_hub_only() {
    let packages = packages();
    let api = packages.iter().find(|package| package.name == "hearth-api").expect("there");
    // The listener's own certificate comes from an authority, which is asked over HTTPS.
    let mut adapters = LAYERS[2].1.iter().filter(|adapter| **adapter != "hearth-http");
    assert!(adapters.all(|adapter| !api.needs.contains(*adapter)), "{:?}", api.needs);
}

/// Time, sockets, files and threads come as arguments (law 7).
#[test]
fn words_and_pure_crates_know_no_clock_socket_file_or_thread() {
    let lock = lock_file();
    for name in LAYERS[..2].iter().flat_map(|layer| layer.1) {
        let package = packages().into_iter().find(|package| package.name == *name).expect("there");
        let reached = closure(&package.needs, &lock);
        for runtime in ["async-std", "mio", "rayon", "smol", "socket2", "tokio"] {
            assert!(!reached.contains(runtime), "{name} needs {runtime}");
        }
        for path in sources(&package).filter(|path| !is_test(path)) {
            let text = tree::text(&path).expect("text");
            let product = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            for call in WORLD {
                assert!(!product.contains(call), "{path} uses {call}");
            }
        }
    }
}

/// What only a shell may touch.
const WORLD: [&str; 13] = [
    "File::",
    "Instant::now",
    "SystemTime",
    "TcpListener",
    "TcpStream",
    "Timestamp::now",
    "UdpSocket",
    "Zoned::now",
    "std::env",
    "std::fs",
    "std::process",
    "std::thread",
    "thread_local!",
];

/// Who needs whom among the packages of other people, from the lock file.
fn lock_file() -> BTreeMap<String, Vec<String>> {
    let lock = tree::text("Cargo.lock").expect("there");
    let lock: toml::Table = lock.parse().expect("TOML");
    let packages = lock["package"].as_array().expect("a list").iter();
    let mut needs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    // What a crate of ours needs stands there together with what its tests need.
    for package in packages.filter(|package| package.get("source").is_some()) {
        let name = package["name"].as_str().expect("text");
        let direct = package.get("dependencies").and_then(toml::Value::as_array);
        // An entry is a name, with a version behind it if there are several.
        let direct = direct.into_iter().flatten().filter_map(toml::Value::as_str);
        let direct = direct.filter_map(|need| need.split(' ').next()).map(str::to_owned);
        needs.entry(name.to_owned()).or_default().extend(direct);
    }
    needs
}

fn closure(from: &BTreeSet<String>, needs: &BTreeMap<String, Vec<String>>) -> BTreeSet<String> {
    let mut reached = from.clone();
    let mut left: Vec<String> = from.iter().cloned().collect();
    while let Some(name) = left.pop() {
        for need in needs.get(&name).into_iter().flatten() {
            if reached.insert(need.clone()) {
                left.push(need.clone());
            }
        }
    }
    reached
}

fn sources(package: &Package) -> impl Iterator<Item = String> {
    let files = tree::files(&format!("{}/src", package.folder));
    files.into_iter().filter(|path| path.ends_with(".rs"))
}

/// Whether a file below `src` holds nothing but tests.
fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/") || path.ends_with("/test_media.rs")
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    for package in packages() {
        let manifest = tree::text(&format!("{}/Cargo.toml", package.folder)).expect("there");
        let manifest: toml::Table = manifest.parse().expect("TOML");
        let lints = manifest.get("lints").and_then(|lints| lints.get("workspace"));
        assert_eq!(lints.and_then(toml::Value::as_bool), Some(true), "{}", package.name);
    }
}

/// promise: T-15. `unsafe` is forbidden but in the crates named here, denied there, and each place
/// says why it is sound.
#[test]
fn unsafe_code_is_forbidden_or_explained() {
    for package in packages() {
        let mut roots = ["lib.rs", "main.rs"].map(|file| format!("{}/src/{file}", package.folder));
        roots.sort();
        let forbids = roots
            .iter()
            .filter_map(|path| tree::text(path))
            .all(|text| text.lines().any(|line| line == "#![forbid(unsafe_code)]"));
        let is_listed = WITH_UNSAFE.contains(&package.name.as_str());
        assert_eq!(forbids, !is_listed, "{} and its #![forbid(unsafe_code)]", package.name);
        let mut has_unsafe = false;
        for path in sources(&package) {
            let text = tree::text(&path).expect("text");
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            for (at, _) in lines.iter().enumerate().filter(|(_, line)| is_unsafe(line)) {
                has_unsafe = true;
                // A block says why it is sound, a function what its callers owe it.
                let is_note = |line: &&&str| line.starts_with("//") || line.starts_with("#[");
                let mut above = lines[..at].iter().rev().take_while(is_note);
                let explained = above
                    .any(|line| line.starts_with("// SAFETY:") || line.starts_with("/// # Safety"));
                assert!(explained, "{path}:{} does not say why it is sound", at + 1);
            }
        }
        assert_eq!(has_unsafe, is_listed, "{} has unsafe code", package.name);
    }
}

fn is_unsafe(line: &str) -> bool {
    !line.starts_with("//") && (line.contains("unsafe {") || line.contains("unsafe fn "))
}

#[test]
fn every_product_file_says_what_it_is() {
    for package in packages() {
        for path in sources(&package).filter(|path| !is_test(path)) {
            let text = tree::text(&path).expect("text");
            assert!(text.starts_with("//! "), "{path} does not begin with `//!`");
        }
    }
}

#[test]
fn nothing_is_called_after_a_drawer() {
    for path in ["crates", "fuzz", "web", "xtask"].into_iter().flat_map(tree::files) {
        for part in path.split('/') {
            let stem = part.split('.').next().unwrap_or(part);
            let is_drawer = DRAWERS.contains(&stem.strip_suffix('s').unwrap_or(stem));
            assert!(!is_drawer, "{path}");
        }
    }
}

/// promise: V-08, V-23. What the house knows lies in its own data directory: the program has no way to a
/// database, broker or object store in a network, so there is no connection without an account of its
/// own or without TLS.
#[test]
fn nothing_is_kept_elsewhere() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let format = ["--prefix=none", "--format={p}", "--edges=normal", "--offline"];
    let arguments = [&["tree", "--package=hearthwatch"], &format[..]].concat();
    let tree = tree::output(&cargo, &arguments).expect("cargo knows the packages");
    let packages: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(
        packages.contains("sqlx-sqlite"),
        "these are the packages of the program: {packages:?}"
    );
    let found: Vec<_> = STORES_ELSEWHERE.iter().filter(|name| packages.contains(*name)).collect();
    assert!(found.is_empty(), "{found:?}");
}
