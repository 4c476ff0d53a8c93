//! `cargo xtask advisories DATABASE`: known weaknesses of what is built in, by the RustSec database.
//!
//! The database is somebody else's and changes daily, so it is not part of the repository: clone it
//! (`git clone https://github.com/rustsec/advisory-db`) and name its folder. What was found is
//! written to `packaging/advisories.json`, which the product carries and `doctor` tells;
//! `cargo xtask audit` fails when dependencies changed since, or when a weakness is neither mended
//! nor accepted in `deny.toml` with a reason (promises T-03, D-24).

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail, ensure};
use semver::{Version, VersionReq};

use crate::root;

/// Where the outcome lies.
const REPORT: &str = "packaging/advisories.json";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Folder of the database, with `crates` in it.
    database: PathBuf,
}

/// What a scan found.
#[derive(Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Report {
    /// Date of the newest advisory that was known.
    newest: String,
    /// Advisories that were known.
    advisories: usize,
    /// Packages that were looked up.
    packages: BTreeMap<String, Vec<String>>,
    /// Weaknesses.
    vulnerable: Vec<Finding>,
    /// Packages that are unmaintained or unsound in ways that need not matter.
    notices: Vec<Finding>,
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Finding {
    id: String,
    package: String,
    version: String,
    title: String,
    /// Why it may stay, from `deny.toml`.
    accepted: Option<String>,
}

#[derive(serde::Deserialize)]
struct Document {
    advisory: Advisory,
    #[serde(default)]
    versions: Versions,
}

#[derive(serde::Deserialize)]
struct Advisory {
    id: String,
    package: String,
    date: String,
    informational: Option<String>,
    withdrawn: Option<String>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Versions {
    patched: Vec<String>,
    unaffected: Vec<String>,
}

#[derive(serde::Deserialize)]
struct Deny {
    #[serde(default)]
    advisories: Accepted,
}

#[derive(Default, serde::Deserialize)]
struct Accepted {
    #[serde(default)]
    ignore: Vec<Reason>,
}

#[derive(serde::Deserialize)]
struct Reason {
    id: String,
    reason: String,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let report = scan(&arguments.database)?;
    let mut text = serde_json::to_string_pretty(&report)?;
    text.push('\n');
    fs::write(root().join(REPORT), text)?;
    for finding in report.vulnerable.iter().chain(&report.notices) {
        let Finding { id, package, version, title, accepted } = finding;
        let why = accepted.as_deref().unwrap_or("not accepted");
        println!("{id}: {package} {version}: {title} ({why})");
    }
    judge(&report)?;
    println!("{} packages against {} advisories", report.count(), report.advisories);
    Ok(())
}

/// Whether the last scan covers what is built now, and found nothing that may not stay.
pub(crate) fn check() -> anyhow::Result<()> {
    let text = fs::read_to_string(root().join(REPORT)).context(REPORT)?;
    let report: Report = serde_json::from_str(&text).context(REPORT)?;
    let now = locked()?;
    ensure!(
        report.packages == now,
        "dependencies changed since they were scanned ({}); clone the RustSec database and run \
         `cargo xtask advisories FOLDER`",
        changed(&report.packages, &now).join(", "),
    );
    judge(&report)?;
    println!(
        "advisories: {} packages, none with a weakness that was known on {} and not accepted",
        report.count(),
        report.newest
    );
    Ok(())
}

impl Report {
    fn count(&self) -> usize {
        self.packages.values().map(Vec::len).sum()
    }
}

fn judge(report: &Report) -> anyhow::Result<()> {
    let open = report.vulnerable.iter().filter(|finding| finding.accepted.is_none());
    let open: Vec<String> =
        open.map(|finding| format!("{} ({})", finding.id, finding.package)).collect();
    ensure!(open.is_empty(), "known weaknesses: {}", open.join(", "));
    Ok(())
}

fn changed(
    before: &BTreeMap<String, Vec<String>>,
    now: &BTreeMap<String, Vec<String>>,
) -> Vec<String> {
    let is_new = |(name, versions): &(&String, &Vec<String>)| before.get(*name) != Some(*versions);
    let is_gone = |name: &&String| !now.contains_key(*name);
    let new = now.iter().filter(is_new).map(|(name, _)| name.clone());
    new.chain(before.keys().filter(is_gone).cloned()).collect()
}

fn scan(database: &Path) -> anyhow::Result<Report> {
    let packages = locked()?;
    let deny: Deny = toml::from_str(&fs::read_to_string(root().join("deny.toml"))?)?;
    let (mut newest, mut advisories) = (String::new(), 0);
    let (mut vulnerable, mut notices) = (Vec::new(), Vec::new());
    for path in documents(database)? {
        let text = fs::read_to_string(&path)?;
        let (document, title) = read(&text).with_context(|| path.display().to_string())?;
        advisories += 1;
        newest = newest.max(document.advisory.date.clone());
        if document.advisory.withdrawn.is_some() {
            continue;
        }
        for version in packages.get(&document.advisory.package).into_iter().flatten() {
            if !is_affected(version, &document.versions)? {
                continue;
            }
            let id = document.advisory.id.clone();
            let accepted = deny.advisories.ignore.iter().find(|reason| reason.id == id);
            let finding = Finding {
                package: document.advisory.package.clone(),
                version: version.clone(),
                title: title.to_owned(),
                accepted: accepted.map(|reason| reason.reason.clone()),
                id,
            };
            let is_notice = document.advisory.informational.is_some();
            if is_notice { notices.push(finding) } else { vulnerable.push(finding) }
        }
    }
    ensure!(advisories > 0, "there is no advisory in {}", database.display());
    Ok(Report { newest, advisories, packages, vulnerable, notices })
}

/// All advisories of a database, in a fixed order.
fn documents(database: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let crates = database.join("crates");
    for folder in fs::read_dir(&crates).with_context(|| crates.display().to_string())? {
        for file in fs::read_dir(folder?.path())? {
            found.push(file?.path());
        }
    }
    found.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    found.sort();
    Ok(found)
}

/// An advisory is Markdown: a block of TOML, then a title.
fn read(text: &str) -> anyhow::Result<(Document, &str)> {
    let rest = text.trim_start().strip_prefix("```toml").context("no block of TOML")?;
    let (block, rest) = rest.split_once("```").context("the block does not end")?;
    let title = rest.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or("without a title");
    Ok((toml::from_str(block)?, title.trim()))
}

/// Affected is what is neither patched nor was ever wrong.
fn is_affected(version: &str, versions: &Versions) -> anyhow::Result<bool> {
    // `>= 1.2` does not match a candidate of 1.3 by Cargo's rules, though it holds the mend.
    let mut version = Version::parse(version)?;
    version.pre = semver::Prerelease::EMPTY;
    for requirement in versions.patched.iter().chain(&versions.unaffected) {
        if VersionReq::parse(requirement)?.matches(&version) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Names and versions of everything in `Cargo.lock` that comes from a registry.
fn locked() -> anyhow::Result<BTreeMap<String, Vec<String>>> {
    #[derive(serde::Deserialize)]
    struct Lock {
        package: Vec<Package>,
    }
    #[derive(serde::Deserialize)]
    struct Package {
        name: String,
        version: String,
        source: Option<String>,
    }
    let lock: Lock = toml::from_str(&fs::read_to_string(root().join("Cargo.lock"))?)?;
    let mut packages: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in lock.package.into_iter().filter(|package| package.source.is_some()) {
        packages.entry(package.name).or_default().push(package.version);
    }
    if packages.is_empty() {
        bail!("Cargo.lock names no package");
    }
    Ok(packages)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(patched: &[&str], unaffected: &[&str]) -> Versions {
        let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        Versions { patched: owned(patched), unaffected: owned(unaffected) }
    }

    #[test]
    fn affected_is_what_is_neither_patched_nor_was_ever_wrong() {
        let affected = |version, versions: &Versions| is_affected(version, versions).expect("read");
        let mended = versions(&[">= 0.2.23"], &["< 0.1", "=0.2.1"]);
        for (version, expected) in [
            ("0.1.40", true),
            ("0.2.22", true),
            ("0.2.23", false),
            ("0.3.0-rc.1", false),
            ("0.0.9", false),
            ("0.2.1", false),
        ] {
            assert_eq!(affected(version, &mended), expected, "{version}");
        }
        assert!(affected("9.9.9", &versions(&[], &[])), "nothing mends it");
    }

    #[test]
    fn an_advisory_is_read_with_its_title() {
        let text = "```toml\n[advisory]\nid = \"RUSTSEC-2020-0071\"\npackage = \"time\"\n\
                    date = \"2020-11-18\"\n\n[versions]\npatched = [\">= 0.2.23\"]\n```\n\n\
                    # Potential segfault\n\nMore.";
        let (document, title) = read(text).expect("an advisory");
        assert_eq!(document.advisory.id, "RUSTSEC-2020-0071");
        assert_eq!(document.versions.patched, [">= 0.2.23"]);
        assert_eq!(title, "Potential segfault");
        assert!(read("# Only a title").is_err());
    }

    /// promise: V-22, T-03, D-24. A weakness that nobody accepted, and a package that nobody looked up,
    /// stop the build.
    #[test]
    fn a_weakness_or_an_unknown_package_is_not_passed() {
        let finding = |accepted: Option<&str>| Finding {
            id: "RUSTSEC-2020-0071".into(),
            package: "time".into(),
            version: "0.1.0".into(),
            title: "Potential segfault".into(),
            accepted: accepted.map(str::to_owned),
        };
        let report = |finding| Report {
            newest: "2026-01-01".into(),
            advisories: 1,
            packages: BTreeMap::from([("time".into(), vec!["0.1.0".into()])]),
            vulnerable: vec![finding],
            notices: Vec::new(),
        };
        assert!(judge(&report(finding(None))).is_err());
        assert!(judge(&report(finding(Some("it is not called")))).is_ok());
        let now = BTreeMap::from([
            ("time".to_owned(), vec!["0.1.0".to_owned()]),
            ("tome".to_owned(), vec!["1.0.0".to_owned()]),
        ]);
        assert_eq!(changed(&report(finding(None)).packages, &now), ["tome"]);
    }
}
