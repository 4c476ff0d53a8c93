//! `cargo xtask sbom`: what the product is made of, as CycloneDX 1.6 (ECMA-424).
//!
//! Every crate that the binary is built from and every package of npm in it, with version,
//! licence and checksum, from the lock files and nothing else: the same tree gives the same bytes.
//! It says what is inside, not whether that has known weaknesses. promise: V-22.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
    process::Command,
};

use anyhow::{Context, bail};
use base64::Engine as _;
use serde_json::{Value, json};

use crate::{process, root};

/// The crate whose binary is shipped.
const PRODUCT: &str = "hearthwatch";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Where to write it.
    #[arg(long, default_value = "target/hearthwatch.cdx.json")]
    output: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let crates = Crates::read()?;
    let (mut components, mut dependencies) = crates.list()?;
    let packages = npm_packages()?;
    components.extend(packages);
    components.sort_by(|a, b| a["bom-ref"].as_str().cmp(&b["bom-ref"].as_str()));
    dependencies.sort_by(|a, b| a["ref"].as_str().cmp(&b["ref"].as_str()));
    let bill = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": crates.product()?,
            "tools": { "components": [{ "type": "application", "name": "cargo xtask sbom" }] },
        },
        "components": components,
        "dependencies": dependencies,
    });
    let path = root().join(&arguments.output);
    fs::write(&path, serde_json::to_string_pretty(&bill)? + "\n")
        .with_context(|| format!("cannot write {}", path.display()))?;
    println!("{} components in {}", components.len(), arguments.output.display());
    Ok(())
}

/// What cargo knows: packages by id, who needs whom, checksums by name and version.
struct Crates {
    packages: BTreeMap<String, Value>,
    needs: BTreeMap<String, BTreeSet<String>>,
    checksums: BTreeMap<(String, String), String>,
    product: String,
}

impl Crates {
    fn read() -> anyhow::Result<Self> {
        let mut command = Command::new("cargo");
        command.args(["metadata", "--format-version=1", "--locked"]);
        command.args(["--filter-platform", "x86_64-unknown-linux-gnu"]).current_dir(root());
        let metadata: Value = serde_json::from_str(&process::output(&mut command)?)?;
        let list = |value: &Value| value.as_array().cloned().context("no list from cargo");
        let mut packages = BTreeMap::new();
        for package in list(&metadata["packages"])? {
            packages.insert(text(&package, "id")?, package);
        }
        let mut needs = BTreeMap::new();
        for node in list(&metadata["resolve"]["nodes"])? {
            let mut ids = BTreeSet::new();
            for need in list(&node["deps"])? {
                // What only tests need is not in the product.
                let is_shipped = |kind: &Value| kind["kind"] != "dev";
                if list(&need["dep_kinds"])?.iter().any(is_shipped) {
                    ids.insert(text(&need, "pkg")?);
                }
            }
            needs.insert(text(&node, "id")?, ids);
        }
        let product = packages.iter().find(|(_, package)| package["name"] == PRODUCT);
        let product = product.map(|(id, _)| id.clone()).context("the product is not a package")?;
        Ok(Self { packages, needs, checksums: checksums()?, product })
    }

    /// The product itself.
    fn product(&self) -> anyhow::Result<Value> {
        let mut component = self.component(&self.product)?;
        component["type"] = json!("application");
        Ok(component)
    }

    /// Everything that the product needs, and who needs whom.
    fn list(&self) -> anyhow::Result<(Vec<Value>, Vec<Value>)> {
        let mut seen = BTreeSet::from([self.product.clone()]);
        let mut open = vec![self.product.clone()];
        let (mut components, mut dependencies) = (Vec::new(), Vec::new());
        while let Some(id) = open.pop() {
            let needs = self.needs.get(&id).context("a package that was not resolved")?;
            let refs = needs.iter().map(|need| self.reference(need));
            let refs = refs.collect::<anyhow::Result<Vec<_>>>()?;
            dependencies.push(json!({ "ref": self.reference(&id)?, "dependsOn": refs }));
            if id != self.product {
                components.push(self.component(&id)?);
            }
            open.extend(needs.iter().filter(|need| seen.insert((*need).clone())).cloned());
        }
        Ok((components, dependencies))
    }

    fn package(&self, id: &str) -> anyhow::Result<&Value> {
        self.packages.get(id).with_context(|| format!("no package {id}"))
    }

    fn reference(&self, id: &str) -> anyhow::Result<String> {
        let package = self.package(id)?;
        Ok(format!("pkg:cargo/{}@{}", text(package, "name")?, text(package, "version")?))
    }

    fn component(&self, id: &str) -> anyhow::Result<Value> {
        let package = self.package(id)?;
        let (name, version) = (text(package, "name")?, text(package, "version")?);
        let reference = self.reference(id)?;
        let mut component = json!({
            "type": "library", "bom-ref": reference, "purl": reference,
            "name": name, "version": version, "scope": "required",
        });
        if let Some(licence) = package["license"].as_str() {
            // Cargo allowed a slash before SPDX expressions were required.
            let expression = licence.replace('/', " OR ").replace("  ", " ");
            component["licenses"] = json!([{ "expression": expression }]);
        }
        if let Some(checksum) = self.checksums.get(&(name, version)) {
            component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
        } else if !package["source"].is_null() {
            bail!("{reference} comes from outside and has no checksum in Cargo.lock");
        }
        Ok(component)
    }
}

/// SHA-256 by name and version, from `Cargo.lock`. Our own crates have none.
fn checksums() -> anyhow::Result<BTreeMap<(String, String), String>> {
    #[derive(serde::Deserialize)]
    struct Lock {
        package: Vec<Locked>,
    }
    #[derive(serde::Deserialize)]
    struct Locked {
        name: String,
        version: String,
        checksum: Option<String>,
    }
    let lock: Lock = toml::from_str(&fs::read_to_string(root().join("Cargo.lock"))?)?;
    let sums = lock.package.into_iter().filter_map(|package| {
        package.checksum.map(|checksum| ((package.name, package.version), checksum))
    });
    Ok(sums.collect())
}

/// Lock files of what npm brings: the dashboard with what builds it, which ends in what is built
/// (icons, typefaces), and the weights of the face model.
const NPM_LOCKS: [&str; 2] = ["web/package-lock.json", "models/package-lock.json"];

/// The packages of npm.
fn npm_packages() -> anyhow::Result<Vec<Value>> {
    let mut components = BTreeMap::new();
    for lock in NPM_LOCKS {
        let lock: Value = serde_json::from_str(&fs::read_to_string(root().join(lock))?)?;
        add_packages(&lock, &mut components)?;
    }
    Ok(components.into_values().collect())
}

fn add_packages(lock: &Value, components: &mut BTreeMap<String, Value>) -> anyhow::Result<()> {
    let packages = lock["packages"].as_object().context("no packages in package-lock.json")?;
    for (path, package) in packages {
        let Some((_, name)) = path.rsplit_once("node_modules/") else { continue };
        let version = text(package, "version")?;
        let reference = format!("pkg:npm/{}@{version}", name.replace('@', "%40"));
        let mut component = json!({
            "type": "library", "bom-ref": reference, "purl": reference, "name": name,
            "version": version, "scope": "required",
        });
        if let Some(licence) = package["license"].as_str() {
            component["licenses"] = json!([{ "expression": licence }]);
        }
        if let Some(hash) = package["integrity"].as_str().and_then(sha512) {
            component["hashes"] = json!([{ "alg": "SHA-512", "content": hash }]);
        }
        // A package may stand in several folders.
        components.insert(reference, component);
    }
    Ok(())
}

/// The digits of `sha512-...` (Subresource Integrity, 3.1).
fn sha512(integrity: &str) -> Option<String> {
    let encoded = integrity.split(' ').find_map(|one| one.strip_prefix("sha512-"))?;
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).ok()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn text(value: &Value, key: &str) -> anyhow::Result<String> {
    let text = value[key].as_str().with_context(|| format!("no {key} in {value:.80}"))?;
    Ok(text.to_owned())
}
