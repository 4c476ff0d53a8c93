//! Settings of the house, each a JSON value under a name.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::AnyConnection;

use crate::row::{json, to_json};
use crate::{Store, StoreError};

/// A setting is a form that a person fills in, not a document.
pub const SETTING_BYTES_MAX: usize = 64 * 1024;

impl Store {
    /// Reads a setting; one that was written as nothing is none.
    pub async fn setting<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        let query = sqlx::query("SELECT value FROM settings WHERE key = $1").bind(key);
        let row = query.fetch_optional(self.readers()).await?;
        Ok(row.as_ref().map(|row| json(row, "value")).transpose()?.flatten())
    }

    /// Writes a setting.
    pub async fn put_setting<T: Serialize>(&self, key: &str, value: &T) -> Result<(), StoreError> {
        let value = to_json(value)?;
        let mut write = self.begin().await?;
        put(write.connection(), key, &value).await?;
        write.commit().await
    }
}

/// Writes one row; the caller has the transaction.
pub(crate) async fn put(
    connection: &mut AnyConnection,
    key: &str,
    value: &str,
) -> Result<(), StoreError> {
    if value.len() > SETTING_BYTES_MAX {
        return Err(StoreError::Invalid { message: "this setting is too long" });
    }
    let sql = "INSERT INTO settings (key, value) VALUES ($1, $2)
               ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    sqlx::query(sql).bind(key).bind(value).execute(connection).await?;
    Ok(())
}
