//! People who agreed to be known, and what is kept of their faces: sealed, and opaque here.

use hearth_model::{PersonId, SampleId, WallTime};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::row::get;
use crate::{Store, StoreError};

/// More people than come to a house or a small site.
pub const PEOPLE_MAX: usize = 1_000;

/// Samples and rejections of one person: 50 each.
pub const SAMPLES_PER_PERSON_MAX: usize = 100;

/// A person as they are stored.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StoredPerson {
    /// Their id.
    pub id: PersonId,
    /// Name, consent and wishes, sealed under the person's own key.
    pub sealed: Vec<u8>,
    /// When they were added.
    pub created_at: WallTime,
}

/// A view of a person's face as it is stored, without its picture.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StoredSample {
    /// Its id.
    pub id: SampleId,
    /// Whose.
    pub person: PersonId,
    /// Somebody said that this face is not theirs.
    pub is_rejection: bool,
    /// Template and quality, sealed under the person's own key.
    pub sealed: Vec<u8>,
    /// When it was added.
    pub created_at: WallTime,
}

impl StoredPerson {
    pub(crate) fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: get(row, "id")?,
            sealed: get(row, "sealed")?,
            created_at: get(row, "created_us")?,
        })
    }
}

impl StoredSample {
    pub(crate) fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: get(row, "id")?,
            person: get(row, "person")?,
            is_rejection: get(row, "is_rejection")?,
            sealed: get(row, "sealed")?,
            created_at: get(row, "created_us")?,
        })
    }
}

pub(crate) const ALL_PEOPLE: &str = "SELECT * FROM people ORDER BY created_us, id";
pub(crate) const ALL_SAMPLES: &str = "SELECT id, person, is_rejection, sealed, created_us
                                      FROM face_samples ORDER BY created_us, id";

impl Store {
    /// The people, in the order they were added.
    pub async fn people(&self) -> Result<Vec<StoredPerson>, StoreError> {
        let rows = sqlx::query(ALL_PEOPLE).fetch_all(self.readers()).await?;
        rows.iter().map(StoredPerson::from_row).collect()
    }

    /// Adds a person.
    pub async fn add_person(&self, person: &StoredPerson) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let sql = "SELECT COUNT(*) AS people FROM people";
        let row = sqlx::query(sql).fetch_one(write.connection()).await?;
        if get::<u64>(&row, "people")? >= PEOPLE_MAX as u64 {
            return Err(StoreError::TooMany { what: "people", max: PEOPLE_MAX });
        }
        insert(write.connection(), person).await?;
        write.commit().await
    }

    /// Replaces what is sealed of a person.
    pub async fn update_person(&self, id: PersonId, sealed: &[u8]) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("UPDATE people SET sealed = $2 WHERE id = $1");
        let query = query.bind(id.as_bytes().to_vec()).bind(sealed.to_vec());
        found(query.execute(write.connection()).await?.rows_affected(), "person")?;
        write.commit().await
    }

    /// Removes a person with everything of their face; their visits stay without them.
    pub async fn remove_person(&self, id: PersonId) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("DELETE FROM people WHERE id = $1").bind(id.as_bytes().to_vec());
        found(query.execute(write.connection()).await?.rows_affected(), "person")?;
        for sql in [
            "DELETE FROM face_samples WHERE person = $1",
            "DELETE FROM visit_people WHERE person = $1",
        ] {
            let query = sqlx::query(sql).bind(id.as_bytes().to_vec());
            query.execute(write.connection()).await?;
        }
        write.commit().await
    }

    /// All samples and rejections, oldest first.
    pub async fn face_samples(&self) -> Result<Vec<StoredSample>, StoreError> {
        let rows = sqlx::query(ALL_SAMPLES).fetch_all(self.readers()).await?;
        rows.iter().map(StoredSample::from_row).collect()
    }

    /// Adds a sample or a rejection, with its picture if it is kept (sealed).
    pub async fn add_face_sample(
        &self,
        sample: &StoredSample,
        picture: Option<Vec<u8>>,
    ) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let sql = "SELECT COUNT(*) AS samples FROM face_samples WHERE person = $1";
        let query = sqlx::query(sql).bind(sample.person.as_bytes().to_vec());
        let row = query.fetch_one(write.connection()).await?;
        if get::<u64>(&row, "samples")? >= SAMPLES_PER_PERSON_MAX as u64 {
            let what = "samples of this person";
            return Err(StoreError::TooMany { what, max: SAMPLES_PER_PERSON_MAX });
        }
        insert_sample(write.connection(), sample, picture).await?;
        write.commit().await
    }

    /// The sealed picture of a sample.
    pub async fn face_sample_picture(&self, id: SampleId) -> Result<Option<Vec<u8>>, StoreError> {
        let query = sqlx::query("SELECT picture FROM face_samples WHERE id = $1");
        let row = query.bind(id.as_bytes().to_vec()).fetch_optional(self.readers()).await?;
        row.map_or(Ok(None), |row| get(&row, "picture"))
    }

    /// Removes a sample or a rejection.
    pub async fn remove_face_sample(&self, id: SampleId) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("DELETE FROM face_samples WHERE id = $1");
        let query = query.bind(id.as_bytes().to_vec());
        found(query.execute(write.connection()).await?.rows_affected(), "sample")?;
        write.commit().await
    }
}

/// Writes one row; the caller has the transaction.
pub(crate) async fn insert(
    connection: &mut AnyConnection,
    person: &StoredPerson,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO people (id, sealed, created_us) VALUES ($1, $2, $3)")
        .bind(person.id.as_bytes().to_vec())
        .bind(person.sealed.clone())
        .bind(person.created_at.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes one row; the caller has the transaction.
pub(crate) async fn insert_sample(
    connection: &mut AnyConnection,
    sample: &StoredSample,
    picture: Option<Vec<u8>>,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO face_samples (id, person, is_rejection, sealed, picture, created_us)
               VALUES ($1, $2, $3, $4, $5, $6)";
    sqlx::query(sql)
        .bind(sample.id.as_bytes().to_vec())
        .bind(sample.person.as_bytes().to_vec())
        .bind(i64::from(sample.is_rejection))
        .bind(sample.sealed.clone())
        .bind(picture)
        .bind(sample.created_at.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}

fn found(changed: u64, what: &'static str) -> Result<(), StoreError> {
    if changed == 0 { Err(StoreError::NotFound { what }) } else { Ok(()) }
}
