//! Which account here belongs to whom at the sign-in provider.

use hearth_model::{UserId, WallTime};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::row::get;
use crate::{Store, StoreError};

/// A link. Nothing in it signs anybody in: the provider has to say who is there each time.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ProviderLink {
    /// The provider.
    pub issuer: String,
    /// Its name for the person.
    pub subject: String,
    /// The account here.
    pub user: UserId,
    /// What the provider called the person when the link was made.
    pub label: Option<String>,
    /// When that was.
    pub linked_at: WallTime,
}

impl ProviderLink {
    pub(crate) fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            issuer: get(row, "issuer")?,
            subject: get(row, "subject")?,
            user: get(row, "user_id")?,
            label: get(row, "label")?,
            linked_at: get(row, "linked_us")?,
        })
    }
}

impl Store {
    /// The link of whoever a provider names.
    pub async fn provider_link(
        &self,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<ProviderLink>, StoreError> {
        let sql = "SELECT * FROM provider_links WHERE issuer = $1 AND subject = $2";
        let query = sqlx::query(sql).bind(issuer).bind(subject);
        let row = query.fetch_optional(self.readers()).await?;
        row.as_ref().map(ProviderLink::from_row).transpose()
    }

    /// The link of an account.
    pub async fn provider_link_of(&self, user: UserId) -> Result<Option<ProviderLink>, StoreError> {
        let query = sqlx::query("SELECT * FROM provider_links WHERE user_id = $1");
        let query = query.bind(user.as_bytes().to_vec());
        let row = query.fetch_optional(self.readers()).await?;
        row.as_ref().map(ProviderLink::from_row).transpose()
    }

    /// Links an account in place of the link that it had. A person at the provider who is linked
    /// to another account stays linked to that one: [`StoreError::Conflict`].
    pub async fn link_provider(&self, link: &ProviderLink) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("DELETE FROM provider_links WHERE user_id = $1");
        query.bind(link.user.as_bytes().to_vec()).execute(write.connection()).await?;
        insert(write.connection(), link).await?;
        write.commit().await
    }

    /// Ends an account's link. Says whether there was one.
    pub async fn unlink_provider(&self, user: UserId) -> Result<bool, StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("DELETE FROM provider_links WHERE user_id = $1");
        let query = query.bind(user.as_bytes().to_vec());
        let ended = query.execute(write.connection()).await?.rows_affected() > 0;
        write.commit().await?;
        Ok(ended)
    }
}

/// Writes one row; the caller has the transaction.
pub(crate) async fn insert(
    connection: &mut AnyConnection,
    link: &ProviderLink,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO provider_links (issuer, subject, user_id, label, linked_us)
               VALUES ($1, $2, $3, $4, $5)";
    sqlx::query(sql)
        .bind(link.issuer.as_str())
        .bind(link.subject.as_str())
        .bind(link.user.as_bytes().to_vec())
        .bind(link.label.as_deref())
        .bind(link.linked_at.as_micros())
        .execute(connection)
        .await
        .map_err(|error| {
            StoreError::or_conflict(error, "this person is linked to another account")
        })?;
    Ok(())
}
