use std::fs;
use std::path::{Path, PathBuf};

use hearth_model::CameraId;
use hearth_sealed_sqlite::{Content, content_of};
use hearth_secret::Key512;
use sqlx::{AnyConnection, Connection as _};

use super::{House, at, key, noticed, puts, segment, settings, user};
use crate::{Store, StoreError, engine, migration, sealing};

/// Names that must not be found on the disk.
const CAMERA: &str = "Ringstrasse door";
const USER: &str = "annabella";
const LABEL: &str = "hedgehog";

/// A connection as earlier releases had it: in clear, with a log.
pub(crate) async fn plain_writer(path: &Path) -> AnyConnection {
    let mut writer = engine::plain(path).await.expect("opened");
    let pragmas = "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL";
    sqlx::raw_sql(pragmas).execute(&mut writer).await.expect("set");
    writer
}

/// All bytes below a folder.
fn on_disk(folder: &Path) -> Vec<u8> {
    let entries =
        fs::read_dir(folder).expect("listed").map(|entry| entry.expect("an entry").path());
    entries.filter(|path| path.is_file()).flat_map(|path| fs::read(path).expect("read")).collect()
}

fn shows(folder: &Path, needle: &str) -> bool {
    on_disk(folder).windows(needle.len()).any(|window| window == needle.as_bytes())
}

/// promise: V-07, D-35. Of a house at work nothing is readable on the disk: neither in the database
/// nor in its log, nor in what lies mapped beside them; nor after it was closed.
#[tokio::test]
async fn nothing_that_is_stored_shows_on_the_disk() {
    let House { store, folder } = House::new().await;
    let camera = CameraId::new();
    store.add_camera(camera, &settings(CAMERA), None, at(0)).await.expect("added");
    store.add_user(&user(USER)).await.expect("added");
    let facts: Vec<_> = (0..3_000).map(|n| noticed(camera, n, LABEL)).collect();
    store.append_events(&facts).await.expect("appended");
    let segments: Vec<_> = (0..3_000).map(|n| segment(camera, n * 10, n * 10 + 10)).collect();
    store.commit_segments(&puts(&segments)).await.expect("written");
    let needles = [CAMERA, USER, LABEL, "schema_version", "SQLite format"];
    assert!(fs::metadata(folder.path().join("index.db-wal")).expect("a log").len() > 100_000);
    assert!(folder.path().join("index.db-shm").exists());
    for needle in needles {
        assert!(!shows(folder.path(), needle), "{needle} while it is open");
    }
    store.close().await.expect("closed");
    for needle in needles {
        assert!(!shows(folder.path(), needle), "{needle} after it was closed");
    }
}

/// promise: D-35. Another key opens nothing, changes nothing, and is not taken for damage.
#[tokio::test]
async fn another_key_is_refused_and_changes_nothing() {
    let House { store, folder } = House::new().await;
    store.add_user(&user(USER)).await.expect("added");
    store.close().await.expect("closed");
    drop(store);
    let path = folder.path().join("index.db");
    let before = fs::read(&path).expect("read");
    let refused = Store::open(&path, &Key512::new([3; 64])).await;
    assert!(matches!(refused, Err(StoreError::WrongKey)), "{refused:?}");
    assert_eq!(fs::read(&path).expect("read"), before);
    let store = Store::open(&path, &key()).await.expect("its own");
    assert_eq!(store.users().await.expect("read").len(), 1);
}

/// A house as an earlier release left it after a crash: in clear, the newest of it in the log.
async fn plain_house(folder: &Path) -> PathBuf {
    let path = folder.join("index.db");
    engine::prepare_file(&path).expect("made");
    let mut writer = plain_writer(&path).await;
    migration::migrate(&mut writer).await.expect("migrated");
    let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
    sqlx::raw_sql(checkpoint).execute(&mut writer).await.expect("emptied");
    let insert = "INSERT INTO settings (key, value) VALUES ('house_name', '\"Ringstrasse door\"')";
    sqlx::query(insert).execute(&mut writer).await.expect("written");
    let image = folder.join("crashed");
    copy(folder, &image);
    writer.close().await.expect("closed");
    image.join("index.db")
}

/// The files of a folder, as a power cut leaves them.
fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("made");
    for entry in fs::read_dir(from).expect("listed") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            fs::copy(&path, to.join(path.file_name().expect("a name"))).expect("copied");
        }
    }
}

/// promise: V-07, D-35. A database in clear of an earlier release is sealed when it is opened; cut
/// at any step, it is complete afterwards, sealed, and nothing in clear is left in the folder.
#[tokio::test]
async fn a_database_in_clear_is_sealed_whatever_happens_meanwhile() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = plain_house(folder.path()).await;
    let data = path.parent().expect("a folder");
    assert!(shows(data, CAMERA) && data.join("index.db-wal").exists());

    let mut images = vec![folder.path().join("before")];
    copy(data, &images[0]);
    let mut keep = || {
        images.push(folder.path().join(format!("image-{}", images.len())));
        copy(data, images.last().expect("pushed"));
    };
    drop(sealing::unlocked_step_by_step(&path, &key(), &mut keep).await.expect("sealed"));
    images.push(data.to_owned());
    assert_eq!(images.len(), 5);

    for image in images {
        let path = image.join("index.db");
        let when = image.display();
        let store = Store::open(&path, &key()).await.expect("opened");
        assert!(!store.is_new(), "{when}");
        let name = store.setting::<String>("house_name").await.expect("read");
        assert_eq!(name.as_deref(), Some(CAMERA), "{when}");
        store.quick_check().await.expect("sound");
        store.close().await.expect("closed");
        assert!(!shows(&image, CAMERA) && !shows(&image, "SQLite format"), "{when}");
        let mut names: Vec<_> = fs::read_dir(&image)
            .expect("listed")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        names.sort();
        assert_eq!(names, ["index.db"], "{when}");
    }
}

/// promise: V-07. The log in clear of a crash that came after the sealed copy had its place is
/// neither used nor left; and a kill in the middle of the copy leaves nothing.
#[tokio::test]
async fn remains_of_a_crash_while_sealing_are_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = plain_house(folder.path()).await;
    let log = fs::read(path.with_file_name("index.db-wal")).expect("a log");
    Store::open(&path, &key()).await.expect("sealed").close().await.expect("closed");
    fs::write(path.with_file_name("index.db-wal"), &log).expect("put back");
    for half in ["index.db.sealing", "index.db.sealing-journal"] {
        fs::write(path.with_file_name(half), "half").expect("written");
    }
    let store = Store::open(&path, &key()).await.expect("opened");
    assert_eq!(store.setting::<String>("house_name").await.expect("read").as_deref(), Some(CAMERA));
    store.close().await.expect("closed");
    assert!(!shows(path.parent().expect("a folder"), CAMERA));
    assert_eq!(fs::read_dir(path.parent().expect("a folder")).expect("listed").count(), 1);
}

/// promise: V-07. A damaged database that an earlier release left in clear is kept, but sealed.
#[tokio::test]
async fn a_damaged_database_in_clear_is_set_aside_sealed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = plain_house(folder.path()).await;
    let data = path.parent().expect("a folder");
    let mut bytes = fs::read(&path).expect("read");
    bytes[2] ^= 1;
    fs::write(&path, &bytes).expect("written");
    let damaged = Store::open(&path, &key()).await;
    assert!(matches!(damaged, Err(StoreError::Corrupt(_))), "{damaged:?}");
    let aside = Store::set_aside(&path, &key()).expect("moved");
    assert!(!shows(data, CAMERA) && !shows(data, "schema_version"));
    assert_eq!(content_of(&aside, &key()).expect("read"), Content::Damaged, "it is ours now");
    assert_eq!(fs::metadata(&aside).expect("there").len(), bytes.len() as u64);

    // One that an earlier release had set aside is found at the next start.
    bytes[2] ^= 1;
    fs::write(&aside, &bytes).expect("written");
    Store::open(&path, &key()).await.expect("a new one").close().await.expect("closed");
    assert_eq!(content_of(&aside, &key()).expect("read"), Content::Sealed);
    assert!(!shows(data, "schema_version"));
}
