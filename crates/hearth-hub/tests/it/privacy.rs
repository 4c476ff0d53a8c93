//! The house's privacy switch.

use hearth_hub::{ClosedBy, DevicePatch, Family, PrivacyResult, PrivacyView};
use hearth_model::{CameraId, CameraState, EventBody, StateReason};
use hearth_sim::tapo::TapoFault;
use serde_json::json;

use crate::{
    devices::{add as add_device, lens, new_device, until_state},
    home::{HOUR, Home},
    watching::{
        add, allowed, allowed_on, fact, house, poll, status, still_camera, until, until_live,
        until_recorded,
    },
};

fn row(view: &PrivacyView, camera: CameraId) -> (ClosedBy, PrivacyResult) {
    let row = view.cameras.iter().find(|row| row.camera == camera).expect("every camera");
    (row.how, row.result)
}

/// promise: T-12, T-14. One switch closes every camera: lenses by their device, streams by the hub;
/// nothing is received or kept meanwhile, no gap is reported, a restart changes nothing, and it
/// opens again.
#[tokio::test(flavor = "multi_thread")]
async fn one_switch_closes_the_house_and_opens_it_again() {
    let cameras = ["door", "garden"].map(still_camera);
    let (home, house) = (Home::new(), house(cameras.into()).await);
    let hub = home.start().await;
    let (door, garden) = (add(&hub, &house, "door").await, add(&hub, &house, "garden").await);
    let eye = lens().await;
    let mut new = new_device("Door lens", Family::TapoCamera, eye.port());
    new.camera = Some(door);
    add_device(&hub, new).await;
    until_recorded(&hub, door, 1.0).await;
    until_recorded(&hub, garden, 1.0).await;

    let view = hub.set_privacy(allowed(&hub), true, None).await.expect("closed");
    assert!(view.is_on);
    assert_eq!(row(&view, door), (ClosedBy::Lens, PrivacyResult::Closed), "{view:?}");
    assert_eq!(row(&view, garden), (ClosedBy::Hub, PrivacyResult::Closed), "{view:?}");
    assert_eq!(eye.setting("lens_mask", "lens_mask_info"), json!({"enabled": "on"}));
    let before = [status(&hub, door).await, status(&hub, garden).await];
    for status in &before {
        assert_eq!(status.state, CameraState::Offline);
        assert_eq!(status.reason, Some(StateReason::Privacy));
    }
    // Not even the picture that was the last one.
    assert_eq!(hub.still(allowed_on(&hub, garden)).await.expect_err("closed").code, "not_live");
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    for (camera, before) in [door, garden].into_iter().zip(&before) {
        let now = status(&hub, camera).await;
        assert_eq!(now.frames_received, before.frames_received, "nothing more came");
        assert!(!now.recording);
        assert!(now.expected_seconds - before.expected_seconds < 1.5, "nothing is missed");
    }
    fact(&hub, "it is told", |body| {
        matches!(body, EventBody::HousePrivacyChanged { is_on: true, .. })
    })
    .await;
    hub.shutdown().await;
    drop(hub);

    let hub = home.start().await;
    assert!(hub.privacy(&allowed(&hub)).is_on, "a restart changes nothing");
    for camera in [door, garden] {
        until(&hub, camera, "closed", |now| now.reason == Some(StateReason::Privacy)).await;
        assert_eq!(status(&hub, camera).await.frames_received, 0);
    }
    let view = hub.set_privacy(allowed(&hub), false, None).await.expect("opened");
    assert_eq!(row(&view, door), (ClosedBy::Lens, PrivacyResult::Open), "{view:?}");
    assert_eq!(row(&view, garden), (ClosedBy::Hub, PrivacyResult::Open));
    assert_eq!(eye.setting("lens_mask", "lens_mask_info"), json!({"enabled": "off"}));
    until_live(&hub, door).await;
    until_live(&hub, garden).await;
    hub.shutdown().await;
}

/// promise: T-12. A lens that does not close is said to have failed, within its time, and the hub
/// keeps nothing of that camera either way. A lens that was closed before stays closed afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn a_lens_that_fails_is_said_and_the_time_of_privacy_ends_by_itself() {
    let (home, house) = (Home::new(), house(vec![still_camera("door")]).await);
    let hub = home.start().await;
    let door = add(&hub, &house, "door").await;
    let eye = lens().await;
    let mut new = new_device("Door lens", Family::TapoCamera, eye.port());
    new.camera = Some(door);
    let device = add_device(&hub, new).await;
    until_live(&hub, door).await;
    eye.strike(TapoFault::Slow { seconds: 30.0 }).expect("struck");
    let begun = std::time::Instant::now();
    let now = hub.welcome().time;
    let until_then = now.plus_micros(HOUR);
    let view = hub.set_privacy(allowed(&hub), true, Some(until_then)).await.expect("answered");
    assert!(begun.elapsed() < std::time::Duration::from_secs(20), "bounded");
    assert_eq!(row(&view, door), (ClosedBy::Lens, PrivacyResult::Failed));
    let reason = view.cameras[0].reason.clone().expect("a reason");
    assert!(reason.contains("keeps nothing"), "{reason}");
    assert_eq!(status(&hub, door).await.reason, Some(StateReason::Privacy));
    assert!(hub.set_privacy(allowed(&hub), true, Some(now)).await.is_err(), "not in the past");
    eye.strike(TapoFault::Recover).expect("struck");
    home.step_clock(2 * HOUR);
    poll("it ends by itself", async || {
        let view = hub.privacy(&allowed(&hub));
        (!view.is_on && view.by.as_deref() == Some("clock")).then_some(())
    })
    .await;
    until_live(&hub, door).await;

    until_state(&hub, device.id, "answering").await;
    let closed = hearth_hub::ControlValue::Switch(true);
    hub.set_control(allowed(&hub), device.id, "privacy", closed).await.expect("closed by hand");
    hub.set_privacy(allowed(&hub), true, None).await.expect("closed");
    let view = hub.set_privacy(allowed(&hub), false, None).await.expect("opened");
    assert_eq!(row(&view, door), (ClosedBy::Lens, PrivacyResult::Closed), "{view:?}");
    assert_eq!(eye.setting("lens_mask", "lens_mask_info"), json!({"enabled": "on"}));
    let unlink: DevicePatch = serde_json::from_value(json!({"camera": null})).expect("a patch");
    hub.update_device(allowed(&hub), device.id, unlink).await.expect("unlinked");
    let view = hub.set_privacy(allowed(&hub), true, None).await.expect("closed");
    assert_eq!(row(&view, door), (ClosedBy::Hub, PrivacyResult::Closed));
    hub.shutdown().await;
}
