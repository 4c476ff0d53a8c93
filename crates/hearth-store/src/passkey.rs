//! Passkeys of accounts, found by the credential that an authenticator names.

use hearth_model::{PasskeyId, UserId, WallTime};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::row::get;
use crate::{Store, StoreError};

/// More authenticators than one person has.
pub const PASSKEYS_PER_USER_MAX: usize = 16;

/// A passkey. Nothing in it is secret: the private key never left its authenticator.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Passkey {
    /// By what its authenticator names it.
    pub credential: Vec<u8>,
    /// By what its owner removes it.
    pub id: PasskeyId,
    /// Whose.
    pub user: UserId,
    /// What its owner calls it.
    pub name: String,
    /// The host name for which it works.
    pub site: String,
    /// Its public key in COSE's form.
    pub public_key: Vec<u8>,
    /// Its authenticator's counter.
    pub counter: u32,
    /// When it was made.
    pub created_at: WallTime,
    /// When it was last used.
    pub used_at: Option<WallTime>,
}

impl Passkey {
    pub(crate) fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            credential: get(row, "credential")?,
            id: get(row, "id")?,
            user: get(row, "user_id")?,
            name: get(row, "name")?,
            site: get(row, "site")?,
            public_key: get(row, "public_key")?,
            counter: get(row, "counter")?,
            created_at: get(row, "created_us")?,
            used_at: get(row, "used_us")?,
        })
    }
}

impl Store {
    /// An account's passkeys, oldest first.
    pub async fn passkeys_of(&self, user: UserId) -> Result<Vec<Passkey>, StoreError> {
        let sql = "SELECT * FROM passkeys WHERE user_id = $1 ORDER BY created_us, id";
        let query = sqlx::query(sql).bind(user.as_bytes().to_vec());
        query.fetch_all(self.readers()).await?.iter().map(Passkey::from_row).collect()
    }

    /// The passkey that an authenticator names.
    pub async fn passkey(&self, credential: &[u8]) -> Result<Option<Passkey>, StoreError> {
        let query = sqlx::query("SELECT * FROM passkeys WHERE credential = $1");
        let query = query.bind(credential.to_vec());
        let row = query.fetch_optional(self.readers()).await?;
        row.as_ref().map(Passkey::from_row).transpose()
    }

    /// Adds one.
    pub async fn add_passkey(&self, passkey: &Passkey) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let sql = "SELECT COUNT(*) AS passkeys FROM passkeys WHERE user_id = $1";
        let query = sqlx::query(sql).bind(passkey.user.as_bytes().to_vec());
        let count: u64 = get(&query.fetch_one(write.connection()).await?, "passkeys")?;
        if count >= PASSKEYS_PER_USER_MAX as u64 {
            return Err(StoreError::TooMany { what: "passkeys", max: PASSKEYS_PER_USER_MAX });
        }
        insert(write.connection(), passkey).await?;
        write.commit().await
    }

    /// Notes a use, and the counter that came with it. `false` if the counter has moved meanwhile:
    /// of two who present the same answer, one is refused.
    pub async fn use_passkey(
        &self,
        passkey: &Passkey,
        counter: u32,
        now: WallTime,
    ) -> Result<bool, StoreError> {
        let mut write = self.begin().await?;
        let sql = "UPDATE passkeys SET counter = $3, used_us = $4
                   WHERE credential = $1 AND counter = $2";
        let changed = sqlx::query(sql)
            .bind(passkey.credential.clone())
            .bind(i64::from(passkey.counter))
            .bind(i64::from(counter))
            .bind(now.as_micros())
            .execute(write.connection())
            .await?;
        write.commit().await?;
        Ok(changed.rows_affected() > 0)
    }

    /// Removes one of an account.
    pub async fn remove_passkey(&self, user: UserId, id: PasskeyId) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("DELETE FROM passkeys WHERE id = $1 AND user_id = $2")
            .bind(id.as_bytes().to_vec())
            .bind(user.as_bytes().to_vec());
        if query.execute(write.connection()).await?.rows_affected() == 0 {
            return Err(StoreError::NotFound { what: "passkey" });
        }
        write.commit().await
    }

    /// Removes all of an account. Says how many.
    pub async fn remove_passkeys_of(&self, user: UserId) -> Result<u64, StoreError> {
        let mut write = self.begin().await?;
        let removed = sqlx::query("DELETE FROM passkeys WHERE user_id = $1")
            .bind(user.as_bytes().to_vec())
            .execute(write.connection())
            .await?;
        write.commit().await?;
        Ok(removed.rows_affected())
    }
}

/// Writes one row; the caller has the transaction.
pub(crate) async fn insert(
    connection: &mut AnyConnection,
    passkey: &Passkey,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO passkeys
                   (credential, id, user_id, name, site, public_key, counter, created_us, used_us)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    sqlx::query(sql)
        .bind(passkey.credential.clone())
        .bind(passkey.id.as_bytes().to_vec())
        .bind(passkey.user.as_bytes().to_vec())
        .bind(passkey.name.as_str())
        .bind(passkey.site.as_str())
        .bind(passkey.public_key.clone())
        .bind(i64::from(passkey.counter))
        .bind(passkey.created_at.as_micros())
        .bind(passkey.used_at.map(WallTime::as_micros))
        .execute(connection)
        .await
        .map_err(|error| StoreError::or_conflict(error, "this passkey is known already"))?;
    Ok(())
}
