//! What is kept of a picture, sealed under its camera's key.

use hearth_model::CameraId;
use hearth_vault::{KeyScope, Vault};

use super::view::ReviewBox;
use crate::{
    error::{Result, UseCaseError},
    house::{House, zeroizing_json},
};

/// Context under which it is sealed.
const CONTEXT: &[u8] = b"review v1";

/// Size, labels and boxes of a picture, and who looked at it.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct ReviewDocument {
    pub(super) width: u16,
    pub(super) height: u16,
    pub(super) boxes: Vec<ReviewBox>,
    pub(super) by: Option<String>,
}

impl ReviewDocument {
    /// Seals it.
    ///
    /// # Errors
    /// `not_found` for a camera that is not there any more.
    pub(super) fn seal(&self, house: &House, camera: CameraId) -> Result<Vec<u8>> {
        let gone = || UseCaseError::not_found("camera");
        let scope = house.camera_scope(camera).ok_or_else(gone)?;
        let sealed = house.vault.seal(&scope, CONTEXT, zeroizing_json(self)?.expose());
        sealed.map_err(|error| UseCaseError::internal(&error))
    }

    pub(super) fn open(vault: &Vault, camera: CameraId, sealed: &[u8]) -> Option<Self> {
        let json = vault.unseal(&KeyScope::Camera(camera), CONTEXT, sealed).ok()?;
        serde_json::from_slice(json.expose()).ok()
    }
}
