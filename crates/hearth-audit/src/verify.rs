//! Checks the whole chain: every record, every file's place, and both ends against the anchor.

use std::path::Path;

use hearth_vault::MAC_BYTES;

use crate::{
    AuditError,
    anchor::{Anchor, AnchorFile},
    files::{self, ChainFile},
    keys::Keys,
    record::{Found, Head, Link, Walk},
};

/// Problems told one by one; beyond, they are counted.
const PROBLEMS_TOLD_MAX: usize = 20;

/// Bytes of the end's tag that a person copies down.
const MARK_BYTES: usize = 8;

/// What is wrong at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// A record was altered, moved, or something before it was removed.
    Altered,
    /// Records in the middle are not there.
    Missing,
    /// Records at the end are not there, although they were written.
    Truncated,
    /// A file's head is not one of this log.
    Unreadable,
    /// What says how far the log goes is gone.
    AnchorMissing,
}

/// One problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// What is wrong.
    pub kind: ProblemKind,
    /// At which number, or from which on.
    pub seq: u64,
}

/// What a check of the chain found.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct ChainReport {
    /// Nothing is wrong.
    pub ok: bool,
    /// Entries that are there and whole.
    pub entries: u64,
    /// Number of the oldest entry that is kept; older ones were dropped by retention.
    pub first: u64,
    /// Number of the newest entry.
    pub last: u64,
    /// A short mark of the newest entry. Written down elsewhere together with `last`, it shows
    /// later whether the log up to there is still the same.
    pub mark: String,
    /// How many things are wrong.
    pub problem_count: u64,
    /// The first of them.
    pub problems: Vec<Problem>,
}

struct Check {
    report: ChainReport,
    link: Link,
}

impl Check {
    fn problem(&mut self, kind: ProblemKind, seq: u64) {
        self.report.problem_count += 1;
        if self.report.problems.len() < PROBLEMS_TOLD_MAX {
            self.report.problems.push(Problem { kind, seq });
        }
    }
}

/// Checks what lies in `folder`. `written` is the anchor as the writer has it, if it runs; records
/// behind it may still be on their way.
pub(crate) fn verify(
    folder: &Path,
    keys: &Keys,
    written: Option<Anchor>,
) -> Result<ChainReport, AuditError> {
    let failed = AuditError::io;
    let found = AnchorFile::read(folder, &keys.anchor).map_err(failed("read its anchor"))?;
    let files = files::list(folder).map_err(failed("list its files"))?;
    let anchor = match (found, written) {
        (Some(found), Some(written)) => found.later(written),
        (found, written) => found.or(written).unwrap_or(Anchor::START),
    };
    let mut check = Check {
        report: ChainReport {
            ok: false,
            entries: 0,
            first: anchor.dropped.seq.saturating_add(1),
            last: 0,
            mark: String::new(),
            problem_count: 0,
            problems: Vec::new(),
        },
        link: anchor.dropped,
    };
    if found.is_none() && (anchor.seq() > 0 || !files.is_empty()) {
        check.problem(ProblemKind::AnchorMissing, anchor.seq());
    }
    for file in &files {
        check.file(keys, file, anchor).map_err(failed("read a file"))?;
    }
    Ok(check.finish(anchor))
}

impl Check {
    fn file(&mut self, keys: &Keys, file: &ChainFile, anchor: Anchor) -> std::io::Result<()> {
        let bytes = file.read()?;
        let next = self.link.seq.saturating_add(1);
        let head = Head::from_bytes(&keys.head, &bytes).filter(|head| head.number == file.number);
        let Some(head) = head else {
            // Shorter than a head behind the anchor: a file that is just being begun.
            if bytes.len() >= Head::BYTES || next <= anchor.seq() {
                self.problem(ProblemKind::Unreadable, next);
            }
            return Ok(());
        };
        let walk = Walk::new(&keys.chain, head, &bytes);
        // Dropped already; a crash kept the file from being removed.
        if head.before.seq < anchor.dropped.seq && is_before(walk, anchor.dropped) {
            return Ok(());
        }
        if head.before.seq > self.link.seq {
            self.problem(ProblemKind::Missing, next);
        } else if head.before != self.link {
            self.problem(ProblemKind::Altered, head.before.seq.saturating_add(1));
        }
        let mut walk = Walk::new(&keys.chain, head, &bytes);
        for found in walk.by_ref() {
            match found {
                // Whoever can make a record has the key; opening each would check nothing more.
                Found::Record { .. } => self.report.entries += 1,
                Found::Altered { seq } => self.problem(ProblemKind::Altered, seq),
                Found::Torn { seq } if seq > anchor.seq() => {}
                Found::Torn { seq } => self.problem(ProblemKind::Altered, seq),
            }
        }
        self.link = walk.link();
        Ok(())
    }

    fn finish(mut self, anchor: Anchor) -> ChainReport {
        let reached = self.link.seq;
        if reached < anchor.seq() {
            self.problem(ProblemKind::Truncated, reached.saturating_add(1));
        } else if reached == anchor.seq() && self.link != anchor.written {
            self.problem(ProblemKind::Altered, reached);
        }
        let mark = self.link.mac.iter().take(MARK_BYTES.min(MAC_BYTES));
        self.report.mark = mark.map(|byte| format!("{byte:02x}")).collect();
        self.report.last = reached;
        self.report.ok = self.report.problem_count == 0;
        self.report
    }
}

/// Whether a file ends with what retention dropped.
fn is_before(mut walk: Walk<'_>, dropped: Link) -> bool {
    walk.by_ref().for_each(drop);
    walk.link().seq <= dropped.seq
}
