//! Use of memory, processor, open files and disk beyond what this hub uses otherwise. Pure.
//!
//! Looked at once a minute. What lasts only a few looks (a check of all footage, a rebuild) is
//! ordinary; what lasts is told once, and again only after it was back to normal.

use hearth_model::Severity;

use super::{Finding, IncidentKind};

/// Looks after which a level is believed to be what this hub uses.
const LEARNED_LOOKS: u32 = 30;

/// Memory is unusual at twice the learned level, and not below this much above it: caches and a few
/// viewers come and go within it.
const MEMORY_SLACK_BYTES: u64 = 256 << 20;
const MEMORY_LOOKS: u32 = 10;

/// Share of all processors.
const PROCESSOR_SHARE: f64 = 0.95;
const PROCESSOR_LOOKS: u32 = 30;

/// Share of the files that a process may have open.
const FILES_SHARE: f64 = 0.8;
const FILES_LOOKS: u32 = 3;

const DISK_LOOKS: u32 = 3;

/// One look.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ResourceUse {
    /// Memory of the process in bytes.
    pub memory_bytes: u64,
    /// Share of all processors since the look before, 0 to 1.
    pub processor: f64,
    /// Open files and sockets.
    pub open_files: u64,
    /// How many it may have.
    pub open_files_max: u64,
    /// Bytes free on the disk.
    pub disk_free_bytes: u64,
    /// Bytes that footage never takes.
    pub disk_reserve_bytes: u64,
}

/// How often in a row something was beyond its limit.
#[derive(Clone, Copy, Debug, Default)]
struct Lasting(u32);

impl Lasting {
    /// True once, when it has lasted long enough.
    fn look(&mut self, is_beyond: bool, looks: u32) -> bool {
        self.0 = if is_beyond { self.0.saturating_add(1) } else { 0 };
        self.0 == looks
    }
}

/// The looks so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct ResourceWatch {
    looks: u32,
    memory_level: u64,
    memory: Lasting,
    processor: Lasting,
    files: Lasting,
    disk: Lasting,
}

impl ResourceWatch {
    /// Looks once a minute.
    pub fn look(&mut self, now: ResourceUse) -> Vec<Finding> {
        self.looks = self.looks.saturating_add(1);
        let learned = self.looks > LEARNED_LOOKS;
        if !learned {
            self.memory_level = self.memory_level.max(now.memory_bytes);
        }
        let level = self.memory_level;
        let limit = level.saturating_mul(2).max(level.saturating_add(MEMORY_SLACK_BYTES));
        let beyond_files = now.open_files as f64 > now.open_files_max as f64 * FILES_SHARE;
        let beyond_disk = now.disk_free_bytes < now.disk_reserve_bytes / 2;
        let mut found = Vec::new();
        if self.memory.look(learned && now.memory_bytes > limit, MEMORY_LOOKS) {
            let (used, level) = (now.memory_bytes >> 20, level >> 20);
            let detail = format!("{used} MB, and {level} MB were enough before.");
            found.push(finding(Severity::Warning, "memory", "The hub uses much memory", detail));
        }
        if self.processor.look(now.processor > PROCESSOR_SHARE, PROCESSOR_LOOKS) {
            let detail = format!("All processors have been busy for {PROCESSOR_LOOKS} minutes.");
            found.push(finding(Severity::Warning, "processor", "The hub is overloaded", detail));
        }
        if self.files.look(beyond_files, FILES_LOOKS) {
            let detail = format!("{} of {} files are open.", now.open_files, now.open_files_max);
            found.push(finding(Severity::Warning, "files", "The hub runs out of files", detail));
        }
        if self.disk.look(beyond_disk, DISK_LOOKS) {
            let detail = format!(
                "{} MB are free. Something beside footage fills the disk.",
                now.disk_free_bytes >> 20
            );
            found.push(finding(Severity::Critical, "disk", "The disk is nearly full", detail));
        }
        found
    }
}

fn finding(severity: Severity, subject: &str, title: &str, detail: String) -> Finding {
    Finding {
        kind: IncidentKind::ResourceUse,
        severity,
        subject: subject.to_owned(),
        title: title.to_owned(),
        detail,
    }
}
