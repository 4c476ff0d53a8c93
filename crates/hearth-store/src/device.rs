//! Devices: what people set up, their sealed passwords, and what was measured where somebody
//! switched that on (promise N-10).

use hearth_model::{DeviceId, WallTime};
use serde_json::Value;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::row::{get, json, to_json};
use crate::{Store, StoreError};

/// More than a house has; bounds every list of devices.
pub const DEVICES_MAX: usize = 512;

/// Readings in one answer: a month, one every five minutes.
pub const READINGS_MAX: u32 = 10_000;

const NAME_TAKEN: &str = "there is already a device of this name";

/// A device as it is set up.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct StoredDevice {
    /// Its id.
    pub id: DeviceId,
    /// What people call it.
    pub name: String,
    /// Everything else that people can change; the hub knows its form.
    pub settings: Value,
    /// User name and password, sealed by the vault; opaque here (promise T-17).
    pub credentials: Option<Vec<u8>>,
    /// What it has shown so far: certificate, strength. Nothing in it is secret.
    pub memory: Value,
    /// When it was added.
    pub created_at: WallTime,
}

/// Something measured.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredReading {
    /// By which device.
    pub device: DeviceId,
    /// What.
    pub key: String,
    /// When.
    pub at: WallTime,
    /// How much.
    pub value: f64,
}

impl StoredDevice {
    pub(crate) fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: get(row, "id")?,
            name: get(row, "name")?,
            settings: json(row, "settings")?,
            credentials: get(row, "credentials")?,
            memory: json(row, "memory")?,
            created_at: get(row, "created_us")?,
        })
    }
}

impl Store {
    /// The devices, in the order they were added.
    pub async fn devices(&self) -> Result<Vec<StoredDevice>, StoreError> {
        let sql = "SELECT * FROM devices ORDER BY created_us, id";
        let rows = sqlx::query(sql).fetch_all(self.readers()).await?;
        rows.iter().map(StoredDevice::from_row).collect()
    }

    /// Adds a device. [`StoreError::Conflict`] if its name is taken.
    pub async fn add_device(&self, device: &StoredDevice) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let sql = "SELECT COUNT(*) AS devices FROM devices";
        let row = sqlx::query(sql).fetch_one(write.connection()).await?;
        if get::<u64>(&row, "devices")? >= DEVICES_MAX as u64 {
            return Err(StoreError::TooMany { what: "devices", max: DEVICES_MAX });
        }
        insert(write.connection(), device).await?;
        write.commit().await
    }

    /// Replaces everything of a device but its id and its age. [`StoreError::Conflict`] if its new
    /// name is taken.
    pub async fn update_device(&self, device: &StoredDevice) -> Result<(), StoreError> {
        let sql = "UPDATE devices SET name = $2, settings = $3, credentials = $4, memory = $5
                   WHERE id = $1";
        let mut write = self.begin().await?;
        let changed = sqlx::query(sql)
            .bind(device.id.as_bytes().to_vec())
            .bind(device.name.as_str())
            .bind(to_json(&device.settings)?)
            .bind(device.credentials.clone())
            .bind(to_json(&device.memory)?)
            .execute(write.connection())
            .await
            .map_err(|error| StoreError::or_conflict(error, NAME_TAKEN))?;
        found(changed.rows_affected())?;
        write.commit().await
    }

    /// Removes a device with its rules and everything it measured.
    pub async fn remove_device(&self, id: DeviceId) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("DELETE FROM devices WHERE id = $1").bind(id.as_bytes().to_vec());
        found(query.execute(write.connection()).await?.rows_affected())?;
        for sql in
            ["DELETE FROM readings WHERE device = $1", "DELETE FROM device_rules WHERE device = $1"]
        {
            let query = sqlx::query(sql).bind(id.as_bytes().to_vec());
            query.execute(write.connection()).await?;
        }
        write.commit().await
    }

    /// Keeps readings. One of the same instant is replaced.
    pub async fn add_readings(&self, readings: &[StoredReading]) -> Result<(), StoreError> {
        let sql = "INSERT INTO readings (device, key, at_us, value) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (device, key, at_us) DO UPDATE SET value = excluded.value";
        let mut write = self.begin().await?;
        for reading in readings {
            sqlx::query(sql)
                .bind(reading.device.as_bytes().to_vec())
                .bind(reading.key.as_str())
                .bind(reading.at.as_micros())
                .bind(reading.value)
                .execute(write.connection())
                .await?;
        }
        write.commit().await
    }

    /// What a device measured from `from` on and before `to`, oldest first, at most
    /// [`READINGS_MAX`].
    pub async fn readings(
        &self,
        device: DeviceId,
        key: &str,
        from: WallTime,
        to: WallTime,
    ) -> Result<Vec<(WallTime, f64)>, StoreError> {
        let sql = "SELECT at_us, value FROM readings
                   WHERE device = $1 AND key = $2 AND at_us >= $3 AND at_us < $4
                   ORDER BY at_us LIMIT $5";
        let rows = sqlx::query(sql)
            .bind(device.as_bytes().to_vec())
            .bind(key)
            .bind(from.as_micros())
            .bind(to.as_micros())
            .bind(i64::from(READINGS_MAX))
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(|row| Ok((get(row, "at_us")?, get(row, "value")?))).collect()
    }

    /// Erases what one device measured, or all of them before a time.
    pub async fn erase_readings(
        &self,
        device: Option<DeviceId>,
        before: WallTime,
    ) -> Result<u64, StoreError> {
        let mut write = self.begin().await?;
        let query = match device {
            Some(device) => sqlx::query("DELETE FROM readings WHERE device = $1 AND at_us < $2")
                .bind(device.as_bytes().to_vec())
                .bind(before.as_micros()),
            None => sqlx::query("DELETE FROM readings WHERE at_us < $1").bind(before.as_micros()),
        };
        let erased = query.execute(write.connection()).await?.rows_affected();
        write.commit().await?;
        Ok(erased)
    }
}

/// Writes one row; the caller has the transaction.
pub(crate) async fn insert(
    connection: &mut AnyConnection,
    device: &StoredDevice,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO devices (id, name, settings, credentials, memory, created_us)
               VALUES ($1, $2, $3, $4, $5, $6)";
    sqlx::query(sql)
        .bind(device.id.as_bytes().to_vec())
        .bind(device.name.as_str())
        .bind(to_json(&device.settings)?)
        .bind(device.credentials.clone())
        .bind(to_json(&device.memory)?)
        .bind(device.created_at.as_micros())
        .execute(connection)
        .await
        .map_err(|error| StoreError::or_conflict(error, NAME_TAKEN))?;
    Ok(())
}

fn found(changed: u64) -> Result<(), StoreError> {
    if changed == 0 { Err(StoreError::NotFound { what: "device" }) } else { Ok(()) }
}
