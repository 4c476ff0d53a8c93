//! Backups of a house that records, and houses made of them.

use std::{fs, io::Cursor, path::PathBuf};

use hearth_hub::{
    BackupMedia, Hub, HubConfig, NewBackup, NewHold, RestoreConfig, RestoreError, restore_backup,
    verify_backup,
};
use hearth_model::CameraId;
use hearth_vault::{BackupKey, MasterKeySource, VaultError};

use crate::{
    home::{Home, files_below},
    identity::{PASSWORD, peer},
    restart::is_sound,
    watching::{
        about_now, add, allowed, allowed_on, clip, described, frames, house, poll, range, status,
        still_camera, timeline, timeline_of, until_recorded,
    },
};

const PASSPHRASE: &str = "nine red tulips on the window sill";

fn new(media: BackupMedia) -> NewBackup {
    NewBackup { media, passphrase: Some(PASSPHRASE.into()) }
}

fn phrase() -> BackupKey {
    BackupKey::Passphrase(PASSPHRASE.into())
}

/// Takes a whole backup and says that it is kept.
async fn taken(hub: &Hub, new: NewBackup) -> Vec<u8> {
    let mut stream = hub.backup(allowed(hub), new).await.expect("begun");
    let mut bytes = Vec::new();
    while let Some(piece) = stream.next().await {
        bytes.extend_from_slice(&piece.expect("goes on"));
    }
    hub.backup_kept(allowed(hub), stream.id()).await.expect("noted");
    bytes
}

/// A hub on what was restored beside a home.
struct Restored {
    data: PathBuf,
    key: MasterKeySource,
}

impl Restored {
    async fn of(home: &Home, backup: Vec<u8>, name: &str) -> Result<Self, RestoreError> {
        let data = home.beside(name);
        let key = MasterKeySource::KeyFile(home.beside(&format!("{name}.key")));
        let config = RestoreConfig { data: data.clone(), key: Some(key.clone()) };
        restore_backup(Cursor::new(backup), phrase(), config).await?;
        Ok(Self { data, key })
    }

    async fn start(&self, home: &Home) -> Hub {
        let config = HubConfig { key: Some(self.key.clone()), ..home.config_of(&self.data) };
        Hub::start(config).await.expect("a restored house starts")
    }
}

async fn plays(hub: &Hub, camera: CameraId, hours: hearth_model::TimeRange) -> usize {
    frames(clip(hub, camera, hours).await.1).len()
}

/// promise: V-18. A house that records is backed up without a hole, restored on another machine,
/// with another key, and there it starts, lists what happened, knows its people and plays.
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_load_is_restored_and_plays() {
    let cameras = ["door", "garden"].map(still_camera);
    let (home, house) = (Home::new(), house(cameras.into()).await);
    let hub = home.start().await;
    let code = hub.claim_code().expect("nobody has an account");
    let signed_in = hub.claim(code.expose(), "anna", PASSWORD.into(), &peer()).await;
    let signed_in = signed_in.expect("claimed");
    let (door, garden) = (add(&hub, &house, "door").await, add(&hub, &house, "garden").await);
    until_recorded(&hub, door, 4.0).await;
    until_recorded(&hub, garden, 2.0).await;
    let then = about_now(&hub);
    let backup = taken(&hub, new(BackupMedia::All)).await;
    until_recorded(&hub, door, 1.0).await;
    let seen = timeline(&hub, door).await;
    assert_eq!((seen.spans.len(), seen.gaps.len()), (1, 0), "recording had no hole: {seen:?}");

    let report = verify_backup(&*backup, &phrase()).expect("sound");
    assert!(report.segments >= 2 && report.media == BackupMedia::All, "{report:?}");
    let passphrase = BackupKey::Passphrase("nine red roses on the window sill".into());
    let wrong = verify_backup(&*backup, &passphrase).expect_err("wrong");
    assert!(matches!(wrong, RestoreError::Backup(VaultError::WrongKey)), "{wrong}");
    hub.shutdown().await;
    house.stop().await;

    let restored = Restored::of(&home, backup.clone(), "restored").await.expect("restored");
    let hub = restored.start(&home).await;
    poll("it is in order", async || is_sound(&hub).await.then_some(())).await;
    assert!(!hub.welcome().claim_needed);
    assert!(hub.authenticate(&signed_in.token).await.is_none(), "sign-ins are not restored");
    hub.sign_in("anna", PASSWORD.into(), &peer()).await.expect("with her password");
    let names: Vec<_> = hub.cameras(&allowed(&hub)).into_iter().map(|c| c.name).collect();
    assert_eq!(names.iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["door", "garden"]);
    assert!(plays(&hub, door, then).await >= 30);
    assert!(plays(&hub, garden, then).await >= 10);
    let events = hub.events(allowed(&hub), Default::default()).await.expect("listed");
    assert!(events.events.iter().any(|event| event.camera == Some(door)));
    hub.shutdown().await;

    let again = Restored::of(&home, backup, "restored").await.err().expect("refused");
    assert!(matches!(again, RestoreError::NotEmpty(_)), "{again}");
}

/// promise: D-04. What was erased before a backup is not in it: not its footage, not its keys, not
/// the password of the camera; what is left restores as a house in order.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_erased_before_a_backup_does_not_come_back() {
    let cameras = ["door", "garden"].map(still_camera);
    let (home, house) = (Home::new(), house(cameras.into()).await);
    let hub = home.start().await;
    let (door, garden) = (add(&hub, &house, "door").await, add(&hub, &house, "garden").await);
    until_recorded(&hub, door, 2.0).await;
    until_recorded(&hub, garden, 2.0).await;
    // Copies that somebody kept: a file of footage, and the whole directory.
    let copied = home.power_cut_image();
    hub.remove_camera(allowed_on(&hub, door)).await.expect("removed");
    let backup = taken(&hub, new(BackupMedia::All)).await;
    hub.shutdown().await;
    house.stop().await;

    let restored = Restored::of(&home, backup, "restored").await.expect("restored");
    let of_door = |folder: &std::path::Path| {
        let mut files = files_below(folder);
        files.retain(|path| path.to_string_lossy().contains(&door.to_string()));
        files
    };
    assert!(of_door(&restored.data).is_empty());
    let vault = hearth_vault::Vault::open(&restored.data, &restored.key).expect("opens");
    for path in of_door(&copied).iter().filter(|path| path.to_string_lossy().contains("/media/")) {
        let bytes = fs::read(path).expect("a copy");
        let file = bytes[8..24].try_into().expect("its id");
        let day = path.parent().and_then(|day| day.file_name()).expect("a day");
        let day = day.to_string_lossy().parse().expect("a number");
        let key = vault.file_key(door, day, file);
        assert!(matches!(key, Err(VaultError::ScopeMissing(_))), "{path:?}");
    }
    drop(vault);
    let hub = restored.start(&home).await;
    let names: Vec<_> = hub.cameras(&allowed(&hub)).into_iter().map(|c| c.id).collect();
    assert_eq!(names, [garden]);
    poll("it is in order", async || is_sound(&hub).await.then_some(())).await;
    hub.shutdown().await;
}

/// Without footage, or with what is held only: the index of the restored house says what is there.
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_without_footage_restores_a_house_without_holes_in_its_index() {
    let cameras = ["door", "garden"].map(still_camera);
    let (home, house) = (Home::new(), house(cameras.into()).await);
    let hub = home.start().await;
    let (door, garden) = (add(&hub, &house, "door").await, add(&hub, &house, "garden").await);
    until_recorded(&hub, door, 2.0).await;
    until_recorded(&hub, garden, 2.0).await;
    let then = about_now(&hub);
    let small = taken(&hub, new(BackupMedia::None)).await;
    let span = timeline(&hub, door).await.spans[0];
    let hold = NewHold {
        camera: door,
        range: range(span.from, span.to),
        reason: "for the insurance".to_owned(),
        until: None,
    };
    hub.add_hold(allowed(&hub), hold).await.expect("held");
    let held = taken(&hub, new(BackupMedia::Held)).await;
    hub.shutdown().await;
    house.stop().await;

    for (name, backup, doors) in [("small", small, 0), ("held", held, 1)] {
        let report = verify_backup(&*backup, &phrase()).expect("sound");
        assert_eq!(report.segments > 0, doors > 0, "{name}");
        let restored = Restored::of(&home, backup, name).await.expect("restored");
        let hub = restored.start(&home).await;
        assert_eq!(timeline_of(&hub, door, then).await.spans.len(), doors, "{name}");
        assert_eq!(timeline_of(&hub, garden, then).await.spans.len(), 0, "{name}");
        poll(name, async || is_sound(&hub).await.then_some(())).await;
        hub.shutdown().await;
    }
}

/// promise: V-07, V-18. A backup shows neither secrets nor pictures nor its own make-up; one that
/// is cut or changed anywhere is noticed, and leaves nothing where it should have been restored.
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_shows_nothing_and_a_damaged_one_leaves_nothing() {
    let (home, house) = (Home::new(), house(vec![still_camera("door")]).await);
    let hub = home.start().await;
    let code = hub.claim_code().expect("shown");
    hub.claim(code.expose(), "anna", PASSWORD.into(), &peer()).await.expect("claimed");
    let door = add(&hub, &house, "door").await;
    until_recorded(&hub, door, 2.0).await;
    let password = described(&house, "door").password;
    let backup = taken(&hub, new(BackupMedia::All)).await;
    let key = fs::read(home.beside("key")).expect("the key file");
    hub.shutdown().await;
    house.stop().await;

    let digits = key.split(|byte| *byte == b'\n').nth(1).expect("the key");
    let shown = |needle: &[u8]| backup.windows(needle.len()).any(|window| window == needle);
    let secrets = [password.as_bytes(), PASSWORD.as_bytes(), PASSPHRASE.as_bytes(), digits];
    let names = [&b"index.db"[..], b"SQLite format 3", b"anna", b"HWSEAL1", b".hws", b"HWARCH1"];
    let media = [&b"ftypiso"[..], b"moof", b"avc1", b"\xff\xd8\xff\xe0", b"JFIF"];
    for needle in secrets.into_iter().chain(names).chain(media) {
        assert!(!shown(needle), "{:?}", String::from_utf8_lossy(needle));
    }
    assert!(shown(b"HWBKUP1"), "the search finds what is there");

    let beside = || fs::read_dir(home.beside("")).expect("listed").count();
    let before = beside();
    for at in [1, 300, backup.len() / 2, backup.len() - 1] {
        let (mut altered, cut) = (backup.clone(), backup[..at].to_vec());
        altered[at] ^= 4;
        for damaged in [altered, cut] {
            let refused = Restored::of(&home, damaged, "damaged").await.err();
            assert!(matches!(refused, Some(RestoreError::Backup(_))), "{refused:?}");
            assert!(!home.beside("damaged").exists() && beside() == before, "at {at}");
        }
    }
    let taken = home.beside("taken");
    fs::create_dir(&taken).expect("a folder");
    fs::write(taken.join("letter"), "dear anna").expect("written");
    let refused = Restored::of(&home, backup, "taken").await.err();
    assert!(matches!(refused, Some(RestoreError::NotEmpty(_))), "{refused:?}");
    assert_eq!(fs::read_dir(taken).expect("listed").count(), 1);
}

/// Whoever takes a backup may go away; the next one is made, and nothing of the first is left.
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_nobody_takes_ends_and_leaves_nothing() {
    let (home, house) = (Home::new(), house(vec![still_camera("door")]).await);
    let hub = home.start().await;
    let weak = NewBackup { passphrase: Some("tulip".into()), ..NewBackup::default() };
    let refused = hub.backup(allowed(&hub), weak).await.expect_err("weak");
    assert_eq!(refused.code, "weak_passphrase");
    let none = hub.backup(allowed(&hub), NewBackup::default()).await.expect_err("no key");
    assert_eq!(none.code, "no_backup_key");
    let door = add(&hub, &house, "door").await;
    until_recorded(&hub, door, 1.0).await;

    let stream = hub.backup(allowed(&hub), new(BackupMedia::All)).await.expect("begun");
    let busy = hub.backup(allowed(&hub), new(BackupMedia::None)).await.expect_err("busy");
    assert_eq!(busy.code, "busy");
    let id = stream.id().to_owned();
    drop(stream);
    let second = poll("the first one ends", async || {
        hub.backup(allowed(&hub), new(BackupMedia::None)).await.ok()
    })
    .await;
    let unfinished = hub.backup_kept(allowed(&hub), &id).await.expect_err("not whole");
    assert_eq!(unfinished.code, "not_found");
    drop(second);
    let is_temporary = |path: &PathBuf| path.to_string_lossy().contains(".hwtmp");
    poll("temporary files are gone", async || {
        (!files_below(&home.data()).iter().any(is_temporary)).then_some(())
    })
    .await;
    hub.shutdown().await;
}

/// promise: D-36. Keys are renewed while the house records, and it comes back with each of them.
#[tokio::test(flavor = "multi_thread")]
async fn keys_change_while_the_house_records() {
    let (home, house) = (Home::new(), house(vec![still_camera("door")]).await);
    let hub = home.start().await;
    let door = add(&hub, &house, "door").await;
    until_recorded(&hub, door, 1.0).await;
    let paper = hub.make_recovery_key(allowed(&hub), false).await.expect("made");
    let again = hub.make_recovery_key(allowed(&hub), false).await.expect_err("there is one");
    assert_eq!(again.code, "key_refused");
    let keys = hub.rotate_keys(allowed(&hub), true).await.expect("rotated");
    assert_eq!((keys.generation, keys.has_recovery_key, keys.opened_by), (2, true, "key_file"));
    until_recorded(&hub, door, 1.0).await;
    assert_eq!(timeline(&hub, door).await.gaps.len(), 0, "without a hole");
    // Backed up for the recovery key alone.
    let backup = taken(&hub, NewBackup::default()).await;
    let recovery = BackupKey::Recovery(paper.expose().parse().expect("a key"));
    verify_backup(&*backup, &recovery).expect("opens with the paper");
    hub.shutdown().await;
    drop(hub);

    // The key file is lost.
    let lost = fs::rename(home.beside("key"), home.beside("lost"));
    lost.expect("moved");
    let hub = poll("the hub before lets go", async || {
        let mut config = home.config();
        config.key = Some(MasterKeySource::Recovery(paper.expose().parse().expect("a key")));
        Hub::start(config).await.ok()
    })
    .await;
    let by_paper = hub.keys(allowed(&hub)).await.expect("told");
    assert_eq!(by_paper.opened_by, "recovery_key");
    let report = hub.doctor(allowed(&hub)).await;
    let key = report.checks.iter().find(|check| check.id == "key").expect("a row");
    assert_eq!(key.outcome, hearth_hub::Outcome::Failed);
    let path = home.beside("key");
    let set = hub.set_key(allowed(&hub), hearth_hub::NewKey::KeyFile(path)).await;
    assert_eq!(set.expect("set").opened_by, "key_file");
    until_recorded(&hub, door, 1.0).await;
    hub.shutdown().await;
    drop(hub);
    let hub = home.start().await;
    assert!(status(&hub, door).await.name.as_str() == "door");
    assert!(is_sound(&hub).await);
    hub.shutdown().await;
}

/// promise: T-16. What a crash left half-written, in the directory itself or among the pictures, is
/// gone after the next start.
#[tokio::test(flavor = "multi_thread")]
async fn leftovers_of_a_crash_are_gone_after_the_next_start() {
    let home = Home::new();
    let hub = home.start().await;
    hub.shutdown().await;
    drop(hub);
    let camera = CameraId::new();
    let day = home.data().join(format!("stills/{camera}/20000"));
    fs::create_dir_all(&day).expect("folders");
    let index = home.data().join(".00112233445566aa.hwtmp");
    fs::create_dir(&index).expect("a folder");
    let left = [
        index.join("index.db"),
        home.data().join(".00112233445566bb.hwtmp"),
        home.data().join(".certificate.hwtmp"),
        day.join(".00112233445566cc.hwtmp"),
    ];
    left.iter().for_each(|path| fs::write(path, "half").expect("written"));
    let hub = home.start().await;
    poll("they are gone", async || (!left.iter().any(|path| path.exists())).then_some(())).await;
    let report = hub.doctor(allowed(&hub)).await;
    let row = report.checks.iter().find(|check| check.id == "leftovers").expect("a row");
    assert_eq!(row.outcome, hearth_hub::Outcome::Ok);
    hub.shutdown().await;
}
