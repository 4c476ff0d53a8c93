//! How connections to SQLite are made: files, modes and pragmas.
//!
//! Durability: `synchronous=NORMAL` in WAL mode. A power cut can lose the last transactions but
//! never tears one. That is right for an index whose truth is elsewhere: a segment's file is synced
//! before its row is written, and the recorder finds files without a row when it starts. It is also
//! cheap: a commit costs no sync, so the index never competes with footage for the disk.
//!
//! Privacy: connections go through the VFS of `hearth-sealed-sqlite`, so what SQLite writes lies
//! sealed on the disk (promises V-07, D-35). Files are 0600 before SQLite sees them and the
//! write-ahead log inherits that (promise D-05); erased rows are overwritten (`secure_delete`) and
//! sorting never spills to a file (T-16).

use std::fs::{File, OpenOptions, Permissions};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use hearth_sealed_sqlite::VFS_NAME;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, ConnectOptions as _, Executor as _};

use crate::StoreError;

/// Begins a transaction that will write: it waits for the lock here and not in the middle.
pub(crate) const BEGIN_WRITE: &str = "BEGIN IMMEDIATE";

/// Answers `ok`, or the first thing that does not fit.
pub(crate) const CHECK: &str = "PRAGMA quick_check(1)";

/// Gives free pages back to the disk: at most 4 MB a call, some tens of milliseconds.
pub(crate) const COMPACT: &str = "PRAGMA incremental_vacuum(1000)";

// Each holds one page cache and one thread; four readers are more than the API has at once.
const READERS_MAX: u32 = 4;

// Longer than any transaction here; whoever waits longer gets `Busy` and may try again.
pub(crate) const WAIT_MAX: Duration = Duration::from_secs(10);

// `auto_vacuum` has an effect only before the first table is made, so it stands first.
// `journal_size_limit` gives back the room of a log that a large transaction has blown up.
const PRAGMAS_WRITER: &str = "
    PRAGMA auto_vacuum = INCREMENTAL;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA foreign_keys = ON;
    PRAGMA busy_timeout = 10000;
    PRAGMA secure_delete = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cell_size_check = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA cache_size = -8192;
    PRAGMA journal_size_limit = 16777216;
";

// Only pragmas that do not touch the file: an error here would not come back to who asked, the pool
// would try again until its time is up.
const PRAGMAS_READER: &str = "
    PRAGMA query_only = ON;
    PRAGMA busy_timeout = 10000;
    PRAGMA temp_store = MEMORY;
    PRAGMA cell_size_check = ON;
    PRAGMA trusted_schema = OFF;
";

// It reads once, and leaves the file as it is.
const PRAGMAS_PLAIN: &str = "
    PRAGMA busy_timeout = 10000;
    PRAGMA temp_store = MEMORY;
    PRAGMA cell_size_check = ON;
    PRAGMA trusted_schema = OFF;
";

/// The database file and what SQLite puts beside it.
pub(crate) fn files(path: &Path) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|suffix| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    })
}

/// Where a damaged database goes.
pub(crate) fn aside(path: &Path) -> PathBuf {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".damaged");
    PathBuf::from(aside)
}

/// Makes the file if there is none, and takes away what others may do with it. Says whether it is
/// new (or empty, which is the same to SQLite).
pub(crate) fn prepare_file(path: &Path) -> Result<bool, StoreError> {
    let file: File = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)?;
    for file in files(path) {
        match std::fs::set_permissions(file, Permissions::from_mode(0o600)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(file.metadata()?.len() == 0)
}

/// A connection that writes to a database that is unlocked. It also reads the file's header, so a
/// file that is no database is noticed here.
pub(crate) async fn writer(path: &Path) -> Result<AnyConnection, StoreError> {
    let mut connection = options(path)?.connect().await?;
    sqlx::raw_sql(PRAGMAS_WRITER).execute(&mut connection).await?;
    Ok(connection)
}

/// A connection to a database in clear, which is only read. What an earlier release left in its log
/// is in what it reads.
pub(crate) async fn plain(path: &Path) -> Result<AnyConnection, StoreError> {
    let mut connection = address(path, "mode=rw")?.parse::<AnyConnectOptions>()?.connect().await?;
    sqlx::raw_sql(PRAGMAS_PLAIN).execute(&mut connection).await?;
    Ok(connection)
}

/// The address of a sealed database for SQLite itself, from a connection to another.
pub(crate) fn sealed_address(path: &Path) -> Result<String, StoreError> {
    let address = address(path, &format!("vfs={VFS_NAME}"))?;
    Ok(address.replacen("sqlite://", "file:", 1))
}

/// The connections that read.
pub(crate) async fn readers(path: &Path) -> Result<AnyPool, StoreError> {
    let pool = AnyPoolOptions::new()
        .max_connections(READERS_MAX)
        .acquire_timeout(WAIT_MAX)
        .idle_timeout(None)
        .max_lifetime(None)
        // A connection to a file does not go stale.
        .test_before_acquire(false)
        .after_connect(|connection, _| {
            Box::pin(
                async move { connection.execute(sqlx::raw_sql(PRAGMAS_READER)).await.map(drop) },
            )
        });
    Ok(pool.connect_with(options(path)?).await?)
}

fn options(path: &Path) -> Result<AnyConnectOptions, StoreError> {
    Ok(address(path, &format!("mode=rw&vfs={VFS_NAME}"))?.parse()?)
}

fn address(path: &Path, query: &str) -> Result<String, StoreError> {
    sqlx::any::install_default_drivers();
    // A path with `..` or a link would be changed by the URL's own rules.
    let path = path.canonicalize()?;
    let mut url = String::from("sqlite://");
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => {
                url.push(char::from(*byte));
            }
            other => url.push_str(&format!("%{other:02X}")),
        }
    }
    url.push('?');
    url.push_str(query);
    Ok(url)
}
