//! Sign-ins, found by the hash of their token.

use std::time::Duration;

use hearth_auth::{PasswordHash, Session, SessionLimits, TokenHash, User};
use hearth_model::{SessionId, UserId, WallTime};
use sqlx::any::AnyRow;

use crate::row::get;
use crate::{Store, StoreError, user};

/// More devices than one person signs in from; one more ends the session used longest ago.
pub const SESSIONS_PER_USER_MAX: u32 = 32;

/// A session and the account it belongs to, as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The sign-in.
    pub session: Session,
    /// Who.
    pub user: User,
}

fn session(row: &AnyRow) -> Result<Session, StoreError> {
    let address: String = get(row, "address")?;
    Ok(Session {
        id: get(row, "session_id")?,
        user: get(row, "user_id")?,
        created_at: get(row, "session_created_us")?,
        last_seen_at: get(row, "last_seen_us")?,
        proved_at: get(row, "proved_us")?,
        address: address.parse().map_err(|_| StoreError::corrupt("an unfit address"))?,
        agent: get(row, "agent")?,
    })
}

const SIGNED_IN: &str = "
    SELECT s.id AS session_id, s.user_id, s.created_us AS session_created_us, s.last_seen_us,
        s.proved_us, s.address, s.agent, u.id, u.name, u.role, u.password, u.created_us,
        u.disabled_us, u.expires_us, u.must_change, u.camera_access
    FROM sessions AS s JOIN users AS u ON u.id = s.user_id
    WHERE s.token = $1 AND u.disabled_us IS NULL";

impl Store {
    /// Adds a sign-in, and ends the account's session used longest ago if it has too many.
    ///
    /// `verified` is the password's hash as it was when its owner proved who they are:
    /// [`StoreError::NotFound`] if it was changed meanwhile, or if the account is disabled or gone,
    /// so that nobody gets in by a password while it is being replaced.
    pub async fn add_session(
        &self,
        token: &TokenHash,
        session: &Session,
        verified: &PasswordHash,
    ) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let user = user::read(write.connection(), session.user).await?;
        if user.password != *verified || user.disabled_at.is_some() {
            return Err(StoreError::NotFound { what: "account" });
        }
        let sql = "INSERT INTO sessions
                       (token, id, user_id, created_us, last_seen_us, address, agent, proved_us)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        sqlx::query(sql)
            .bind(token.as_bytes().to_vec())
            .bind(session.id.as_bytes().to_vec())
            .bind(session.user.as_bytes().to_vec())
            .bind(session.created_at.as_micros())
            .bind(session.last_seen_at.as_micros())
            .bind(session.address.to_string())
            .bind(session.agent.as_str())
            .bind(session.proved_at.as_micros())
            .execute(write.connection())
            .await?;
        let sql = "DELETE FROM sessions WHERE user_id = $1 AND id NOT IN (
                       SELECT id FROM sessions WHERE user_id = $1
                       ORDER BY last_seen_us DESC, id DESC LIMIT $2)";
        sqlx::query(sql)
            .bind(session.user.as_bytes().to_vec())
            .bind(i64::from(SESSIONS_PER_USER_MAX))
            .execute(write.connection())
            .await?;
        write.commit().await
    }

    /// Who presents a token. `None` if nobody does, or if the account is disabled. Whether the
    /// session has ended is asked with [`Session::state`].
    pub async fn signed_in(&self, token: &TokenHash) -> Result<Option<SignedIn>, StoreError> {
        let query = sqlx::query(SIGNED_IN).bind(token.as_bytes().to_vec());
        let row = query.fetch_optional(self.readers()).await?;
        let signed_in =
            |row: &AnyRow| Ok(SignedIn { session: session(row)?, user: user::from_row(row)? });
        row.as_ref().map(signed_in).transpose()
    }

    /// Gives a sign-in another token, because its owner's rights or password changed: whoever has
    /// copied the old one is left with nothing.
    pub async fn rotate_session(
        &self,
        id: SessionId,
        token: &TokenHash,
        now: WallTime,
    ) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("UPDATE sessions SET token = $2, proved_us = $3 WHERE id = $1")
            .bind(id.as_bytes().to_vec())
            .bind(token.as_bytes().to_vec())
            .bind(now.as_micros());
        if query.execute(write.connection()).await?.rows_affected() == 0 {
            return Err(StoreError::NotFound { what: "session" });
        }
        write.commit().await
    }

    /// One sign-in of an account.
    pub async fn session(&self, user: UserId, id: SessionId) -> Result<Session, StoreError> {
        let sessions = self.sessions_of(user).await?;
        let found = sessions.into_iter().find(|session| session.id == id);
        found.ok_or(StoreError::NotFound { what: "session" })
    }

    /// Notes that a session's owner has proved who they are.
    pub async fn prove_session(&self, id: SessionId, now: WallTime) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        sqlx::query("UPDATE sessions SET proved_us = $2 WHERE id = $1")
            .bind(id.as_bytes().to_vec())
            .bind(now.as_micros())
            .execute(write.connection())
            .await?;
        write.commit().await
    }

    /// Notes that a session was used.
    pub async fn touch_session(&self, id: SessionId, now: WallTime) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        sqlx::query("UPDATE sessions SET last_seen_us = $2 WHERE id = $1")
            .bind(id.as_bytes().to_vec())
            .bind(now.as_micros())
            .execute(write.connection())
            .await?;
        write.commit().await
    }

    /// An account's sessions, last used first: listed to their owner (promise D-08).
    pub async fn sessions_of(&self, user: UserId) -> Result<Vec<Session>, StoreError> {
        let sql =
            "SELECT id AS session_id, user_id, created_us AS session_created_us, last_seen_us,
                       proved_us, address, agent
                   FROM sessions WHERE user_id = $1 ORDER BY last_seen_us DESC, id DESC";
        let query = sqlx::query(sql).bind(user.as_bytes().to_vec());
        query.fetch_all(self.readers()).await?.iter().map(session).collect()
    }

    /// Ends a session of an account.
    pub async fn revoke_session(&self, user: UserId, id: SessionId) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("DELETE FROM sessions WHERE id = $1 AND user_id = $2")
            .bind(id.as_bytes().to_vec())
            .bind(user.as_bytes().to_vec());
        if query.execute(write.connection()).await?.rows_affected() == 0 {
            return Err(StoreError::NotFound { what: "session" });
        }
        write.commit().await
    }

    /// Ends an account's sessions, all or all but the one at hand: after a new password, or a new
    /// role. Says how many.
    pub async fn revoke_sessions_of(
        &self,
        user: UserId,
        except: Option<SessionId>,
    ) -> Result<u64, StoreError> {
        let mut write = self.begin().await?;
        let query = match except {
            None => sqlx::query("DELETE FROM sessions WHERE user_id = $1")
                .bind(user.as_bytes().to_vec()),
            Some(id) => sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND id <> $2")
                .bind(user.as_bytes().to_vec())
                .bind(id.as_bytes().to_vec()),
        };
        let revoked = query.execute(write.connection()).await?.rows_affected();
        write.commit().await?;
        Ok(revoked)
    }

    /// Erases the sessions that have ended. Says how many.
    pub async fn sweep_sessions(
        &self,
        now: WallTime,
        limits: &SessionLimits,
    ) -> Result<u64, StoreError> {
        let before = |age: Duration| {
            let micros = i64::try_from(age.as_micros()).unwrap_or(i64::MAX);
            now.plus_micros(micros.saturating_neg()).as_micros()
        };
        let mut write = self.begin().await?;
        let swept =
            sqlx::query("DELETE FROM sessions WHERE last_seen_us <= $1 OR created_us <= $2")
                .bind(before(limits.idle))
                .bind(before(limits.absolute))
                .execute(write.connection())
                .await?;
        write.commit().await?;
        Ok(swept.rows_affected())
    }
}
