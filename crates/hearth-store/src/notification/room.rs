//! Room in the outbox: rows of one recipient, and bytes of all.

use hearth_model::RecipientId;
use sqlx::AnyConnection;

use super::{OUTBOX_BYTES_MAX, WAITING_PER_RECIPIENT_MAX};
use crate::StoreError;
use crate::row::get;

/// Why a row was given up for another.
const CROWDED_OUT: &str = "Too many were waiting.";

/// Makes room in a recipient's queue; what is given up for it is not said any more, and erased.
/// Answers how many were.
pub(super) async fn crowd_out(
    connection: &mut AnyConnection,
    recipient: RecipientId,
) -> Result<u64, StoreError> {
    let sql = "SELECT COUNT(*) AS waiting FROM notifications
               WHERE recipient = $1 AND state = 'waiting'";
    let query = sqlx::query(sql).bind(recipient.as_bytes().to_vec());
    let row = query.fetch_one(&mut *connection).await?;
    if get::<u64>(&row, "waiting")? < WAITING_PER_RECIPIENT_MAX {
        return Ok(0);
    }
    let sql = "UPDATE notifications SET state = 'dead', payload = NULL, error = $2
               WHERE seq = (SELECT seq FROM notifications
                   WHERE recipient = $1 AND state = 'waiting'
                   ORDER BY severity = 2, seq LIMIT 1)";
    let query = sqlx::query(sql).bind(recipient.as_bytes().to_vec()).bind(CROWDED_OUT);
    Ok(query.execute(connection).await?.rows_affected())
}

/// Erases what rows say until the rest fits [`OUTBOX_BYTES_MAX`]: first of those that were given up,
/// then of the oldest that wait, critical ones last. Answers how many waiting ones were given up.
pub(super) async fn make_room(connection: &mut AnyConnection) -> Result<u64, StoreError> {
    let sql = "SELECT COALESCE(SUM(LENGTH(payload)), 0) AS bytes FROM notifications
               WHERE state IN ('waiting', 'dead')";
    let row = sqlx::query(sql).fetch_one(&mut *connection).await?;
    let mut excess = get::<u64>(&row, "bytes")?.saturating_sub(OUTBOX_BYTES_MAX);
    if excess == 0 {
        return Ok(0);
    }
    let sql = "SELECT seq, LENGTH(payload) AS bytes FROM notifications
               WHERE state IN ('waiting', 'dead') AND payload IS NOT NULL
               ORDER BY state = 'waiting', severity = 2, seq";
    let rows = sqlx::query(sql).fetch_all(&mut *connection).await?;
    for row in rows {
        if excess == 0 {
            break;
        }
        excess = excess.saturating_sub(get(&row, "bytes")?);
        let sql = "UPDATE notifications SET payload = NULL,
                       error = CASE WHEN state = 'waiting' THEN $2 ELSE error END
                   WHERE seq = $1";
        let query = sqlx::query(sql).bind(get::<i64>(&row, "seq")?).bind(CROWDED_OUT);
        query.execute(&mut *connection).await?;
    }
    let sql = "UPDATE notifications SET state = 'dead' WHERE state = 'waiting' AND payload IS NULL";
    Ok(sqlx::query(sql).execute(connection).await?.rows_affected())
}
