//! What a recipient may be told at this moment (promises T-05, D-13). Asked when something is queued,
//! and again when it goes out: a right that is taken away in between counts.

use hearth_auth::Principal;
use hearth_model::{CameraId, EventKind, SessionId, UserId};
use hearth_notify::Content;
use hearth_store::StoreError;

use super::{MatterKind, settings::KeptRecipient};
use crate::{error::Result, house::House, identity::store_error};

impl House {
    /// How much a recipient may be told of a matter of that kind at that camera; `None` for nothing.
    pub(super) async fn may_be_told(
        &self,
        recipient: &KeptRecipient,
        kind: MatterKind,
        camera: Option<CameraId>,
    ) -> std::result::Result<Option<Content>, StoreError> {
        let Some(user) = recipient.user else { return Ok(Some(recipient.content)) };
        let may_know = self.account_may_know(user, kind, camera).await?;
        Ok(may_know.map(|may_know| recipient.content.at_most(may_know)))
    }

    /// promise: T-05. An account hears of what it could look at, as its rights are now; without the
    /// right to faces, no name and no picture.
    async fn account_may_know(
        &self,
        user: UserId,
        kind: MatterKind,
        camera: Option<CameraId>,
    ) -> std::result::Result<Option<Content>, StoreError> {
        let user = match self.store.user(user).await {
            Ok(user) if user.is_active(self.clock.wall_now()) => user,
            Ok(_) | Err(StoreError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let principal = Principal::User {
            user: user.id,
            name: user.name,
            role: user.role,
            // Asked for no sign-in: the policy decides by account and role.
            session: SessionId::from_bytes([0; 16]),
        };
        let about = if kind.is_of_security() {
            EventKind::IncidentOpened
        } else {
            EventKind::ActivityNoticed
        };
        if !self.policy.reads(&principal, about) {
            return Ok(None);
        }
        // What happens at no camera recognises nobody.
        let Some(camera) = camera else { return Ok(Some(Content::Full)) };
        let names = self.policy.names(&principal, camera);
        let content = if names { Content::Full } else { Content::NoName };
        Ok(self.policy.recalls(&principal, camera).then_some(content))
    }

    /// An account is gone: its browsers are told nothing any more, and what waits for them is erased.
    pub(crate) async fn forget_recipients_of(&self, user: UserId) -> Result<()> {
        let is_theirs = |one: &KeptRecipient| one.user == Some(user);
        if !self.desk.kept().recipients.iter().any(is_theirs) {
            return Ok(());
        }
        let removed = self.change_notifications(|kept| Ok(kept.remove_recipients(is_theirs)));
        for recipient in removed.await? {
            self.store.erase_notifications_of(recipient).await.map_err(store_error)?;
        }
        Ok(())
    }
}
