//! Who is watching which camera at this moment (promise T-21).

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use hearth_audit::{ActorKind, Origin};
use hearth_auth::{CameraGrant, HouseGrant, ask};
use hearth_model::{CameraId, CameraName, WallTime};

use crate::{Hub, audit::actor, camera::handle::Watching, error::Result};

/// Somebody who watches, as everybody who may see the camera is told.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct WatcherView {
    /// Which camera.
    pub camera: CameraId,
    /// What it is called.
    pub camera_name: Option<CameraName>,
    /// What kind of party.
    pub viewer_kind: ActorKind,
    /// Its name, if it has one.
    pub viewer: Option<String>,
    /// Since when.
    pub since: WallTime,
    /// From where.
    #[schema(value_type = String)]
    pub from: Origin,
}

struct Watcher {
    camera: CameraId,
    kind: ActorKind,
    name: Option<String>,
    since: WallTime,
    from: Origin,
}

/// Everybody who watches now.
#[derive(Clone, Default)]
pub(crate) struct Watchers {
    now: Arc<Mutex<BTreeMap<u64, Watcher>>>,
    entered: Arc<AtomicU64>,
}

impl Watchers {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Watcher>> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, watcher: Watcher) -> u64 {
        let number = self.entered.fetch_add(1, Ordering::Relaxed);
        self.lock().insert(number, watcher);
        number
    }
}

/// Somebody watches as long as this lives.
pub struct Viewing {
    watchers: Watchers,
    number: u64,
    _counted: Watching,
}

impl std::fmt::Debug for Viewing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Viewing({})", self.number)
    }
}

impl Drop for Viewing {
    fn drop(&mut self) {
        self.watchers.lock().remove(&self.number);
    }
}

impl Hub {
    /// Shows everybody that somebody watches a camera, until the returned value is dropped.
    ///
    /// # Errors
    /// `not_found`.
    pub fn watch(&self, grant: &CameraGrant<ask::Live>, from: Origin) -> Result<Viewing> {
        let house = self.house();
        let counted = self.running(grant.camera())?.watch();
        let viewer = actor(grant.principal());
        let (kind, name) = (viewer.kind, viewer.name);
        let (camera, since) = (grant.camera(), house.clock.wall_now());
        let number = house.watchers.enter(Watcher { camera, kind, name, since, from });
        let watchers = house.watchers.clone();
        house.status_changed();
        Ok(Viewing { watchers, number, _counted: counted })
    }

    /// Who watches the cameras that the principal may see, the longest first.
    pub fn watchers(&self, grant: &HouseGrant<ask::ListCameras>) -> Vec<WatcherView> {
        let house = self.house();
        let now = house.watchers.lock();
        let visible =
            now.values().filter(|one| house.policy.visible(grant.principal(), one.camera));
        let view = |one: &Watcher| WatcherView {
            camera: one.camera,
            camera_name: house.camera_name(one.camera),
            viewer_kind: one.kind,
            viewer: one.name.clone(),
            since: one.since,
            from: one.from,
        };
        visible.map(view).collect()
    }
}
