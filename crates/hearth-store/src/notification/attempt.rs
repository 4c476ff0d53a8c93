//! Rows on their way: due, tried, delivered, held, given up, tried again.

use hearth_model::{NotificationId, RecipientId, WallTime};

use super::{NotificationState, SELECT, StoredNotification, found};
use crate::row::get;
use crate::{Store, StoreError};

/// What is still to be said of a matter to one recipient.
#[derive(Clone, PartialEq, Eq)]
pub struct WaitingWords {
    /// To whom.
    pub recipient: RecipientId,
    /// See [`StoredNotification::step`].
    pub step: u32,
    /// Sealed.
    pub payload: Vec<u8>,
}

impl Store {
    /// For each recipient the first row whose time has come.
    pub async fn due_notifications(
        &self,
        now: WallTime,
    ) -> Result<Vec<StoredNotification>, StoreError> {
        let sql = format!(
            "{SELECT} WHERE n.seq IN (SELECT MIN(seq) FROM notifications
                 WHERE state = 'waiting' AND due_us <= $1 GROUP BY recipient) ORDER BY n.seq"
        );
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(now.as_micros());
        let rows = query.fetch_all(self.readers()).await?;
        rows.iter().map(StoredNotification::from_row).collect()
    }

    /// A row with what it says, sealed, as both are at one moment.
    pub async fn sealed_notification(
        &self,
        id: NotificationId,
    ) -> Result<(StoredNotification, Option<Vec<u8>>), StoreError> {
        let sql = format!(
            "SELECT shown.*, words.payload AS payload FROM ({SELECT} WHERE n.id = $1) AS shown
             JOIN notifications AS words ON words.seq = shown.seq"
        );
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.as_bytes().to_vec());
        let row = query.fetch_optional(self.readers()).await?;
        let row = row.ok_or(StoreError::NotFound { what: "notification" })?;
        Ok((StoredNotification::from_row(&row)?, get(&row, "payload")?))
    }

    /// What is still to be said of a matter, for each recipient and step.
    pub async fn waiting_words(&self, matter: &str) -> Result<Vec<WaitingWords>, StoreError> {
        let sql = "SELECT recipient, step, payload FROM notifications
                   WHERE matter = $1 AND state = 'waiting' AND payload IS NOT NULL";
        let rows = sqlx::query(sql).bind(matter).fetch_all(self.readers()).await?;
        let words = |row| {
            let (recipient, step) = (get(row, "recipient")?, super::small(get(row, "step")?)?);
            Ok(WaitingWords { recipient, step, payload: get(row, "payload")? })
        };
        rows.iter().map(words).collect()
    }

    /// When the next row's time comes.
    pub async fn next_notification_due(&self) -> Result<Option<WallTime>, StoreError> {
        let sql = "SELECT MIN(due_us) AS due_us FROM notifications WHERE state = 'waiting'";
        let row = sqlx::query(sql).fetch_one(self.readers()).await?;
        get(&row, "due_us")
    }

    /// An attempt begins: counted before it is made, so that one that ends the hub counts too.
    pub async fn notification_tried(&self, id: NotificationId) -> Result<(), StoreError> {
        self.change_row("UPDATE notifications SET attempts = attempts + 1 WHERE id = $1", id).await
    }

    /// A service took it. Unless there was news meanwhile, what it said is erased; with news, the
    /// row goes on waiting as an update. `less` says why less was told than was queued.
    pub async fn notification_sent(
        &self,
        tried: &StoredNotification,
        now: WallTime,
        reference: Option<&str>,
        less: Option<&str>,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE notifications SET reference = COALESCE($3, reference), error = $5,
                       sent_us = $2,
                       state = CASE WHEN digest = $4 AND state = 'waiting' THEN 'sent' ELSE state END,
                       payload = CASE WHEN digest = $4 THEN NULL ELSE payload END
                   WHERE id = $1";
        let mut write = self.begin().await?;
        let changed = sqlx::query(sql)
            .bind(tried.id.as_bytes().to_vec())
            .bind(now.as_micros())
            .bind(reference)
            .bind(tried.digest.clone())
            .bind(less)
            .execute(write.connection())
            .await?;
        found(changed.rows_affected())?;
        write.commit().await
    }

    /// It waits until another time, e.g. the end of quiet hours; with why, if it was tried.
    pub async fn hold_notification(
        &self,
        id: NotificationId,
        due: WallTime,
        error: Option<&str>,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE notifications SET due_us = $2, error = COALESCE($3, error)
                   WHERE id = $1 AND state = 'waiting'";
        let mut write = self.begin().await?;
        let query = sqlx::query(sql).bind(id.as_bytes().to_vec()).bind(due.as_micros());
        query.bind(error).execute(write.connection()).await?;
        write.commit().await
    }

    /// It is given up, with why. What it says is kept for a while, so that it can be tried again.
    pub async fn give_up_notification(
        &self,
        id: NotificationId,
        error: &str,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE notifications SET state = 'dead', error = $2
                   WHERE id = $1 AND state = 'waiting'";
        let mut write = self.begin().await?;
        let query = sqlx::query(sql).bind(id.as_bytes().to_vec()).bind(error);
        query.execute(write.connection()).await?;
        write.commit().await
    }

    /// It is given up because it must not be said any more: what it says is erased at once.
    pub async fn withdraw_notification(
        &self,
        id: NotificationId,
        error: &str,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE notifications SET state = 'dead', payload = NULL, error = $2
                   WHERE id = $1 AND state = 'waiting'";
        let mut write = self.begin().await?;
        let query = sqlx::query(sql).bind(id.as_bytes().to_vec()).bind(error);
        query.execute(write.connection()).await?;
        write.commit().await
    }

    /// Gives up what waited for too long. Answers how many.
    pub async fn expire_notifications(
        &self,
        now: WallTime,
        error: &str,
    ) -> Result<u64, StoreError> {
        let sql = "UPDATE notifications SET state = 'dead', error = COALESCE(error, $2)
                   WHERE state = 'waiting' AND expires_us <= $1";
        let mut write = self.begin().await?;
        let query = sqlx::query(sql).bind(now.as_micros()).bind(error);
        let expired = query.execute(write.connection()).await?.rows_affected();
        write.commit().await?;
        Ok(expired)
    }

    /// Has one that was given up tried again. [`StoreError::Conflict`] if it was not, or if what it
    /// said is erased.
    pub async fn replay_notification(
        &self,
        id: NotificationId,
        now: WallTime,
        expires: WallTime,
    ) -> Result<(), StoreError> {
        let row = self.notification(id).await?;
        if row.state != NotificationState::Dead || !row.has_words {
            return Err(StoreError::Conflict { message: "it does not wait for another try" });
        }
        let sql = "UPDATE notifications SET state = 'waiting', attempts = 0, due_us = $2,
                       expires_us = $3, error = NULL WHERE id = $1 AND state = 'dead'";
        let mut write = self.begin().await?;
        let query = sqlx::query(sql).bind(id.as_bytes().to_vec());
        let query = query.bind(now.as_micros()).bind(expires.as_micros());
        found(query.execute(write.connection()).await?.rows_affected())?;
        write.commit().await
    }

    async fn change_row(&self, sql: &'static str, id: NotificationId) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query(sql).bind(id.as_bytes().to_vec());
        found(query.execute(write.connection()).await?.rows_affected())?;
        write.commit().await
    }
}
