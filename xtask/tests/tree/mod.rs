//! The repository as files, for the tests that read it.

#![allow(dead_code, reason = "each test file is a program of its own, and takes what it needs")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Folders that hold what was built or installed, not what was written.
const NOT_OURS: [&str; 6] = [".git", "artifacts", "corpus", "dist", "node_modules", "target"];

/// The workspace's root folder.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().expect("xtask lies in the workspace").to_owned()
}

/// Every file below a folder of the repository, as paths from the root; none if there is no folder.
pub(crate) fn files(folder: &str) -> Vec<String> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                let is_ours = !NOT_OURS.iter().any(|name| entry.file_name() == *name);
                folders.extend(is_ours.then_some(path));
            } else if let Some(path) = path.strip_prefix(&root).ok().and_then(Path::to_str) {
                found.push(path.to_owned());
            }
        }
    }
    found.sort();
    found
}

/// The text of a file; `None` if it is gone or no text.
pub(crate) fn text(path: &str) -> Option<String> {
    fs::read_to_string(root().join(path)).ok()
}

/// What a program prints, run in the root folder.
pub(crate) fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).current_dir(root()).output().ok()?;
    output.status.success().then(|| String::from_utf8(output.stdout).ok()).flatten()
}
