//! What a panic in one camera's task costs. It is injected here, because no stream is known that
//! causes one.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use hearth_auth::ask;
use hearth_model::{
    CameraId, CameraName, CameraSettings, CameraState, CameraStatus, EventBody, RecordMode,
    RecordSchedule, SourceUrl, StateReason,
};
use hearth_sim::{House, HouseSpec};

use crate::{EventQuery, Hub, HubConfig, NewCamera};

/// Cameras whose next item makes their task panic.
static TOLD: Mutex<Option<HashSet<CameraId>>> = Mutex::new(None);

/// Whoever waits longer has failed; generous, because machines are shared.
const PATIENCE: Duration = Duration::from_secs(90);

pub(super) fn panic_if_told(camera: CameraId) {
    let told = TOLD
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .as_mut()
        .is_some_and(|told| told.remove(&camera));
    assert!(!told, "injected by a test");
}

async fn hub(folder: &std::path::Path) -> Hub {
    let config = HubConfig::of_test(folder);
    Hub::start(config).await.expect("a fresh hub starts")
}

async fn add(hub: &Hub, camera: &hearth_sim::CameraDescription) -> CameraId {
    let name = CameraName::new(&camera.name).expect("a name");
    let (url, _) = SourceUrl::parse(&camera.url).expect("a URL");
    let mut settings = CameraSettings::new(name, url);
    settings.record = RecordSchedule::always(RecordMode::Continuous);
    let credentials = Some((camera.username.clone(), camera.password.as_str().into()));
    let grant = hub.policy().house(&hub.owner()).expect("the owner may");
    hub.add_camera(grant, NewCamera { settings, credentials }).await.expect("added").id
}

async fn until(hub: &Hub, camera: CameraId, fits: impl Fn(&CameraStatus) -> bool) -> CameraStatus {
    let looked = tokio::time::timeout(PATIENCE, async {
        loop {
            let status = hub.running(camera).expect("there").status();
            if fits(&status) {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    looked.await.expect("in time")
}

/// promise: D-18. A panic in one camera's task ends one session: the camera is shown as failed with
/// the reason, comes back by itself and is recorded again; the other camera's task goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_panic_in_one_cameras_task_costs_one_session_of_that_camera() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::start(HouseSpec::bench(2, 160, 120, 10, 100_000)).await.expect("a house");
    let hub = hub(folder.path()).await;
    let cameras = house.describe().cameras;
    let (poor, other) = (add(&hub, &cameras[0]).await, add(&hub, &cameras[1]).await);
    for camera in [poor, other] {
        until(&hub, camera, |status| status.recorded_seconds > 1.0).await;
    }
    TOLD.lock().expect("not poisoned").get_or_insert_default().insert(poor);

    let failed = until(&hub, poor, |status| status.reason == Some(StateReason::Internal)).await;
    let frames = hub.running(other).expect("there").status().frames_received;
    assert_eq!(failed.state, CameraState::Reconnecting);
    assert!(failed.retry_at.is_some());
    let back = until(&hub, poor, |status| status.state == CameraState::Live).await;
    until(&hub, poor, |status| status.recorded_seconds > back.recorded_seconds + 1.0).await;

    // A busy machine may silence a camera for a moment; a panic is what must not have reached it.
    until(&hub, other, |status| status.frames_received > frames).await;
    let grant = hub.policy().house::<ask::ReadEvents>(&hub.owner()).expect("the owner may");
    let page = hub.events(grant, EventQuery { limit: 1_000, ..EventQuery::default() }).await;
    let failures: Vec<CameraId> = page
        .expect("read")
        .events
        .iter()
        .filter_map(|event| match event.detail.body {
            EventBody::CameraStateChanged { camera, reason: Some(reason), .. } => {
                (reason == StateReason::Internal).then_some(camera)
            }
            _ => None,
        })
        .collect();
    assert_eq!(failures, [poor], "told once, of the one it happened to");
    hub.shutdown().await;
}
