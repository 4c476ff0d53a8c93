//! Files that only the hub or its owner changes: settings, the program, the vault's description.
//! Pure; what they looked like is kept over restarts, so a change while the hub is down is seen.

use std::collections::BTreeMap;

use hearth_model::Severity;

use super::{Finding, IncidentKind};

/// Files remembered: a dozen are watched, and strangers in the data folder are counted in.
const FILES_MAX: usize = 128;

/// Bits of permission that others than the owner have.
const OTHERS: u32 = 0o077;

/// What a file looks like from outside. Its change time can't be set by hand, so that a change that
/// puts back length and time of modification is seen too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FileStamp {
    /// Bytes.
    pub length: u64,
    /// When its content changed, in nanoseconds.
    pub modified: i128,
    /// When anything of it changed, in nanoseconds.
    pub changed: i128,
    /// Its number in the file system.
    pub inode: u64,
    /// Permission bits.
    pub mode: u32,
    /// Whether anybody else may read it without harm.
    pub is_public: bool,
}

/// What the watched files looked like. Kept over restarts.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ChangedFiles {
    /// `None` until the first look, which only learns.
    known: Option<BTreeMap<String, FileStamp>>,
}

impl ChangedFiles {
    /// Looks at all watched files by the names that people know them by.
    pub fn look(&mut self, now: BTreeMap<String, FileStamp>) -> Vec<Finding> {
        let now: BTreeMap<_, _> = now.into_iter().take(FILES_MAX).collect();
        let Some(before) = self.known.replace(now.clone()) else { return Vec::new() };
        let mut found = Vec::new();
        for (name, stamp) in &now {
            let exposed = !stamp.is_public && stamp.mode & OTHERS != 0;
            match before.get(name) {
                Some(old) if old == stamp => {}
                Some(old) if exposed && old.mode & OTHERS == 0 => {
                    let text = "It can be read by others now. Take their permission away.";
                    found.push(finding(Severity::Critical, name, "was opened to others", text));
                }
                Some(_) => {
                    let text = "If that was not you, compare it with a copy.";
                    found.push(finding(Severity::Warning, name, "was changed", text));
                }
                None => {
                    let text = "The hub did not make it. If it was not you, look where it is from.";
                    found.push(finding(Severity::Warning, name, "is new", text));
                }
            }
        }
        for name in before.keys().filter(|name| !now.contains_key(*name)) {
            let text = "The hub did not remove it.";
            found.push(finding(Severity::Warning, name, "is gone", text));
        }
        found
    }

    /// Takes a file as it is now: the hub, or somebody through it, changed it.
    pub fn expect(&mut self, name: &str, stamp: Option<FileStamp>) {
        let Some(known) = &mut self.known else { return };
        match stamp {
            Some(stamp) => known.insert(name.to_owned(), stamp),
            None => known.remove(name),
        };
    }
}

fn finding(severity: Severity, name: &str, what: &str, detail: &str) -> Finding {
    Finding {
        kind: IncidentKind::ChangedFile,
        severity,
        subject: format!("file {name}"),
        title: format!("{name} {what}"),
        detail: detail.to_owned(),
    }
}
