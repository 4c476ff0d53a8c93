//! Authenticator apps of accounts and their recovery codes. The shared secret arrives sealed.

use hearth_auth::TokenHash;
use hearth_model::{UserId, WallTime};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::row::{get, json, to_json};
use crate::{Store, StoreError};

/// An account's authenticator app.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SecondFactor {
    /// Whose.
    pub user: UserId,
    /// The shared secret, sealed by the vault.
    pub secret: Vec<u8>,
    /// Since when its code is asked for; `None` until its owner has entered one.
    pub confirmed_at: Option<WallTime>,
    /// Newest time step whose code was used: it and those before are used up.
    pub step_used: i64,
    /// Hashes of the recovery codes that are left.
    pub recovery: Vec<[u8; 32]>,
}

impl SecondFactor {
    pub(crate) fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            user: get(row, "user_id")?,
            secret: get(row, "secret")?,
            confirmed_at: get(row, "confirmed_us")?,
            step_used: get(row, "step_used")?,
            recovery: json(row, "recovery")?,
        })
    }
}

impl Store {
    /// An account's authenticator app, if it has one.
    pub async fn second_factor(&self, user: UserId) -> Result<Option<SecondFactor>, StoreError> {
        let sql = "SELECT * FROM second_factors WHERE user_id = $1";
        let query = sqlx::query(sql).bind(user.as_bytes().to_vec());
        let row = query.fetch_optional(self.readers()).await?;
        row.as_ref().map(SecondFactor::from_row).transpose()
    }

    /// Accounts that are asked for a code.
    pub async fn users_with_second_factor(&self) -> Result<Vec<UserId>, StoreError> {
        let sql = "SELECT user_id FROM second_factors WHERE confirmed_us IS NOT NULL";
        let rows = sqlx::query(sql).fetch_all(self.readers()).await?;
        rows.iter().map(|row| get(row, "user_id")).collect()
    }

    /// Begins anew with an unconfirmed secret. [`StoreError::Conflict`] if there is a confirmed one:
    /// it has to be removed first.
    pub async fn begin_second_factor(&self, new: &SecondFactor) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        sqlx::query("DELETE FROM second_factors WHERE user_id = $1 AND confirmed_us IS NULL")
            .bind(new.user.as_bytes().to_vec())
            .execute(write.connection())
            .await?;
        insert(write.connection(), new).await?;
        write.commit().await
    }

    /// Uses up the code of a time step, and confirms the app if it was not. `false` if that code
    /// or a later one was used already: of two who present the same code, one is refused.
    pub async fn use_step(
        &self,
        user: UserId,
        step: i64,
        now: WallTime,
    ) -> Result<bool, StoreError> {
        let mut write = self.begin().await?;
        let sql = "UPDATE second_factors
                   SET step_used = $2, confirmed_us = COALESCE(confirmed_us, $3)
                   WHERE user_id = $1 AND step_used < $2";
        let changed = sqlx::query(sql)
            .bind(user.as_bytes().to_vec())
            .bind(step)
            .bind(now.as_micros())
            .execute(write.connection())
            .await?;
        write.commit().await?;
        Ok(changed.rows_affected() > 0)
    }

    /// Replaces the recovery codes.
    pub async fn set_recovery(&self, user: UserId, codes: &[TokenHash]) -> Result<(), StoreError> {
        let codes: Vec<&[u8; 32]> = codes.iter().map(TokenHash::as_bytes).collect();
        let mut write = self.begin().await?;
        let query = sqlx::query("UPDATE second_factors SET recovery = $2 WHERE user_id = $1")
            .bind(user.as_bytes().to_vec())
            .bind(to_json(&codes)?);
        if query.execute(write.connection()).await?.rows_affected() == 0 {
            return Err(StoreError::NotFound { what: "second factor" });
        }
        write.commit().await
    }

    /// Uses up a recovery code. `false` if there is none like it: each works once.
    pub async fn use_recovery(&self, user: UserId, code: &TokenHash) -> Result<bool, StoreError> {
        let mut write = self.begin().await?;
        let sql = "SELECT * FROM second_factors WHERE user_id = $1 AND confirmed_us IS NOT NULL";
        let query = sqlx::query(sql).bind(user.as_bytes().to_vec());
        let Some(row) = query.fetch_optional(write.connection()).await? else { return Ok(false) };
        let mut left = SecondFactor::from_row(&row)?.recovery;
        let before = left.len();
        left.retain(|hash| hash != code.as_bytes());
        if left.len() == before {
            return Ok(false);
        }
        sqlx::query("UPDATE second_factors SET recovery = $2 WHERE user_id = $1")
            .bind(user.as_bytes().to_vec())
            .bind(to_json(&left)?)
            .execute(write.connection())
            .await?;
        write.commit().await?;
        Ok(true)
    }

    /// Removes an account's authenticator app with its recovery codes. Says whether it had one.
    pub async fn remove_second_factor(&self, user: UserId) -> Result<bool, StoreError> {
        let mut write = self.begin().await?;
        let removed = sqlx::query("DELETE FROM second_factors WHERE user_id = $1")
            .bind(user.as_bytes().to_vec())
            .execute(write.connection())
            .await?;
        write.commit().await?;
        Ok(removed.rows_affected() > 0)
    }
}

/// Writes one row; the caller has the transaction.
pub(crate) async fn insert(
    connection: &mut AnyConnection,
    factor: &SecondFactor,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO second_factors (user_id, secret, confirmed_us, step_used, recovery)
               VALUES ($1, $2, $3, $4, $5)";
    sqlx::query(sql)
        .bind(factor.user.as_bytes().to_vec())
        .bind(factor.secret.clone())
        .bind(factor.confirmed_at.map(WallTime::as_micros))
        .bind(factor.step_used)
        .bind(to_json(&factor.recovery)?)
        .execute(connection)
        .await
        .map_err(|error| {
            StoreError::or_conflict(error, "this account has an authenticator app already")
        })?;
    Ok(())
}
