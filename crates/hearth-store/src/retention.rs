//! Which footage may go first: the oldest that is complete and that nobody holds (promise V-15).

use hearth_model::{CameraId, SegmentId, TimeRange, WallTime};

use crate::hold::held_ranges;
use crate::row::get;
use crate::segment::{Segment, SegmentState};
use crate::{Store, StoreError};

// Rows erased in one transaction: about 20 ms, so that the recorder's commits never wait longer.
const ERASE_BATCH: i64 = 500;

/// What may be erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erasable {
    /// Of one camera only.
    pub camera: Option<CameraId>,
    /// Only what ended by then.
    pub ended_by: Option<WallTime>,
}

impl Store {
    /// The oldest segments that may be erased, oldest first, at most `limit`. Open segments are
    /// never among them, nor is anything that a hold in force at `now` touches.
    pub async fn erasable(
        &self,
        what: Erasable,
        now: WallTime,
        limit: u32,
    ) -> Result<Vec<Segment>, StoreError> {
        let cameras = match what.camera {
            Some(camera) => vec![camera],
            None => self.usage().await?.into_iter().map(|usage| usage.camera).collect(),
        };
        let holds = self.holds().await?;
        let mut found = Vec::new();
        for camera in cameras {
            let held = held_ranges(&holds, camera, now);
            found.extend(self.erasable_of(camera, &held, what.ended_by, limit).await?);
        }
        found.sort_by_key(|segment: &Segment| (segment.wall_start, segment.id));
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
    }

    /// Walks the free ranges between the holds, each by the index, so that a long hold at the old
    /// end costs nothing however much footage it covers.
    async fn erasable_of(
        &self,
        camera: CameraId,
        held: &[(WallTime, WallTime)],
        ended_by: Option<WallTime>,
        limit: u32,
    ) -> Result<Vec<Segment>, StoreError> {
        let end = ended_by.map_or(i64::MAX, WallTime::as_micros);
        let mut free_from = i64::MIN;
        let mut found = Vec::new();
        let held = held.iter().map(|(from, to)| (from.as_micros(), to.as_micros()));
        for (held_from, held_to) in held.chain([(i64::MAX, i64::MAX)]) {
            let missing = i64::from(limit) - i64::try_from(found.len()).unwrap_or(i64::MAX);
            if missing <= 0 || free_from >= end {
                break;
            }
            let rows = sqlx::query(ERASABLE)
                .bind(camera.as_bytes().to_vec())
                .bind(free_from)
                .bind(held_from.min(end))
                .bind(missing)
                .fetch_all(self.readers())
                .await?;
            for row in &rows {
                found.push(Segment::from_row(row)?);
            }
            free_from = held_to;
        }
        Ok(found)
    }

    /// The segments of a camera that overlap a range, those that may be erased apart from the rest: open
    /// ones and what a hold in force at `now` touches. At most `limit`, as [`Store::segments_in`].
    pub async fn erasable_in(
        &self,
        camera: CameraId,
        range: TimeRange,
        now: WallTime,
        limit: u32,
    ) -> Result<(Vec<Segment>, Vec<Segment>), StoreError> {
        let held = held_ranges(&self.holds().await?, camera, now);
        let is_free = |segment: &Segment| {
            let touches = |(from, to): &(WallTime, WallTime)| {
                *from < segment.wall_end() && *to > segment.wall_start
            };
            segment.state != SegmentState::Open && !held.iter().any(touches)
        };
        let found = self.segments_in(camera, range, limit).await?;
        Ok(found.into_iter().partition(is_free))
    }

    /// Erases everything the index knows of a camera's footage and gaps, a batch at a time so that
    /// other cameras' commits go on between; says how many segments and bytes that were.
    pub async fn erase_footage(&self, camera: CameraId) -> Result<(u64, u64), StoreError> {
        let (mut segments, mut bytes) = (0, 0);
        loop {
            let mut write = self.begin().await?;
            let rows = sqlx::query(ERASE_BATCH_OF)
                .bind(camera.as_bytes().to_vec())
                .bind(ERASE_BATCH)
                .fetch_all(write.connection())
                .await?;
            let (mut batch, mut batch_bytes) = (0_i64, 0_i64);
            for row in &rows {
                batch += 1;
                batch_bytes = batch_bytes.saturating_add(get(row, "bytes")?);
            }
            crate::usage::add_usage(write.connection(), camera, -batch, -batch_bytes).await?;
            if rows.is_empty() {
                for sql in [
                    "DELETE FROM gaps WHERE camera = $1",
                    "DELETE FROM camera_usage WHERE camera = $1",
                ] {
                    let query = sqlx::query(sql).bind(camera.as_bytes().to_vec());
                    query.execute(write.connection()).await?;
                }
                write.commit().await?;
                return Ok((segments, bytes));
            }
            write.commit().await?;
            segments += batch.unsigned_abs();
            bytes += batch_bytes.unsigned_abs();
        }
    }

    /// Which of these ids the index knows: what the recorder asks of the files it finds.
    pub async fn known_segments(&self, ids: &[SegmentId]) -> Result<Vec<bool>, StoreError> {
        let mut known = Vec::with_capacity(ids.len());
        for id in ids {
            let query =
                sqlx::query("SELECT 1 FROM segments WHERE id = $1").bind(id.as_bytes().to_vec());
            known.push(query.fetch_optional(self.readers()).await?.is_some());
        }
        Ok(known)
    }
}

pub(crate) const ERASABLE: &str = "
    SELECT * FROM segments
    WHERE camera = $1 AND wall_start_us >= $2 AND wall_start_us < $3 AND wall_end_us <= $3
        AND state <> 0
    ORDER BY wall_start_us LIMIT $4";

const ERASE_BATCH_OF: &str = "
    DELETE FROM segments WHERE id IN (SELECT id FROM segments WHERE camera = $1 LIMIT $2)
    RETURNING bytes";
