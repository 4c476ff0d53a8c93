//! Facts: appended once, read by number, by filter and by time.
//!
//! A fact's body never changes. What an activity turned out to be (its end, its best label and
//! score, whether there is a picture) is kept in columns beside the body of the fact that noticed
//! it, written in the transaction that appends the fact that says so.

use hearth_model::{CameraId, Event, EventBody, EventId, EventKind, Label, TimeRange, WallTime};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe};

use crate::event_query::page_query;
use crate::event_words;
use crate::row::{get, json, to_json, to_word};
use crate::{EVENTS_PER_PAGE_MAX, EventCursor, EventFilter, Store, StoreError};

/// Longest activity that a timeline finds by its end, one hour: of a longer one, a range that
/// begins later shows nothing. It also bounds how long an activity without an end seems to last.
pub const ACTIVITY_MICROS_MAX: i64 = 3600 * 1_000_000;

/// A fact that has a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OldPicture {
    /// Of which fact.
    pub event: EventId,
    /// Where it stands among them.
    pub place: PicturePlace,
}

/// A place in the list of a camera's pictures, which is ordered by time and then by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PicturePlace {
    /// When the fact was.
    pub at: WallTime,
    /// Its number.
    pub seq: i64,
}

impl PicturePlace {
    /// Before all of them.
    pub const FIRST: Self = Self { at: WallTime::from_micros(i64::MIN), seq: 0 };

    /// Before everything from some time on: numbers begin with one.
    pub fn from(at: WallTime) -> Self {
        Self { at, seq: 0 }
    }
}

/// A fact with its number and what became known later.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRow {
    /// Its number: grows with each fact, is never used twice.
    pub seq: i64,
    /// The fact.
    pub event: Event,
    /// For activity: what it is; of a noticed activity, the best that is known by now.
    pub label: Option<Label>,
    /// For activity: how sure.
    pub score: Option<f32>,
    /// Of a noticed activity: when it ended.
    pub ended_at: Option<WallTime>,
    /// Of a noticed activity: whether a picture is kept.
    pub thumbnail: bool,
}

impl EventRow {
    /// Its place in a list.
    pub fn cursor(&self) -> EventCursor {
        EventCursor { at: self.event.at, seq: self.seq }
    }

    pub(crate) fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            seq: get(row, "seq")?,
            event: Event { id: get(row, "id")?, at: get(row, "at_us")?, body: json(row, "body")? },
            label: get(row, "label")?,
            score: get(row, "score")?,
            ended_at: get(row, "ended_us")?,
            thumbnail: get(row, "thumbnail")?,
        })
    }
}

/// An activity as a timeline shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    /// The fact that noticed it.
    pub id: EventId,
    /// When it began.
    pub from: WallTime,
    /// When it ended; `None` while it lasts.
    pub to: Option<WallTime>,
    /// What it is, as well as is known by now.
    pub label: Label,
    /// How sure.
    pub score: f32,
    /// Whether a picture is kept.
    pub thumbnail: bool,
}

impl Activity {
    fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        let missing = || StoreError::corrupt("an activity without label or score");
        Ok(Self {
            id: get(row, "id")?,
            from: get(row, "at_us")?,
            to: get(row, "ended_us")?,
            label: get::<Option<Label>>(row, "label")?.ok_or_else(missing)?,
            score: get::<Option<f32>>(row, "score")?.ok_or_else(missing)?,
            thumbnail: get(row, "thumbnail")?,
        })
    }
}

/// Most activities that a timeline shows: one every 43 seconds of a whole day.
pub const ACTIVITIES_MAX: u32 = 2_000;

impl Store {
    /// Appends a fact and says its number.
    pub async fn append_event(&self, event: &Event) -> Result<i64, StoreError> {
        let appended = self.append_events(std::slice::from_ref(event)).await?;
        appended.first().copied().ok_or_else(|| StoreError::Internal("no number".into()))
    }

    /// Appends facts, all of them or none, and says their numbers.
    pub async fn append_events(&self, events: &[Event]) -> Result<Vec<i64>, StoreError> {
        let mut numbers = Vec::with_capacity(events.len());
        if events.is_empty() {
            return Ok(numbers);
        }
        let mut write = self.begin().await?;
        for event in events {
            numbers.push(append(write.connection(), event).await?);
        }
        write.commit().await?;
        Ok(numbers)
    }

    /// The facts after a number, oldest first: how a stream is resumed.
    pub async fn events_after(&self, seq: i64, limit: u32) -> Result<Vec<EventRow>, StoreError> {
        let rows = sqlx::query("SELECT * FROM events WHERE seq > $1 ORDER BY seq LIMIT $2")
            .bind(seq)
            .bind(i64::from(limit.min(EVENTS_PER_PAGE_MAX)))
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(EventRow::from_row).collect()
    }

    /// The numbers of the first fact that is kept and of the last; `None` if there is none. Who
    /// wants to resume before the first has missed some.
    pub async fn event_bounds(&self) -> Result<Option<(i64, i64)>, StoreError> {
        let sql = "SELECT (SELECT MIN(seq) FROM events) AS first,
                          (SELECT MAX(seq) FROM events) AS last";
        let row = sqlx::query(sql).fetch_one(self.readers()).await?;
        let first: Option<i64> = get(&row, "first")?;
        Ok(first.zip(get(&row, "last")?))
    }

    /// One fact.
    pub async fn event(&self, id: EventId) -> Result<EventRow, StoreError> {
        let query = sqlx::query("SELECT * FROM events WHERE id = $1").bind(id.as_bytes().to_vec());
        let row = query.fetch_optional(self.readers()).await?;
        EventRow::from_row(&row.ok_or(StoreError::NotFound { what: "event" })?)
    }

    /// The facts that pass a filter, newest first.
    pub async fn events(&self, filter: &EventFilter) -> Result<Vec<EventRow>, StoreError> {
        let limit = filter.limit.min(EVENTS_PER_PAGE_MAX);
        let Some((sql, arguments)) = page_query(&filter.lanes(), filter, limit)? else {
            return Ok(Vec::new());
        };
        let query = sqlx::query_with(AssertSqlSafe(sql), arguments);
        let rows = query.fetch_all(self.readers()).await?;
        let mut found: Vec<EventRow> =
            rows.iter().map(EventRow::from_row).collect::<Result<_, _>>()?;
        found.sort_by_key(|row| std::cmp::Reverse(row.cursor()));
        Ok(found)
    }

    /// The activities of a camera that overlap a range of wall time, oldest first, at most
    /// [`ACTIVITIES_MAX`]. See [`ACTIVITY_MICROS_MAX`].
    pub async fn activities_in(
        &self,
        camera: CameraId,
        range: TimeRange,
    ) -> Result<Vec<Activity>, StoreError> {
        let rows = sqlx::query(ACTIVITIES_IN)
            .bind(camera.as_bytes().to_vec())
            .bind(range.from().plus_micros(-ACTIVITY_MICROS_MAX).as_micros())
            .bind(range.to().as_micros())
            .bind(range.from().as_micros())
            .bind(i64::from(ACTIVITIES_MAX))
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(Activity::from_row).collect()
    }

    /// Activities that have not ended, oldest first: after a crash, what the hub has to end.
    pub async fn unended_activities(&self, limit: u32) -> Result<Vec<EventRow>, StoreError> {
        let query = sqlx::query(UNENDED).bind(i64::from(limit.min(EVENTS_PER_PAGE_MAX)));
        query.fetch_all(self.readers()).await?.iter().map(EventRow::from_row).collect()
    }

    /// Erases facts of one camera, or of none, that are older than some time; at most `limit`, so
    /// that it can be called again and again without keeping other writers waiting. Answers how
    /// many; their pictures were erased before.
    pub async fn erase_events_before(
        &self,
        camera: Option<CameraId>,
        before: WallTime,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let names: Vec<&str> = EventKind::ALL.iter().map(|(_, name)| *name).collect();
        let mut write = self.begin().await?;
        let query = sqlx::query(ERASE_BEFORE)
            .bind(camera.map(|camera| camera.as_bytes().to_vec()))
            .bind(to_json(&names)?)
            .bind(before.as_micros())
            .bind(i64::from(limit));
        let erased = query.execute(write.connection()).await?.rows_affected();
        write.commit().await?;
        Ok(erased)
    }

    /// Cameras that there are facts of, removed ones too.
    pub async fn event_cameras(&self) -> Result<Vec<CameraId>, StoreError> {
        let rows = sqlx::query(EVENT_CAMERAS).fetch_all(self.readers()).await?;
        rows.iter().map(|row| get(row, "camera")).collect()
    }

    /// Facts of a camera that still have their picture, the oldest first: behind a place, and older
    /// than some time.
    pub async fn pictures_between(
        &self,
        camera: CameraId,
        after: PicturePlace,
        before: WallTime,
        limit: u32,
    ) -> Result<Vec<OldPicture>, StoreError> {
        let query = sqlx::query(PICTURES_BETWEEN).bind(camera.as_bytes().to_vec());
        let query = query.bind(before.as_micros()).bind(after.at.as_micros()).bind(after.seq);
        let query = query.bind(i64::from(limit));
        let rows = query.fetch_all(self.readers()).await?;
        let picture = |row| {
            let place = PicturePlace { at: get(row, "at_us")?, seq: get(row, "seq")? };
            Ok(OldPicture { event: get(row, "id")?, place })
        };
        rows.iter().map(picture).collect()
    }

    /// The picture of a fact was erased; the fact stays.
    pub async fn forget_picture(&self, event: EventId) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("UPDATE events SET thumbnail = 0 WHERE id = $1");
        query.bind(event.as_bytes().to_vec()).execute(write.connection()).await?;
        write.commit().await
    }
}

pub(crate) const ACTIVITIES_IN: &str = "
    SELECT id, at_us, ended_us, label, score, thumbnail FROM events
    WHERE camera = $1 AND kind = 'activity_noticed' AND at_us > $2 AND at_us < $3
        AND (ended_us IS NULL OR ended_us > $4)
    ORDER BY at_us LIMIT $5";

pub(crate) const UNENDED: &str = "
    SELECT * FROM events WHERE kind = 'activity_noticed' AND ended_us IS NULL
    ORDER BY at_us LIMIT $1";

/// All kinds are named: the index that begins with the camera goes on with the kind.
pub(crate) const ERASE_BEFORE: &str = "
    DELETE FROM events
    WHERE seq IN (SELECT seq FROM events
                  WHERE camera IS $1 AND kind IN (SELECT value FROM json_each($2)) AND at_us < $3
                  LIMIT $4)";

/// Walks from one camera to the next by the index, however many facts each has.
pub(crate) const EVENT_CAMERAS: &str = "
    WITH RECURSIVE walk (camera) AS (
        SELECT MIN(camera) FROM events
        UNION ALL
        SELECT (SELECT MIN(camera) FROM events WHERE camera > walk.camera)
        FROM walk WHERE walk.camera IS NOT NULL)
    SELECT camera FROM walk WHERE camera IS NOT NULL";

pub(crate) const PICTURES_BETWEEN: &str = "
    SELECT id, at_us, seq FROM events
    WHERE camera = $1 AND thumbnail = 1 AND at_us < $2 AND (at_us, seq) > ($3, $4)
    ORDER BY at_us, seq LIMIT $5";

async fn append(connection: &mut AnyConnection, event: &Event) -> Result<i64, StoreError> {
    if event.body.score().is_some_and(|score| !score.is_finite()) {
        return Err(StoreError::Invalid { message: "a score is a number" });
    }
    let sql = "INSERT INTO events (id, kind, camera, at_us, label, score, severity, body)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING seq";
    let row = sqlx::query(sql)
        .bind(event.id.as_bytes().to_vec())
        .bind(event.body.kind().name())
        .bind(event.body.camera().map(|camera| camera.as_bytes().to_vec()))
        .bind(event.at.as_micros())
        .bind(event.body.label().map(|label| label.as_str().to_owned()))
        .bind(event.body.score().map(f64::from))
        .bind(to_word(&event.body.severity())?)
        .bind(to_json(&event.body)?)
        .fetch_one(&mut *connection)
        .await
        .map_err(|error| StoreError::or_conflict(error, "this event has already been appended"))?;
    project(connection, event).await?;
    let seq = get(&row, "seq")?;
    event_words::index(connection, seq, event.at, &event.body).await?;
    Ok(seq)
}

/// Notes what became known of an activity beside the fact that noticed it.
async fn project(connection: &mut AnyConnection, event: &Event) -> Result<(), StoreError> {
    let (camera, activity, label, score, end) = match &event.body {
        EventBody::ActivityRecognized { camera, activity, label, score, .. } => {
            (camera, activity, label, score, None)
        }
        EventBody::ActivityEnded { camera, activity, label, score, thumbnail } => {
            (camera, activity, label, score, Some(*thumbnail))
        }
        _ => return Ok(()),
    };
    let sql = "UPDATE events SET label = $3, score = $4, ended_us = COALESCE($5, ended_us),
                   thumbnail = COALESCE($6, thumbnail)
               WHERE id = $1 AND camera = $2 AND kind = 'activity_noticed'";
    sqlx::query(sql)
        .bind(activity.as_bytes().to_vec())
        .bind(camera.as_bytes().to_vec())
        .bind(label.as_str())
        .bind(f64::from(*score))
        .bind(end.map(|_| event.at.as_micros()))
        .bind(end.map(i64::from))
        .execute(connection)
        .await?;
    Ok(())
}
