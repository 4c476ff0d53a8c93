//! The cameras that run.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use hearth_model::CameraId;

use crate::camera::handle::Camera;

/// All running cameras, in the order they were added.
#[derive(Default)]
pub(crate) struct Cameras(RwLock<BTreeMap<CameraId, Arc<Camera>>>);

impl Cameras {
    /// The camera of that id.
    pub(crate) fn get(&self, id: CameraId) -> Option<Arc<Camera>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// All of them; ids are ordered by the time they were made.
    pub(crate) fn all(&self) -> Vec<Arc<Camera>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Adds or replaces one.
    pub(crate) fn insert(&self, camera: Arc<Camera>) {
        let id = camera.id();
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(id, camera);
    }

    /// Takes one away.
    pub(crate) fn remove(&self, id: CameraId) -> Option<Arc<Camera>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&id)
    }
}
