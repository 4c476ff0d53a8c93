//! Tokens of programs, found by their hash, and the families of refresh tokens made from them.

use std::net::IpAddr;

use hearth_auth::{ApiToken, TokenHash, TokenName, User};
use hearth_model::{FamilyId, TokenId, UserId, WallTime};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::row::{get, json, to_json};
use crate::{Store, StoreError, user};

/// More programs than one person runs.
pub const TOKENS_PER_USER_MAX: usize = 64;

/// Programs that use one token at a time; one more ends the family that is oldest.
pub const FAMILIES_PER_TOKEN_MAX: u32 = 16;

/// A token as the sealed copy of the house keeps it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StoredToken {
    /// SHA-256 of what the program presents.
    pub hash: [u8; 32],
    /// All else.
    pub token: ApiToken,
}

/// A token and the account it belongs to, as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenOf {
    /// The token.
    pub token: ApiToken,
    /// Whose.
    pub user: User,
}

/// What came of presenting a refresh token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// It was the newest of its family, which goes on until then.
    Next {
        /// Which token the family stands for.
        token: TokenId,
        /// When the family ends.
        expires_at: WallTime,
    },
    /// It was used before, so somebody has copied it: the family has been ended.
    Reused {
        /// Which token the family stood for.
        token: TokenId,
    },
    /// There is no such family, or it has ended.
    Unknown,
}

impl StoredToken {
    pub(crate) fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self { hash: *get::<TokenHash>(row, "hash")?.as_bytes(), token: from_row(row)? })
    }
}

fn from_row(row: &AnyRow) -> Result<ApiToken, StoreError> {
    let name: String = get(row, "token_name").or_else(|_| get(row, "name"))?;
    let from: Option<String> = get(row, "used_from")?;
    let address = |text: String| text.parse().map_err(|_| StoreError::corrupt("an unfit address"));
    Ok(ApiToken {
        id: get(row, "token_id").or_else(|_| get(row, "id"))?,
        user: get(row, "user_id")?,
        name: TokenName::new(&name).ok_or_else(|| StoreError::corrupt("an unfit token name"))?,
        scope: json(row, "scope")?,
        networks: json(row, "networks")?,
        created_at: get(row, "token_created_us").or_else(|_| get(row, "created_us"))?,
        expires_at: get(row, "token_expires_us").or_else(|_| get(row, "expires_us"))?,
        used_at: get(row, "used_us")?,
        used_from: from.map(address).transpose()?,
    })
}

const TOKEN_OF: &str = "
    SELECT t.id AS token_id, t.user_id, t.name AS token_name, t.scope, t.networks,
        t.created_us AS token_created_us, t.expires_us AS token_expires_us, t.used_us, t.used_from,
        u.id, u.name, u.role, u.password, u.created_us, u.disabled_us, u.expires_us, u.must_change,
        u.camera_access
    FROM tokens AS t JOIN users AS u ON u.id = t.user_id
    WHERE u.disabled_us IS NULL AND ";

fn token_of(row: &AnyRow) -> Result<TokenOf, StoreError> {
    Ok(TokenOf { token: from_row(row)?, user: user::from_row(row)? })
}

impl Store {
    /// All tokens, or those of one account, oldest first.
    pub async fn tokens(&self, user: Option<UserId>) -> Result<Vec<ApiToken>, StoreError> {
        let rows = match user {
            None => {
                let sql = "SELECT * FROM tokens ORDER BY created_us, id";
                sqlx::query(sql).fetch_all(self.readers()).await?
            }
            Some(user) => {
                let sql = "SELECT * FROM tokens WHERE user_id = $1 ORDER BY created_us, id";
                let query = sqlx::query(sql).bind(user.as_bytes().to_vec());
                query.fetch_all(self.readers()).await?
            }
        };
        rows.iter().map(from_row).collect()
    }

    /// One token.
    pub async fn token(&self, id: TokenId) -> Result<ApiToken, StoreError> {
        let query = sqlx::query("SELECT * FROM tokens WHERE id = $1").bind(id.as_bytes().to_vec());
        let row = query.fetch_optional(self.readers()).await?;
        from_row(&row.ok_or(StoreError::NotFound { what: "token" })?)
    }

    /// Adds one.
    pub async fn add_token(&self, hash: &TokenHash, token: &ApiToken) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let sql = "SELECT COUNT(*) AS tokens FROM tokens WHERE user_id = $1";
        let query = sqlx::query(sql).bind(token.user.as_bytes().to_vec());
        let count: u64 = get(&query.fetch_one(write.connection()).await?, "tokens")?;
        if count >= TOKENS_PER_USER_MAX as u64 {
            return Err(StoreError::TooMany { what: "tokens", max: TOKENS_PER_USER_MAX });
        }
        user::read(write.connection(), token.user).await?;
        let row = StoredToken { hash: *hash.as_bytes(), token: token.clone() };
        insert(write.connection(), &row).await?;
        write.commit().await
    }

    /// Gives a token another secret, and ends what was made from the old one.
    pub async fn rotate_token(&self, id: TokenId, hash: &TokenHash) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("UPDATE tokens SET hash = $2 WHERE id = $1")
            .bind(id.as_bytes().to_vec())
            .bind(hash.as_bytes().to_vec());
        if query.execute(write.connection()).await?.rows_affected() == 0 {
            return Err(StoreError::NotFound { what: "token" });
        }
        sqlx::query("DELETE FROM token_families WHERE token_id = $1")
            .bind(id.as_bytes().to_vec())
            .execute(write.connection())
            .await?;
        write.commit().await
    }

    /// Removes a token and what was made from it.
    pub async fn remove_token(&self, id: TokenId) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("DELETE FROM tokens WHERE id = $1").bind(id.as_bytes().to_vec());
        if query.execute(write.connection()).await?.rows_affected() == 0 {
            return Err(StoreError::NotFound { what: "token" });
        }
        write.commit().await
    }

    /// Which token a secret is. Whether it may be used now is asked with [`ApiToken::is_usable`].
    pub async fn token_by_hash(&self, hash: &TokenHash) -> Result<Option<TokenOf>, StoreError> {
        let sql = format!("{TOKEN_OF} t.hash = $1");
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(hash.as_bytes().to_vec());
        query.fetch_optional(self.readers()).await?.as_ref().map(token_of).transpose()
    }

    /// Which token a family stands for, while the family goes on.
    pub async fn token_by_family(
        &self,
        family: FamilyId,
        now: WallTime,
    ) -> Result<Option<TokenOf>, StoreError> {
        let sql = format!(
            "{TOKEN_OF} t.id = (SELECT token_id FROM token_families WHERE id = $1
                                AND expires_us > $2)"
        );
        let query = sqlx::query(sqlx::AssertSqlSafe(sql));
        let query = query.bind(family.as_bytes().to_vec()).bind(now.as_micros());
        query.fetch_optional(self.readers()).await?.as_ref().map(token_of).transpose()
    }

    /// Notes that a token was used.
    pub async fn touch_token(
        &self,
        id: TokenId,
        from: IpAddr,
        now: WallTime,
    ) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        sqlx::query("UPDATE tokens SET used_us = $2, used_from = $3 WHERE id = $1")
            .bind(id.as_bytes().to_vec())
            .bind(now.as_micros())
            .bind(from.to_string())
            .execute(write.connection())
            .await?;
        write.commit().await
    }

    /// Begins a family with its first refresh token. The oldest one too many ends.
    pub async fn begin_family(
        &self,
        family: FamilyId,
        token: TokenId,
        hash: &TokenHash,
        now: WallTime,
        expires_at: WallTime,
    ) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let sql = "SELECT 1 FROM tokens WHERE id = $1";
        let query = sqlx::query(sql).bind(token.as_bytes().to_vec());
        if query.fetch_optional(write.connection()).await?.is_none() {
            return Err(StoreError::NotFound { what: "token" });
        }
        let sql = "INSERT INTO token_families (id, token_id, hash, created_us, expires_us)
                   VALUES ($1, $2, $3, $4, $5)";
        sqlx::query(sql)
            .bind(family.as_bytes().to_vec())
            .bind(token.as_bytes().to_vec())
            .bind(hash.as_bytes().to_vec())
            .bind(now.as_micros())
            .bind(expires_at.as_micros())
            .execute(write.connection())
            .await?;
        let sql = "DELETE FROM token_families WHERE token_id = $1 AND id NOT IN (
                       SELECT id FROM token_families WHERE token_id = $1
                       ORDER BY created_us DESC, id DESC LIMIT $2)";
        sqlx::query(sql)
            .bind(token.as_bytes().to_vec())
            .bind(i64::from(FAMILIES_PER_TOKEN_MAX))
            .execute(write.connection())
            .await?;
        write.commit().await
    }

    /// Trades a refresh token for the next one of its family. One that is not the newest ends the
    /// family: of two who present the same one, one gets on, and then neither does.
    pub async fn refresh(
        &self,
        family: FamilyId,
        presented: &TokenHash,
        next: &TokenHash,
        now: WallTime,
    ) -> Result<Refreshed, StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("SELECT * FROM token_families WHERE id = $1")
            .bind(family.as_bytes().to_vec());
        let Some(row) = query.fetch_optional(write.connection()).await? else {
            return Ok(Refreshed::Unknown);
        };
        let expires_at: WallTime = get(&row, "expires_us")?;
        let token = get(&row, "token_id")?;
        let newest: TokenHash = get(&row, "hash")?;
        if now >= expires_at {
            return Ok(Refreshed::Unknown);
        }
        let refreshed = if newest == *presented {
            sqlx::query("UPDATE token_families SET hash = $2 WHERE id = $1")
                .bind(family.as_bytes().to_vec())
                .bind(next.as_bytes().to_vec())
                .execute(write.connection())
                .await?;
            Refreshed::Next { token, expires_at }
        } else {
            delete_family(write.connection(), family).await?;
            Refreshed::Reused { token }
        };
        write.commit().await?;
        Ok(refreshed)
    }

    /// Ends a family. Says whether there was one.
    pub async fn end_family(&self, family: FamilyId) -> Result<bool, StoreError> {
        let mut write = self.begin().await?;
        let ended = delete_family(write.connection(), family).await?;
        write.commit().await?;
        Ok(ended)
    }

    /// Erases families that have ended. Says how many.
    pub async fn sweep_families(&self, now: WallTime) -> Result<u64, StoreError> {
        let mut write = self.begin().await?;
        let swept = sqlx::query("DELETE FROM token_families WHERE expires_us <= $1")
            .bind(now.as_micros())
            .execute(write.connection())
            .await?;
        write.commit().await?;
        Ok(swept.rows_affected())
    }
}

async fn delete_family(
    connection: &mut AnyConnection,
    family: FamilyId,
) -> Result<bool, StoreError> {
    let ended = sqlx::query("DELETE FROM token_families WHERE id = $1")
        .bind(family.as_bytes().to_vec())
        .execute(connection)
        .await?;
    Ok(ended.rows_affected() > 0)
}

/// Writes one row; the caller has the transaction.
pub(crate) async fn insert(
    connection: &mut AnyConnection,
    row: &StoredToken,
) -> Result<(), StoreError> {
    let StoredToken { hash, token } = row;
    let sql = "INSERT INTO tokens (id, hash, user_id, name, scope, networks, created_us,
                   expires_us, used_us, used_from)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    sqlx::query(sql)
        .bind(token.id.as_bytes().to_vec())
        .bind(hash.to_vec())
        .bind(token.user.as_bytes().to_vec())
        .bind(token.name.as_str())
        .bind(to_json(&token.scope)?)
        .bind(to_json(&token.networks)?)
        .bind(token.created_at.as_micros())
        .bind(token.expires_at.as_micros())
        .bind(token.used_at.map(WallTime::as_micros))
        .bind(token.used_from.map(|address| address.to_string()))
        .execute(connection)
        .await?;
    Ok(())
}
