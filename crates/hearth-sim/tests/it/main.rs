//! The simulated house as its users see it: through sockets, with independent clients.

#![expect(clippy::panic, reason = "a test fails by panicking")]

mod client;
mod faults;
mod players;
mod sessions;
mod speaker;
mod visits;

use hearth_sim::{Access, CameraSpec, SceneKind, SceneSpec};

/// A small camera that everybody may look at, with a key frame twice a second.
fn small_camera(name: &str) -> CameraSpec {
    let scene = SceneSpec { seconds: 4, ..SceneSpec::new(SceneKind::Street, 160, 96, 10) };
    let mut camera = CameraSpec::scene(name, scene, 0).with_access(Access::Open);
    if let hearth_sim::Content::Scene(reel) = &mut camera.main {
        reel.key_interval_frames = 5;
    }
    camera
}
