//! How much footage there is, known without counting it.

use hearth_model::{CameraId, WallTime};
use sqlx::AnyConnection;

use crate::row::get;
use crate::{Store, StoreError};

/// How much footage a camera has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CameraUsage {
    /// Whose.
    pub camera: CameraId,
    /// Number of segments.
    pub segments: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Start of the oldest one.
    pub oldest: Option<WallTime>,
    /// Start of the newest one.
    pub newest: Option<WallTime>,
}

// The sums are kept; the ends of the index are two look-ups a camera.
pub(crate) const USAGE: &str = "
    SELECT camera, segments, bytes,
        (SELECT MIN(wall_start_us) FROM segments AS s WHERE s.camera = u.camera) AS oldest_us,
        (SELECT MAX(wall_start_us) FROM segments AS s WHERE s.camera = u.camera) AS newest_us
    FROM camera_usage AS u WHERE segments > 0 ORDER BY camera";

impl Store {
    /// How much footage each camera has, cameras without any left out.
    pub async fn usage(&self) -> Result<Vec<CameraUsage>, StoreError> {
        let rows = sqlx::query(USAGE).fetch_all(self.readers()).await?;
        let usage = |row| {
            Ok(CameraUsage {
                camera: get(row, "camera")?,
                segments: get(row, "segments")?,
                bytes: get(row, "bytes")?,
                oldest: get(row, "oldest_us")?,
                newest: get(row, "newest_us")?,
            })
        };
        rows.iter().map(usage).collect()
    }

    /// Counts all segments again and says whether the kept sums were right; they are afterwards.
    /// For `verify`: it reads the whole table.
    pub async fn recount_usage(&self) -> Result<bool, StoreError> {
        let mut write = self.begin().await?;
        let wrong = "SELECT COUNT(*) AS wrong FROM (
                SELECT camera, segments, bytes FROM camera_usage WHERE segments <> 0 OR bytes <> 0
                EXCEPT SELECT camera, COUNT(*), SUM(bytes) FROM segments GROUP BY camera) AS d";
        let missing = "SELECT COUNT(*) AS wrong FROM (
                SELECT camera, COUNT(*), SUM(bytes) FROM segments GROUP BY camera
                EXCEPT SELECT camera, segments, bytes FROM camera_usage) AS d";
        let mut differences = 0;
        for sql in [wrong, missing] {
            let row = sqlx::query(sql).fetch_one(write.connection()).await?;
            differences += get::<i64>(&row, "wrong")?;
        }
        if differences > 0 {
            sqlx::query("DELETE FROM camera_usage").execute(write.connection()).await?;
            let sql = "INSERT INTO camera_usage (camera, segments, bytes)
                       SELECT camera, COUNT(*), SUM(bytes) FROM segments GROUP BY camera";
            sqlx::query(sql).execute(write.connection()).await?;
        }
        write.commit().await?;
        Ok(differences == 0)
    }
}

/// Changes a camera's sums; the caller changes its segments in the same transaction.
pub(crate) async fn add_usage(
    connection: &mut AnyConnection,
    camera: CameraId,
    segments: i64,
    bytes: i64,
) -> Result<(), StoreError> {
    if segments == 0 && bytes == 0 {
        return Ok(());
    }
    let sql = "INSERT INTO camera_usage (camera, segments, bytes) VALUES ($1, $2, $3)
               ON CONFLICT (camera) DO UPDATE SET
                   segments = camera_usage.segments + excluded.segments,
                   bytes = camera_usage.bytes + excluded.bytes";
    sqlx::query(sql)
        .bind(camera.as_bytes().to_vec())
        .bind(segments)
        .bind(bytes)
        .execute(connection)
        .await?;
    Ok(())
}
