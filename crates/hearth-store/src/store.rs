//! The open database: one writer, some readers, and their life from open to close.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hearth_sealed_sqlite::Unlocked;
use hearth_secret::Key512;
use sqlx::{AnyConnection, AnyPool, Connection as _, Row as _};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::engine::{self, BEGIN_WRITE, CHECK, COMPACT, WAIT_MAX};
use crate::{StoreError, migration, sealing};

/// The database. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Store {
    path: Arc<Path>,
    /// `None` after a transaction that was not committed, until the next one begins.
    writer: Arc<Mutex<Option<AnyConnection>>>,
    readers: AnyPool,
    is_new: bool,
    /// While one of these is there, connections may be opened.
    unlocked: Arc<Unlocked>,
}

impl Store {
    /// Opens the database file, makes it if there is none, and brings it to today's schema. Takes
    /// the same time however much is in it. What lies on the disk is sealed under `key`.
    ///
    /// One that an earlier release left in clear is sealed first, which reads and writes all of it
    /// once; a crash meanwhile leaves the old one or the new one.
    ///
    /// # Errors
    /// [`StoreError::WrongKey`] if it was sealed under another key, or is no database;
    /// [`StoreError::Corrupt`] if it is damaged. Nothing is written then.
    pub async fn open(path: &Path, key: &Key512) -> Result<Self, StoreError> {
        let is_new = engine::prepare_file(path)?;
        let unlocked = Arc::new(sealing::unlocked(path, key).await?);
        let mut writer = engine::writer(path).await?;
        migration::migrate(&mut writer).await?;
        let readers = engine::readers(path).await?;
        let writer = Arc::new(Mutex::new(Some(writer)));
        Ok(Self { path: path.into(), writer, readers, is_new, unlocked })
    }

    /// Whether [`Store::open`] found no database: the first start, or somebody lost it. The hub
    /// knows which, and restores its sealed copy of the house in the second case.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Moves a damaged database out of the way, and says where to. One is kept: an earlier one that
    /// was set aside is replaced. Nothing may have it open. One in clear is sealed under `key`.
    pub fn set_aside(path: &Path, key: &Key512) -> Result<PathBuf, StoreError> {
        let aside = engine::aside(path);
        for (from, to) in engine::files(path).iter().zip(engine::files(&aside)) {
            let moved = match std::fs::rename(from, &to) {
                // A log of the earlier one must not stay beside this one.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    std::fs::remove_file(&to)
                }
                moved => moved,
            };
            match moved {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(error.into());
                }
                _ => {}
            }
        }
        sealing::seal_aside(path, key)?;
        Ok(aside)
    }

    /// Reads the whole database, on a reader so that writes go on, and checks that its pages, rows
    /// and indexes fit together.
    pub async fn quick_check(&self) -> Result<(), StoreError> {
        let row = sqlx::query(CHECK).fetch_one(self.readers()).await?;
        let verdict: String = row.try_get(0)?;
        if verdict == "ok" { Ok(()) } else { Err(StoreError::corrupt(verdict)) }
    }

    /// Gives some of the room of erased rows back to the disk. Called after erasing, now and then.
    pub async fn compact(&self) -> Result<(), StoreError> {
        let mut guard = self.lock().await?;
        let connection = self.connected(&mut guard).await?;
        sqlx::raw_sql(COMPACT).execute(connection).await?;
        Ok(())
    }

    /// Waits for what is being written and closes all connections. Whoever writes afterwards opens
    /// the database again.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.readers.close().await;
        // The last connection: closing it empties the log into the database.
        if let Some(connection) = self.lock().await?.take() {
            connection.close().await?;
        }
        Ok(())
    }

    /// Lets SQLite open another file under the same key.
    pub(crate) fn unlock(&self, path: &Path) -> Result<Unlocked, StoreError> {
        Ok(self.unlocked.unlock_other(path)?)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn readers(&self) -> &AnyPool {
        &self.readers
    }

    /// Begins a transaction. It waits for the one before; who comes first is served first.
    pub(crate) async fn begin(&self) -> Result<Write, StoreError> {
        let mut write = Write { connection: self.lock().await?, ended: false };
        let connection = self.connected(&mut write.connection).await?;
        sqlx::raw_sql(BEGIN_WRITE).execute(connection).await?;
        Ok(write)
    }

    async fn lock(&self) -> Result<OwnedMutexGuard<Option<AnyConnection>>, StoreError> {
        let lock = Arc::clone(&self.writer).lock_owned();
        tokio::time::timeout(WAIT_MAX, lock).await.map_err(|late| StoreError::Busy(late.into()))
    }

    async fn connected<'a>(
        &self,
        connection: &'a mut Option<AnyConnection>,
    ) -> Result<&'a mut AnyConnection, StoreError> {
        let open = match connection.take() {
            Some(open) => open,
            None => engine::writer(&self.path).await?,
        };
        Ok(connection.insert(open))
    }
}

/// A transaction. Unless it is committed, its connection is closed and the database undoes it; that
/// also holds for one whose caller was cancelled at any point.
///
/// `sqlx`'s own transaction is not used: when SQLite has already undone one by itself (disk full,
/// I/O error), `sqlx` still counts it as open and the connection refuses every later one.
pub(crate) struct Write {
    connection: OwnedMutexGuard<Option<AnyConnection>>,
    ended: bool,
}

impl Write {
    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        self.connection.as_mut().expect("`begin` has put it there and only `drop` takes it")
    }

    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        sqlx::raw_sql("COMMIT").execute(self.connection()).await?;
        self.ended = true;
        Ok(())
    }
}

impl Drop for Write {
    fn drop(&mut self) {
        if !self.ended {
            drop(self.connection.take());
        }
    }
}
