//! Rows as people look at them.

use std::collections::BTreeMap;

use hearth_model::{NotificationId, RecipientId};

use super::{NOTIFICATIONS_PER_PAGE_MAX, NotificationState, SELECT, StoredNotification};
use crate::row::get;
use crate::{Store, StoreError};

/// Which rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotificationFilter {
    /// Only in this state.
    pub state: Option<NotificationState>,
    /// Only of this recipient.
    pub recipient: Option<RecipientId>,
    /// Only of this matter.
    pub matter: Option<String>,
    /// Only before this place in the queue.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

impl Store {
    /// One row.
    pub async fn notification(&self, id: NotificationId) -> Result<StoredNotification, StoreError> {
        let sql = format!("{SELECT} WHERE n.id = $1");
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.as_bytes().to_vec());
        let row = query.fetch_optional(self.readers()).await?;
        StoredNotification::from_row(&row.ok_or(StoreError::NotFound { what: "notification" })?)
    }

    /// Rows, newest first.
    pub async fn notifications(
        &self,
        filter: NotificationFilter,
    ) -> Result<Vec<StoredNotification>, StoreError> {
        let sql = format!(
            "{SELECT} WHERE ($1 IS NULL OR n.state = $1) AND ($2 IS NULL OR n.recipient = $2)
                 AND ($3 IS NULL OR n.matter = $3) AND n.seq < $4
                 ORDER BY n.seq DESC LIMIT $5"
        );
        let query = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(filter.state.map(NotificationState::name))
            .bind(filter.recipient.map(|recipient| recipient.as_bytes().to_vec()))
            .bind(filter.matter)
            .bind(filter.before.unwrap_or(i64::MAX))
            .bind(i64::from(filter.limit.clamp(1, NOTIFICATIONS_PER_PAGE_MAX)));
        let rows = query.fetch_all(self.readers()).await?;
        rows.iter().map(StoredNotification::from_row).collect()
    }

    /// How many rows wait for each recipient.
    pub async fn notifications_waiting(&self) -> Result<BTreeMap<RecipientId, u64>, StoreError> {
        let sql = "SELECT recipient, COUNT(*) AS waiting FROM notifications
                   WHERE state = 'waiting' GROUP BY recipient";
        let rows = sqlx::query(sql).fetch_all(self.readers()).await?;
        rows.iter().map(|row| Ok((get(row, "recipient")?, get(row, "waiting")?))).collect()
    }

    /// How many rows stand where.
    pub async fn notification_counts(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        let sql = "SELECT state, COUNT(*) AS rows FROM notifications GROUP BY state";
        let rows = sqlx::query(sql).fetch_all(self.readers()).await?;
        rows.iter().map(|row| Ok((get(row, "state")?, get(row, "rows")?))).collect()
    }
}
