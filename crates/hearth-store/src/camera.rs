//! Cameras: their settings, their sealed credentials, and the trace of those being erased.

use hearth_model::{CameraId, CameraSettings, WallTime};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::row::{get, json, to_json};
use crate::{Store, StoreError};

/// More than one hub can record; bounds every list of cameras.
pub const CAMERAS_MAX: usize = 256;

const NAME_TAKEN: &str = "there is already a camera of this name";

/// A camera as it is set up.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Camera {
    /// Its id.
    pub id: CameraId,
    /// Where it stands in lists, from 0.
    pub position: u32,
    /// Everything people can change.
    pub settings: CameraSettings,
    /// User name and password, sealed by the vault; opaque here (promise T-17).
    pub credentials: Option<Vec<u8>>,
    /// When it was added.
    pub created_at: WallTime,
    /// Since when it is being erased; such a camera is in no list but [`Store::removed_cameras`].
    pub removed_at: Option<WallTime>,
}

impl Camera {
    pub(crate) fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: get(row, "id")?,
            position: get(row, "position")?,
            settings: json(row, "settings")?,
            credentials: get(row, "credentials")?,
            created_at: get(row, "created_us")?,
            removed_at: get(row, "removed_us")?,
        })
    }
}

impl Store {
    /// The cameras, in the order of their position.
    pub async fn cameras(&self) -> Result<Vec<Camera>, StoreError> {
        let sql =
            "SELECT * FROM cameras WHERE removed_us IS NULL ORDER BY position, created_us, id";
        let rows = sqlx::query(sql).fetch_all(self.readers()).await?;
        rows.iter().map(Camera::from_row).collect()
    }

    /// One camera, unless it has been removed.
    pub async fn camera(&self, id: CameraId) -> Result<Camera, StoreError> {
        let sql = "SELECT * FROM cameras WHERE id = $1 AND removed_us IS NULL";
        let query = sqlx::query(sql).bind(id.as_bytes().to_vec());
        let row = query.fetch_optional(self.readers()).await?;
        Camera::from_row(&row.ok_or(StoreError::NotFound { what: "camera" })?)
    }

    /// Adds a camera at the end of the list and says at which position.
    ///
    /// [`StoreError::Conflict`] if the name is taken.
    pub async fn add_camera(
        &self,
        id: CameraId,
        settings: &CameraSettings,
        credentials: Option<&[u8]>,
        now: WallTime,
    ) -> Result<Camera, StoreError> {
        let mut write = self.begin().await?;
        let sql = "SELECT COUNT(*) AS cameras, COALESCE(MAX(position) + 1, 0) AS next
                   FROM cameras WHERE removed_us IS NULL";
        let row = sqlx::query(sql).fetch_one(write.connection()).await?;
        if get::<u64>(&row, "cameras")? >= CAMERAS_MAX as u64 {
            return Err(StoreError::TooMany { what: "cameras", max: CAMERAS_MAX });
        }
        let camera = Camera {
            id,
            position: get(&row, "next")?,
            settings: settings.clone(),
            credentials: credentials.map(<[u8]>::to_vec),
            created_at: now,
            removed_at: None,
        };
        insert(write.connection(), &camera).await?;
        write.commit().await?;
        Ok(camera)
    }

    /// Replaces a camera's settings. [`StoreError::Conflict`] if its new name is taken.
    pub async fn set_camera_settings(
        &self,
        id: CameraId,
        settings: &CameraSettings,
    ) -> Result<(), StoreError> {
        let sql =
            "UPDATE cameras SET name = $2, settings = $3 WHERE id = $1 AND removed_us IS NULL";
        let mut write = self.begin().await?;
        let changed = sqlx::query(sql)
            .bind(id.as_bytes().to_vec())
            .bind(settings.name.as_str())
            .bind(to_json(settings)?)
            .execute(write.connection())
            .await
            .map_err(|error| StoreError::or_conflict(error, NAME_TAKEN))?;
        found(changed.rows_affected())?;
        write.commit().await
    }

    /// Replaces or takes away a camera's sealed credentials.
    pub async fn set_camera_credentials(
        &self,
        id: CameraId,
        credentials: Option<&[u8]>,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE cameras SET credentials = $2 WHERE id = $1 AND removed_us IS NULL";
        let mut write = self.begin().await?;
        let changed = sqlx::query(sql)
            .bind(id.as_bytes().to_vec())
            .bind(credentials.map(<[u8]>::to_vec))
            .execute(write.connection())
            .await?;
        found(changed.rows_affected())?;
        write.commit().await
    }

    /// Marks a camera as being erased: it is gone from every list, its credentials are gone, its
    /// name is free. The row stays until [`Store::forget_camera`], so that erasing its footage can
    /// go on after a crash.
    pub async fn remove_camera(&self, id: CameraId, now: WallTime) -> Result<(), StoreError> {
        let sql = "UPDATE cameras SET removed_us = $2, credentials = NULL
                   WHERE id = $1 AND removed_us IS NULL";
        let mut write = self.begin().await?;
        let changed = sqlx::query(sql)
            .bind(id.as_bytes().to_vec())
            .bind(now.as_micros())
            .execute(write.connection())
            .await?;
        found(changed.rows_affected())?;
        write.commit().await
    }

    /// Cameras whose erasure is not finished.
    pub async fn removed_cameras(&self) -> Result<Vec<CameraId>, StoreError> {
        let sql = "SELECT id FROM cameras WHERE removed_us IS NOT NULL ORDER BY removed_us, id";
        let rows = sqlx::query(sql).fetch_all(self.readers()).await?;
        rows.iter().map(|row| get(row, "id")).collect()
    }

    /// Erases the last trace of a removed camera, with its holds, visits and pictures to look at.
    pub async fn forget_camera(&self, id: CameraId) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let sql = "DELETE FROM cameras WHERE id = $1 AND removed_us IS NOT NULL";
        let query = sqlx::query(sql).bind(id.as_bytes().to_vec());
        found(query.execute(write.connection()).await?.rows_affected())?;
        for sql in [
            "DELETE FROM holds WHERE camera = $1",
            "DELETE FROM visit_people WHERE visit IN (SELECT id FROM visits WHERE camera = $1)",
            "DELETE FROM visits WHERE camera = $1",
            "DELETE FROM reviews WHERE camera = $1",
        ] {
            let query = sqlx::query(sql).bind(id.as_bytes().to_vec());
            query.execute(write.connection()).await?;
        }
        write.commit().await
    }
}

/// Writes one row; the caller has the transaction.
pub(crate) async fn insert(
    connection: &mut AnyConnection,
    camera: &Camera,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO cameras
                   (id, name, position, settings, credentials, created_us, removed_us)
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    sqlx::query(sql)
        .bind(camera.id.as_bytes().to_vec())
        .bind(camera.settings.name.as_str())
        .bind(i64::from(camera.position))
        .bind(to_json(&camera.settings)?)
        .bind(camera.credentials.clone())
        .bind(camera.created_at.as_micros())
        .bind(camera.removed_at.map(WallTime::as_micros))
        .execute(connection)
        .await
        .map_err(|error| StoreError::or_conflict(error, NAME_TAKEN))?;
    Ok(())
}

fn found(changed: u64) -> Result<(), StoreError> {
    if changed == 0 { Err(StoreError::NotFound { what: "camera" }) } else { Ok(()) }
}
