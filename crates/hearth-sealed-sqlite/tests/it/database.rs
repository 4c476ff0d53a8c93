//! A database on sealed files does what one on plain files does, and shows nothing.

use std::{
    fs,
    path::{Path, PathBuf},
};

use hearth_sealed_sqlite::{Content, Unlocked, VFS_NAME, content_of, unlock};
use hearth_secret::Key512;
use sqlx::{
    ConnectOptions as _, Connection as _, Row as _, SqliteConnection, sqlite::SqliteConnectOptions,
};
use tempfile::TempDir;

/// What must not be found on the disk.
const CANARY: &str = "Anna came home by the garden door";

pub(crate) fn key() -> Key512 {
    Key512::new(std::array::from_fn(|n| n as u8))
}

/// An unlocked file in a folder of its own.
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    pub(crate) folder: TempDir,
    pub(crate) unlocked: Unlocked,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("index.db");
        fs::write(&path, "").expect("made");
        let unlocked = unlock(&path, &key()).expect("unlocked");
        Self { path, folder, unlocked }
    }

    /// All bytes of the database's files.
    fn on_disk(&self) -> Vec<u8> {
        let entries = fs::read_dir(self.folder.path()).expect("listed");
        let files = entries.map(|entry| fs::read(entry.expect("an entry").path()).expect("read"));
        files.collect::<Vec<_>>().concat()
    }
}

pub(crate) async fn connect(path: &Path) -> sqlx::Result<SqliteConnection> {
    SqliteConnectOptions::new().filename(path).vfs(VFS_NAME).connect().await
}

pub(crate) async fn run(connection: &mut SqliteConnection, sql: &'static str) {
    sqlx::raw_sql(sql).execute(connection).await.expect(sql);
}

pub(crate) async fn number(connection: &mut SqliteConnection, sql: &'static str) -> i64 {
    sqlx::query(sql).fetch_one(connection).await.expect(sql).get(0)
}

pub(crate) async fn check(connection: &mut SqliteConnection) -> String {
    let row = sqlx::query("PRAGMA integrity_check").fetch_one(connection).await.expect("checked");
    row.get(0)
}

/// Pragmas as the index has them, and a table.
pub(crate) const BEGIN: &str = "
    PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    PRAGMA temp_store = MEMORY; PRAGMA busy_timeout = 10000; PRAGMA secure_delete = ON;
    CREATE TABLE IF NOT EXISTS facts (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
    CREATE INDEX IF NOT EXISTS by_text ON facts (text);
";

async fn add(connection: &mut SqliteConnection, count: i64) {
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
               INSERT INTO facts (text) SELECT $2 || ' ' || hex(randomblob(20)) FROM n";
    let query = sqlx::query(sql).bind(count).bind(CANARY);
    query.execute(connection).await.expect("added");
}

/// promise: V-07, D-35. Neither the database nor its log nor what SQLite maps beside them shows
/// anything that was written: while it is open, after a checkpoint and after it was closed.
#[tokio::test]
async fn what_is_written_is_read_back_and_shows_nowhere() {
    let place = Place::new();
    let shows = |bytes: Vec<u8>| {
        let has = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        has(&CANARY.as_bytes()[..8]) || has(b"CREATE TABLE") || has(b"SQLite format")
    };
    let mut writer = connect(&place.path).await.expect("opened");
    run(&mut writer, BEGIN).await;
    add(&mut writer, 2_000).await;
    assert!(fs::metadata(place.folder.path().join("index.db-wal")).expect("a log").len() > 100_000);
    assert!(!shows(place.on_disk()), "in the log");
    run(&mut writer, "PRAGMA wal_checkpoint(TRUNCATE)").await;
    assert!(fs::metadata(&place.path).expect("there").len() > 100_000);
    assert!(!shows(place.on_disk()), "in the database");
    run(&mut writer, "DELETE FROM facts WHERE id % 3 = 0; PRAGMA incremental_vacuum(100)").await;
    writer.close().await.expect("closed");
    assert!(!shows(place.on_disk()), "after it was closed");
    assert_eq!(content_of(&place.path, &key()).expect("read"), Content::Sealed);

    let mut again = connect(&place.path).await.expect("opened again");
    assert_eq!(number(&mut again, "SELECT count(*) FROM facts").await, 1_334);
    assert_eq!(check(&mut again).await, "ok");
}

/// Readers see whole states while one connection writes and empties the log again and again.
#[tokio::test(flavor = "multi_thread")]
async fn readers_and_a_writer_do_not_disturb_each_other() {
    let place = Place::new();
    let mut writer = connect(&place.path).await.expect("opened");
    run(&mut writer, BEGIN).await;
    run(&mut writer, "PRAGMA wal_autocheckpoint = 20").await;
    let (done, _) = tokio::sync::watch::channel(false);
    let mut readers = Vec::new();
    for _ in 0..3 {
        let (path, done) = (place.path.clone(), done.subscribe());
        readers.push(tokio::spawn(async move {
            let mut reader = connect(&path).await.expect("opened");
            run(&mut reader, "PRAGMA busy_timeout = 10000; PRAGMA cache_size = 5").await;
            let (mut rounds, mut least) = (0, 0);
            while rounds < 5 || !*done.borrow() {
                // Each transaction adds ten, so no reader ever sees another remainder.
                let sql = "SELECT count(*) + 0 * sum(length(text)) FROM facts";
                let row = sqlx::query(sql).fetch_one(&mut reader).await.expect("read");
                let count = row.get::<Option<i64>, _>(0).unwrap_or(0);
                assert!(count % 10 == 0 && count >= least, "{count} after {least}");
                (rounds, least) = (rounds + 1, count);
            }
            assert_eq!(check(&mut reader).await, "ok");
        }));
    }
    for _ in 0..300 {
        add(&mut writer, 10).await;
    }
    done.send_replace(true);
    for reader in readers {
        reader.await.expect("no reader was disturbed");
    }
    assert_eq!(number(&mut writer, "SELECT count(*) FROM facts").await, 3_000);
}

/// promise: V-18. A copy goes through the same cipher, although SQLite makes it by itself.
#[tokio::test]
async fn a_copy_made_by_sqlite_is_sealed_too() {
    let place = Place::new();
    let mut writer = connect(&place.path).await.expect("opened");
    run(&mut writer, BEGIN).await;
    add(&mut writer, 500).await;
    let copy = place.folder.path().join("copy.db");
    let into = || sqlx::query("VACUUM INTO $1").bind(copy.to_str().expect("text").to_owned());
    into().execute(&mut writer).await.expect_err("nobody unlocked it");
    fs::write(&copy, "").expect("made");
    let unlocked = unlock(&copy, &key()).expect("unlocked");
    into().execute(&mut writer).await.expect("copied");
    assert_eq!(content_of(&copy, &key()).expect("read"), Content::Sealed);
    let mut opened = connect(&copy).await.expect("opened");
    run(&mut opened, BEGIN).await;
    assert_eq!(number(&mut opened, "SELECT count(*) FROM facts").await, 500);
    assert_eq!(check(&mut opened).await, "ok");
    assert!(!place.folder.path().join("copy.db-journal").exists());
    drop(unlocked);
}

/// A rollback journal, which an index has only while it is made, brings back what was before.
#[tokio::test]
async fn a_rollback_journal_undoes_what_was_not_committed() {
    let place = Place::new();
    let mut writer = connect(&place.path).await.expect("opened");
    run(&mut writer, "PRAGMA journal_mode = DELETE; PRAGMA cache_size = 5").await;
    run(&mut writer, "CREATE TABLE facts (id INTEGER PRIMARY KEY, text TEXT NOT NULL)").await;
    add(&mut writer, 1_000).await;
    run(&mut writer, "BEGIN; UPDATE facts SET text = 'gone'; DELETE FROM facts WHERE id > 9").await;
    let journal = place.folder.path().join("index.db-journal");
    let (database, left) = (fs::read(&place.path).expect("read"), fs::read(&journal).expect("it"));
    assert!(left.len() > 50_000, "it was spilled to the disk");
    assert!(!left.windows(8).any(|window| window == &CANARY.as_bytes()[..8]));
    run(&mut writer, "ROLLBACK").await;
    assert_eq!(number(&mut writer, "SELECT count(*) FROM facts").await, 1_000);
    writer.close().await.expect("closed");

    // What a power cut in the middle leaves is undone by whoever opens it next.
    let cut = Place::new();
    fs::write(&cut.path, database).expect("written");
    fs::write(cut.folder.path().join("index.db-journal"), left).expect("written");
    let mut opened = connect(&cut.path).await.expect("opened");
    let kept = "SELECT count(*) FROM facts WHERE text LIKE 'Anna%'";
    assert_eq!(number(&mut opened, kept).await, 1_000);
    assert_eq!(check(&mut opened).await, "ok");
}

/// promise: D-35. Another key opens nothing, and writes nothing.
#[tokio::test]
async fn another_key_opens_nothing() {
    let place = Place::new();
    let mut writer = connect(&place.path).await.expect("opened");
    run(&mut writer, BEGIN).await;
    writer.close().await.expect("closed");
    let (path, whole) = (place.path.clone(), fs::read(&place.path).expect("read"));
    let Place { folder, unlocked, .. } = place;
    drop(unlocked);
    let other = Key512::new([9; 64]);
    assert_eq!(content_of(&path, &other).expect("read"), Content::Unknown);
    let unlocked = unlock(&path, &other).expect("unlocked");
    let mut opened = connect(&path).await.expect("not read yet");
    sqlx::raw_sql(BEGIN).execute(&mut opened).await.expect_err("no database");
    drop((opened, unlocked));
    assert_eq!(fs::read(&path).expect("read"), whole);
    drop(folder);
}

/// promise: T-16. A query that would need a temporary file fails; with memory it works.
#[tokio::test]
async fn nothing_is_spilled_to_temporary_files() {
    let place = Place::new();
    let mut writer = connect(&place.path).await.expect("opened");
    run(&mut writer, BEGIN).await;
    add(&mut writer, 500).await;
    run(&mut writer, "PRAGMA temp_store = FILE; PRAGMA cache_size = 1").await;
    let spill = "CREATE TEMP TABLE spilled AS SELECT text || hex(randomblob(4000)) FROM facts";
    sqlx::raw_sql(spill).execute(&mut writer).await.expect_err("refused");
    run(&mut writer, "PRAGMA temp_store = MEMORY").await;
    run(&mut writer, spill).await;
}

/// Garbage in a page is noticed or is a value that differs; it is never a crash.
#[tokio::test]
async fn a_flipped_byte_is_noticed_or_harmless() {
    let place = Place::new();
    let mut writer = connect(&place.path).await.expect("opened");
    run(&mut writer, BEGIN).await;
    add(&mut writer, 300).await;
    writer.close().await.expect("closed");
    let whole = fs::read(&place.path).expect("read");
    let mut noticed = 0;
    for at in (0..whole.len()).step_by(997) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&place.path, bytes).expect("written");
        let Ok(mut opened) = connect(&place.path).await else { continue };
        let row = sqlx::query("PRAGMA integrity_check").fetch_one(&mut opened).await;
        noticed += i32::from(row.map_or(true, |row| row.get::<String, _>(0) != "ok"));
        opened.close().await.ok();
    }
    assert!(noticed > 0, "most of it is noticed");
}

/// The log's frames are where the cipher's units are, or there is no log.
#[tokio::test]
async fn pages_of_another_size_are_refused() {
    let place = Place::new();
    let mut writer = connect(&place.path).await.expect("opened");
    run(&mut writer, "PRAGMA page_size = 8192").await;
    sqlx::raw_sql(BEGIN).execute(&mut writer).await.expect_err("no log is written");
}
