//! The recordings of the visits in which somebody was recognised, erased with them if that is wanted.
//!
//! promise: V-16.

use hearth_model::{CameraId, PersonId, TimeRange};
use hearth_store::{PicturePlace, StoredVisit};

use crate::{
    error::{Result, UseCaseError},
    house::{House, with_rolls},
    identity::store_error,
    retention,
};

/// What went of recordings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct ErasedFootage {
    /// Files of footage.
    pub segments: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Pictures of what was noticed at those times.
    pub pictures: u64,
    /// Files and pictures that had to stay: held, still being written, or the log says why.
    pub left: u64,
}

impl House {
    /// Erases what was recorded around somebody's visits, with everybody else who is to be seen there.
    pub(super) async fn erase_footage_of(&self, person: PersonId) -> Result<ErasedFootage> {
        self.recorder.flush_index().await;
        let mut erased = ErasedFootage::default();
        for visit in self.stored_visits_of(person).await? {
            if let Some(range) = self.range_of(&visit) {
                self.erase_range(visit.camera, range, &mut erased).await?;
            }
        }
        Ok(erased)
    }

    /// What was recorded around a visit; of a camera that was removed there is nothing.
    fn range_of(&self, visit: &StoredVisit) -> Option<TimeRange> {
        let settings = self.cameras.get(visit.camera)?.settings();
        let end = visit.ended_at.unwrap_or_else(|| self.clock.wall_now());
        with_rolls(&settings, visit.started_at, end)
    }

    async fn erase_range(
        &self,
        camera: CameraId,
        range: TimeRange,
        erased: &mut ErasedFootage,
    ) -> Result<()> {
        let footage = self.recorder.erase_between(camera, range).await;
        let footage = footage.map_err(|error| UseCaseError::internal(&error))?;
        let from = PicturePlace::from(range.from());
        let pictures = retention::erase_pictures(self, camera, from, range.to()).await;
        let pictures = pictures.map_err(store_error)?;
        erased.segments += footage.segments;
        erased.bytes += footage.bytes;
        erased.pictures += pictures.pictures;
        erased.left += footage.left + pictures.left;
        Ok(())
    }
}
