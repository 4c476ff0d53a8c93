//! Builds the dashboard into `web/dist`, from where it is embedded into the binary.

use std::{fs, path::Path, time::SystemTime};

use anyhow::Context;

use crate::{process, root, tools};

/// Builds the dashboard.
pub(crate) fn build() -> anyhow::Result<()> {
    tools::require_node()?;
    let web = root().join("web");
    install(&web)?;
    process::run(&web, "npm", &["run", "--silent", "build"])
}

/// Builds it if anything it is made from is newer than the last build.
pub(crate) fn build_if_stale() -> anyhow::Result<()> {
    let web = root().join("web");
    let built = modified(&web.join("dist/index.html"));
    let newest = newest_source(&web)?;
    if built.is_some_and(|built| built >= newest) { Ok(()) } else { build() }
}

/// Installs exactly what the lock file names, if that has changed.
pub(crate) fn install(folder: &Path) -> anyhow::Result<()> {
    install_with(folder, &[])
}

/// The same, with more options for npm.
pub(crate) fn install_with(folder: &Path, options: &[&str]) -> anyhow::Result<()> {
    let installed = modified(&folder.join("node_modules/.package-lock.json"));
    let locked = modified(&folder.join("package-lock.json"));
    if installed.is_some() && installed >= locked {
        return Ok(());
    }
    let arguments = [&["ci", "--no-audit", "--no-fund"], options].concat();
    process::run(folder, "npm", &arguments)
}

fn newest_source(web: &Path) -> anyhow::Result<SystemTime> {
    let mut newest = SystemTime::UNIX_EPOCH;
    let mut folders = vec![web.join("src"), web.join("public")];
    for file in ["index.html", "package-lock.json", "vite.config.ts"] {
        newest = newest.max(modified(&web.join(file)).unwrap_or(newest));
    }
    while let Some(folder) = folders.pop() {
        if !folder.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                newest = newest.max(entry.metadata()?.modified()?);
            }
        }
    }
    Ok(newest)
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}
