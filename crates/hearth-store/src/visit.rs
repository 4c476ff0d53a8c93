//! Visits: who came to a door, and when. Who it was is sealed and opaque here.

use std::fmt;
use std::str::FromStr;

use hearth_model::{CameraId, PersonId, VisitId, VisitState, WallTime};
use sqlx::any::AnyRow;

use crate::row::{get, to_word, word};
use crate::{Store, StoreError};

/// Most visits in one answer.
pub const VISITS_PER_PAGE_MAX: u32 = 200;

/// A visit as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredVisit {
    /// Its id.
    pub id: VisitId,
    /// At which camera.
    pub camera: CameraId,
    /// When it began.
    pub started_at: WallTime,
    /// When it was over; `None` while it goes on.
    pub ended_at: Option<WallTime>,
    /// What became of it.
    pub state: VisitState,
    /// Whether it is kept beyond its time.
    pub kept: bool,
    /// Whether somebody unknown was seen.
    pub has_unknown: bool,
    /// Whether pictures of it are kept.
    pub has_pictures: bool,
    /// Whether a person has to say that somebody on the watch list came, or did not.
    pub awaits_review: bool,
    /// Faces, decisions and notes, sealed under the camera's key.
    pub sealed: Vec<u8>,
}

/// A place in the list of visits, which is ordered by time and then by id, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisitCursor {
    /// When the last visit shown began.
    pub at: WallTime,
    /// Which it was.
    pub id: VisitId,
}

/// Why a text is not a cursor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor from an earlier answer")]
pub struct VisitCursorError;

impl fmt::Display for VisitCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.at.as_micros(), self.id)
    }
}

impl FromStr for VisitCursor {
    type Err = VisitCursorError;

    fn from_str(text: &str) -> Result<Self, VisitCursorError> {
        let (at, id) = text.split_once('_').ok_or(VisitCursorError)?;
        let at = at.parse().map_err(|_| VisitCursorError)?;
        let id = id.parse().map_err(|_| VisitCursorError)?;
        Ok(Self { at: WallTime::from_micros(at), id })
    }
}

/// Which visits are asked for.
#[derive(Clone, Debug, Default)]
pub struct VisitFilter {
    /// Only with this state.
    pub state: Option<VisitState>,
    /// Only at this camera.
    pub camera: Option<CameraId>,
    /// Only with this person.
    pub person: Option<PersonId>,
    /// Only with somebody unknown.
    pub unknown: bool,
    /// Only kept ones.
    pub kept: bool,
    /// Only those that began at or after this time.
    pub from: Option<WallTime>,
    /// Only those that began before this one.
    pub before: Option<VisitCursor>,
    /// At most so many.
    pub limit: u32,
}

impl StoredVisit {
    fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: get(row, "id")?,
            camera: get(row, "camera")?,
            started_at: get(row, "started_us")?,
            ended_at: get(row, "ended_us")?,
            state: word(row, "state")?,
            kept: get(row, "kept")?,
            has_unknown: get(row, "has_unknown")?,
            has_pictures: get(row, "has_pictures")?,
            awaits_review: get(row, "awaits_review")?,
            sealed: get(row, "sealed")?,
        })
    }
}

pub(crate) const AWAITING_REVIEW: &str = "SELECT * FROM visits WHERE awaits_review = 1
                                          ORDER BY started_us DESC LIMIT $1";

impl Store {
    /// Visits, newest first.
    pub async fn visits(&self, filter: &VisitFilter) -> Result<Vec<StoredVisit>, StoreError> {
        let sql = "SELECT * FROM visits
                   WHERE (started_us, id) < ($1, $2)
                   AND ($3 IS NULL OR state = $3)
                   AND ($4 IS NULL OR camera = $4)
                   AND ($5 = 0 OR has_unknown = 1)
                   AND ($6 = 0 OR kept = 1)
                   AND ($7 IS NULL OR id IN (SELECT visit FROM visit_people WHERE person = $7))
                   AND started_us >= $9
                   ORDER BY started_us DESC, id DESC LIMIT $8";
        let last = VisitId::from_bytes([u8::MAX; 16]);
        let end = WallTime::from_micros(i64::MAX);
        let before = filter.before.unwrap_or(VisitCursor { at: end, id: last });
        let rows = sqlx::query(sql)
            .bind(before.at.as_micros())
            .bind(before.id.as_bytes().to_vec())
            .bind(filter.state.as_ref().map(to_word).transpose()?)
            .bind(filter.camera.map(|camera| camera.as_bytes().to_vec()))
            .bind(i64::from(filter.unknown))
            .bind(i64::from(filter.kept))
            .bind(filter.person.map(|person| person.as_bytes().to_vec()))
            .bind(i64::from(filter.limit.clamp(1, VISITS_PER_PAGE_MAX)))
            .bind(filter.from.map_or(i64::MIN, WallTime::as_micros))
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(StoredVisit::from_row).collect()
    }

    /// One visit.
    pub async fn visit(&self, id: VisitId) -> Result<StoredVisit, StoreError> {
        let query = sqlx::query("SELECT * FROM visits WHERE id = $1").bind(id.as_bytes().to_vec());
        let row = query.fetch_optional(self.readers()).await?;
        StoredVisit::from_row(&row.ok_or(StoreError::NotFound { what: "visit" })?)
    }

    /// Writes a visit as it is now, with the people who were recognised.
    pub async fn put_visit(
        &self,
        visit: &StoredVisit,
        people: &[PersonId],
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO visits
                   (id, camera, started_us, ended_us, state, kept, has_unknown, has_pictures, awaits_review,
                    sealed)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                   ON CONFLICT (id) DO UPDATE SET ended_us = excluded.ended_us,
                   state = excluded.state, kept = excluded.kept,
                   has_unknown = excluded.has_unknown,
                   has_pictures = excluded.has_pictures,
                   awaits_review = excluded.awaits_review, sealed = excluded.sealed";
        let mut write = self.begin().await?;
        sqlx::query(sql)
            .bind(visit.id.as_bytes().to_vec())
            .bind(visit.camera.as_bytes().to_vec())
            .bind(visit.started_at.as_micros())
            .bind(visit.ended_at.map(WallTime::as_micros))
            .bind(to_word(&visit.state)?)
            .bind(i64::from(visit.kept))
            .bind(i64::from(visit.has_unknown))
            .bind(i64::from(visit.has_pictures))
            .bind(i64::from(visit.awaits_review))
            .bind(visit.sealed.clone())
            .execute(write.connection())
            .await?;
        let query = sqlx::query("DELETE FROM visit_people WHERE visit = $1");
        query.bind(visit.id.as_bytes().to_vec()).execute(write.connection()).await?;
        for person in people {
            sqlx::query("INSERT INTO visit_people (person, visit) VALUES ($1, $2)")
                .bind(person.as_bytes().to_vec())
                .bind(visit.id.as_bytes().to_vec())
                .execute(write.connection())
                .await?;
        }
        write.commit().await
    }

    /// Removes a visit.
    pub async fn remove_visit(&self, id: VisitId) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("DELETE FROM visits WHERE id = $1").bind(id.as_bytes().to_vec());
        if query.execute(write.connection()).await?.rows_affected() == 0 {
            return Err(StoreError::NotFound { what: "visit" });
        }
        let query = sqlx::query("DELETE FROM visit_people WHERE visit = $1");
        query.bind(id.as_bytes().to_vec()).execute(write.connection()).await?;
        write.commit().await
    }

    /// Visits of a camera that began before a time and are not kept, oldest first, at most a page.
    pub async fn visits_before(
        &self,
        camera: CameraId,
        before: WallTime,
    ) -> Result<Vec<StoredVisit>, StoreError> {
        let sql = "SELECT * FROM visits WHERE camera = $1 AND started_us < $2 AND kept = 0
                   ORDER BY started_us, id LIMIT $3";
        let query = sqlx::query(sql).bind(camera.as_bytes().to_vec()).bind(before.as_micros());
        let rows = query.bind(i64::from(VISITS_PER_PAGE_MAX)).fetch_all(self.readers()).await?;
        rows.iter().map(StoredVisit::from_row).collect()
    }

    /// Visits of a camera with pictures that began before a time and are not kept, oldest first, at
    /// most a page.
    pub async fn visits_with_pictures_before(
        &self,
        camera: CameraId,
        before: WallTime,
    ) -> Result<Vec<StoredVisit>, StoreError> {
        let sql = "SELECT * FROM visits
                   WHERE camera = $1 AND has_pictures = 1 AND kept = 0 AND started_us < $2
                   ORDER BY started_us, id LIMIT $3";
        let query = sqlx::query(sql).bind(camera.as_bytes().to_vec()).bind(before.as_micros());
        let rows = query.bind(i64::from(VISITS_PER_PAGE_MAX)).fetch_all(self.readers()).await?;
        rows.iter().map(StoredVisit::from_row).collect()
    }

    /// Visits of which a person has to say whether somebody on the watch list came, newest first, at
    /// most a page.
    pub async fn visits_awaiting_review(&self) -> Result<Vec<StoredVisit>, StoreError> {
        let query = sqlx::query(AWAITING_REVIEW).bind(i64::from(VISITS_PER_PAGE_MAX));
        let rows = query.fetch_all(self.readers()).await?;
        rows.iter().map(StoredVisit::from_row).collect()
    }

    /// How many visits nobody has looked at, by camera.
    pub async fn unseen_visits(&self) -> Result<Vec<(CameraId, u64)>, StoreError> {
        let sql = "SELECT camera, COUNT(*) AS visits FROM visits
                   WHERE state IN ('new', 'missed') GROUP BY camera";
        let rows = sqlx::query(sql).fetch_all(self.readers()).await?;
        rows.iter().map(|row| Ok((get(row, "camera")?, get(row, "visits")?))).collect()
    }

    /// Visits that go on, as far as the index knows.
    pub async fn unended_visits(&self) -> Result<Vec<StoredVisit>, StoreError> {
        let sql = "SELECT * FROM visits WHERE ended_us IS NULL";
        let rows = sqlx::query(sql).fetch_all(self.readers()).await?;
        rows.iter().map(StoredVisit::from_row).collect()
    }

    /// How often a person came, and when last.
    pub async fn visits_of(&self, person: PersonId) -> Result<(u64, Option<WallTime>), StoreError> {
        let sql = "SELECT COUNT(*) AS visits, MAX(visits.started_us) AS last_us
                   FROM visit_people JOIN visits ON visits.id = visit_people.visit
                   WHERE visit_people.person = $1";
        let query = sqlx::query(sql).bind(person.as_bytes().to_vec());
        let row = query.fetch_one(self.readers()).await?;
        Ok((get(&row, "visits")?, get(&row, "last_us")?))
    }
}
