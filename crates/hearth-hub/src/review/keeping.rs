//! How long pictures to look at are kept, and how they go.

use std::sync::Arc;

use hearth_store::StoredReview;

use super::picture_id;
use crate::{
    error::{Result, UseCaseError},
    house::House,
    identity::store_error,
};

impl House {
    /// Erases a picture: its key, its file, its row. The row goes last: as long as it is there, the
    /// next sweep tries again.
    pub(super) async fn erase_review(&self, stored: &StoredReview) -> Result<()> {
        let (recorder, camera) = (Arc::clone(&self.recorder), stored.camera);
        let picture = picture_id(stored.id);
        let erase = move || recorder.erase_picture(camera, picture);
        let erased = tokio::task::spawn_blocking(erase).await;
        let erased = erased.map_err(|error| UseCaseError::internal(&error))?;
        erased.map_err(|error| UseCaseError::internal(&error))?;
        self.store.remove_review(stored.id).await.map_err(store_error)
    }

    /// Erases pictures that are older than they may be.
    ///
    /// promise: D-06.
    pub(crate) async fn sweep_reviews(&self) -> Result<()> {
        let oldest = self.clock.wall_now().minus_days(self.review.settings().keep_days);
        loop {
            let old = self.store.reviews_before(oldest).await.map_err(store_error)?;
            if old.is_empty() {
                return Ok(());
            }
            for stored in old {
                self.erase_review(&stored).await?;
            }
        }
    }
}
