//! Groups of people: sealed, and opaque here.

use hearth_model::{GroupId, WallTime};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::row::get;
use crate::{Store, StoreError};

/// Groups of a house.
pub const GROUPS_MAX: usize = 32;

/// A group as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StoredGroup {
    /// Its id.
    pub id: GroupId,
    /// Name and members, sealed under the house's key.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: WallTime,
}

impl StoredGroup {
    pub(crate) fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: get(row, "id")?,
            sealed: get(row, "sealed")?,
            created_at: get(row, "created_us")?,
        })
    }
}

pub(crate) const ALL_GROUPS: &str = "SELECT * FROM person_groups ORDER BY created_us, id";

impl Store {
    /// The groups, in the order they were made.
    pub async fn person_groups(&self) -> Result<Vec<StoredGroup>, StoreError> {
        let rows = sqlx::query(ALL_GROUPS).fetch_all(self.readers()).await?;
        rows.iter().map(StoredGroup::from_row).collect()
    }

    /// Writes groups as they are now, all of them or none.
    pub async fn put_person_groups(&self, groups: &[StoredGroup]) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        for group in groups {
            put(write.connection(), group).await?;
        }
        let sql = "SELECT COUNT(*) AS groups FROM person_groups";
        let row = sqlx::query(sql).fetch_one(write.connection()).await?;
        if get::<u64>(&row, "groups")? > GROUPS_MAX as u64 {
            return Err(StoreError::TooMany { what: "groups", max: GROUPS_MAX });
        }
        write.commit().await
    }

    /// Removes a group.
    pub async fn remove_person_group(&self, id: GroupId) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("DELETE FROM person_groups WHERE id = $1");
        let removed = query.bind(id.as_bytes().to_vec()).execute(write.connection()).await?;
        if removed.rows_affected() == 0 {
            return Err(StoreError::NotFound { what: "group" });
        }
        write.commit().await
    }
}

/// Writes one row; the caller has the transaction.
pub(crate) async fn put(
    connection: &mut AnyConnection,
    group: &StoredGroup,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO person_groups (id, sealed, created_us) VALUES ($1, $2, $3)
               ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed";
    sqlx::query(sql)
        .bind(group.id.as_bytes().to_vec())
        .bind(group.sealed.clone())
        .bind(group.created_at.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}
