//! What the house says at a door: sealed, and opaque here.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hearth_model::{ReplyId, WallTime};
use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::row::get;
use crate::{Store, StoreError};

/// Quick replies of a house. More is a list that nobody reads while somebody waits.
pub const REPLIES_MAX: usize = 16;

/// A quick reply without its sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReplyName {
    /// Its id.
    pub id: ReplyId,
    /// What it is called, sealed under the house's key.
    pub sealed: Vec<u8>,
}

/// A quick reply as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StoredReply {
    /// Its id.
    pub id: ReplyId,
    /// What it is called, sealed under the house's key.
    pub sealed: Vec<u8>,
    /// Its sound, sealed the same way; up to 120 KB, so its copy is written in Base64.
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    pub sound: Vec<u8>,
    /// When it was made.
    pub created_at: WallTime,
}

impl StoredReply {
    pub(crate) fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: get(row, "id")?,
            sealed: get(row, "sealed")?,
            sound: get(row, "sound")?,
            created_at: get(row, "created_us")?,
        })
    }
}

pub(crate) const ALL_REPLIES: &str = "SELECT * FROM quick_replies ORDER BY created_us, id";

impl Store {
    /// The names of all quick replies, in the order they were made.
    pub async fn quick_reply_names(&self) -> Result<Vec<StoredReplyName>, StoreError> {
        let sql = "SELECT id, sealed FROM quick_replies ORDER BY created_us, id";
        let rows = sqlx::query(sql).fetch_all(self.readers()).await?;
        let name = |row| Ok(StoredReplyName { id: get(row, "id")?, sealed: get(row, "sealed")? });
        rows.iter().map(name).collect()
    }

    /// One quick reply with its sound.
    pub async fn quick_reply(&self, id: ReplyId) -> Result<StoredReply, StoreError> {
        let query = sqlx::query("SELECT * FROM quick_replies WHERE id = $1");
        let row = query.bind(id.as_bytes().to_vec()).fetch_optional(self.readers()).await?;
        StoredReply::from_row(&row.ok_or(StoreError::NotFound { what: "reply" })?)
    }

    /// Adds a quick reply.
    pub async fn add_quick_reply(&self, reply: &StoredReply) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        insert(write.connection(), reply).await?;
        let sql = "SELECT COUNT(*) AS replies FROM quick_replies";
        let row = sqlx::query(sql).fetch_one(write.connection()).await?;
        if get::<u64>(&row, "replies")? > REPLIES_MAX as u64 {
            return Err(StoreError::TooMany { what: "replies", max: REPLIES_MAX });
        }
        write.commit().await
    }

    /// Removes a quick reply.
    pub async fn remove_quick_reply(&self, id: ReplyId) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("DELETE FROM quick_replies WHERE id = $1");
        let removed = query.bind(id.as_bytes().to_vec()).execute(write.connection()).await?;
        if removed.rows_affected() == 0 {
            return Err(StoreError::NotFound { what: "reply" });
        }
        write.commit().await
    }
}

/// Writes one row; the caller has the transaction.
pub(crate) async fn insert(
    connection: &mut AnyConnection,
    reply: &StoredReply,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO quick_replies (id, sealed, sound, created_us) VALUES ($1, $2, $3, $4)";
    sqlx::query(sql)
        .bind(reply.id.as_bytes().to_vec())
        .bind(reply.sealed.clone())
        .bind(reply.sound.clone())
        .bind(reply.created_at.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}

fn to_base64<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&STANDARD.encode(bytes))
}

fn from_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    STANDARD.decode(text).map_err(|_| D::Error::custom("a sound is no Base64"))
}
