//! What is kept of a visit, sealed under its camera's key.

use hearth_model::{CameraId, EventId, PersonId, VisitTrigger};
use hearth_vault::{KeyScope, Vault};

use super::{gathering::Decision, watched::WatchMark};
use crate::{
    error::{Result, UseCaseError},
    house::{House, zeroizing_json},
};

/// Context under which visits are sealed.
const CONTEXT: &[u8] = b"visit v1";

/// Faces, decisions and notes of a visit. Names are not in it: who is erased is gone here too.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct VisitDocument {
    pub(crate) trigger: VisitTrigger,
    pub(crate) note: Option<String>,
    /// Whether anybody looked for faces.
    pub(crate) checked: bool,
    /// The picture of the visit.
    pub(crate) picture: Option<EventId>,
    pub(crate) faces: Vec<VisitFace>,
}

/// A face of a visit.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct VisitFace {
    pub(crate) decision: Decision,
    pub(crate) person: Option<PersonId>,
    pub(crate) quality: f32,
    /// Its picture, if it is kept.
    pub(crate) picture: Option<EventId>,
    /// Which stranger it is, as far as anybody remembers.
    pub(crate) visitor: Option<u64>,
    /// That it is like somebody's on the watch list.
    #[serde(default)]
    pub(crate) watch: Option<WatchMark>,
}

impl VisitDocument {
    /// Seals it under its camera's key.
    ///
    /// # Errors
    /// `not_found` for a camera that is not there any more.
    pub(crate) fn seal(&self, house: &House, camera: CameraId) -> Result<Vec<u8>> {
        let gone = || UseCaseError::not_found("camera");
        let scope = house.camera_scope(camera).ok_or_else(gone)?;
        let sealed = house.vault.seal(&scope, CONTEXT, zeroizing_json(self)?.expose());
        sealed.map_err(|error| UseCaseError::internal(&error))
    }

    pub(crate) fn open(vault: &Vault, camera: CameraId, sealed: &[u8]) -> Option<Self> {
        let json = vault.unseal(&KeyScope::Camera(camera), CONTEXT, sealed).ok()?;
        serde_json::from_slice(json.expose()).ok()
    }

    /// The people who were recognised.
    pub(crate) fn people(&self) -> Vec<PersonId> {
        let mut people: Vec<_> = self.faces.iter().filter_map(|face| face.person).collect();
        people.sort_unstable();
        people.dedup();
        people
    }

    /// Whether somebody was seen who is not known.
    pub(crate) fn has_unknown(&self) -> bool {
        self.faces.iter().any(|face| face.decision != Decision::Known)
    }

    /// Whether a person has to look at a face.
    pub(crate) fn awaits_review(&self) -> bool {
        self.faces.iter().any(|face| face.watch.as_ref().is_some_and(WatchMark::is_waiting))
    }

    /// All pictures.
    pub(crate) fn pictures(&self) -> Vec<EventId> {
        self.picture.into_iter().chain(self.faces.iter().filter_map(|face| face.picture)).collect()
    }
}
