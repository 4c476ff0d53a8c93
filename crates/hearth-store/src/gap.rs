//! Gaps: when footage that should be there is missing, and why.

use hearth_model::{CameraId, GapCause, TimeRange, WallTime};
use sqlx::any::AnyRow;

use crate::row::{get, to_word, word};
use crate::{Store, StoreError};

/// Names a gap in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GapId(i64);

/// Nothing was recorded for a while. The gaps of a camera follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Its id.
    pub id: GapId,
    /// Of which camera.
    pub camera: CameraId,
    /// Since when.
    pub from: WallTime,
    /// Until when; `None` while it lasts.
    pub to: Option<WallTime>,
    /// Why.
    pub cause: GapCause,
}

impl Gap {
    fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: GapId(get(row, "id")?),
            camera: get(row, "camera")?,
            from: get(row, "from_us")?,
            to: get(row, "to_us")?,
            cause: word(row, "cause")?,
        })
    }
}

// A gap that overlaps the range began in it, or is the last one that began before it.
pub(crate) const GAPS_IN: &str = "
    SELECT * FROM gaps WHERE camera = $1 AND from_us < $3 AND from_us >= COALESCE(
        (SELECT MAX(from_us) FROM gaps WHERE camera = $1 AND from_us <= $2), $2)
        AND (to_us IS NULL OR to_us > $2)
    ORDER BY from_us LIMIT $4";

// More than a timeline can show; a camera that drops out every ten seconds all day long.
const GAPS_MAX: i64 = 10_000;

impl Store {
    /// Footage of a camera is missing from now on. If a gap is open already it goes on, or ends
    /// here if this is another cause.
    pub async fn begin_gap(
        &self,
        camera: CameraId,
        from: WallTime,
        cause: GapCause,
    ) -> Result<GapId, StoreError> {
        let mut write = self.begin().await?;
        let row = sqlx::query("SELECT * FROM gaps WHERE camera = $1 AND to_us IS NULL")
            .bind(camera.as_bytes().to_vec())
            .fetch_optional(write.connection())
            .await?;
        if let Some(open) = row.as_ref().map(Gap::from_row).transpose()? {
            if open.cause == cause {
                return Ok(open.id);
            }
            sqlx::query("UPDATE gaps SET to_us = $2 WHERE id = $1")
                .bind(open.id.0)
                .bind(from.max(open.from).as_micros())
                .execute(write.connection())
                .await?;
        }
        let sql = "INSERT INTO gaps (camera, from_us, cause) VALUES ($1, $2, $3) RETURNING id";
        let row = sqlx::query(sql)
            .bind(camera.as_bytes().to_vec())
            .bind(from.as_micros())
            .bind(to_word(&cause)?)
            .fetch_one(write.connection())
            .await?;
        write.commit().await?;
        Ok(GapId(get(&row, "id")?))
    }

    /// Footage of a camera is there again: its open gap, if there is one, ends.
    pub async fn end_gap(&self, camera: CameraId, to: WallTime) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let sql = "UPDATE gaps SET to_us = CASE WHEN from_us > $2 THEN from_us ELSE $2 END
                   WHERE camera = $1 AND to_us IS NULL";
        let query = sqlx::query(sql).bind(camera.as_bytes().to_vec()).bind(to.as_micros());
        query.execute(write.connection()).await?;
        write.commit().await
    }

    /// The gaps that last.
    pub async fn open_gaps(&self) -> Result<Vec<Gap>, StoreError> {
        let sql = "SELECT * FROM gaps WHERE to_us IS NULL ORDER BY camera";
        let rows = sqlx::query(sql).fetch_all(self.readers()).await?;
        rows.iter().map(Gap::from_row).collect()
    }

    /// The gaps of a camera that overlap a range of wall time, oldest first.
    pub async fn gaps_in(
        &self,
        camera: CameraId,
        range: TimeRange,
    ) -> Result<Vec<Gap>, StoreError> {
        let rows = sqlx::query(GAPS_IN)
            .bind(camera.as_bytes().to_vec())
            .bind(range.from().as_micros())
            .bind(range.to().as_micros())
            .bind(GAPS_MAX)
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(Gap::from_row).collect()
    }

    /// Erases a camera's gaps that ended before some time, as its footage of that time is erased.
    pub async fn erase_gaps_before(
        &self,
        camera: CameraId,
        before: WallTime,
    ) -> Result<u64, StoreError> {
        let mut write = self.begin().await?;
        let sql = "DELETE FROM gaps WHERE camera = $1 AND from_us < $2 AND to_us < $2";
        let query = sqlx::query(sql).bind(camera.as_bytes().to_vec()).bind(before.as_micros());
        let erased = query.execute(write.connection()).await?.rows_affected();
        write.commit().await?;
        Ok(erased)
    }
}
