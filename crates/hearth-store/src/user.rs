//! Accounts.

use hearth_auth::{PasswordHash, User, UserName};
use hearth_model::{UserId, WallTime};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::row::{get, to_word, word};
use crate::{Store, StoreError};

/// A house has fewer people.
pub const USERS_MAX: usize = 256;

const NAME_TAKEN: &str = "there is already an account of this name";

/// Reads an account.
pub(crate) fn from_row(row: &AnyRow) -> Result<User, StoreError> {
    let name: String = get(row, "name")?;
    let password: String = get(row, "password")?;
    Ok(User {
        id: get(row, "id")?,
        name: UserName::new(&name).ok_or_else(|| StoreError::corrupt("an unfit user name"))?,
        role: word(row, "role")?,
        password: PasswordHash::parse(&password).map_err(StoreError::corrupt)?,
        created_at: get(row, "created_us")?,
        disabled_at: get(row, "disabled_us")?,
    })
}

impl Store {
    /// All accounts, oldest first.
    pub async fn users(&self) -> Result<Vec<User>, StoreError> {
        let sql = "SELECT * FROM users ORDER BY created_us, id";
        sqlx::query(sql).fetch_all(self.readers()).await?.iter().map(from_row).collect()
    }

    /// Whether there is any account: without one the house waits to be claimed.
    pub async fn has_users(&self) -> Result<bool, StoreError> {
        Ok(sqlx::query("SELECT 1 FROM users").fetch_optional(self.readers()).await?.is_some())
    }

    /// One account.
    pub async fn user(&self, id: UserId) -> Result<User, StoreError> {
        let query = sqlx::query("SELECT * FROM users WHERE id = $1").bind(id.as_bytes().to_vec());
        let row = query.fetch_optional(self.readers()).await?;
        from_row(&row.ok_or(StoreError::NotFound { what: "account" })?)
    }

    /// The account somebody wants to sign in to. `None` is not an error: it must look like a wrong
    /// password (promise D-11).
    pub async fn user_by_name(&self, name: &UserName) -> Result<Option<User>, StoreError> {
        let query = sqlx::query("SELECT * FROM users WHERE name_key = $1").bind(name.key());
        query.fetch_optional(self.readers()).await?.as_ref().map(from_row).transpose()
    }

    /// Adds an account. [`StoreError::Conflict`] if the name is taken.
    pub async fn add_user(&self, user: &User) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        if count(write.connection()).await? >= USERS_MAX as u64 {
            return Err(StoreError::TooMany { what: "accounts", max: USERS_MAX });
        }
        insert(write.connection(), user).await?;
        write.commit().await
    }

    /// Adds the first account; [`StoreError::Conflict`] if there is one. Two people who claim the
    /// house at the same moment cannot both succeed (promise T-09).
    pub async fn add_first_user(&self, user: &User) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        if count(write.connection()).await? > 0 {
            return Err(StoreError::Conflict { message: "this hub has already been set up" });
        }
        insert(write.connection(), user).await?;
        write.commit().await
    }

    /// Replaces an account's name, role, password and whether it is disabled.
    pub async fn set_user(&self, user: &User) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let sql = "UPDATE users SET name = $2, name_key = $3, role = $4, password = $5,
                       disabled_us = $6
                   WHERE id = $1";
        let changed = sqlx::query(sql)
            .bind(user.id.as_bytes().to_vec())
            .bind(user.name.as_str())
            .bind(user.name.key())
            .bind(to_word(&user.role)?)
            .bind(user.password.as_str())
            .bind(user.disabled_at.map(WallTime::as_micros))
            .execute(write.connection())
            .await
            .map_err(|error| StoreError::or_conflict(error, NAME_TAKEN))?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::NotFound { what: "account" });
        }
        write.commit().await
    }

    /// Removes an account and with it its sessions.
    pub async fn remove_user(&self, id: UserId) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("DELETE FROM users WHERE id = $1").bind(id.as_bytes().to_vec());
        if query.execute(write.connection()).await?.rows_affected() == 0 {
            return Err(StoreError::NotFound { what: "account" });
        }
        write.commit().await
    }
}

async fn count(connection: &mut AnyConnection) -> Result<u64, StoreError> {
    get(&sqlx::query("SELECT COUNT(*) AS users FROM users").fetch_one(connection).await?, "users")
}

/// Writes one row; the caller has the transaction.
pub(crate) async fn insert(connection: &mut AnyConnection, user: &User) -> Result<(), StoreError> {
    let sql = "INSERT INTO users (id, name, name_key, role, password, created_us, disabled_us)
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    sqlx::query(sql)
        .bind(user.id.as_bytes().to_vec())
        .bind(user.name.as_str())
        .bind(user.name.key())
        .bind(to_word(&user.role)?)
        .bind(user.password.as_str())
        .bind(user.created_at.as_micros())
        .bind(user.disabled_at.map(WallTime::as_micros))
        .execute(connection)
        .await
        .map_err(|error| StoreError::or_conflict(error, NAME_TAKEN))?;
    Ok(())
}
