use std::path::Path;

use sqlx::{Connection as _, Row as _};

use super::{House, key, sealing::plain_writer};
use crate::{Store, StoreError, engine, migration, sealing};

/// The schema as SQLite tells it, in a fixed order.
async fn schema(store: &Store) -> Vec<(String, String)> {
    let sql = "SELECT name, COALESCE(sql, '') AS sql FROM sqlite_master ORDER BY name";
    let rows = sqlx::query(sql).fetch_all(store.readers()).await.expect("read");
    rows.iter().map(|row| (row.get("name"), row.get("sql"))).collect()
}

/// How a release leaves its database on the disk.
#[derive(Clone, Copy, Debug)]
enum Left {
    InClear,
    Sealed,
}

/// A database as an earlier release left it.
async fn database_of_version(path: &Path, version: i64, left: Left) {
    engine::prepare_file(path).expect("made");
    let unlocked = match left {
        Left::InClear => None,
        Left::Sealed => Some(sealing::unlocked(path, &key()).await.expect("unlocked")),
    };
    let mut writer = match left {
        Left::InClear => plain_writer(path).await,
        Left::Sealed => engine::writer(path).await.expect("opened"),
    };
    migration::migrate_to(&mut writer, version).await.expect("migrated");
    writer.close().await.expect("closed");
    drop(unlocked);
}

/// promise: V-18. Whatever release a database comes from, it becomes the same.
#[tokio::test]
async fn every_past_schema_becomes_the_fresh_one() {
    let fresh = House::new().await;
    let expected = schema(&fresh.store).await;
    let versions = (0..=migration::VERSION).flat_map(|n| [(n, Left::InClear), (n, Left::Sealed)]);
    for (version, left) in versions {
        let path = fresh.folder.path().join(format!("version-{version}-{left:?}.db"));
        database_of_version(&path, version, left).await;
        let store = Store::open(&path, &key()).await.expect("upgraded");
        assert_eq!(schema(&store).await, expected, "from version {version}, {left:?}");
        store.quick_check().await.expect("sound");
        store.close().await.expect("closed");
        let again = Store::open(&path, &key()).await.expect("opened again");
        assert_eq!(schema(&again).await, expected);
    }
}

#[tokio::test]
async fn what_was_in_an_old_database_is_in_the_new_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("index.db");
    database_of_version(&path, 1, Left::InClear).await;
    let mut writer = engine::plain(&path).await.expect("opened");
    let sql = "INSERT INTO settings (key, value) VALUES ('house_name', '\"Home\"')";
    sqlx::query(sql).execute(&mut writer).await.expect("written");
    writer.close().await.expect("closed");
    let store = Store::open(&path, &key()).await.expect("upgraded");
    assert_eq!(store.setting("house_name").await.expect("read"), Some("Home".to_owned()));
    assert!(!store.is_new());
}

#[tokio::test]
async fn a_database_of_a_newer_release_is_left_alone() {
    let House { store, folder } = House::new().await;
    let mut write = store.begin().await.expect("begun");
    let sql = "INSERT INTO schema_version (version) VALUES (99)";
    sqlx::query(sql).execute(write.connection()).await.expect("written");
    write.commit().await.expect("committed");
    store.close().await.expect("closed");
    let refused = Store::open(&folder.path().join("index.db"), &key()).await;
    assert!(matches!(refused, Err(StoreError::TooNew { found: 99, .. })), "{refused:?}");
}
