//! Cameras that stall, fall silent and come back.

use hearth_hub::Hub;
use hearth_model::{CameraId, CameraState, EventBody, GapCause, StateReason};
use hearth_sim::{Fault, House};

use crate::{
    home::Home,
    watching::{
        add, fact, fact_after, facts, house, still_camera, timeline, until, until_live,
        until_recorded, until_timeline,
    },
};

/// The time after which a silent camera must no longer be shown as live. The promise is 5 s from
/// the last frame; the rest is for a busy machine.
const SILENT_AFTER_MAX: std::time::Duration = std::time::Duration::from_secs(15);

fn is_state(body: &EventBody, of: CameraId, wanted: CameraState) -> bool {
    matches!(body, EventBody::CameraStateChanged { camera, state, .. }
        if *camera == of && *state == wanted)
}

/// Strikes a camera with a fault that silences it, and follows it until it is well again.
async fn falls_silent_and_comes_back(hub: &Hub, house: &House, name: &str, fault: Fault) {
    let camera = add(hub, house, name).await;
    until_recorded(hub, camera, 3.0).await;
    house.fault(name, fault).expect("obeyed");
    let gone = until(hub, camera, "it is noticed", |status| status.state != CameraState::Live);
    let gone = tokio::time::timeout(SILENT_AFTER_MAX, gone).await.expect("noticed in time");
    assert_eq!(gone.state, CameraState::Reconnecting);
    assert_eq!(gone.reason, Some(StateReason::Silent), "{gone:?}");
    assert!(gone.retry_at.is_some());
    let stopped = fact(hub, "the hole is told", |body| {
        *body == EventBody::RecordingStopped { camera, cause: GapCause::Camera }
    })
    .await;
    let seen = facts(hub).await;
    let lives = seen.iter().filter(|body| is_state(body, camera, CameraState::Live)).count();
    assert_eq!(lives, 1, "a camera without pictures is not live: {seen:?}");

    house.fault(name, Fault::Recover).expect("obeyed");
    until_live(hub, camera).await;
    fact_after(hub, stopped.seq, "the end of the hole is told", |body| {
        *body == EventBody::RecordingResumed { camera }
    })
    .await;
    let seen = until_timeline(hub, camera, "the hole has two ends", |t| t.spans.len() == 2).await;
    assert_eq!(seen.gaps.len(), 1, "{seen:?}");
    let gap = seen.gaps[0];
    assert_eq!(gap.cause, GapCause::Camera);
    assert_eq!((gap.from, gap.to), (seen.spans[0].to, seen.spans[1].from));
}

/// promise: T-10. A camera whose connections hang, and one that stays connected and sends nothing,
/// are noticed, named as silent and recorded again once they are well; a third camera misses
/// nothing meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn silent_cameras_are_noticed_and_hold_up_nobody() {
    let cameras = ["half-open", "stalled", "healthy"].map(still_camera);
    let (home, house) = (Home::new(), house(cameras.into()).await);
    let hub = home.start().await;
    let healthy = add(&hub, &house, "healthy").await;
    until_recorded(&hub, healthy, 1.0).await;
    tokio::join!(
        falls_silent_and_comes_back(&hub, &house, "half-open", Fault::HalfOpen { seconds: None }),
        falls_silent_and_comes_back(&hub, &house, "stalled", Fault::Stall { seconds: None }),
    );
    let seen = timeline(&hub, healthy).await;
    assert_eq!((seen.spans.len(), seen.gaps.len()), (1, 0), "{seen:?}");
    let status = until_recorded(&hub, healthy, 1.0).await;
    assert!(status.expected_seconds - status.recorded_seconds < 5.0, "{status:?}");
    hub.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_that_hangs_up_or_flaps_comes_back_by_itself() {
    let (home, house) = (Home::new(), house(vec![still_camera("door")]).await);
    let hub = home.start().await;
    let camera = add(&hub, &house, "door").await;
    until_recorded(&hub, camera, 1.0).await;
    house.fault("door", Fault::Drop).expect("obeyed");
    let dropped =
        fact(&hub, "the end is noticed", |body| is_state(body, camera, CameraState::Reconnecting))
            .await;
    assert!(
        matches!(
            dropped.detail.body,
            EventBody::CameraStateChanged { reason: Some(StateReason::Closed), .. }
        ),
        "{dropped:?}"
    );
    until_live(&hub, camera).await;
    until_recorded(&hub, camera, 1.0).await;

    let flapping = Fault::Flap { period_seconds: 1.0, seconds: Some(4.0) };
    house.fault("door", flapping).expect("obeyed");
    fact_after(&hub, dropped.seq, "flapping is noticed", |body| {
        is_state(body, camera, CameraState::Reconnecting)
    })
    .await;
    until_live(&hub, camera).await;
    until_recorded(&hub, camera, 2.0).await;
    hub.shutdown().await;
}
