//! The bill of materials has the form that scanners read, and names what the lock files name.

mod tree;

use std::{collections::BTreeSet, process::Command};

use serde_json::Value;

fn bill() -> Value {
    // Built by cargo for this test, so it lies where everything built lies.
    let output = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("bill.json");
    let status = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["sbom", "--output"])
        .arg(&output)
        .status()
        .expect("it runs");
    assert!(status.success());
    serde_json::from_str(&std::fs::read_to_string(output).expect("written")).expect("JSON")
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().expect("a list")
}

/// promise: V-22. Every part has a name, a version, a purl, a licence and a checksum; everything that
/// is referred to is there; nothing that only tests need counts as shipped.
#[test]
fn the_bill_of_materials_is_whole() {
    let bill = bill();
    assert_eq!((&bill["bomFormat"], &bill["specVersion"]), (&"CycloneDX".into(), &"1.6".into()));
    assert_eq!(bill["metadata"]["component"]["name"], "hearthwatch");
    let own = "pkg:cargo/hearth";
    let mut refs = BTreeSet::from([text(&bill["metadata"]["component"], "bom-ref")]);
    for component in list(&bill, "components") {
        let reference = text(component, "bom-ref");
        assert_eq!(component["type"], "library");
        assert_eq!(text(component, "scope"), "required", "{reference}");
        assert_eq!(text(component, "purl"), reference);
        let at = format!("@{}", text(component, "version"));
        assert!(reference.starts_with("pkg:") && reference.ends_with(&at), "{reference}");
        assert!(!list(component, "licenses").is_empty(), "{reference}");
        if !reference.starts_with(own) {
            let hash = &list(component, "hashes")[0];
            let digits = if hash["alg"] == "SHA-256" { 64 } else { 128 };
            let content = text(hash, "content");
            assert!(content.len() == digits && content.bytes().all(|b| b.is_ascii_hexdigit()));
        }
        assert!(refs.insert(reference), "{reference} stands there once");
    }
    for dependency in list(&bill, "dependencies") {
        assert!(refs.contains(text(dependency, "ref")));
        for need in list(dependency, "dependsOn") {
            assert!(refs.contains(need.as_str().expect("a text")), "{need}");
        }
    }
    let has = |name: &str| refs.iter().any(|one| one.contains(&format!("/{name}@")));
    assert!(has("rustls") && has("tokio") && has("hearth-vault"));
    assert!(!has("proptest") && !has("tempfile"), "what only tests need");
    let lock = tree::text("Cargo.lock").expect("there");
    for reference in refs.iter().filter_map(|one| one.strip_prefix("pkg:cargo/")) {
        let (name, version) = reference.split_once('@').expect("both");
        let locked = format!("name = \"{name}\"\nversion = \"{version}\"");
        assert!(lock.contains(&locked), "{reference}");
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().expect("a text")
}
