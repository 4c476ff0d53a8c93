//! Rules that the hub keeps for devices, and how far each has been carried out.

use hearth_model::{DeviceId, DeviceRuleId, WallTime};
use serde_json::Value;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::row::{get, json, to_json};
use crate::{Store, StoreError};

/// Rules of one device. All of them are looked at whenever it says something.
pub const DEVICE_RULES_MAX: usize = 64;

/// A rule.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct StoredDeviceRule {
    /// Its id.
    pub id: DeviceRuleId,
    /// For which device.
    pub device: DeviceId,
    /// What it says; the hub knows its form.
    pub rule: Value,
    /// When it was made.
    pub created_at: WallTime,
    /// For a schedule, up to when it has been carried out; for a limit, when it acted, until the
    /// reading is back within it.
    pub handled_at: Option<WallTime>,
}

impl StoredDeviceRule {
    pub(crate) fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: get(row, "id")?,
            device: get(row, "device")?,
            rule: json(row, "rule")?,
            created_at: get(row, "created_us")?,
            handled_at: get(row, "handled_us")?,
        })
    }
}

impl Store {
    /// All rules, in the order they were made.
    pub async fn device_rules(&self) -> Result<Vec<StoredDeviceRule>, StoreError> {
        let sql = "SELECT * FROM device_rules ORDER BY created_us, id";
        let rows = sqlx::query(sql).fetch_all(self.readers()).await?;
        rows.iter().map(StoredDeviceRule::from_row).collect()
    }

    /// Adds a rule for a device that exists.
    pub async fn add_device_rule(&self, rule: &StoredDeviceRule) -> Result<(), StoreError> {
        let device = rule.device.as_bytes().to_vec();
        let mut write = self.begin().await?;
        let sql = "SELECT (SELECT COUNT(*) FROM devices WHERE id = $1) AS devices,
                          (SELECT COUNT(*) FROM device_rules WHERE device = $1) AS rules";
        let row = sqlx::query(sql).bind(device).fetch_one(write.connection()).await?;
        if get::<u64>(&row, "devices")? == 0 {
            return Err(StoreError::NotFound { what: "device" });
        }
        if get::<u64>(&row, "rules")? >= DEVICE_RULES_MAX as u64 {
            return Err(StoreError::TooMany { what: "rules of a device", max: DEVICE_RULES_MAX });
        }
        insert(write.connection(), rule).await?;
        write.commit().await
    }

    /// Replaces what a rule says, and how far it has been carried out.
    pub async fn update_device_rule(&self, rule: &StoredDeviceRule) -> Result<(), StoreError> {
        let sql = "UPDATE device_rules SET rule = $2, handled_us = $3 WHERE id = $1";
        let mut write = self.begin().await?;
        let changed = sqlx::query(sql)
            .bind(rule.id.as_bytes().to_vec())
            .bind(to_json(&rule.rule)?)
            .bind(rule.handled_at.map(WallTime::as_micros))
            .execute(write.connection())
            .await?;
        found(changed.rows_affected())?;
        write.commit().await
    }

    /// Notes how far a rule has been carried out. One that was removed meanwhile is no failure.
    pub async fn note_device_rule(
        &self,
        id: DeviceRuleId,
        handled_at: Option<WallTime>,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE device_rules SET handled_us = $2 WHERE id = $1";
        let mut write = self.begin().await?;
        let query = sqlx::query(sql).bind(id.as_bytes().to_vec());
        let query = query.bind(handled_at.map(WallTime::as_micros));
        query.execute(write.connection()).await?;
        write.commit().await
    }

    /// Removes a rule.
    pub async fn remove_device_rule(&self, id: DeviceRuleId) -> Result<(), StoreError> {
        let sql = "DELETE FROM device_rules WHERE id = $1";
        let mut write = self.begin().await?;
        let query = sqlx::query(sql).bind(id.as_bytes().to_vec());
        found(query.execute(write.connection()).await?.rows_affected())?;
        write.commit().await
    }
}

/// Writes one row; the caller has the transaction.
pub(crate) async fn insert(
    connection: &mut AnyConnection,
    rule: &StoredDeviceRule,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO device_rules (id, device, rule, created_us, handled_us)
               VALUES ($1, $2, $3, $4, $5)";
    sqlx::query(sql)
        .bind(rule.id.as_bytes().to_vec())
        .bind(rule.device.as_bytes().to_vec())
        .bind(to_json(&rule.rule)?)
        .bind(rule.created_at.as_micros())
        .bind(rule.handled_at.map(WallTime::as_micros))
        .execute(connection)
        .await?;
    Ok(())
}

fn found(changed: u64) -> Result<(), StoreError> {
    if changed == 0 { Err(StoreError::NotFound { what: "rule" }) } else { Ok(()) }
}
