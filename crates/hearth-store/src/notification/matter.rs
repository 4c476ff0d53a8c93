//! Matters: which are open, and who answered.

use hearth_model::{RecipientId, WallTime};

use super::{MATTERS_MAX, StoredMatter};
use crate::row::get;
use crate::{Store, StoreError};

impl Store {
    /// A matter.
    pub async fn matter(&self, id: &str) -> Result<StoredMatter, StoreError> {
        let query = sqlx::query("SELECT * FROM notification_matters WHERE id = $1").bind(id);
        let row = query.fetch_optional(self.readers()).await?;
        StoredMatter::from_row(&row.ok_or(StoreError::NotFound { what: "matter" })?)
    }

    /// Matters that somebody should acknowledge, newest first; with those that somebody has, if
    /// wanted.
    pub async fn matters(
        &self,
        with_acknowledged: bool,
        limit: u32,
    ) -> Result<Vec<StoredMatter>, StoreError> {
        let sql = "SELECT * FROM notification_matters
                   WHERE needs_answer = 1 AND (acknowledged_us IS NULL OR $1 = 1)
                   ORDER BY updated_us DESC, id LIMIT $2";
        let query = sqlx::query(sql).bind(i64::from(with_acknowledged)).bind(i64::from(limit));
        let rows = query.fetch_all(self.readers()).await?;
        rows.iter().map(StoredMatter::from_row).collect()
    }

    /// Matters that wait for an answer and that a recipient was told of, newest first.
    pub async fn open_matters_of(
        &self,
        recipient: RecipientId,
        limit: u32,
    ) -> Result<Vec<StoredMatter>, StoreError> {
        let sql = "SELECT * FROM notification_matters AS m
                   WHERE needs_answer = 1 AND acknowledged_us IS NULL
                       AND EXISTS (SELECT 1 FROM notifications AS n WHERE n.matter = m.id
                           AND n.recipient = $1 AND n.sent_us IS NOT NULL)
                   ORDER BY updated_us DESC, id LIMIT $2";
        let query = sqlx::query(sql).bind(recipient.as_bytes().to_vec()).bind(i64::from(limit));
        let rows = query.fetch_all(self.readers()).await?;
        rows.iter().map(StoredMatter::from_row).collect()
    }

    /// How many rows of a matter wait, and how many were sent.
    pub async fn matter_counts(&self, id: &str) -> Result<(u64, u64), StoreError> {
        let sql = "SELECT COALESCE(SUM(state = 'waiting'), 0) AS waiting,
                          COALESCE(SUM(state = 'sent'), 0) AS sent
                   FROM notifications WHERE matter = $1";
        let row = sqlx::query(sql).bind(id).fetch_one(self.readers()).await?;
        Ok((get(&row, "waiting")?, get(&row, "sent")?))
    }

    /// Somebody looks after a matter: nothing of it goes out any more, and what was still to be said
    /// is erased. The first who does is remembered.
    pub async fn acknowledge_matter(
        &self,
        id: &str,
        by: &str,
        now: WallTime,
    ) -> Result<StoredMatter, StoreError> {
        let sql = "UPDATE notification_matters SET
                       acknowledged_us = COALESCE(acknowledged_us, $2),
                       acknowledged_by = COALESCE(acknowledged_by, $3) WHERE id = $1";
        let mut write = self.begin().await?;
        let query = sqlx::query(sql).bind(id).bind(now.as_micros()).bind(by);
        if query.execute(write.connection()).await?.rows_affected() == 0 {
            return Err(StoreError::NotFound { what: "matter" });
        }
        let stop = "UPDATE notifications SET state = 'acknowledged', payload = NULL
                    WHERE matter = $1 AND state = 'waiting'";
        sqlx::query(stop).bind(id).execute(write.connection()).await?;
        write.commit().await?;
        self.matter(id).await
    }

    /// Erases what is still to be said of a matter, because it is about somebody who is to be
    /// forgotten; that it was to be told stays.
    pub async fn erase_words_of_matter(&self, id: &str) -> Result<(), StoreError> {
        let sql = "UPDATE notifications SET state = 'dead', payload = NULL, error = 'erased'
                   WHERE matter = $1 AND payload IS NOT NULL";
        let mut write = self.begin().await?;
        sqlx::query(sql).bind(id).execute(write.connection()).await?;
        write.commit().await
    }

    /// Erases matters without news since some time, with everything that was told of them; and what
    /// rows say that were given up and last due before another time. Answers how many matters.
    pub async fn prune_notifications(
        &self,
        matters_before: WallTime,
        payloads_before: WallTime,
    ) -> Result<u64, StoreError> {
        let mut write = self.begin().await?;
        let sql = "DELETE FROM notification_matters WHERE id IN (
                       SELECT id FROM notification_matters WHERE updated_us < $1 LIMIT $2)";
        let query = sqlx::query(sql).bind(matters_before.as_micros());
        let query = query.bind(i64::try_from(MATTERS_MAX).unwrap_or(i64::MAX));
        let erased = query.execute(write.connection()).await?.rows_affected();
        let sql = "UPDATE notifications SET payload = NULL
                   WHERE state = 'dead' AND due_us < $1 AND payload IS NOT NULL";
        sqlx::query(sql).bind(payloads_before.as_micros()).execute(write.connection()).await?;
        write.commit().await?;
        Ok(erased)
    }
}
