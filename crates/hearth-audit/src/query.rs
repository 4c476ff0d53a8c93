//! Reading the log: newest first by filter, a page at a time; or all of it, oldest first.
//!
//! Every record is checked against the chain as it is read: what does not fit is never shown.

use std::path::Path;

use hearth_model::WallTime;

use crate::{
    AuditError,
    entry::{ActorKind, Category, Class, Outcome, Recorded},
    files::{self, ChainFile},
    keys::Keys,
    record::{Found, Head, Walk},
};

/// Entries on one page.
pub const PAGE_MAX: usize = 1000;

/// Entries looked at for one page: half a second of work. Beyond, the page ends early and says
/// where to go on.
const LOOKED_AT_MAX: usize = 50_000;

/// Entries are in the order of their numbers, not of their times: reading backwards ends only at one
/// that is older than asked for by more than clocks are set back.
const CLOCK_SLACK_MICROS: i64 = 86_400_000_000;

/// Which entries. Absent parts match everything.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Only this category.
    pub category: Option<Category>,
    /// Only this class.
    pub class: Option<Class>,
    /// Only this outcome.
    pub result: Option<Outcome>,
    /// Only by this party: its id, its name, or the word for its kind.
    pub who: Option<String>,
    /// Only about this camera.
    pub camera: Option<String>,
    /// Not before.
    pub from: Option<WallTime>,
    /// Before.
    pub to: Option<WallTime>,
    /// Only numbers below this one.
    pub before: Option<u64>,
    /// Only numbers above this one.
    pub after: Option<u64>,
}

impl Query {
    /// Whether an entry is asked for.
    pub fn matches(&self, recorded: &Recorded) -> bool {
        let Recorded { seq, entry } = recorded;
        let is_by = |wanted: &String| {
            entry.who.id.as_ref() == Some(wanted)
                || entry.who.name.as_ref() == Some(wanted)
                || ActorKind::from_name(wanted) == Some(entry.who.kind)
        };
        self.category.is_none_or(|category| entry.category == category)
            && self.class.is_none_or(|class| entry.class == class)
            && self.result.is_none_or(|result| entry.result == result)
            && self.who.as_ref().is_none_or(is_by)
            && self.camera.as_ref().is_none_or(|camera| entry.what.get("camera") == Some(camera))
            && self.from.is_none_or(|from| entry.at >= from)
            && self.to.is_none_or(|to| entry.at < to)
            && self.covers(*seq)
    }

    fn covers(&self, seq: u64) -> bool {
        self.before.is_none_or(|before| seq < before) && self.after.is_none_or(|after| seq > after)
    }
}

/// One page, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<Recorded>,
    /// Pass as `before` for the next page; absent when there is nothing more.
    pub next: Option<u64>,
}

/// Reads a page of at most `limit` entries.
pub(crate) fn page(
    folder: &Path,
    keys: &Keys,
    query: &Query,
    limit: usize,
) -> Result<AuditPage, AuditError> {
    let limit = limit.min(PAGE_MAX);
    let mut files = files::list(folder).map_err(AuditError::io("list its files"))?;
    let mut page = AuditPage::default();
    let mut looked_at = 0;
    while let Some(file) = files.pop() {
        let Some(head) = file.head(&keys.head) else { continue };
        if query.before.is_some_and(|before| head.before.seq.saturating_add(1) >= before) {
            continue;
        }
        let Some((head, bytes)) = open(keys, &file) else { continue };
        let links: Vec<_> = Walk::new(&keys.chain, head, &bytes).collect();
        for found in links.into_iter().rev() {
            let Found::Record { link, sealed } = found else { continue };
            if query.after.is_some_and(|after| link.seq <= after) {
                return Ok(page);
            }
            if !query.covers(link.seq) {
                continue;
            }
            if page.entries.len() >= limit || looked_at >= LOOKED_AT_MAX {
                page.next = Some(link.seq.saturating_add(1));
                return Ok(page);
            }
            looked_at += 1;
            let Some(entry) = keys.open(link, sealed) else { continue };
            if query.from.is_some_and(|from| entry.at < from.plus_micros(-CLOCK_SLACK_MICROS)) {
                return Ok(page);
            }
            let recorded = Recorded { seq: link.seq, entry };
            if query.matches(&recorded) {
                page.entries.push(recorded);
            }
        }
    }
    Ok(page)
}

/// Hands every entry that is asked for to `sink`, oldest first, until it says stop.
pub(crate) fn all(
    folder: &Path,
    keys: &Keys,
    query: &Query,
    mut sink: impl FnMut(Recorded) -> bool,
) -> Result<(), AuditError> {
    for file in files::list(folder).map_err(AuditError::io("list its files"))? {
        let Some((head, bytes)) = open(keys, &file) else { continue };
        for found in Walk::new(&keys.chain, head, &bytes) {
            let Found::Record { link, sealed } = found else { continue };
            if !query.covers(link.seq) {
                continue;
            }
            let Some(entry) = keys.open(link, sealed) else { continue };
            let recorded = Recorded { seq: link.seq, entry };
            if query.matches(&recorded) && !sink(recorded) {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// `None` for what is no file of this log, or was dropped meanwhile.
fn open(keys: &Keys, file: &ChainFile) -> Option<(Head, Vec<u8>)> {
    let bytes = file.read().ok()?;
    let head = Head::from_bytes(&keys.head, &bytes)?;
    Some((head, bytes))
}
