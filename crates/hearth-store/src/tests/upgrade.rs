use std::path::Path;

use sqlx::{Connection as _, Row as _};

use super::House;
use crate::{Store, StoreError, engine, migration};

/// The schema as SQLite tells it, in a fixed order.
async fn schema(store: &Store) -> Vec<(String, String)> {
    let sql = "SELECT name, COALESCE(sql, '') AS sql FROM sqlite_master ORDER BY name";
    let rows = sqlx::query(sql).fetch_all(store.readers()).await.expect("read");
    rows.iter().map(|row| (row.get("name"), row.get("sql"))).collect()
}

/// A database as an earlier release left it.
async fn database_of_version(path: &Path, version: i64) {
    engine::prepare_file(path).expect("made");
    let mut writer = engine::writer(path).await.expect("opened");
    migration::migrate_to(&mut writer, version).await.expect("migrated");
    writer.close().await.expect("closed");
}

/// promise: V-18. Whatever release a database comes from, it becomes the same.
#[tokio::test]
async fn every_past_schema_becomes_the_fresh_one() {
    let fresh = House::new().await;
    let expected = schema(&fresh.store).await;
    for version in 0..=migration::VERSION {
        let path = fresh.folder.path().join(format!("version-{version}.db"));
        database_of_version(&path, version).await;
        let store = Store::open(&path).await.expect("upgraded");
        assert_eq!(schema(&store).await, expected, "from version {version}");
        store.quick_check().await.expect("sound");
        store.close().await.expect("closed");
        let again = Store::open(&path).await.expect("opened again");
        assert_eq!(schema(&again).await, expected);
    }
}

#[tokio::test]
async fn what_was_in_an_old_database_is_in_the_new_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("index.db");
    database_of_version(&path, 1).await;
    let mut writer = engine::writer(&path).await.expect("opened");
    let sql = "INSERT INTO settings (key, value) VALUES ('house_name', '\"Home\"')";
    sqlx::query(sql).execute(&mut writer).await.expect("written");
    writer.close().await.expect("closed");
    let store = Store::open(&path).await.expect("upgraded");
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
    let refused = Store::open(&folder.path().join("index.db")).await;
    assert!(matches!(refused, Err(StoreError::TooNew { found: 99, .. })), "{refused:?}");
}
