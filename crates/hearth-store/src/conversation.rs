//! Conversations: what somebody asked and was answered, sealed and opaque here.

use hearth_model::{ConversationId, WallTime};
use sqlx::any::AnyRow;

use crate::row::get;
use crate::{Store, StoreError};

/// Conversations of one owner; the oldest go.
pub const CONVERSATIONS_PER_OWNER_MAX: usize = 50;

/// A conversation as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredConversation {
    /// Its id.
    pub id: ConversationId,
    /// Whose it is.
    pub owner: String,
    /// Questions and answers, sealed under the house's key.
    pub sealed: Vec<u8>,
    /// When it began.
    pub started_at: WallTime,
    /// When it goes.
    pub expires_at: WallTime,
}

impl StoredConversation {
    fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: get(row, "id")?,
            owner: get(row, "owner")?,
            sealed: get(row, "sealed")?,
            started_at: get(row, "started_us")?,
            expires_at: get(row, "expires_us")?,
        })
    }
}

impl Store {
    /// Somebody's conversations that have not ended, newest first.
    pub async fn conversations(
        &self,
        owner: &str,
        now: WallTime,
    ) -> Result<Vec<StoredConversation>, StoreError> {
        let sql = "SELECT * FROM conversations WHERE owner = $1 AND expires_us > $2
                   ORDER BY started_us DESC";
        let query = sqlx::query(sql).bind(owner.to_owned()).bind(now.as_micros());
        let rows = query.fetch_all(self.readers()).await?;
        rows.iter().map(StoredConversation::from_row).collect()
    }

    /// Everybody's, ended or not: for an erasure, which has to look into each.
    pub async fn all_conversations(&self) -> Result<Vec<StoredConversation>, StoreError> {
        let rows = sqlx::query("SELECT * FROM conversations").fetch_all(self.readers()).await?;
        rows.iter().map(StoredConversation::from_row).collect()
    }

    /// One conversation of somebody; another's is not found.
    pub async fn conversation(
        &self,
        id: ConversationId,
        owner: &str,
        now: WallTime,
    ) -> Result<StoredConversation, StoreError> {
        let sql = "SELECT * FROM conversations WHERE id = $1 AND owner = $2 AND expires_us > $3";
        let query = sqlx::query(sql).bind(id.as_bytes().to_vec()).bind(owner.to_owned());
        let row = query.bind(now.as_micros()).fetch_optional(self.readers()).await?;
        let missing = StoreError::NotFound { what: "conversation" };
        StoredConversation::from_row(&row.ok_or(missing)?)
    }

    /// Writes a conversation as it is now; the oldest of its owner go if there are too many.
    pub async fn put_conversation(&self, one: &StoredConversation) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let sql = "INSERT INTO conversations (id, owner, sealed, started_us, expires_us)
                   VALUES ($1, $2, $3, $4, $5)
                   ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed,
                   expires_us = excluded.expires_us";
        sqlx::query(sql)
            .bind(one.id.as_bytes().to_vec())
            .bind(one.owner.clone())
            .bind(one.sealed.clone())
            .bind(one.started_at.as_micros())
            .bind(one.expires_at.as_micros())
            .execute(write.connection())
            .await?;
        let sql = "DELETE FROM conversations WHERE owner = $1 AND id NOT IN
                   (SELECT id FROM conversations WHERE owner = $1
                    ORDER BY started_us DESC, id DESC LIMIT $2)";
        let query = sqlx::query(sql).bind(one.owner.clone());
        query.bind(CONVERSATIONS_PER_OWNER_MAX as i64).execute(write.connection()).await?;
        write.commit().await
    }

    /// Removes a conversation of somebody.
    pub async fn remove_conversation(
        &self,
        id: ConversationId,
        owner: &str,
    ) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("DELETE FROM conversations WHERE id = $1 AND owner = $2");
        let query = query.bind(id.as_bytes().to_vec()).bind(owner.to_owned());
        if query.execute(write.connection()).await?.rows_affected() == 0 {
            return Err(StoreError::NotFound { what: "conversation" });
        }
        write.commit().await
    }

    /// Removes everything that somebody asked and keeps to search for.
    pub async fn forget_questions_of(&self, owner: &str) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        for sql in [
            "DELETE FROM conversations WHERE owner = $1",
            "DELETE FROM saved_searches WHERE owner = $1",
        ] {
            sqlx::query(sql).bind(owner.to_owned()).execute(write.connection()).await?;
        }
        write.commit().await
    }

    /// Removes conversations that have ended.
    pub async fn sweep_conversations(&self, now: WallTime) -> Result<u64, StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("DELETE FROM conversations WHERE expires_us <= $1");
        let removed = query.bind(now.as_micros()).execute(write.connection()).await?;
        write.commit().await?;
        Ok(removed.rows_affected())
    }
}
