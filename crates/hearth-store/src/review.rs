//! Pictures that people look at to correct the detector. What is in them is sealed and opaque here.

use std::{fmt, str::FromStr};

use hearth_model::{CameraId, EventId, ReviewId, ReviewReason, ReviewState, WallTime};
use sqlx::any::AnyRow;

use crate::row::{get, to_word, word};
use crate::{Store, StoreError};

/// Most pictures that are kept: at 100 KB each half a gigabyte, and more than anybody looks through.
pub const REVIEWS_MAX: usize = 5_000;

/// Most in one answer.
pub const REVIEWS_PER_PAGE_MAX: u32 = 200;

/// A picture to be looked at, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReview {
    /// Its id.
    pub id: ReviewId,
    /// The activity it is of.
    pub event: EventId,
    /// At which camera.
    pub camera: CameraId,
    /// When it was taken.
    pub at: WallTime,
    /// When it was queued.
    pub queued_at: WallTime,
    /// Why.
    pub reason: ReviewReason,
    /// Whether somebody has looked at it.
    pub state: ReviewState,
    /// Labels and boxes, sealed under the camera's key.
    pub sealed: Vec<u8>,
}

/// A place in the list, which is ordered by time and then by id, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReviewCursor {
    /// When the last picture shown was taken.
    pub at: WallTime,
    /// Which it was.
    pub id: ReviewId,
}

/// Why a text is not a cursor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor from an earlier answer")]
pub struct ReviewCursorError;

impl fmt::Display for ReviewCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.at.as_micros(), self.id)
    }
}

impl FromStr for ReviewCursor {
    type Err = ReviewCursorError;

    fn from_str(text: &str) -> Result<Self, ReviewCursorError> {
        let (at, id) = text.split_once('_').ok_or(ReviewCursorError)?;
        let at = at.parse().map_err(|_| ReviewCursorError)?;
        let id = id.parse().map_err(|_| ReviewCursorError)?;
        Ok(Self { at: WallTime::from_micros(at), id })
    }
}

/// Which pictures are asked for.
#[derive(Clone, Debug, Default)]
pub struct ReviewFilter {
    /// Only with this state.
    pub state: Option<ReviewState>,
    /// Only at this camera.
    pub camera: Option<CameraId>,
    /// Only queued for this.
    pub reason: Option<ReviewReason>,
    /// Only those taken before this one.
    pub before: Option<ReviewCursor>,
    /// At most so many.
    pub limit: u32,
}

impl StoredReview {
    /// Its place in the list.
    pub fn cursor(&self) -> ReviewCursor {
        ReviewCursor { at: self.at, id: self.id }
    }

    fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: get(row, "id")?,
            event: get(row, "event")?,
            camera: get(row, "camera")?,
            at: get(row, "at_us")?,
            queued_at: get(row, "queued_us")?,
            reason: word(row, "reason")?,
            state: word(row, "state")?,
            sealed: get(row, "sealed")?,
        })
    }
}

impl Store {
    /// Pictures, newest first.
    pub async fn reviews(&self, filter: &ReviewFilter) -> Result<Vec<StoredReview>, StoreError> {
        let sql = "SELECT * FROM reviews
                   WHERE (at_us, id) < ($1, $2)
                   AND ($3 IS NULL OR state = $3)
                   AND ($4 IS NULL OR camera = $4)
                   AND ($5 IS NULL OR reason = $5)
                   ORDER BY at_us DESC, id DESC LIMIT $6";
        let last = ReviewId::from_bytes([u8::MAX; 16]);
        let end = WallTime::from_micros(i64::MAX);
        let before = filter.before.unwrap_or(ReviewCursor { at: end, id: last });
        let rows = sqlx::query(sql)
            .bind(before.at.as_micros())
            .bind(before.id.as_bytes().to_vec())
            .bind(filter.state.as_ref().map(to_word).transpose()?)
            .bind(filter.camera.map(|camera| camera.as_bytes().to_vec()))
            .bind(filter.reason.as_ref().map(to_word).transpose()?)
            .bind(i64::from(filter.limit.clamp(1, REVIEWS_PER_PAGE_MAX)))
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(StoredReview::from_row).collect()
    }

    /// One picture.
    pub async fn review(&self, id: ReviewId) -> Result<StoredReview, StoreError> {
        let query = sqlx::query("SELECT * FROM reviews WHERE id = $1").bind(id.as_bytes().to_vec());
        let row = query.fetch_optional(self.readers()).await?;
        StoredReview::from_row(&row.ok_or(NO_REVIEW)?)
    }

    /// The picture of an activity, if there is one.
    pub async fn review_of(&self, event: EventId) -> Result<Option<StoredReview>, StoreError> {
        let query = sqlx::query("SELECT * FROM reviews WHERE event = $1");
        let row = query.bind(event.as_bytes().to_vec()).fetch_optional(self.readers()).await?;
        row.as_ref().map(StoredReview::from_row).transpose()
    }

    /// Adds a picture.
    ///
    /// # Errors
    /// [`StoreError::TooMany`] at [`REVIEWS_MAX`], [`StoreError::Conflict`] if the activity has one.
    pub async fn add_review(&self, review: &StoredReview) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let count = sqlx::query("SELECT COUNT(*) AS reviews FROM reviews");
        let count: u64 = get(&count.fetch_one(write.connection()).await?, "reviews")?;
        if count >= REVIEWS_MAX as u64 {
            let (what, max) = ("pictures to look at", REVIEWS_MAX);
            return Err(StoreError::TooMany { what, max });
        }
        let sql = "INSERT INTO reviews
                   (id, event, camera, at_us, queued_us, reason, state, sealed)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        sqlx::query(sql)
            .bind(review.id.as_bytes().to_vec())
            .bind(review.event.as_bytes().to_vec())
            .bind(review.camera.as_bytes().to_vec())
            .bind(review.at.as_micros())
            .bind(review.queued_at.as_micros())
            .bind(to_word(&review.reason)?)
            .bind(to_word(&review.state)?)
            .bind(review.sealed.clone())
            .execute(write.connection())
            .await
            .map_err(|error| StoreError::or_conflict(error, EVENT_TAKEN))?;
        write.commit().await
    }

    /// Writes what somebody said of a picture.
    pub async fn update_review(&self, review: &StoredReview) -> Result<(), StoreError> {
        let sql = "UPDATE reviews SET reason = $2, state = $3, sealed = $4 WHERE id = $1";
        let mut write = self.begin().await?;
        let changed = sqlx::query(sql)
            .bind(review.id.as_bytes().to_vec())
            .bind(to_word(&review.reason)?)
            .bind(to_word(&review.state)?)
            .bind(review.sealed.clone())
            .execute(write.connection())
            .await?;
        if changed.rows_affected() == 0 {
            return Err(NO_REVIEW);
        }
        write.commit().await
    }

    /// Removes a picture's row.
    pub async fn remove_review(&self, id: ReviewId) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("DELETE FROM reviews WHERE id = $1").bind(id.as_bytes().to_vec());
        if query.execute(write.connection()).await?.rows_affected() == 0 {
            return Err(NO_REVIEW);
        }
        write.commit().await
    }

    /// Pictures queued before a time, oldest first, at most a page.
    pub async fn reviews_before(&self, before: WallTime) -> Result<Vec<StoredReview>, StoreError> {
        let sql = "SELECT * FROM reviews WHERE queued_us < $1 ORDER BY queued_us LIMIT $2";
        let query = sqlx::query(sql).bind(before.as_micros());
        let rows = query.bind(i64::from(REVIEWS_PER_PAGE_MAX)).fetch_all(self.readers()).await?;
        rows.iter().map(StoredReview::from_row).collect()
    }

    /// How many pictures the hub queued by itself since a time, by camera.
    pub async fn reviews_since(&self, since: WallTime) -> Result<Vec<(CameraId, u64)>, StoreError> {
        let sql = "SELECT camera, COUNT(*) AS reviews FROM reviews
                   WHERE queued_us >= $1 AND reason <> $2 GROUP BY camera";
        let query = sqlx::query(sql).bind(since.as_micros());
        let query = query.bind(to_word(&ReviewReason::Corrected)?);
        let rows = query.fetch_all(self.readers()).await?;
        rows.iter().map(|row| Ok((get(row, "camera")?, get(row, "reviews")?))).collect()
    }

    /// How many pictures there are, by camera and state.
    pub async fn review_counts(&self) -> Result<Vec<(CameraId, ReviewState, u64)>, StoreError> {
        let sql = "SELECT camera, state, COUNT(*) AS reviews FROM reviews GROUP BY camera, state";
        let rows = sqlx::query(sql).fetch_all(self.readers()).await?;
        let count = |row| Ok((get(row, "camera")?, word(row, "state")?, get(row, "reviews")?));
        rows.iter().map(count).collect()
    }
}

const NO_REVIEW: StoreError = StoreError::NotFound { what: "picture to look at" };

const EVENT_TAKEN: &str = "this activity has a picture to look at already";
