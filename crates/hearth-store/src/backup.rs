//! A copy of the whole database for a backup, and what a restored one forgets.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use sqlx::{AnyConnection, Connection as _};

use crate::engine;
use crate::{Segment, SegmentChange, Store, StoreError};

/// Segments looked at, and forgotten, in one transaction.
const BATCH: usize = 500;

impl Store {
    /// Writes the database as it is at one moment to a new private file, sealed under the same key.
    /// Writes go on meanwhile: the copy is read in one transaction of a connection of its own.
    ///
    /// # Errors
    /// If the file exists, or the disk is full; a half-written file is removed.
    pub async fn copy_to(&self, path: &Path) -> Result<(), StoreError> {
        // Made here, because SQLite would make it with the modes of the umask; it takes an empty one.
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        let written = self.vacuum_into(path).await;
        if written.is_err() {
            // The first error is the one to report.
            drop(std::fs::remove_file(path));
        }
        written
    }

    async fn vacuum_into(&self, path: &Path) -> Result<(), StoreError> {
        let name =
            path.to_str().ok_or(StoreError::Invalid { message: "a path that is no text" })?;
        // SQLite opens the copy by itself, and could not open one that is locked.
        let _unlocked = self.unlock(path)?;
        let mut connection: AnyConnection = engine::writer(self.path()).await?;
        sqlx::query("VACUUM INTO $1").bind(name).execute(&mut connection).await?;
        connection.close().await?;
        Ok(())
    }

    /// Ends all sessions, and takes away all tokens of programs: one that was revoked after a backup
    /// was made must not come back with it. Says how many sessions there were.
    pub async fn end_all_access(&self) -> Result<u64, StoreError> {
        let mut write = self.begin().await?;
        let ended = sqlx::query("DELETE FROM sessions").execute(write.connection()).await?;
        // What was derived from them goes with them, by its foreign key.
        sqlx::query("DELETE FROM tokens").execute(write.connection()).await?;
        write.commit().await?;
        Ok(ended.rows_affected())
    }

    /// Forgets the segments whose file is not there, and says how many.
    pub async fn keep_segments(
        &self,
        is_there: impl Fn(&Segment) -> bool,
    ) -> Result<u64, StoreError> {
        let sql = "SELECT * FROM segments WHERE id > $1 ORDER BY id LIMIT $2";
        let (mut behind, mut forgotten) = (Vec::new(), 0);
        loop {
            let query = sqlx::query(sql).bind(behind.clone()).bind(BATCH as i64);
            let rows = query.fetch_all(self.readers()).await?;
            let segments: Vec<Segment> =
                rows.iter().map(Segment::from_row).collect::<Result<_, _>>()?;
            let Some(last) = segments.last() else { return Ok(forgotten) };
            behind = last.id.as_bytes().to_vec();
            let gone = segments.iter().filter(|segment| !is_there(segment));
            let changes: Vec<_> = gone.map(|segment| SegmentChange::Erase(segment.id)).collect();
            forgotten += changes.len() as u64;
            self.commit_segments(&changes).await?;
        }
    }
}
