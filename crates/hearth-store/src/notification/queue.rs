//! Rows on their way: queued, tried, delivered, given up.

use hearth_model::{CameraId, NotificationId, RecipientId, Severity, WallTime};
use sqlx::AnyConnection;

use super::{
    MATTERS_MAX, NewNotification, SELECT, StoredMatter, StoredNotification, found, number, room,
    severity,
};
use crate::row::get;
use crate::{Store, StoreError};

/// What became of rows that were to be queued.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Queued {
    /// New in the queue, or there again with news.
    pub queued: u64,
    /// Replaced while it was waiting.
    pub replaced: u64,
    /// Left alone: it says nothing new, or somebody acknowledged the matter.
    pub unchanged: u64,
    /// Given up because too many were waiting.
    pub crowded_out: u64,
}

/// A question for [`Store::was_told_lately`].
#[derive(Clone, Copy, Debug)]
pub struct RecentMatter<'a> {
    /// Whom.
    pub recipient: RecipientId,
    /// Of another matter than this one.
    pub matter: &'a str,
    /// Of this kind.
    pub kind: &'a str,
    /// At this camera.
    pub camera: Option<CameraId>,
    /// At least this bad.
    pub severity: Severity,
    /// Since when.
    pub since: WallTime,
}

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

/// The row that there is for a matter, a recipient and a step.
struct Present {
    seq: i64,
    state: String,
    severity: Severity,
    is_same: bool,
    /// The matter was of another kind before, e.g. somebody who came has rung now.
    is_other_kind: bool,
}

impl Store {
    /// Queues news of a matter: all rows or none. `matter.opened_at` is kept from the first time,
    /// the severity never falls, and the acknowledgement counts until the matter becomes worse.
    ///
    /// News replaces what a service showed before, silently; unless the matter became worse or
    /// another kind of matter, or is critical: then it is told anew.
    pub async fn queue_notifications(
        &self,
        matter: &StoredMatter,
        rows: &[NewNotification],
    ) -> Result<Queued, StoreError> {
        let mut write = self.begin().await?;
        let connection = write.connection();
        let kind_before = kind_of(connection, &matter.id).await?;
        let is_other_kind = kind_before.is_some_and(|kind| kind != matter.kind);
        put_matter(connection, matter).await?;
        let mut queued = Queued::default();
        for row in rows {
            match present(connection, matter, row).await? {
                None => {
                    queued.crowded_out += room::crowd_out(connection, row.recipient).await?;
                    insert(connection, matter, row).await?;
                    queued.queued += 1;
                }
                Some(mut present) => {
                    present.is_other_kind = is_other_kind;
                    change(connection, matter, row, &present, &mut queued).await?;
                }
            }
        }
        queued.crowded_out += room::make_room(connection).await?;
        write.commit().await?;
        Ok(queued)
    }

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
        if row.state != super::NotificationState::Dead || !row.has_words {
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

    /// Erases everything that is kept of a recipient.
    pub async fn erase_notifications_of(&self, recipient: RecipientId) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("DELETE FROM notifications WHERE recipient = $1");
        query.bind(recipient.as_bytes().to_vec()).execute(write.connection()).await?;
        write.commit().await
    }

    /// What a recipient was sent since some time: how many, and when the first of them.
    pub async fn notifications_sent_since(
        &self,
        recipient: RecipientId,
        since: WallTime,
    ) -> Result<(u64, Option<WallTime>), StoreError> {
        let sql = "SELECT COUNT(*) AS sent, MIN(sent_us) AS first_us FROM notifications
                   WHERE recipient = $1 AND sent_us > $2";
        let query = sqlx::query(sql).bind(recipient.as_bytes().to_vec()).bind(since.as_micros());
        let row = query.fetch_one(self.readers()).await?;
        Ok((get(&row, "sent")?, get(&row, "first_us")?))
    }

    /// Whether a recipient was told, or is about to be told, of another matter of the same kind at
    /// the same camera.
    pub async fn was_told_lately(&self, asked: RecentMatter<'_>) -> Result<bool, StoreError> {
        let sql = "SELECT COUNT(*) AS told FROM notifications AS n
                   JOIN notification_matters AS m ON m.id = n.matter
                   WHERE n.recipient = $1 AND n.created_us > $2 AND n.severity >= $3
                       AND m.id <> $4 AND m.kind = $5 AND m.camera IS $6
                       AND n.state IN ('waiting', 'sent')";
        let query = sqlx::query(sql)
            .bind(asked.recipient.as_bytes().to_vec())
            .bind(asked.since.as_micros())
            .bind(number(asked.severity))
            .bind(asked.matter)
            .bind(asked.kind)
            .bind(asked.camera.map(|camera| camera.as_bytes().to_vec()));
        Ok(get::<u64>(&query.fetch_one(self.readers()).await?, "told")? > 0)
    }

    async fn change_row(&self, sql: &'static str, id: NotificationId) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query(sql).bind(id.as_bytes().to_vec());
        found(query.execute(write.connection()).await?.rows_affected())?;
        write.commit().await
    }
}

async fn put_matter(
    connection: &mut AnyConnection,
    matter: &StoredMatter,
) -> Result<(), StoreError> {
    let crowded = "DELETE FROM notification_matters WHERE id IN (
                       SELECT id FROM notification_matters ORDER BY updated_us DESC
                       LIMIT -1 OFFSET $1)";
    let keep = i64::try_from(MATTERS_MAX - 1).unwrap_or(i64::MAX);
    sqlx::query(crowded).bind(keep).execute(&mut *connection).await?;
    let sql = "INSERT INTO notification_matters
                   (id, kind, severity, camera, needs_answer, opened_us, updated_us)
               VALUES ($1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT (id) DO UPDATE SET updated_us = excluded.updated_us,
                   kind = excluded.kind,
                   acknowledged_us = CASE WHEN excluded.severity > severity THEN NULL
                       ELSE acknowledged_us END,
                   acknowledged_by = CASE WHEN excluded.severity > severity THEN NULL
                       ELSE acknowledged_by END,
                   severity = MAX(severity, excluded.severity),
                   needs_answer = MAX(needs_answer, excluded.needs_answer)";
    sqlx::query(sql)
        .bind(matter.id.as_str())
        .bind(matter.kind.as_str())
        .bind(number(matter.severity))
        .bind(matter.camera.map(|camera| camera.as_bytes().to_vec()))
        .bind(i64::from(matter.needs_answer))
        .bind(matter.opened_at.as_micros())
        .bind(matter.updated_at.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}

async fn kind_of(
    connection: &mut AnyConnection,
    matter: &str,
) -> Result<Option<String>, StoreError> {
    let query = sqlx::query("SELECT kind FROM notification_matters WHERE id = $1").bind(matter);
    let row = query.fetch_optional(connection).await?;
    row.map(|row| get(&row, "kind")).transpose()
}

async fn present(
    connection: &mut AnyConnection,
    matter: &StoredMatter,
    row: &NewNotification,
) -> Result<Option<Present>, StoreError> {
    let sql = "SELECT seq, state, severity, digest FROM notifications
               WHERE matter = $1 AND recipient = $2 AND step = $3";
    let query = sqlx::query(sql)
        .bind(matter.id.as_str())
        .bind(row.recipient.as_bytes().to_vec())
        .bind(i64::from(row.step));
    let Some(found) = query.fetch_optional(connection).await? else { return Ok(None) };
    Ok(Some(Present {
        seq: get(&found, "seq")?,
        state: get(&found, "state")?,
        severity: severity(get(&found, "severity")?)?,
        is_same: get::<Vec<u8>>(&found, "digest")? == row.digest,
        is_other_kind: false,
    }))
}

async fn insert(
    connection: &mut AnyConnection,
    matter: &StoredMatter,
    row: &NewNotification,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO notifications (id, matter, recipient, step, severity, state, payload,
                   digest, attempts, created_us, due_us, expires_us)
               VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $7, 0, $8, $9, $10)";
    sqlx::query(sql)
        .bind(row.id.as_bytes().to_vec())
        .bind(matter.id.as_str())
        .bind(row.recipient.as_bytes().to_vec())
        .bind(i64::from(row.step))
        .bind(number(matter.severity))
        .bind(row.payload.clone())
        .bind(row.digest.clone())
        .bind(matter.updated_at.as_micros())
        .bind(row.due_at.as_micros())
        .bind(row.expires_at.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}

/// News for a row that is there. What waits keeps its time unless the news may go out earlier; what
/// was acknowledged stays so unless the matter became worse.
async fn change(
    connection: &mut AnyConnection,
    matter: &StoredMatter,
    row: &NewNotification,
    present: &Present,
    queued: &mut Queued,
) -> Result<(), StoreError> {
    let is_worse = matter.severity > present.severity;
    let is_waiting = present.state == "waiting";
    let stays = match present.state.as_str() {
        "waiting" | "sent" => present.is_same && !present.is_other_kind,
        "acknowledged" => !is_worse,
        _ => false,
    };
    if stays {
        queued.unchanged += 1;
        return Ok(());
    }
    let sql = if is_waiting {
        queued.replaced += 1;
        "UPDATE notifications SET payload = $2, digest = $3, severity = MAX(severity, $4),
             due_us = MIN(due_us, $5), expires_us = $6,
             reference = CASE WHEN $7 = 1 THEN NULL ELSE reference END WHERE seq = $1"
    } else {
        queued.queued += 1;
        "UPDATE notifications SET payload = $2, digest = $3, severity = MAX(severity, $4),
             due_us = $5, expires_us = $6, state = 'waiting', attempts = 0, error = NULL,
             reference = CASE WHEN $7 = 1 THEN NULL ELSE reference END WHERE seq = $1"
    };
    let is_told_anew = is_worse || present.is_other_kind || matter.severity == Severity::Critical;
    sqlx::query(sql)
        .bind(present.seq)
        .bind(row.payload.clone())
        .bind(row.digest.clone())
        .bind(number(matter.severity))
        .bind(row.due_at.as_micros())
        .bind(row.expires_at.as_micros())
        .bind(i64::from(is_told_anew))
        .execute(connection)
        .await?;
    Ok(())
}
