//! Each detector is triggered by what it is for, and by nothing that an ordinary house does.

use std::{
    collections::{BTreeMap, HashSet},
    net::IpAddr,
};

use hearth_model::WallTime;
use proptest::prelude::*;

use super::*;

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;

fn at(micros: i64) -> WallTime {
    WallTime::from_micros(micros)
}

fn ip(last: u8) -> IpAddr {
    [192, 0, 2, last].into()
}

fn kinds(found: &[Finding]) -> Vec<(IncidentKind, Severity)> {
    found.iter().map(|finding| (finding.kind, finding.severity)).collect()
}

/// promise: D-28. Passwords tried from one address are noticed, and the more of them the worse.
#[test]
fn failed_sign_ins_of_one_address_are_noticed() {
    let mut detector = FailedSignIns::default();
    let found: Vec<_> = (0..25)
        .filter_map(|n| Some((n, detector.failed(at(n * SECOND), ip(9), None)?.severity)))
        .collect();
    assert_eq!(found, [(4, Severity::Warning), (19, Severity::Critical)]);
}

/// promise: D-28. A guess that hits after many that did not is the worst of all.
#[test]
fn a_success_behind_many_failures_is_critical() {
    let mut detector = FailedSignIns::default();
    (0..6).for_each(|n| drop(detector.failed(at(n * SECOND), ip(9), Some("anna"))));
    assert!(detector.succeeded(at(7 * SECOND), ip(1), "anna").is_none(), "from elsewhere");
    let found = detector.succeeded(at(8 * SECOND), ip(9), "anna").expect("noticed");
    assert_eq!(found.severity, Severity::Critical);
    assert!(detector.succeeded(at(9 * SECOND), ip(9), "anna").is_none(), "told once");
}

/// promise: D-28. One account tried from many addresses is noticed although each stays polite.
#[test]
fn failed_sign_ins_on_one_account_from_many_addresses_are_noticed() {
    let mut detector = FailedSignIns::default();
    let found: Vec<_> = (0..12)
        .filter_map(|n| detector.failed(at(i64::from(n) * MINUTE), ip(n), Some("anna")))
        .collect();
    assert_eq!(kinds(&found), [(IncidentKind::FailedSignIns, Severity::Warning)]);
    assert_eq!(found[0].subject, "account anna");
}

/// promise: D-28. Somebody who mistypes now and then is left alone.
#[test]
fn mistyping_is_ordinary() {
    let mut detector = FailedSignIns::default();
    for day in 0..30 {
        let morning = day * 86_400 * SECOND;
        for n in 0..4 {
            let found = detector.failed(at(morning + n * 20 * SECOND), ip(7), Some("anna"));
            assert_eq!(found, None);
        }
        assert_eq!(detector.succeeded(at(morning + 90 * SECOND), ip(7), "anna"), None);
    }
}

/// promise: D-28. An account that is used in the evenings is noticed at four in the morning; once a
/// day is enough.
#[test]
fn use_at_an_unusual_hour_is_noticed() {
    let mut detector = UnusualTimes::default();
    for day in 0..30 {
        let hour = u8::try_from(18 + day % 4).expect("an hour");
        assert_eq!(detector.used("anna", day, hour), None, "day {day}");
    }
    let found = detector.used("anna", 30, 4).expect("noticed");
    assert_eq!((found.kind, found.severity), (IncidentKind::UnusualTime, Severity::Warning));
    assert_eq!(detector.used("anna", 30, 4), None, "once a day");
    assert_eq!(detector.used("bert", 30, 4), None, "nothing is known of bert");
    let json = serde_json::to_string(&detector).expect("json");
    assert_eq!(serde_json::from_str::<UnusualTimes>(&json).expect("back"), detector);
}

/// promise: D-28. The first weeks, an hour earlier than usual, and a new habit are ordinary.
#[test]
fn habits_are_learned_before_anything_is_unusual() {
    let mut detector = UnusualTimes::default();
    for day in 0..13 {
        let hour = u8::try_from(day * 7 % 24).expect("an hour");
        assert_eq!(detector.used("anna", day, hour), None);
    }
    let mut regular = UnusualTimes::default();
    (0..40).for_each(|day| drop(regular.used("anna", day, 18)));
    assert_eq!(regular.used("anna", 40, 17), None);
    assert_eq!(regular.used("anna", 41, 19), None);
    let told = (42..60).filter_map(|day| regular.used("anna", day, 7)).count();
    assert!(told <= 4, "a new habit is told a few times and then is one: {told}");
}

/// promise: D-28. A sign-in from a network that an account was never used from is noticed.
#[test]
fn a_sign_in_from_a_new_place_is_noticed() {
    let mut detector = UnusualPlaces::default();
    for n in 0..10 {
        assert_eq!(detector.signed_in("anna", ip(n)), None, "at home");
    }
    let found = detector.signed_in("anna", [203, 0, 113, 5].into()).expect("noticed");
    assert_eq!(found.kind, IncidentKind::UnusualPlace);
    assert_eq!(detector.signed_in("anna", [203, 0, 113, 6].into()), None, "known by now");
}

/// promise: D-28. The first devices of a new account are ordinary.
#[test]
fn the_first_places_of_an_account_are_ordinary() {
    let mut detector = UnusualPlaces::default();
    for n in 0..5 {
        assert_eq!(detector.signed_in("bert", [10, n, 0, 1].into()), None);
    }
}

fn ordinary() -> ResourceUse {
    ResourceUse {
        memory_bytes: 300 << 20,
        processor: 0.4,
        open_files: 90,
        open_files_max: 1024,
        disk_free_bytes: 900 << 20,
        disk_reserve_bytes: 512 << 20,
    }
}

/// promise: D-28. Memory, processor, files and disk beyond what is usual, for long, are each noticed
/// once.
#[test]
fn unusual_use_of_resources_is_noticed() {
    let beyond = [
        ResourceUse { memory_bytes: 900 << 20, ..ordinary() },
        ResourceUse { processor: 1.0, ..ordinary() },
        ResourceUse { open_files: 900, ..ordinary() },
        ResourceUse { disk_free_bytes: 100 << 20, ..ordinary() },
    ];
    for (now, subject) in beyond.into_iter().zip(["memory", "processor", "files", "disk"]) {
        let mut watch = ResourceWatch::default();
        assert!((0..60).all(|_| watch.look(ordinary()).is_empty()));
        let found: Vec<_> = (0..60).flat_map(|_| watch.look(now)).collect();
        assert_eq!(found.len(), 1, "{subject}: {found:?}");
        let finding = &found[0];
        assert_eq!((finding.kind, finding.subject.as_str()), (IncidentKind::ResourceUse, subject));
        assert!(watch.look(ordinary()).is_empty());
    }
}

/// promise: D-28. A start, a busy quarter of an hour and a slow growth of caches are ordinary.
#[test]
fn a_busy_while_is_ordinary() {
    let mut watch = ResourceWatch::default();
    for minute in 0_u64..600 {
        let is_busy = minute % 60 < 15;
        let now = ResourceUse {
            memory_bytes: (200 << 20) + minute * (256 << 10),
            processor: if is_busy { 1.0 } else { 0.3 },
            ..ordinary()
        };
        assert_eq!(watch.look(now), [], "minute {minute}");
    }
}

/// promise: D-28. A connection of the hub to anybody who is no device of the house is noticed, once
/// a day.
#[test]
fn a_connection_to_a_stranger_is_noticed() {
    let mut detector = UnexpectedConnections::default();
    let cameras = HashSet::from([ip(10), ip(11)]);
    let called = [ip(10), IpAddr::from([203, 0, 113, 9])];
    let found = detector.look(at(0), &called, &cameras);
    assert_eq!(kinds(&found), [(IncidentKind::UnexpectedConnection, Severity::Critical)]);
    assert!(detector.look(at(MINUTE), &called, &cameras).is_empty(), "told");
    assert_eq!(detector.look(at(25 * 60 * MINUTE), &called, &cameras).len(), 1);
}

/// promise: D-28. Cameras, and the hub itself, are ordinary.
#[test]
fn connections_to_the_houses_own_devices_are_ordinary() {
    let mut detector = UnexpectedConnections::default();
    let cameras = HashSet::from([ip(10), ip(11)]);
    let called = [ip(10), ip(11), IpAddr::from([127, 0, 0, 1])];
    assert!((0..100).all(|n| detector.look(at(n * MINUTE), &called, &cameras).is_empty()));
}

fn stamp(changed: i128) -> FileStamp {
    let (length, modified) = (10, 0);
    FileStamp { length, modified, changed, inode: 1, mode: 0o600, is_public: false }
}

fn files(changed: i128) -> BTreeMap<String, FileStamp> {
    BTreeMap::from([
        ("the settings".to_owned(), stamp(changed)),
        ("the vault".to_owned(), stamp(1)),
    ])
}

/// promise: D-28. A file that was changed, added, removed or opened to others is noticed; a
/// restart in between makes no difference.
#[test]
fn changed_files_are_noticed() {
    let mut detector = ChangedFiles::default();
    assert_eq!(detector.look(files(1)), []);
    let json = serde_json::to_string(&detector).expect("json");
    let mut detector: ChangedFiles = serde_json::from_str(&json).expect("back");
    let found = detector.look(files(2));
    assert_eq!(kinds(&found), [(IncidentKind::ChangedFile, Severity::Warning)]);
    assert_eq!(found[0].subject, "file the settings");

    let mut open = files(2);
    open.insert("the vault".to_owned(), FileStamp { mode: 0o644, changed: 9, ..stamp(1) });
    assert_eq!(kinds(&detector.look(open)), [(IncidentKind::ChangedFile, Severity::Critical)]);
    assert_eq!(detector.look(BTreeMap::new()).len(), 2, "both are gone");
    assert_eq!(detector.look(files(3)).len(), 2, "both are new");
}

/// promise: D-28. The first look, a file that stays, and a change through the hub are ordinary.
#[test]
fn files_that_stay_are_ordinary() {
    let mut detector = ChangedFiles::default();
    assert!((0..10).all(|_| detector.look(files(1)).is_empty()));
    detector.expect("the settings", Some(stamp(2)));
    assert_eq!(detector.look(files(2)), []);
}

proptest! {
    /// Whatever is observed in whatever order, nothing overflows and memory stays bounded.
    #[test]
    fn detectors_take_anything(seen: Vec<(i64, [u8; 16], String, i64, u8)>) {
        let (mut failed, mut times, mut places) =
            (FailedSignIns::default(), UnusualTimes::default(), UnusualPlaces::default());
        let mut connections = UnexpectedConnections::default();
        for (micros, bytes, account, day, hour) in seen {
            let address = IpAddr::from(bytes);
            failed.failed(at(micros), address, Some(&account));
            failed.succeeded(at(micros), address, &account);
            times.used(&account, day, hour);
            places.signed_in(&account, address);
            connections.look(at(micros), &[address], &HashSet::new());
        }
    }
}
