//! Holds: footage that retention must leave alone.

use hearth_model::{CameraId, HoldId, UserId, WallTime};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::row::get;
use crate::{Store, StoreError};

/// All holds are read whenever room is made; this many are a few milliseconds.
pub const HOLDS_MAX: usize = 1_000;

/// A protection from retention.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// Whose footage.
    pub camera: CameraId,
    /// From when.
    pub from: WallTime,
    /// To when.
    pub to: WallTime,
    /// Why, in the words of who made it.
    pub reason: String,
    /// When the protection ends; `None` is until it is removed.
    pub until: Option<WallTime>,
    /// When it was made.
    pub created_at: WallTime,
    /// By whom; `None` is the owner at the machine.
    pub created_by: Option<UserId>,
}

impl Hold {
    /// Longest reason.
    pub const REASON_CHARACTERS_MAX: usize = 500;

    pub(crate) fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: get(row, "id")?,
            camera: get(row, "camera")?,
            from: get(row, "from_us")?,
            to: get(row, "to_us")?,
            reason: get(row, "reason")?,
            until: get(row, "until_us")?,
            created_at: get(row, "created_us")?,
            created_by: get(row, "created_by")?,
        })
    }
}

/// The ranges of a camera that holds protect at `now`, in order, overlapping ones joined.
pub(crate) fn held_ranges(
    holds: &[Hold],
    camera: CameraId,
    now: WallTime,
) -> Vec<(WallTime, WallTime)> {
    let in_force =
        |hold: &&Hold| hold.camera == camera && hold.until.is_none_or(|until| until > now);
    let mut ranges: Vec<_> =
        holds.iter().filter(in_force).map(|hold| (hold.from, hold.to)).collect();
    ranges.sort_unstable();
    let mut joined: Vec<(WallTime, WallTime)> = Vec::new();
    for (from, to) in ranges {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => joined.push((from, to)),
        }
    }
    joined
}

impl Store {
    /// All holds, newest first, also those that have run out.
    pub async fn holds(&self) -> Result<Vec<Hold>, StoreError> {
        let sql = "SELECT * FROM holds ORDER BY created_us DESC, id";
        let rows = sqlx::query(sql).fetch_all(self.readers()).await?;
        rows.iter().map(Hold::from_row).collect()
    }

    /// Adds a hold.
    pub async fn add_hold(&self, hold: &Hold) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let sql = "SELECT COUNT(*) AS holds FROM holds";
        let row = sqlx::query(sql).fetch_one(write.connection()).await?;
        if get::<u64>(&row, "holds")? >= HOLDS_MAX as u64 {
            return Err(StoreError::TooMany { what: "holds", max: HOLDS_MAX });
        }
        insert(write.connection(), hold).await?;
        write.commit().await
    }

    /// Ends a hold's protection.
    pub async fn remove_hold(&self, id: HoldId) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("DELETE FROM holds WHERE id = $1").bind(id.as_bytes().to_vec());
        if query.execute(write.connection()).await?.rows_affected() == 0 {
            return Err(StoreError::NotFound { what: "hold" });
        }
        write.commit().await
    }
}

/// Writes one row; the caller has the transaction.
pub(crate) async fn insert(connection: &mut AnyConnection, hold: &Hold) -> Result<(), StoreError> {
    if hold.from >= hold.to {
        return Err(StoreError::Invalid { message: "a hold ends after it begins" });
    }
    if hold.reason.chars().count() > Hold::REASON_CHARACTERS_MAX {
        return Err(StoreError::Invalid { message: "a reason has at most 500 characters" });
    }
    let sql = "INSERT INTO holds
                   (id, camera, from_us, to_us, reason, until_us, created_us, created_by)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    sqlx::query(sql)
        .bind(hold.id.as_bytes().to_vec())
        .bind(hold.camera.as_bytes().to_vec())
        .bind(hold.from.as_micros())
        .bind(hold.to.as_micros())
        .bind(hold.reason.as_str())
        .bind(hold.until.map(WallTime::as_micros))
        .bind(hold.created_at.as_micros())
        .bind(hold.created_by.map(|user| user.as_bytes().to_vec()))
        .execute(connection)
        .await
        .map_err(|error| StoreError::or_conflict(error, "this hold exists already"))?;
    Ok(())
}
