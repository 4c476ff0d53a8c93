//! Licences and sources of all dependencies, against the same `deny.toml` that cargo-deny reads.
//!
//! cargo-deny knows this too, but needs minutes to build; this check needs nothing and runs each time
//! (promises T-03, T-06). Known weaknesses: `advisories`.

use std::{collections::BTreeSet, fs, process::Command};

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::{process, root};

#[derive(serde::Deserialize)]
struct Deny {
    licenses: Licences,
    sources: Sources,
    bans: Bans,
}

#[derive(serde::Deserialize)]
struct Licences {
    allow: BTreeSet<String>,
}

#[derive(serde::Deserialize)]
struct Sources {
    #[serde(rename = "allow-registry")]
    allow_registry: Vec<String>,
}

#[derive(serde::Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(serde::Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
}

pub(crate) fn run() -> anyhow::Result<()> {
    let deny: Deny = toml::from_str(&fs::read_to_string(root().join("deny.toml"))?)?;
    let mut command = Command::new("cargo");
    command.args(["metadata", "--format-version=1", "--locked", "--all-features"]);
    command.args(["--filter-platform", "x86_64-unknown-linux-gnu"]).current_dir(root());
    let metadata: Value = serde_json::from_str(&process::output(&mut command)?)?;
    let packages = metadata["packages"].as_array().context("no packages")?;
    let complaints: Vec<String> =
        packages.iter().flat_map(|package| complaints(package, &deny)).collect();
    ensure!(complaints.is_empty(), "{}", complaints.join("\n"));
    println!("audit: {} packages, all licences and sources allowed", packages.len());
    Ok(())
}

fn complaints(package: &Value, deny: &Deny) -> Vec<String> {
    let name = package["name"].as_str().unwrap_or_default();
    let version = package["version"].as_str().unwrap_or_default();
    let mut found = Vec::new();
    // Packages of the workspace have no source.
    if let Some(source) = package["source"].as_str() {
        if !deny.sources.allow_registry.iter().any(|allowed| is_registry(source, allowed)) {
            found.push(format!("{name} {version}: comes from {source}"));
        }
        if deny.bans.deny.iter().any(|ban| ban.name == name) {
            found.push(format!("{name} {version}: is banned in deny.toml"));
        }
    }
    let licence = package["license"].as_str().unwrap_or_default();
    if !permits(licence, &deny.licenses.allow) {
        found.push(format!("{name} {version}: licence {licence:?} is not allowed"));
    }
    found
}

/// The default registry has two names: the one of its git index and the one of its sparse index.
fn is_registry(source: &str, allowed: &str) -> bool {
    allowed == "crates-io" && source.starts_with("registry+") && source.contains("crates.io-index")
}

/// Whether an SPDX expression can be satisfied with allowed licences.
fn permits(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let value = any(&words, &mut at, allowed);
    value && at == words.len()
}

fn any(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut value = all(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        value |= all(words, at, allowed);
    }
    value
}

fn all(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut value = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        value &= one(words, at, allowed);
    }
    value
}

fn one(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let value = any(words, at, allowed);
        *at += 1;
        return value;
    }
    let mut licence = (*word).to_owned();
    if words.get(*at) == Some(&"WITH") {
        licence = format!("{licence} WITH {}", words.get(*at + 1).unwrap_or(&""));
        *at += 2;
    }
    allowed.contains(&licence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_allowed_if_one_way_through_it_is() {
        let allowed = ["MIT", "Apache-2.0", "Unicode-3.0"].map(str::to_owned).into();
        assert!(permits("MIT OR GPL-3.0", &allowed));
        assert!(permits("(MIT OR GPL-3.0) AND Unicode-3.0", &allowed));
        assert!(permits("MIT/Apache-2.0", &allowed));
        assert!(!permits("MIT AND GPL-3.0", &allowed));
        assert!(!permits("Apache-2.0 WITH LLVM-exception", &allowed));
        assert!(!permits("", &allowed));
    }
}
