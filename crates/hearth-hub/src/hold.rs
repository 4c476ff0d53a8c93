//! Holds: footage that retention leaves alone.

use hearth_auth::{HouseGrant, Principal, ask};
use hearth_model::{CameraId, HoldId, TimeRange, WallTime};
use hearth_store::Hold;

use crate::{
    Hub,
    error::{Result, UseCaseError},
    identity::store_error,
    views::HoldView,
};

/// A hold to be made.
#[derive(Clone, Debug)]
pub struct NewHold {
    /// Whose footage.
    pub camera: CameraId,
    /// Which.
    pub range: TimeRange,
    /// Why.
    pub reason: String,
    /// When the protection ends by itself.
    pub until: Option<WallTime>,
}

impl Hub {
    /// All holds on cameras that the principal may see.
    ///
    /// # Errors
    /// If the store refuses.
    pub async fn holds(&self, grant: HouseGrant<ask::ManageHolds>) -> Result<Vec<HoldView>> {
        let holds = self.house().store.holds().await.map_err(store_error)?;
        let visible = |hold: &Hold| self.policy().visible(grant.principal(), hold.camera);
        Ok(holds.into_iter().filter(visible).map(view).collect())
    }

    /// Protects footage from retention.
    ///
    /// # Errors
    /// `not_found` for a camera that may not be seen, `invalid` for a reason too long.
    pub async fn add_hold(
        &self,
        grant: HouseGrant<ask::ManageHolds>,
        new: NewHold,
    ) -> Result<HoldView> {
        if !self.policy().visible(grant.principal(), new.camera) {
            return Err(UseCaseError::not_found("camera"));
        }
        let camera = self.running(new.camera)?.id();
        if new.reason.chars().count() > Hold::REASON_CHARACTERS_MAX {
            return Err(UseCaseError::bad_input("invalid", "The reason is too long."));
        }
        let created_by = match grant.principal() {
            Principal::User { user, .. } | Principal::Machine { user, .. } => Some(*user),
            Principal::Owner => None,
        };
        let hold = Hold {
            id: HoldId::new(),
            camera,
            from: new.range.from(),
            to: new.range.to(),
            reason: new.reason,
            until: new.until,
            created_at: self.house().clock.wall_now(),
            created_by,
        };
        self.house().store.add_hold(&hold).await.map_err(store_error)?;
        self.house().keep_snapshot().await;
        Ok(view(hold))
    }

    /// Ends a protection.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn remove_hold(&self, grant: HouseGrant<ask::ManageHolds>, id: HoldId) -> Result<()> {
        let holds = self.house().store.holds().await.map_err(store_error)?;
        let hold = holds.iter().find(|hold| hold.id == id);
        let visible = |hold: &&Hold| self.policy().visible(grant.principal(), hold.camera);
        hold.filter(visible).ok_or_else(|| UseCaseError::not_found("hold"))?;
        self.house().store.remove_hold(id).await.map_err(store_error)?;
        self.house().keep_snapshot().await;
        Ok(())
    }
}

fn view(hold: Hold) -> HoldView {
    HoldView {
        id: hold.id,
        camera: hold.camera,
        from: hold.from,
        to: hold.to,
        reason: hold.reason,
        until: hold.until,
    }
}
