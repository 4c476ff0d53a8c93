//! Watching live.

use hearth_hub::{AuditOrigin, Hub, LiveFeed, LiveItem};
use hearth_model::{CameraId, CameraState, EventBody, RecordMode};
use hearth_sim::Content;
use tokio::time::timeout;

use crate::{
    home::{Home, files_below},
    watching::{
        PATIENCE, add, add_as, allowed_on, busy_camera, described, fact, house, new_camera, status,
        still_camera, timeline, until, until_live, until_recorded,
    },
};

async fn watch(hub: &Hub, camera: CameraId) -> LiveFeed {
    hub.live(allowed_on(hub, camera), AuditOrigin::Hub).await.expect("a feed")
}

async fn next(feed: &mut LiveFeed) -> LiveItem {
    timeout(PATIENCE, feed.next()).await.expect("in time").expect("the camera is there")
}

/// promise: T-14. A live-only camera can be watched, and what moves before it is told, but no file
/// of it comes to be: neither footage nor pictures.
#[tokio::test(flavor = "multi_thread")]
async fn a_live_only_camera_leaves_nothing_on_the_disk() {
    let (home, house) = (Home::with_eyes(), house(vec![busy_camera("bedroom")]).await);
    let hub = home.start().await;
    let mut new = new_camera(&described(&house, "bedroom"), RecordMode::Off);
    new.settings.detection.always_decode = true;
    let camera = add_as(&hub, new).await;
    until_live(&hub, camera).await;
    let mut feed = watch(&hub, camera).await;
    let (mut has_init, mut fragments) = (false, 0);
    while fragments < 20 {
        match next(&mut feed).await {
            LiveItem::Init { mime, .. } => {
                assert!(mime.starts_with("video/mp4; codecs=\"avc1."), "{mime}");
                has_init = true;
            }
            LiveItem::Fragment { is_key, .. } => {
                assert!(has_init && (fragments > 0 || is_key), "begins with a key frame");
                fragments += 1;
            }
            _ => {}
        }
    }
    let ended =
        fact(&hub, "somebody walked by", |body| matches!(body, EventBody::ActivityEnded { .. }))
            .await;
    assert!(matches!(ended.detail.body, EventBody::ActivityEnded { thumbnail: false, .. }));

    let seen = status(&hub, camera).await;
    assert_eq!((seen.recording, seen.recorded_seconds), (false, 0.0));
    assert!(timeline(&hub, camera).await.spans.is_empty());
    hub.shutdown().await;
    let kept: Vec<_> = ["media", "stills"]
        .iter()
        .flat_map(|folder| files_below(&home.data().join(folder)))
        .filter(|path| path.to_string_lossy().contains(&camera.to_string()))
        .collect();
    assert!(kept.is_empty(), "{kept:?}");
}

/// promise: T-21. Whoever watches is counted for as long as they do.
#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_starts_at_once_with_state_parameters_and_a_key_frame() {
    let (home, house) = (Home::new(), house(vec![still_camera("door")]).await);
    let hub = home.start().await;
    let camera = add(&hub, &house, "door").await;
    until_recorded(&hub, camera, 1.0).await;
    let mut feed = watch(&hub, camera).await;
    let first = [next(&mut feed).await, next(&mut feed).await, next(&mut feed).await];
    assert!(
        matches!(
            &first,
            [
                LiveItem::State { state: CameraState::Live, reason: None },
                LiveItem::Init { .. },
                LiveItem::Fragment { is_key: true, .. }
            ]
        ),
        "{first:?}"
    );
    let second = watch(&hub, camera).await;
    assert_eq!(status(&hub, camera).await.watchers, 2);
    drop((feed, second));
    assert_eq!(status(&hub, camera).await.watchers, 0);
    hub.shutdown().await;
}

/// promise: D-19. Somebody who watches too slowly skips to a key frame; nothing waits for them.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_viewer_skips_and_delays_nobody() {
    let mut spec = still_camera("door");
    if let Content::Scene(reel) = &mut spec.main {
        (reel.scene.width, reel.scene.height, reel.scene.fps) = (160, 90, 30);
        reel.key_interval_frames = 15;
    }
    let (home, house) = (Home::new(), house(vec![spec]).await);
    let hub = home.start().await;
    let camera = add(&hub, &house, "door").await;
    until_recorded(&hub, camera, 1.0).await;
    let mut feed = watch(&hub, camera).await;
    let joined = status(&hub, camera).await.frames_received;
    until(&hub, camera, "much is sent", |status| status.frames_received > joined + 200).await;

    let mut skipped = 0;
    while skipped == 0 {
        if let LiveItem::Skipped { units } = next(&mut feed).await {
            skipped = units;
        }
    }
    assert!(skipped >= 50, "{skipped}");
    loop {
        match next(&mut feed).await {
            LiveItem::Fragment { is_key, .. } => {
                assert!(is_key, "decoding begins anew");
                break;
            }
            LiveItem::Skipped { .. } => {}
            other => panic!("a key frame and not {other:?}"),
        }
    }
    let seen = status(&hub, camera).await;
    assert!(seen.expected_seconds - seen.recorded_seconds < 3.0, "{seen:?}");
    assert_eq!(timeline(&hub, camera).await.spans.len(), 1);
    hub.shutdown().await;
    assert!(
        timeout(PATIENCE, async { while feed.next().await.is_some() {} }).await.is_ok(),
        "the feed ends with the hub"
    );
}
