//! Quick replies: what the house says to whoever stands at a door, through the camera's loudspeaker.
//!
//! Name and sound are sealed under the house's key.

use std::sync::Arc;

use bytes::Bytes;
use hearth_auth::{CameraGrant, HouseGrant, ask};
use hearth_media::speech::Speech;
use hearth_model::{CameraId, FaultKind, ReplyId, VisitId};
use hearth_store::{REPLIES_MAX, StoredReply, StoredReplyName};
use hearth_vault::KeyScope;

use crate::{
    Hub,
    camera::handle::Camera,
    error::{Result, UseCaseError, sentence},
    house::{House, zeroizing_json},
    identity::store_error,
    loudspeaker::Turn,
    name::ReplyName,
};

/// Longest name; it stands on a button.
const NAME_CHARACTERS_MAX: usize = 60;

/// Contexts under which names and sounds are sealed.
const NAME_CONTEXT: &[u8] = b"quick reply name v1";
const SOUND_CONTEXT: &[u8] = b"quick reply sound v1";

/// A quick reply.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct ReplyView {
    /// Its id.
    pub id: ReplyId,
    /// What it is called.
    pub name: ReplyName,
}

/// What was said at a camera.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct SpokenView {
    /// Where.
    pub camera: CameraId,
    /// What.
    pub reply: ReplyId,
    /// How long it took to say, in milliseconds.
    pub millis: u32,
    /// The visit that was answered, if somebody was at that door.
    pub visit: Option<VisitId>,
}

impl Hub {
    /// The quick replies, in the order they were made; none to whoever may neither say nor change any.
    ///
    /// # Errors
    /// If the store refuses.
    pub async fn replies(&self, grant: &HouseGrant<ask::ListCameras>) -> Result<Vec<ReplyView>> {
        let (house, who, policy) = (self.house(), grant.principal(), self.policy());
        let may_say = |camera: Arc<Camera>| policy.camera::<ask::Control>(who, camera.id()).is_ok();
        let is_told = policy.house::<ask::ManageCameras>(who).is_ok()
            || house.cameras.all().into_iter().any(may_say);
        if is_told { house.replies().await } else { Ok(Vec::new()) }
    }

    /// Adds a quick reply from a WAV file.
    ///
    /// # Errors
    /// `bad_name`, `name_taken`, `too_many`; `bad_sound` with what is wrong with the file.
    pub async fn add_reply(
        &self,
        _grant: &HouseGrant<ask::ManageCameras>,
        name: &str,
        file: Bytes,
    ) -> Result<ReplyView> {
        let house = self.house();
        let name = checked_name(name)?;
        let known = house.replies().await?;
        // Whoever names one on the command line does not tell capitals from small letters.
        let lower = name.as_str().to_lowercase();
        if known.iter().any(|reply| reply.name.as_str().to_lowercase() == lower) {
            let text = "There is a reply of this name already.";
            return Err(UseCaseError::new(FaultKind::Conflict, "name_taken", text));
        }
        if known.len() >= REPLIES_MAX {
            let text = format!("There are {REPLIES_MAX} replies at most.");
            return Err(UseCaseError::new(FaultKind::Limited, "too_many", text));
        }
        // A long file at a high rate takes a tenth of a second.
        let read = tokio::task::spawn_blocking(move || Speech::from_wave(&file)).await;
        let speech = read.map_err(|error| UseCaseError::internal(&error))?;
        let speech =
            speech.map_err(|error| UseCaseError::bad_input("bad_sound", sentence(&error)))?;
        let id = ReplyId::new();
        let stored = house.sealed_reply(id, &name, &speech)?;
        house.store.add_quick_reply(&stored).await.map_err(store_error)?;
        house.keep_snapshot().await;
        Ok(ReplyView { id, name })
    }

    /// Removes a quick reply. One that is just being said is said to its end.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn remove_reply(
        &self,
        _grant: &HouseGrant<ask::ManageCameras>,
        id: ReplyId,
    ) -> Result<()> {
        let house = self.house();
        house.store.remove_quick_reply(id).await.map_err(store_error)?;
        house.keep_snapshot().await;
        Ok(())
    }

    /// Says a quick reply at a camera, and answers when the camera has taken all of it.
    ///
    /// # Errors
    /// `not_found`; `busy` while something else is said there; `cannot_speak` at a camera without a
    /// loudspeaker; what else a camera fails with; `changed` if it was set up anew meanwhile;
    /// `not_ready` when the hub ends.
    pub async fn say_reply(
        &self,
        grant: CameraGrant<ask::Control>,
        id: ReplyId,
    ) -> Result<SpokenView> {
        let camera = self.running(grant.camera())?;
        let speech = self.house().speech(id).await?;
        let turn = Turn::take(self.house(), camera)?;
        // Whoever asked may be gone before the sentence is over; whoever listens is not.
        let said = tokio::spawn(async move {
            let visit = turn.say(&mut speech.voice(), || {}).await?;
            Ok(SpokenView { camera: turn.camera(), reply: id, millis: speech.millis(), visit })
        });
        said.await.unwrap_or_else(|error| Err(UseCaseError::internal(&error)))
    }
}

impl House {
    async fn replies(&self) -> Result<Vec<ReplyView>> {
        let stored = self.store.quick_reply_names().await.map_err(store_error)?;
        Ok(stored.iter().filter_map(|stored| self.opened_name(stored)).collect())
    }

    fn opened_name(&self, stored: &StoredReplyName) -> Option<ReplyView> {
        let json = self.vault.unseal(&KeyScope::House, NAME_CONTEXT, &stored.sealed).ok();
        let name = json.and_then(|json| serde_json::from_slice(json.expose()).ok());
        if name.is_none() {
            tracing::error!(reply.id = %stored.id, "a quick reply does not open");
        }
        Some(ReplyView { id: stored.id, name: name? })
    }

    fn sealed_reply(&self, id: ReplyId, name: &ReplyName, speech: &Speech) -> Result<StoredReply> {
        let seal = |context: &[u8], bytes: &[u8]| {
            let sealed = self.vault.seal(&KeyScope::House, context, bytes);
            sealed.map_err(|error| UseCaseError::internal(&error))
        };
        let sealed = seal(NAME_CONTEXT, zeroizing_json(name)?.expose())?;
        let sound = seal(SOUND_CONTEXT, speech.codes())?;
        Ok(StoredReply { id, sealed, sound, created_at: self.clock.wall_now() })
    }

    async fn speech(&self, id: ReplyId) -> Result<Speech> {
        let stored = self.store.quick_reply(id).await.map_err(store_error)?;
        let codes = self.vault.unseal(&KeyScope::House, SOUND_CONTEXT, &stored.sound);
        let codes = codes.map_err(|error| UseCaseError::internal(&error))?;
        Speech::from_codes(codes.expose().to_vec()).ok_or_else(|| UseCaseError::not_found("reply"))
    }
}

fn checked_name(name: &str) -> Result<ReplyName> {
    let name = name.trim();
    let fits = name.chars().count() <= NAME_CHARACTERS_MAX;
    ReplyName::new(name).filter(|_| fits).ok_or_else(|| {
        let text = format!("A name is one line of 1 to {NAME_CHARACTERS_MAX} characters.");
        UseCaseError::bad_input("bad_name", text)
    })
}
