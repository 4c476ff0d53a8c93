//! The watch list: people nobody asked, sealed under keys of their own, and opaque here.

use hearth_model::{SampleId, WallTime, WatchedId};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::row::get;
use crate::{Store, StoreError};

/// People on the list: more than anybody can review.
pub const WATCHED_MAX: usize = 500;

/// Pictures of one of them.
pub const WATCHED_PICTURES_MAX: usize = 20;

/// Somebody on the list as they are stored.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StoredWatched {
    /// Their id.
    pub id: WatchedId,
    /// Name, reason, end and faces, sealed under a key of their own.
    pub sealed: Vec<u8>,
    /// When they were added.
    pub created_at: WallTime,
}

impl StoredWatched {
    pub(crate) fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: get(row, "id")?,
            sealed: get(row, "sealed")?,
            created_at: get(row, "created_us")?,
        })
    }
}

pub(crate) const ALL_WATCHED: &str = "SELECT * FROM watched ORDER BY created_us, id";

impl Store {
    /// Everybody on the list, in the order they were added.
    pub async fn watched(&self) -> Result<Vec<StoredWatched>, StoreError> {
        let rows = sqlx::query(ALL_WATCHED).fetch_all(self.readers()).await?;
        rows.iter().map(StoredWatched::from_row).collect()
    }

    /// Writes somebody as they are now, with pictures that are new.
    pub async fn put_watched(
        &self,
        watched: &StoredWatched,
        pictures: &[(SampleId, Vec<u8>)],
    ) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        put(write.connection(), watched).await?;
        for (id, sealed) in pictures {
            let sql = "INSERT INTO watched_pictures (id, watched, sealed) VALUES ($1, $2, $3)";
            sqlx::query(sql)
                .bind(id.as_bytes().to_vec())
                .bind(watched.id.as_bytes().to_vec())
                .bind(sealed.clone())
                .execute(write.connection())
                .await?;
        }
        let row = sqlx::query("SELECT COUNT(*) AS watched FROM watched");
        let row = row.fetch_one(write.connection()).await?;
        if get::<u64>(&row, "watched")? > WATCHED_MAX as u64 {
            return Err(StoreError::TooMany { what: "people on the watch list", max: WATCHED_MAX });
        }
        let sql = "SELECT COUNT(*) AS pictures FROM watched_pictures WHERE watched = $1";
        let query = sqlx::query(sql).bind(watched.id.as_bytes().to_vec());
        let row = query.fetch_one(write.connection()).await?;
        if get::<u64>(&row, "pictures")? > WATCHED_PICTURES_MAX as u64 {
            let what = "pictures of somebody on the watch list";
            return Err(StoreError::TooMany { what, max: WATCHED_PICTURES_MAX });
        }
        write.commit().await
    }

    /// A sealed picture.
    pub async fn watched_picture(&self, id: SampleId) -> Result<Option<Vec<u8>>, StoreError> {
        let query = sqlx::query("SELECT sealed FROM watched_pictures WHERE id = $1");
        let row = query.bind(id.as_bytes().to_vec()).fetch_optional(self.readers()).await?;
        row.map_or(Ok(None), |row| get(&row, "sealed"))
    }

    /// Removes a picture, if it is there.
    pub async fn remove_watched_picture(&self, id: SampleId) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("DELETE FROM watched_pictures WHERE id = $1");
        query.bind(id.as_bytes().to_vec()).execute(write.connection()).await?;
        write.commit().await
    }

    /// Removes somebody with their pictures.
    pub async fn remove_watched(&self, id: WatchedId) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("DELETE FROM watched WHERE id = $1").bind(id.as_bytes().to_vec());
        if query.execute(write.connection()).await?.rows_affected() == 0 {
            return Err(StoreError::NotFound { what: "person on the watch list" });
        }
        let query = sqlx::query("DELETE FROM watched_pictures WHERE watched = $1");
        query.bind(id.as_bytes().to_vec()).execute(write.connection()).await?;
        write.commit().await
    }
}

/// Writes one row; the caller has the transaction.
pub(crate) async fn put(
    connection: &mut AnyConnection,
    watched: &StoredWatched,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO watched (id, sealed, created_us) VALUES ($1, $2, $3)
               ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed";
    sqlx::query(sql)
        .bind(watched.id.as_bytes().to_vec())
        .bind(watched.sealed.clone())
        .bind(watched.created_at.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}
