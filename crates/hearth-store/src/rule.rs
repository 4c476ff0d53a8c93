//! Rules of the house and their runs: sealed, and opaque here.

use hearth_model::{RuleId, WallTime};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::row::get;
use crate::{Store, StoreError};

/// Rules of a house; as many as the engine judges.
pub const RULES_MAX: usize = 500;

/// Runs that are kept. With each some hundred bytes, more than anybody reads.
pub const RULE_RUNS_MAX: usize = 10_000;

/// Runs on one page.
pub const RULE_RUNS_PER_PAGE_MAX: u32 = 200;

/// A rule as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StoredRule {
    /// Its id.
    pub id: RuleId,
    /// What it says, sealed under the house's key.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: WallTime,
    /// When it was changed last.
    pub changed_at: WallTime,
}

/// A run of a rule as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRun {
    /// Its number; later ones are higher.
    pub id: i64,
    /// Of which rule.
    pub rule: RuleId,
    /// When.
    pub at: WallTime,
    /// What it did and why, sealed under the house's key.
    pub sealed: Vec<u8>,
}

impl StoredRule {
    pub(crate) fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: get(row, "id")?,
            sealed: get(row, "sealed")?,
            created_at: get(row, "created_us")?,
            changed_at: get(row, "changed_us")?,
        })
    }
}

pub(crate) const ALL_RULES: &str = "SELECT * FROM house_rules ORDER BY created_us, id";

impl Store {
    /// The rules, in the order they were made.
    pub async fn rules(&self) -> Result<Vec<StoredRule>, StoreError> {
        let rows = sqlx::query(ALL_RULES).fetch_all(self.readers()).await?;
        rows.iter().map(StoredRule::from_row).collect()
    }

    /// Writes a rule as it is now.
    pub async fn put_rule(&self, rule: &StoredRule) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let sql = "SELECT COUNT(*) AS others FROM house_rules WHERE id <> $1";
        let query = sqlx::query(sql).bind(rule.id.as_bytes().to_vec());
        let row = query.fetch_one(write.connection()).await?;
        if get::<u64>(&row, "others")? >= RULES_MAX as u64 {
            return Err(StoreError::TooMany { what: "rules", max: RULES_MAX });
        }
        put(write.connection(), rule).await?;
        write.commit().await
    }

    /// Removes a rule with its runs.
    pub async fn remove_rule(&self, id: RuleId) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("DELETE FROM house_rules WHERE id = $1");
        let removed = query.bind(id.as_bytes().to_vec()).execute(write.connection()).await?;
        if removed.rows_affected() == 0 {
            return Err(StoreError::NotFound { what: "rule" });
        }
        let query = sqlx::query("DELETE FROM rule_runs WHERE rule = $1");
        query.bind(id.as_bytes().to_vec()).execute(write.connection()).await?;
        write.commit().await
    }

    /// Adds a run and gives its number; the oldest go if there are too many.
    pub async fn add_rule_run(
        &self,
        rule: RuleId,
        at: WallTime,
        sealed: &[u8],
    ) -> Result<i64, StoreError> {
        let mut write = self.begin().await?;
        let sql = "INSERT INTO rule_runs (rule, at_us, sealed) VALUES ($1, $2, $3) RETURNING id";
        let query = sqlx::query(sql).bind(rule.as_bytes().to_vec()).bind(at.as_micros());
        let row = query.bind(sealed.to_vec()).fetch_one(write.connection()).await?;
        let id: i64 = get(&row, "id")?;
        let query = sqlx::query("DELETE FROM rule_runs WHERE id <= $1");
        query.bind(id - RULE_RUNS_MAX as i64).execute(write.connection()).await?;
        write.commit().await?;
        Ok(id)
    }

    /// Writes what came of a run. One that is gone meanwhile is no failure.
    pub async fn update_rule_run(&self, id: i64, sealed: &[u8]) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("UPDATE rule_runs SET sealed = $2 WHERE id = $1");
        query.bind(id).bind(sealed.to_vec()).execute(write.connection()).await?;
        write.commit().await
    }

    /// Runs before a number, newest first; of one rule, if it is named.
    pub async fn rule_runs(
        &self,
        rule: Option<RuleId>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<StoredRun>, StoreError> {
        let sql = "SELECT * FROM rule_runs WHERE id < $1 AND ($2 IS NULL OR rule = $2)
                   ORDER BY id DESC LIMIT $3";
        let rows = sqlx::query(sql)
            .bind(before.unwrap_or(i64::MAX))
            .bind(rule.map(|rule| rule.as_bytes().to_vec()))
            .bind(i64::from(limit.clamp(1, RULE_RUNS_PER_PAGE_MAX)))
            .fetch_all(self.readers())
            .await?;
        let run = |row: &AnyRow| {
            Ok(StoredRun {
                id: get(row, "id")?,
                rule: get(row, "rule")?,
                at: get(row, "at_us")?,
                sealed: get(row, "sealed")?,
            })
        };
        rows.iter().map(run).collect()
    }

    /// Removes runs before a time.
    pub async fn remove_rule_runs_before(&self, at: WallTime) -> Result<u64, StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("DELETE FROM rule_runs WHERE at_us < $1").bind(at.as_micros());
        let removed = query.execute(write.connection()).await?.rows_affected();
        write.commit().await?;
        Ok(removed)
    }
}

/// Writes one row; the caller has the transaction.
pub(crate) async fn put(
    connection: &mut AnyConnection,
    rule: &StoredRule,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO house_rules (id, sealed, created_us, changed_us)
               VALUES ($1, $2, $3, $4)
               ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed,
               changed_us = excluded.changed_us";
    sqlx::query(sql)
        .bind(rule.id.as_bytes().to_vec())
        .bind(rule.sealed.clone())
        .bind(rule.created_at.as_micros())
        .bind(rule.changed_at.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}
