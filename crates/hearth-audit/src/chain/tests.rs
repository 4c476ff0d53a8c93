//! The chain against crashes, which it survives without a word, and against hands, which it tells.

use std::{fs, os::unix::fs::FileExt as _};

use hearth_vault::{MasterKeySource, Vault};
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::{
    entry::{Actor, ActorKind, Class, Origin, Outcome},
    query::{self, Query},
    verify::{ChainReport, ProblemKind, verify},
};

struct Place {
    folder: TempDir,
    _outside: TempDir,
    keys: Keys,
}

impl Place {
    fn new() -> Self {
        let (folder, outside) = (TempDir::new().expect("one"), TempDir::new().expect("two"));
        let key = MasterKeySource::KeyFile(outside.path().join("key"));
        let vault = Vault::create(folder.path(), &key).expect("a vault");
        let keys = Keys::new(vault).expect("keys");
        Self { folder, _outside: outside, keys }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("audit")
    }

    fn open(&self) -> (Chain, Opening) {
        self.open_knowing(None)
    }

    fn open_knowing(&self, known: Option<Anchor>) -> (Chain, Opening) {
        Chain::open(&self.path(), self.keys.clone(), known).expect("opens")
    }

    fn verify(&self) -> ChainReport {
        verify(&self.path(), &self.keys, None).expect("checked")
    }

    fn kinds(&self) -> Vec<(ProblemKind, u64)> {
        let report = self.verify();
        assert_eq!(report.ok, report.problems.is_empty());
        report.problems.iter().map(|problem| (problem.kind, problem.seq)).collect()
    }

    fn files(&self) -> Vec<ChainFile> {
        files::list(&self.path()).expect("listed")
    }

    fn details(&self) -> Vec<String> {
        let mut all = Vec::new();
        query::all(&self.path(), &self.keys, &Query::default(), |recorded| {
            all.push(recorded.entry.detail.unwrap_or_default());
            true
        })
        .expect("read");
        all
    }
}

fn on_day(day: i64, text: &str) -> Entry {
    let at = WallTime::from_micros(day * WallTime::MICROS_A_DAY);
    let who = Actor::of(ActorKind::Owner);
    Entry::new(at, Class::View, "look", who, Origin::ControlSocket, Outcome::Ok).detail(text)
}

/// A chain of entries "1", "2", ... with these many a day.
fn filled(place: &Place, days: &[usize]) -> Chain {
    let (mut chain, opening) = place.open();
    assert_eq!(opening, Opening::Fresh);
    let mut number = 0;
    for (day, count) in days.iter().enumerate() {
        for _ in 0..*count {
            number += 1;
            let day = i64::try_from(day).expect("few");
            chain.append(&[on_day(day, &number.to_string())]).expect("appended");
        }
    }
    chain
}

fn record_spans(place: &Place, file: &ChainFile) -> Vec<std::ops::Range<usize>> {
    let bytes = file.read().expect("read");
    let head = Head::from_bytes(&place.keys.head, &bytes).expect("a head");
    let mut walk = Walk::new(&place.keys.chain, head, &bytes);
    let mut spans = Vec::new();
    let mut from = walk.offset();
    while walk.next().is_some() {
        spans.push(from..walk.offset());
        from = walk.offset();
    }
    spans
}

/// promise: V-17. What was recorded is read back in order, in any run, and the check finds nothing.
#[test]
fn entries_survive_restarts_in_order() {
    let place = Place::new();
    drop(filled(&place, &[2, 3]));
    let (mut chain, opening) = place.open();
    assert_eq!(opening, Opening::Sound);
    chain.append(&[on_day(2, "6"), on_day(2, "7")]).expect("appended");
    assert_eq!(place.details(), ["1", "2", "3", "4", "5", "6", "7"]);
    assert_eq!(place.files().len(), 3, "a file a day");
    let report = place.verify();
    assert!(report.ok, "{report:?}");
    assert_eq!((report.entries, report.first, report.last), (7, 1, 7));
}

/// promise: V-17. A changed byte anywhere in the files is found.
#[test]
fn every_changed_byte_is_found() {
    let place = Place::new();
    drop(filled(&place, &[2, 1]));
    for file in place.files() {
        let bytes = file.read().expect("read");
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            fs::write(&file.path, &altered).expect("written");
            assert!(!place.verify().ok, "byte {at} of file {}", file.number);
        }
        fs::write(&file.path, &bytes).expect("put back");
    }
    assert!(place.verify().ok);
}

/// promise: V-17. Entries that are moved, removed, or put in from elsewhere are found.
#[test]
fn reordered_removed_and_repeated_records_are_found() {
    let place = Place::new();
    drop(filled(&place, &[5]));
    let [file] = place.files().try_into().expect("one file");
    let bytes = file.read().expect("read");
    let spans = record_spans(&place, &file);
    let rebuilt = |order: &[usize]| {
        let mut new = bytes[..Head::BYTES].to_vec();
        order.iter().for_each(|at| new.extend_from_slice(&bytes[spans[*at].clone()]));
        fs::write(&file.path, new).expect("written");
        place.kinds()
    };
    assert_eq!(rebuilt(&[0, 1, 2, 3, 4]), []);
    for order in [&[0, 2, 1, 3, 4][..], &[0, 1, 3, 4], &[1, 2, 3, 4], &[0, 1, 1, 2, 3, 4]] {
        assert!(!rebuilt(order).is_empty(), "{order:?}");
    }
    assert_eq!(rebuilt(&[0, 1, 2])[0], (ProblemKind::Truncated, 4));
    assert_eq!(rebuilt(&[])[0], (ProblemKind::Truncated, 1));
}

/// promise: V-17. A chain that is cut, by records or by whole files, is told: running, after a
/// restart, and for as long as the files before the cut are kept.
#[test]
fn a_cut_is_told_before_and_after_a_restart() {
    let place = Place::new();
    drop(filled(&place, &[2, 2, 2]));
    let newest = place.files().pop().expect("three files");
    fs::remove_file(&newest.path).expect("removed");
    assert_eq!(place.kinds(), [(ProblemKind::Truncated, 5)]);
    let (mut chain, opening) = place.open();
    assert!(matches!(opening, Opening::Broken { .. }), "{opening:?}");
    chain.append(&[on_day(9, "after")]).expect("goes on");
    assert_eq!(place.kinds(), [(ProblemKind::Missing, 5)]);
    assert_eq!(place.verify().last, 7, "numbers are not used twice");
    drop(chain);
    assert_eq!(place.open().1, Opening::Sound, "told once at start");
    assert!(!place.verify().ok, "and by every check");
}

#[test]
fn a_file_taken_from_the_middle_or_the_begin_is_missing() {
    let place = Place::new();
    drop(filled(&place, &[2, 2, 2]));
    let files = place.files();
    let kept = files[1].read().expect("read");
    fs::remove_file(&files[1].path).expect("removed");
    assert_eq!(place.kinds(), [(ProblemKind::Missing, 3)]);
    fs::write(&files[1].path, kept).expect("put back");
    fs::remove_file(&files[0].path).expect("removed");
    assert_eq!(place.kinds(), [(ProblemKind::Missing, 1)]);
}

/// promise: V-17. Putting an older log and its older anchor back does not help against the copy of
/// the anchor that is kept elsewhere.
#[test]
fn an_older_log_put_back_whole_is_told_by_the_other_anchor() {
    let place = Place::new();
    let mut chain = filled(&place, &[2]);
    let saved: Vec<_> = fs::read_dir(place.path())
        .expect("listed")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.clone(), fs::read(path).expect("read")))
        .collect();
    chain.append(&[on_day(0, "incriminating")]).expect("appended");
    let known = chain.anchor();
    drop(chain);
    saved.iter().for_each(|(path, bytes)| fs::write(path, bytes).expect("put back"));
    assert!(place.verify().ok, "by itself it looks whole");
    let report = verify(&place.path(), &place.keys, Some(known)).expect("checked");
    assert_eq!(report.problems[0].kind, ProblemKind::Truncated);
    assert!(matches!(place.open_knowing(Some(known)).1, Opening::Broken { .. }));
}

/// promise: V-17. Without the vault's key nobody can write a chain that passes.
#[test]
fn a_log_of_another_vault_does_not_pass() {
    let (place, other) = (Place::new(), Place::new());
    drop(filled(&place, &[3]));
    drop(filled(&other, &[3]));
    let [own] = place.files().try_into().expect("one file");
    let [foreign] = other.files().try_into().expect("one file");
    fs::copy(&foreign.path, &own.path).expect("copied");
    assert!(place.verify().problems.iter().any(|p| p.kind == ProblemKind::Unreadable));
    fs::copy(other.path().join("anchor"), place.path().join("anchor")).expect("copied");
    assert!(place.verify().problems.iter().any(|p| p.kind == ProblemKind::AnchorMissing));
}

#[test]
fn a_missing_anchor_is_told() {
    let place = Place::new();
    drop(filled(&place, &[3]));
    fs::remove_file(place.path().join("anchor")).expect("removed");
    assert_eq!(place.kinds()[0].0, ProblemKind::AnchorMissing);
    let (mut chain, opening) = place.open();
    assert_eq!(opening, Opening::Broken { seq: 4 });
    chain.append(&[on_day(0, "4")]).expect("goes on");
    assert_eq!(place.details(), ["1", "2", "3", "4"]);
}

/// promise: V-17, T-16. A crash at any byte of an append, before the anchor is moved, is no
/// manipulation: what was written before is whole, and the torn rest is cut off.
#[test]
fn a_crash_in_the_middle_of_an_append_is_not_told_as_manipulation() {
    let place = Place::new();
    drop(filled(&place, &[3]));
    let [file] = place.files().try_into().expect("one file");
    let anchor = fs::read(place.path().join("anchor")).expect("read");
    let whole = file.read().expect("read").len();
    let (mut chain, _) = place.open();
    chain.append(&[on_day(0, "4")]).expect("appended");
    drop(chain);
    let bytes = file.read().expect("read");
    for length in whole..=bytes.len() {
        fs::write(&file.path, &bytes[..length]).expect("torn");
        fs::write(place.path().join("anchor"), &anchor).expect("not moved yet");
        assert!(place.verify().ok, "while it is torn: {length}");
        let (mut chain, opening) = place.open();
        assert!(!matches!(opening, Opening::Broken { .. }), "{length}: {opening:?}");
        chain.append(&[on_day(0, "next")]).expect("goes on");
        let report = place.verify();
        assert!(report.ok, "{length}: {report:?}");
        let expected = if length == bytes.len() { 5 } else { 4 };
        assert_eq!(report.entries, expected, "{length}");
    }
}

/// promise: V-17, T-16. A crash while the anchor is written, or a file begun, is no manipulation
/// either.
#[test]
fn a_torn_anchor_or_a_torn_new_file_is_survived() {
    let place = Place::new();
    let chain = filled(&place, &[3]);
    let slot = chain.anchor();
    drop(chain);
    let file = OpenOptions::new().write(true).open(place.path().join("anchor")).expect("there");
    // The slot that would be written next.
    let at = if slot.to_bytes(&place.keys.anchor)[0].is_multiple_of(2) { 4096 } else { 0 };
    file.write_all_at(&[0xff; 40], at).expect("torn");
    assert!(place.verify().ok);
    assert_eq!(place.open().1, Opening::Sound);
    fs::write(ChainFile::new(&place.path(), 2).path, b"HWAUD").expect("begun");
    assert!(place.verify().ok);
    let (mut chain, opening) = place.open();
    assert_eq!(opening, Opening::Sound);
    chain.append(&[on_day(1, "4")]).expect("goes on");
    assert_eq!(place.details(), ["1", "2", "3", "4"]);
    assert!(place.verify().ok);
}

/// promise: V-17, V-15. Retention drops whole files from the old end; the rest stays verifiable,
/// and taking more than retention took is told.
#[test]
fn after_retention_the_rest_is_still_verified() {
    let place = Place::new();
    let mut chain = filled(&place, &[2, 2, 2, 2]);
    let keep = Keep { days_max: 2, bytes_max: u64::MAX };
    let now = WallTime::from_micros(3 * WallTime::MICROS_A_DAY + 1);
    assert_eq!(chain.drop_old(keep, now).expect("dropped"), Some(4));
    assert_eq!(chain.drop_old(keep, now).expect("nothing left"), None);
    assert_eq!(place.details(), ["5", "6", "7", "8"]);
    let report = place.verify();
    assert!(report.ok, "{report:?}");
    assert_eq!((report.first, report.last, report.entries), (5, 8, 4));
    drop(chain);
    assert_eq!(place.open().1, Opening::Sound);
    fs::remove_file(&place.files()[0].path).expect("removed");
    assert_eq!(place.kinds(), [(ProblemKind::Missing, 5)]);
}

#[test]
fn retention_by_bytes_keeps_the_newest_file() {
    let place = Place::new();
    let mut chain = filled(&place, &[1, 1, 1]);
    let keep = Keep { days_max: 9_999, bytes_max: 1 };
    let dropped = chain.drop_old(keep, WallTime::from_micros(0)).expect("dropped");
    assert_eq!(dropped, Some(2));
    assert_eq!(place.details(), ["3"]);
    assert!(place.verify().ok);
}

/// promise: T-16. A crash between the checkpoint and the removal leaves a file, and no complaint.
#[test]
fn a_file_that_retention_did_not_get_to_is_dropped_later() {
    let place = Place::new();
    let mut chain = filled(&place, &[2, 2]);
    let old = place.files()[0].clone();
    let bytes = old.read().expect("read");
    let keep = Keep { days_max: 1, bytes_max: u64::MAX };
    let now = WallTime::from_micros(2 * WallTime::MICROS_A_DAY);
    chain.drop_old(keep, now).expect("dropped");
    fs::write(&old.path, bytes).expect("as if it had not been removed");
    let report = place.verify();
    assert!(report.ok && report.first == 3, "{report:?}");
    assert_eq!(chain.drop_old(keep, now).expect("dropped"), None);
    assert!(!old.path.exists());
}

/// promise: D-05, V-17. Nothing of what an entry says can be read from the disk, and only the owner
/// reads it at all.
#[test]
fn entries_are_sealed_and_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    let mut chain = filled(&place, &[]);
    chain.append(&[on_day(0, "anna watched the nursery")]).expect("appended");
    for entry in fs::read_dir(place.path()).expect("listed") {
        let entry = entry.expect("an entry");
        let bytes = fs::read(entry.path()).expect("read");
        assert!(!bytes.windows(7).any(|window| window == b"nursery"));
        let mode = entry.metadata().expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", entry.path());
    }
}

#[test]
fn pages_come_newest_first_and_go_on_where_they_ended() {
    let place = Place::new();
    drop(filled(&place, &[3, 3]));
    let page = |before, limit| {
        let query = Query { before, ..Query::default() };
        let page = query::page(&place.path(), &place.keys, &query, limit).expect("read");
        (page.entries.iter().map(|recorded| recorded.seq).collect::<Vec<_>>(), page.next)
    };
    assert_eq!(page(None, 4), (vec![6, 5, 4, 3], Some(3)));
    assert_eq!(page(Some(3), 4), (vec![2, 1], None));
    assert_eq!(page(None, 6), (vec![6, 5, 4, 3, 2, 1], None));
    let query = Query { after: Some(4), ..Query::default() };
    let newer = query::page(&place.path(), &place.keys, &query, 10).expect("read");
    assert_eq!(newer.entries.iter().map(|recorded| recorded.seq).collect::<Vec<_>>(), [6, 5]);
    let query =
        Query { from: Some(WallTime::from_micros(WallTime::MICROS_A_DAY)), ..Query::default() };
    let later = query::page(&place.path(), &place.keys, &query, 10).expect("read");
    assert_eq!(later.entries.len(), 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever lies in the folder, opening and checking end without a panic, and nothing of it
    /// passes as an entry.
    #[test]
    fn arbitrary_files_never_panic(file: Vec<u8>, anchor: Vec<u8>, keeps_head: bool) {
        let place = Place::new();
        drop(filled(&place, &[1]));
        let [own] = place.files().try_into().expect("one file");
        let head = own.read().expect("read")[..Head::BYTES].to_vec();
        let mut bytes = if keeps_head { head } else { Vec::new() };
        bytes.extend_from_slice(&file);
        fs::write(&own.path, bytes).expect("written");
        fs::write(place.path().join("anchor"), anchor).expect("written");
        prop_assert!(!place.verify().ok);
        prop_assert!(place.details().is_empty());
        let (mut chain, opening) = place.open();
        let is_broken = matches!(opening, Opening::Broken { .. });
        prop_assert!(is_broken, "{:?}", opening);
        chain.append(&[on_day(0, "on")]).expect("goes on");
    }
}
