//! From any past schema to today's.
//!
//! A migration is a file that never changes after its release; the next change is a new file and
//! one line in [`MIGRATIONS`]. Each runs in a transaction of its own together with its row in
//! `schema_version`, so a power cut leaves the schema before or after it.

use sqlx::{AnyConnection, Row as _};

use crate::StoreError;
use crate::engine::BEGIN_WRITE;

/// In order; the version is the position, from 1.
const MIGRATIONS: [&str; 17] = [
    include_str!("../migrations/sqlite/0001_house.sql"),
    include_str!("../migrations/sqlite/0002_footage.sql"),
    include_str!("../migrations/sqlite/0003_event.sql"),
    include_str!("../migrations/sqlite/0004_picture.sql"),
    include_str!("../migrations/sqlite/0005_identity.sql"),
    include_str!("../migrations/sqlite/0006_provider.sql"),
    include_str!("../migrations/sqlite/0007_device.sql"),
    include_str!("../migrations/sqlite/0008_device_rules.sql"),
    include_str!("../migrations/sqlite/0009_notifications.sql"),
    include_str!("../migrations/sqlite/0010_people.sql"),
    include_str!("../migrations/sqlite/0011_rules.sql"),
    include_str!("../migrations/sqlite/0012_search.sql"),
    include_str!("../migrations/sqlite/0013_review.sql"),
    include_str!("../migrations/sqlite/0014_groups.sql"),
    include_str!("../migrations/sqlite/0015_retention.sql"),
    include_str!("../migrations/sqlite/0016_watch_list.sql"),
    include_str!("../migrations/sqlite/0017_replies.sql"),
];

/// The schema that this release reads and writes.
pub(crate) const VERSION: i64 = MIGRATIONS.len() as i64;

/// Brings a database to today's schema.
pub(crate) async fn migrate(connection: &mut AnyConnection) -> Result<(), StoreError> {
    migrate_to(connection, VERSION).await
}

/// Brings a database to an earlier schema at most; the tests of upgrades start from there.
pub(crate) async fn migrate_to(
    connection: &mut AnyConnection,
    target: i64,
) -> Result<(), StoreError> {
    let table = "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL PRIMARY KEY)";
    sqlx::raw_sql(table).execute(&mut *connection).await?;
    let found = version(connection).await?;
    if found > VERSION {
        return Err(StoreError::TooNew { found, known: VERSION });
    }
    for (version, script) in (1..=target).zip(MIGRATIONS) {
        if version <= found {
            continue;
        }
        sqlx::raw_sql(BEGIN_WRITE).execute(&mut *connection).await?;
        let applied = apply(connection, version, script).await;
        let end = if applied.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = sqlx::raw_sql(end).execute(&mut *connection).await;
        applied?;
        ended?;
    }
    Ok(())
}

async fn version(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    let newest = "SELECT COALESCE(MAX(version), 0) FROM schema_version";
    Ok(sqlx::query(newest).fetch_one(connection).await?.try_get(0)?)
}

async fn apply(
    connection: &mut AnyConnection,
    version: i64,
    script: &'static str,
) -> Result<(), StoreError> {
    sqlx::raw_sql(script).execute(&mut *connection).await?;
    let insert = "INSERT INTO schema_version (version) VALUES ($1)";
    sqlx::query(insert).bind(version).execute(connection).await?;
    Ok(())
}
