//! The hub ends, is killed, and comes back.

use hearth_hub::{Hub, Peer};
use hearth_model::{EventBody, GapCause};
use tokio::sync::mpsc;

use crate::{
    home::{HOUR, Home, SECOND, seconds_between},
    identity::{PASSWORD, peer},
    watching::{
        about_now, add, allowed, clip, facts, frames, house, range, status, still_camera, timeline,
        timeline_of, until_live, until_recorded, until_timeline,
    },
};

/// All is in order: index, keys and every byte of footage.
pub(crate) async fn is_sound(hub: &Hub) -> bool {
    let (progress, _watched) = mpsc::channel(1);
    hub.verify(allowed(hub), progress).await.expect("checked").ok
}

/// promise: T-11. A hub that was shut down comes back with its cameras, their footage and the
/// sessions of those who were signed in, and says that it was away.
#[tokio::test(flavor = "multi_thread")]
async fn a_restart_keeps_cameras_footage_and_sessions() {
    let (home, house) = (Home::new(), house(vec![still_camera("door")]).await);
    let hub = home.start().await;
    let from: Peer = peer();
    let code = hub.claim_code().expect("nobody has an account");
    let claimed = hub.claim(code.expose(), "anna", PASSWORD.into(), &from).await.expect("claimed");
    let camera = add(&hub, &house, "door").await;
    until_recorded(&hub, camera, 3.0).await;
    let first_run = about_now(&hub);
    hub.shutdown().await;
    drop(hub);

    home.step_clock(HOUR / 2);
    let hub = home.start().await;
    assert!(!hub.welcome().claim_needed && hub.claim_code().is_none());
    let session = hub.authenticate(&claimed.token).await.expect("still signed in");
    assert_eq!(session.principal, claimed.session.principal);
    let view = until_live(&hub, camera).await;
    assert_eq!(view.name.as_str(), "door");
    until_recorded(&hub, camera, 2.0).await;
    let seen = until_timeline(&hub, camera, "the hole is noted", |seen| {
        seen.spans.len() == 2 && !seen.gaps.is_empty()
    })
    .await;
    assert_eq!(seen.gaps.len(), 1, "{seen:?}");
    let gap = seen.gaps[0];
    assert_eq!(gap.cause, GapCause::HubDown);
    assert_eq!((gap.from, gap.to), (seen.spans[0].to, seen.spans[1].from));
    assert!(seconds_between(gap.from, gap.to) > 1_790.0, "{gap:?}");
    assert_eq!(timeline_of(&hub, camera, first_run).await.spans[0], seen.spans[0]);
    assert!(is_sound(&hub).await);
    hub.shutdown().await;
}

/// A hub that dies at any moment loses at most two seconds of footage, and what it left behind is
/// brought in order by the next one.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_hub_loses_at_most_two_seconds() {
    let (home, house) = (Home::new(), house(vec![still_camera("door")]).await);
    let hub = home.start().await;
    let camera = add(&hub, &house, "door").await;
    until_recorded(&hub, camera, 4.0).await;
    let killed_at = hub.welcome().time;
    let before = timeline(&hub, camera).await.spans[0];
    let image = home.power_cut_image();

    // Nobody answers at the camera's address any more: what is there is from before.
    hub.shutdown().await;
    house.stop().await;
    let after = Hub::start(home.config_of(&image)).await.expect("the next one starts");
    let around = range(before.from.plus_micros(-SECOND), killed_at.plus_micros(60 * SECOND));
    let left = timeline_of(&after, camera, around).await.spans;
    assert_eq!(left.len(), 1, "{left:?}");
    // What was read from the file itself is told in milliseconds.
    assert!(seconds_between(before.from, left[0].from).abs() < 0.001, "{left:?} {before:?}");
    let lost = seconds_between(left[0].to, killed_at);
    assert!(lost <= 2.0, "{lost} s were lost");
    let (_, bytes) = clip(&after, camera, around).await;
    let kept = seconds_between(left[0].from, left[0].to);
    assert!(frames(bytes).len() as f64 >= kept * 9.5, "all that is listed plays");
    assert!(is_sound(&after).await);
    assert!(status(&after, camera).await.recorded_seconds < 0.1);
    assert!(!facts(&after).await.iter().any(|f| matches!(f, EventBody::IndexRebuilt { .. })));
    after.shutdown().await;
}
