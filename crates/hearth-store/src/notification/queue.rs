//! Rows that are queued: new ones, and news for those that are there.

use hearth_model::{CameraId, RecipientId, Severity, WallTime};
use sqlx::AnyConnection;

use super::{MATTERS_MAX, NewNotification, StoredMatter, number, room, severity};
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
