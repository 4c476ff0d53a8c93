//! Segments: the files of footage, and where each lies in time.

use std::collections::BTreeMap;

use hearth_media::MediaTime;
use hearth_model::{CameraId, SegmentId, TimeRange, WallTime};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::row::{get, stored};
use crate::usage::add_usage;
use crate::{Store, StoreError};

/// Longest segment, one hour. Range queries rely on it: what overlaps a range began at most this
/// long before it, so an index on the start finds it all.
pub const SEGMENT_MICROS_MAX: i64 = 3600 * 1_000_000;

const DAY_MICROS: i64 = 24 * 3600 * 1_000_000;

/// Whether a segment's file is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SegmentState {
    /// It is being written, or was when the hub died.
    Open,
    /// It is complete.
    Closed,
    /// It was cut by a crash or a bad disk; what is there plays.
    Damaged,
}

impl SegmentState {
    const ALL: [(Self, i64); 3] = [(Self::Open, 0), (Self::Closed, 1), (Self::Damaged, 2)];
}

/// Why a segment was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SegmentKind {
    /// Because everything is.
    Continuous,
    /// Because something happened.
    Event,
}

impl SegmentKind {
    const ALL: [(Self, i64); 2] = [(Self::Continuous, 0), (Self::Event, 1)];
}

/// One file of footage. Its path follows from camera, [`Segment::day`] and id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its id.
    pub id: SegmentId,
    /// Whose footage.
    pub camera: CameraId,
    /// First frame, on the stream's timeline.
    pub start: MediaTime,
    /// End of the last frame, on the stream's timeline.
    pub end: MediaTime,
    /// First frame, by the wall clock.
    pub wall_start: WallTime,
    /// Size of the file.
    pub bytes: u64,
    /// Whether it is complete.
    pub state: SegmentState,
    /// Why it was recorded.
    pub kind: SegmentKind,
    /// How many fragments are in it.
    pub fragments: u32,
    /// Whether there is sound.
    pub has_audio: bool,
}

impl Segment {
    /// The UTC day of its first frame, in days since 1970: names its folder and its keys. Times
    /// before 1970 count as that day.
    pub fn day(&self) -> u32 {
        let days = self.wall_start.as_micros().div_euclid(DAY_MICROS).max(0);
        u32::try_from(days).unwrap_or(u32::MAX)
    }

    /// Length in microseconds.
    pub fn micros(&self) -> i64 {
        self.end.micros_since(self.start)
    }

    /// End of the last frame, by the wall clock: within a segment both clocks run alike.
    pub fn wall_end(&self) -> WallTime {
        self.wall_start.plus_micros(self.micros())
    }

    pub(crate) fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: get(row, "id")?,
            camera: get(row, "camera")?,
            start: MediaTime::from_micros(get(row, "start_us")?),
            end: MediaTime::from_micros(get(row, "end_us")?),
            wall_start: get(row, "wall_start_us")?,
            bytes: get(row, "bytes")?,
            state: decode(&SegmentState::ALL, get(row, "state")?)?,
            kind: decode(&SegmentKind::ALL, get(row, "kind")?)?,
            fragments: get(row, "fragments")?,
            has_audio: get(row, "has_audio")?,
        })
    }
}

fn decode<T: Copy>(all: &[(T, i64)], code: i64) -> Result<T, StoreError> {
    let row = all.iter().find(|row| row.1 == code);
    row.map(|row| row.0).ok_or_else(|| StoreError::corrupt("an unknown code"))
}

fn encode<T: Copy + PartialEq>(all: &[(T, i64)], value: T) -> i64 {
    all.iter().find(|row| row.0 == value).map_or(-1, |row| row.1)
}

/// What happened to a file, to be written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SegmentChange {
    /// It is there, like this. Says the same of a new file, of one that grew, of one that was
    /// closed and of one that was found at start; saying it twice changes nothing.
    Put(Segment),
    /// It is gone. Erasing what is not there is no error: erasure is resumed after a crash.
    Erase(SegmentId),
}

impl Store {
    /// Writes changes down, all of them or none, together with the sums of [`Store::usage`]. The
    /// caller has synced the files first, and batches: one transaction is about 0.1 ms, one change
    /// in it 0.05 ms.
    pub async fn commit_segments(&self, changes: &[SegmentChange]) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        let mut write = self.begin().await?;
        let mut sums = Sums::default();
        for change in changes {
            match change {
                SegmentChange::Put(segment) => put(write.connection(), segment, &mut sums).await?,
                SegmentChange::Erase(id) => erase(write.connection(), *id, &mut sums).await?,
            }
        }
        for (camera, (segments, bytes)) in sums {
            add_usage(write.connection(), camera, segments, bytes).await?;
        }
        write.commit().await
    }

    /// One segment.
    pub async fn segment(&self, id: SegmentId) -> Result<Segment, StoreError> {
        let query =
            sqlx::query("SELECT * FROM segments WHERE id = $1").bind(id.as_bytes().to_vec());
        let row = query.fetch_optional(self.readers()).await?;
        Segment::from_row(&row.ok_or(StoreError::NotFound { what: "segment" })?)
    }

    /// The segments of a camera that overlap a range of wall time, open ones too, in the order of
    /// their start; at most `limit`. To go on, ask again from the last one's end.
    pub async fn segments_in(
        &self,
        camera: CameraId,
        range: TimeRange,
        limit: u32,
    ) -> Result<Vec<Segment>, StoreError> {
        let rows = sqlx::query(SEGMENTS_IN)
            .bind(camera.as_bytes().to_vec())
            .bind(range.from().plus_micros(-SEGMENT_MICROS_MAX).as_micros())
            .bind(range.to().as_micros())
            .bind(range.from().as_micros())
            .bind(i64::from(limit))
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(Segment::from_row).collect()
    }

    /// When a camera's footage exists within a range of wall time: neighbours that are at most
    /// `join_micros` apart are one span. Read from an index alone and joined by the database, so a
    /// day, which is 1,440 segments and mostly one span, is cheap.
    pub async fn footage_spans(
        &self,
        camera: CameraId,
        range: TimeRange,
        join_micros: i64,
    ) -> Result<Vec<TimeRange>, StoreError> {
        let rows = sqlx::query(FOOTAGE_SPANS)
            .bind(camera.as_bytes().to_vec())
            .bind(range.from().plus_micros(-SEGMENT_MICROS_MAX).as_micros())
            .bind(range.to().as_micros())
            .bind(range.from().as_micros())
            .bind(join_micros)
            .fetch_all(self.readers())
            .await?;
        let mut spans = Vec::with_capacity(rows.len());
        for row in &rows {
            let from = get::<WallTime>(row, "from_us")?.max(range.from());
            let to = get::<WallTime>(row, "to_us")?.min(range.to());
            spans.extend(TimeRange::new(from, to));
        }
        Ok(spans)
    }

    /// Segments that are open, or were when the hub died: what the recorder looks at first.
    pub async fn open_segments(&self) -> Result<Vec<Segment>, StoreError> {
        let rows = sqlx::query(OPEN_SEGMENTS).fetch_all(self.readers()).await?;
        rows.iter().map(Segment::from_row).collect()
    }

    /// The segments of a camera's day, to be compared with the files in its folder.
    pub async fn segments_of_day(
        &self,
        camera: CameraId,
        day: u32,
    ) -> Result<Vec<Segment>, StoreError> {
        // Day 0 also holds what is before it, see `Segment::day`.
        let from = if day == 0 { i64::MIN } else { i64::from(day) * DAY_MICROS };
        let rows = sqlx::query(SEGMENTS_OF_DAY)
            .bind(camera.as_bytes().to_vec())
            .bind(from)
            .bind((i64::from(day) + 1) * DAY_MICROS)
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(Segment::from_row).collect()
    }
}

pub(crate) const SEGMENTS_IN: &str = "
    SELECT * FROM segments
    WHERE camera = $1 AND wall_start_us > $2 AND wall_start_us < $3 AND wall_end_us > $4
    ORDER BY wall_start_us LIMIT $5";

// A segment begins a run if it begins later than all before it ended; the number of such
// beginnings so far names the run.
pub(crate) const FOOTAGE_SPANS: &str = "
    SELECT MIN(wall_start_us) AS from_us, MAX(wall_end_us) AS to_us
    FROM (
        SELECT wall_start_us, wall_end_us, SUM(begins) OVER (ORDER BY wall_start_us) AS run
        FROM (
            SELECT wall_start_us, wall_end_us, CASE WHEN wall_start_us - MAX(wall_end_us) OVER (
                ORDER BY wall_start_us ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) <= $5 THEN 0 ELSE 1 END AS begins
            FROM segments
            WHERE camera = $1 AND wall_start_us > $2 AND wall_start_us < $3 AND wall_end_us > $4
        ) AS beginnings
    ) AS runs
    GROUP BY run ORDER BY from_us";

pub(crate) const OPEN_SEGMENTS: &str = "SELECT * FROM segments WHERE state = 0 ORDER BY camera";

pub(crate) const SEGMENTS_OF_DAY: &str = "
    SELECT * FROM segments
    WHERE camera = $1 AND wall_start_us >= $2 AND wall_start_us < $3 ORDER BY wall_start_us";

/// By how many segments and bytes each camera's sums change.
type Sums = BTreeMap<CameraId, (i64, i64)>;

fn add(sums: &mut Sums, camera: CameraId, segments: i64, bytes: i64) {
    let sum = sums.entry(camera).or_default();
    sum.0 += segments;
    sum.1 = sum.1.saturating_add(bytes);
}

async fn put(
    connection: &mut AnyConnection,
    segment: &Segment,
    sums: &mut Sums,
) -> Result<(), StoreError> {
    if !(0..=SEGMENT_MICROS_MAX).contains(&segment.micros()) {
        return Err(StoreError::Invalid { message: "a segment is between 0 s and 1 h long" });
    }
    let id = segment.id.as_bytes().to_vec();
    let before = sqlx::query("SELECT camera, bytes FROM segments WHERE id = $1")
        .bind(id.clone())
        .fetch_optional(&mut *connection)
        .await?;
    let bytes = stored(segment.bytes)?;
    let sql =
        "INSERT INTO segments (id, camera, start_us, end_us, wall_start_us, wall_end_us, bytes,
                   state, kind, fragments, has_audio)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
               ON CONFLICT (id) DO UPDATE SET start_us = excluded.start_us,
                   end_us = excluded.end_us, wall_start_us = excluded.wall_start_us,
                   wall_end_us = excluded.wall_end_us, bytes = excluded.bytes,
                   state = excluded.state, kind = excluded.kind,
                   fragments = excluded.fragments, has_audio = excluded.has_audio";
    sqlx::query(sql)
        .bind(id)
        .bind(segment.camera.as_bytes().to_vec())
        .bind(segment.start.as_micros())
        .bind(segment.end.as_micros())
        .bind(segment.wall_start.as_micros())
        .bind(segment.wall_end().as_micros())
        .bind(bytes)
        .bind(encode(&SegmentState::ALL, segment.state))
        .bind(encode(&SegmentKind::ALL, segment.kind))
        .bind(i64::from(segment.fragments))
        .bind(i64::from(segment.has_audio))
        .execute(&mut *connection)
        .await?;
    match before {
        None => add(sums, segment.camera, 1, bytes),
        Some(row) if get::<CameraId>(&row, "camera")? == segment.camera => {
            add(sums, segment.camera, 0, bytes.saturating_sub(get(&row, "bytes")?));
        }
        Some(_) => {
            return Err(StoreError::Conflict { message: "a segment cannot change its camera" });
        }
    }
    Ok(())
}

async fn erase(
    connection: &mut AnyConnection,
    id: SegmentId,
    sums: &mut Sums,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM segments WHERE id = $1 RETURNING camera, bytes";
    let query = sqlx::query(sql).bind(id.as_bytes().to_vec());
    if let Some(row) = query.fetch_optional(&mut *connection).await? {
        let bytes: i64 = get(&row, "bytes")?;
        add(sums, get(&row, "camera")?, -1, bytes.saturating_neg());
    }
    Ok(())
}
