//! The running log: what is recorded is written, in order, without anybody waiting.

use std::{fs, sync::atomic::AtomicI64};

use hearth_vault::MasterKeySource;
use tempfile::TempDir;

use super::*;
use crate::entry::{Actor, ActorKind, Origin};

struct Place {
    folder: TempDir,
    vault: Vault,
    now: Arc<AtomicI64>,
    _outside: TempDir,
}

impl Place {
    fn new() -> Self {
        let (folder, outside) = (TempDir::new().expect("one"), TempDir::new().expect("two"));
        let key = MasterKeySource::KeyFile(outside.path().join("key"));
        let vault = Vault::create(folder.path(), &key).expect("a vault");
        Self { folder, vault, now: Arc::default(), _outside: outside }
    }

    fn start(&self, known: Option<String>) -> (AuditLog, Opening) {
        let now = Arc::clone(&self.now);
        let config = AuditConfig {
            folder: self.folder.path().join("audit"),
            log_folder: self.folder.path().join("log"),
            vault: self.vault.clone(),
            clock: Arc::new(move || WallTime::from_micros(now.load(Ordering::Relaxed))),
            keep: Keep { days_max: 365, bytes_max: 1 << 30 },
            anonymise: false,
            known,
        };
        AuditLog::start(config).expect("starts")
    }
}

fn change(number: usize) -> Entry {
    let who = Actor::of(ActorKind::Owner);
    let at = WallTime::from_micros(0);
    let entry = Entry::new(at, Class::Configure, "set", who, Origin::ControlSocket, Outcome::Ok);
    entry.detail(number.to_string())
}

/// promise: V-17, V-14. Each line is in the chain and in the security log, in the order in which it
/// was recorded.
#[test]
fn what_is_recorded_is_in_both_logs_in_order() {
    let place = Place::new();
    let (log, opening) = place.start(None);
    assert_eq!(opening, Opening::Fresh);
    (0..600).for_each(|number| log.record(change(number)));
    assert_eq!(log.flush().expect("in time").seq(), 600);
    let mut details = Vec::new();
    log.all(&Query::default(), |recorded| {
        details.push(recorded.entry.detail.expect("a detail"));
        true
    })
    .expect("read");
    assert_eq!(details, (0..600).map(|number| number.to_string()).collect::<Vec<_>>());
    assert_eq!(log.counters().entries(Category::System, Outcome::Ok), 600);
    let page = log.page(&Query::default(), 3).expect("read");
    assert_eq!(page.entries.iter().map(|line| line.seq).collect::<Vec<_>>(), [600, 599, 598]);
    let report = log.verify().expect("checked");
    assert!(report.ok && report.entries == 600, "{report:?}");
    log.close();
    let text = fs::read_to_string(place.folder.path().join("log/security.log")).expect("there");
    assert_eq!(text.lines().count(), 600);
}

/// promise: V-17. Lines that were only counted are written at the end at the latest.
#[test]
fn counted_lines_are_written_at_the_end() {
    let place = Place::new();
    let (log, _) = place.start(None);
    let who = || Actor::of(ActorKind::Nobody);
    let from = Origin::Address([10, 0, 0, 5].into());
    for _ in 0..50 {
        let at = WallTime::from_micros(0);
        log.record(Entry::new(at, Class::View, "look", who(), from, Outcome::Denied));
    }
    log.flush().expect("in time");
    assert_eq!(log.newest(), 10);
    log.close();
    let (log, opening) = place.start(None);
    assert_eq!(opening, Opening::Sound);
    let page = log.page(&Query::default(), 1).expect("read");
    assert_eq!((page.entries[0].seq, page.entries[0].entry.more), (11, 40));
    log.close();
}

/// promise: V-17. The anchor that is kept elsewhere tells when the whole folder is gone.
#[test]
fn a_log_that_is_gone_is_told_by_its_anchor() {
    let place = Place::new();
    let (log, _) = place.start(None);
    log.record(change(1));
    log.flush().expect("in time");
    let known = log.anchor_text();
    log.close();
    fs::remove_dir_all(place.folder.path().join("audit")).expect("removed");
    let (log, opening) = place.start(Some(known));
    assert!(matches!(opening, Opening::Broken { .. }), "{opening:?}");
    log.record(change(2));
    log.flush().expect("in time");
    assert_eq!(log.newest(), 2);
    assert!(!log.verify().expect("checked").ok);
    log.close();
}

#[test]
fn a_copy_of_the_anchor_that_is_damaged_is_ignored() {
    let place = Place::new();
    let (log, _) = place.start(Some("not an anchor".to_owned()));
    log.record(change(1));
    log.close();
    assert_eq!(place.start(Some("00".repeat(120))).1, Opening::Sound);
}

#[test]
fn after_the_end_nothing_waits() {
    let place = Place::new();
    let (log, _) = place.start(None);
    log.close();
    log.record(change(1));
    assert!(matches!(log.flush(), Err(AuditError::Closed)));
    assert_eq!(log.counters().lost(), 1);
    log.close();
}
