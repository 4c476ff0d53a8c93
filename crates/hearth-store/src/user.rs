//! Accounts.

use hearth_auth::{CameraAccess, PasswordHash, User, UserName};
use hearth_model::{Role, SessionId, UserId, WallTime};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::row::{get, json, to_json, to_word, word};
use crate::{Store, StoreError};

/// A house has fewer people.
pub const USERS_MAX: usize = 256;

/// What changes of an account; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct UserChange {
    /// What it signs in with.
    pub name: Option<UserName>,
    /// What it may do. Another role ends its sign-ins.
    pub role: Option<Role>,
    /// Since when it is disabled, or not any more. Disabling ends its sign-ins.
    pub disabled_at: Option<Option<WallTime>>,
    /// When it ends by itself, or never.
    pub expires_at: Option<Option<WallTime>>,
    /// What it may do with single cameras.
    pub camera_access: Option<CameraAccess>,
}

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
        expires_at: get(row, "expires_us")?,
        must_change_password: get(row, "must_change")?,
        camera_access: json(row, "camera_access")?,
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

    /// Changes an account and returns it as it is then. Another role or disabling also ends its
    /// sign-ins, in the same transaction.
    ///
    /// [`StoreError::Conflict`] if nobody would be left to administer the house: of two who take
    /// that right from each other at the same moment, one is refused.
    pub async fn change_user(&self, id: UserId, change: &UserChange) -> Result<User, StoreError> {
        let mut write = self.begin().await?;
        let before = read(write.connection(), id).await?;
        let change = change.clone();
        let user = User {
            name: change.name.unwrap_or(before.name.clone()),
            role: change.role.unwrap_or(before.role),
            disabled_at: change.disabled_at.unwrap_or(before.disabled_at),
            expires_at: change.expires_at.unwrap_or(before.expires_at),
            camera_access: change.camera_access.unwrap_or(before.camera_access.clone()),
            ..before.clone()
        };
        check(&user)?;
        update(write.connection(), &user).await?;
        if administers(&before) && !administers(&user) {
            keep_an_administrator(write.connection()).await?;
        }
        if user.role != before.role || user.disabled_at.is_some() {
            end_sessions(write.connection(), id, None).await?;
        }
        write.commit().await?;
        Ok(user)
    }

    /// Sets an account's password and ends its sign-ins, all or all but the one at hand.
    pub async fn set_password(
        &self,
        id: UserId,
        password: &PasswordHash,
        must_change: bool,
        except: Option<SessionId>,
    ) -> Result<User, StoreError> {
        let mut write = self.begin().await?;
        let before = read(write.connection(), id).await?;
        let password = password.clone();
        let user = User { password, must_change_password: must_change, ..before };
        update(write.connection(), &user).await?;
        end_sessions(write.connection(), id, except).await?;
        write.commit().await?;
        Ok(user)
    }

    /// Replaces a hash by one of the same password with today's parameters, unless somebody has
    /// changed the password meanwhile. Says whether it did.
    pub async fn upgrade_password(
        &self,
        id: UserId,
        from: &PasswordHash,
        to: &PasswordHash,
    ) -> Result<bool, StoreError> {
        let mut write = self.begin().await?;
        let sql = "UPDATE users SET password = $3 WHERE id = $1 AND password = $2";
        let changed = sqlx::query(sql)
            .bind(id.as_bytes().to_vec())
            .bind(from.as_str())
            .bind(to.as_str())
            .execute(write.connection())
            .await?;
        write.commit().await?;
        Ok(changed.rows_affected() > 0)
    }

    /// Removes an account and with it its sessions, second factors and tokens.
    /// [`StoreError::Conflict`] if it is the last administrator.
    pub async fn remove_user(&self, id: UserId) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let before = read(write.connection(), id).await?;
        let query = sqlx::query("DELETE FROM users WHERE id = $1").bind(id.as_bytes().to_vec());
        query.execute(write.connection()).await?;
        if administers(&before) {
            keep_an_administrator(write.connection()).await?;
        }
        write.commit().await
    }
}

/// Whether somebody can rely on this account to administer the house.
fn administers(user: &User) -> bool {
    user.role == Role::Admin && user.disabled_at.is_none()
}

fn check(user: &User) -> Result<(), StoreError> {
    if user.role == Role::Admin && user.expires_at.is_some() {
        let message = "an administrator's account does not end by itself";
        return Err(StoreError::Invalid { message });
    }
    if user.camera_access.check().is_err() {
        let message = "these rules about cameras are not acceptable";
        return Err(StoreError::Invalid { message });
    }
    Ok(())
}

async fn keep_an_administrator(connection: &mut AnyConnection) -> Result<(), StoreError> {
    let sql = "SELECT 1 FROM users WHERE role = $1 AND disabled_us IS NULL LIMIT 1";
    let query = sqlx::query(sql).bind(to_word(&Role::Admin)?);
    if query.fetch_optional(connection).await?.is_some() {
        return Ok(());
    }
    Err(StoreError::Conflict { message: "this is the last administrator" })
}

/// Reads an account inside a transaction.
pub(crate) async fn read(connection: &mut AnyConnection, id: UserId) -> Result<User, StoreError> {
    let query = sqlx::query("SELECT * FROM users WHERE id = $1").bind(id.as_bytes().to_vec());
    let row = query.fetch_optional(connection).await?;
    from_row(&row.ok_or(StoreError::NotFound { what: "account" })?)
}

async fn update(connection: &mut AnyConnection, user: &User) -> Result<(), StoreError> {
    let sql = "UPDATE users SET name = $2, name_key = $3, role = $4, password = $5,
                   disabled_us = $6, expires_us = $7, must_change = $8, camera_access = $9
               WHERE id = $1";
    sqlx::query(sql)
        .bind(user.id.as_bytes().to_vec())
        .bind(user.name.as_str())
        .bind(user.name.key())
        .bind(to_word(&user.role)?)
        .bind(user.password.as_str())
        .bind(user.disabled_at.map(WallTime::as_micros))
        .bind(user.expires_at.map(WallTime::as_micros))
        .bind(i64::from(user.must_change_password))
        .bind(to_json(&user.camera_access)?)
        .execute(connection)
        .await
        .map_err(|error| StoreError::or_conflict(error, NAME_TAKEN))?;
    Ok(())
}

async fn end_sessions(
    connection: &mut AnyConnection,
    user: UserId,
    except: Option<SessionId>,
) -> Result<(), StoreError> {
    // No session has this id.
    let except = except.unwrap_or(SessionId::from_bytes([0; 16]));
    sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND id <> $2")
        .bind(user.as_bytes().to_vec())
        .bind(except.as_bytes().to_vec())
        .execute(connection)
        .await?;
    Ok(())
}

async fn count(connection: &mut AnyConnection) -> Result<u64, StoreError> {
    get(&sqlx::query("SELECT COUNT(*) AS users FROM users").fetch_one(connection).await?, "users")
}

/// Writes one row; the caller has the transaction.
pub(crate) async fn insert(connection: &mut AnyConnection, user: &User) -> Result<(), StoreError> {
    check(user)?;
    let sql = "INSERT INTO users (id, name, name_key, role, password, created_us, disabled_us,
                   expires_us, must_change, camera_access)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    sqlx::query(sql)
        .bind(user.id.as_bytes().to_vec())
        .bind(user.name.as_str())
        .bind(user.name.key())
        .bind(to_word(&user.role)?)
        .bind(user.password.as_str())
        .bind(user.created_at.as_micros())
        .bind(user.disabled_at.map(WallTime::as_micros))
        .bind(user.expires_at.map(WallTime::as_micros))
        .bind(i64::from(user.must_change_password))
        .bind(to_json(&user.camera_access)?)
        .execute(connection)
        .await
        .map_err(|error| StoreError::or_conflict(error, NAME_TAKEN))?;
    Ok(())
}
