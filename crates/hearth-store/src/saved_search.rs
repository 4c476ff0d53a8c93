//! Searches that somebody keeps; what they say is sealed and opaque here.

use hearth_model::{SavedSearchId, WallTime};
use sqlx::{AnyConnection, any::AnyRow};

use crate::row::get;
use crate::{Store, StoreError};

/// Searches that one person keeps.
pub const SAVED_SEARCHES_PER_OWNER_MAX: usize = 50;

/// A kept search as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StoredSearch {
    /// Its id.
    pub id: SavedSearchId,
    /// Whose it is.
    pub owner: String,
    /// Name and words, sealed under the house's key.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: WallTime,
}

impl StoredSearch {
    pub(crate) fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: get(row, "id")?,
            owner: get(row, "owner")?,
            sealed: get(row, "sealed")?,
            created_at: get(row, "created_us")?,
        })
    }
}

pub(crate) const ALL: &str = "SELECT * FROM saved_searches ORDER BY created_us, id";

pub(crate) async fn insert(
    connection: &mut AnyConnection,
    one: &StoredSearch,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO saved_searches (id, owner, sealed, created_us)
               VALUES ($1, $2, $3, $4)";
    sqlx::query(sql)
        .bind(one.id.as_bytes().to_vec())
        .bind(one.owner.clone())
        .bind(one.sealed.clone())
        .bind(one.created_at.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}

impl Store {
    /// Somebody's searches, in the order they were made.
    pub async fn saved_searches(&self, owner: &str) -> Result<Vec<StoredSearch>, StoreError> {
        let sql = "SELECT * FROM saved_searches WHERE owner = $1 ORDER BY created_us, id";
        let rows = sqlx::query(sql).bind(owner.to_owned()).fetch_all(self.readers()).await?;
        rows.iter().map(StoredSearch::from_row).collect()
    }

    /// Everybody's: for an erasure, which has to look into each.
    pub async fn all_saved_searches(&self) -> Result<Vec<StoredSearch>, StoreError> {
        let rows = sqlx::query(ALL).fetch_all(self.readers()).await?;
        rows.iter().map(StoredSearch::from_row).collect()
    }

    /// Keeps a search.
    pub async fn add_saved_search(&self, one: &StoredSearch) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let sql = "SELECT COUNT(*) AS kept FROM saved_searches WHERE owner = $1";
        let query = sqlx::query(sql).bind(one.owner.clone());
        let row = query.fetch_one(write.connection()).await?;
        if get::<u64>(&row, "kept")? >= SAVED_SEARCHES_PER_OWNER_MAX as u64 {
            let max = SAVED_SEARCHES_PER_OWNER_MAX;
            return Err(StoreError::TooMany { what: "kept searches", max });
        }
        insert(write.connection(), one).await?;
        write.commit().await
    }

    /// Removes a search of somebody; another's is not found.
    pub async fn remove_saved_search(
        &self,
        id: SavedSearchId,
        owner: &str,
    ) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("DELETE FROM saved_searches WHERE id = $1 AND owner = $2");
        let query = query.bind(id.as_bytes().to_vec()).bind(owner.to_owned());
        if query.execute(write.connection()).await?.rows_affected() == 0 {
            return Err(StoreError::NotFound { what: "kept search" });
        }
        write.commit().await
    }
}
