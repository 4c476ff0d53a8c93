//! The eyes see, die and hang, and the footage does not notice.

use std::fs;

use hearth_hub::EventQuery;
use hearth_model::{CameraId, EventBody, EventKind, EyesState, GapCause, RecordMode};
use rustix::process::{Pid, Signal, kill_process};

use crate::{
    home::{HOUR, Home, SECOND, seconds_between},
    watching::{
        add_as, allowed, allowed_on, busy_camera, described, fact, fact_after, house, new_camera,
        poll, status, timeline, until, until_recorded,
    },
};

/// The worker of a home, found by what is on its command line.
async fn worker(home: &Home) -> Pid {
    let mark = home.mark();
    poll("a worker", async || {
        let mut found = fs::read_dir("/proc").expect("listed").filter_map(|entry| {
            let entry = entry.ok()?;
            let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
            let line = fs::read(entry.path().join("cmdline")).ok()?;
            let marked = line.split(|byte| *byte == 0).any(|word| word == mark.as_bytes());
            marked.then_some(pid).and_then(Pid::from_raw)
        });
        found.next()
    })
    .await
}

/// promise: D-18, D-20. The eyes are killed, and later they hang: both are facts, they are started
/// again, and meanwhile the footage goes on without a hole.
#[tokio::test(flavor = "multi_thread")]
async fn footage_goes_on_when_the_eyes_die_or_hang() {
    let (home, house) = (Home::with_eyes(), house(vec![busy_camera("door")]).await);
    let hub = home.start().await;
    let new = new_camera(&described(&house, "door"), RecordMode::Continuous);
    let camera = add_as(&hub, new).await;
    until_recorded(&hub, camera, 1.0).await;
    let mut seq = fact(&hub, "the eyes look", |body| *body == EventBody::EyesStarted).await.seq;
    for signal in [Signal::KILL, Signal::STOP] {
        until(&hub, camera, "looked at", |status| status.eyes == EyesState::MotionOnly).await;
        kill_process(worker(&home).await, signal).expect("it was there");
        let stopped = fact_after(&hub, seq, "the end of the eyes", |body| {
            matches!(body, EventBody::EyesStopped { .. })
        })
        .await;
        let again = fact_after(&hub, stopped.seq, "the eyes look again", |body| {
            *body == EventBody::EyesStarted
        });
        seq = again.await.seq;
    }
    until(&hub, camera, "looked at", |status| status.eyes == EyesState::MotionOnly).await;
    let system = hub.system(allowed(&hub)).await.expect("answered");
    assert!(system.eyes.running);
    assert_eq!(system.eyes.restarts, 2);

    let after = until_recorded(&hub, camera, 1.0).await;
    // The fragment that is being collected is a second long, and looks come once a second.
    assert!(after.expected_seconds - after.recorded_seconds < 3.0, "{after:?}");
    let seen = timeline(&hub, camera).await;
    assert_eq!((seen.spans.len(), seen.gaps.len()), (1, 0), "{seen:?}");
    let kept = seconds_between(seen.spans[0].from, seen.spans[0].to);
    assert!((kept - after.recorded_seconds).abs() < 2.0, "{kept} of {after:?}");
    hub.shutdown().await;
}

/// promise: D-06. Somebody walks by: it is noticed, kept with the time before and after, and has a
/// picture, which is gone after a week while the fact stays.
#[tokio::test(flavor = "multi_thread")]
async fn what_moves_is_told_with_its_picture_and_its_footage() {
    let (home, house) = (Home::with_eyes(), house(vec![busy_camera("door")]).await);
    let hub = home.start().await;
    let mut new = new_camera(&described(&house, "door"), RecordMode::Event);
    new.settings.detection.always_decode = true;
    (new.settings.pre_roll_seconds, new.settings.post_roll_seconds) = (2, 1);
    let camera = add_as(&hub, new).await;
    let noticed =
        fact(&hub, "somebody comes", |body| matches!(body, EventBody::ActivityNoticed { .. }))
            .await;
    let ended = fact_after(
        &hub,
        noticed.seq,
        "they are gone",
        |body| matches!(body, EventBody::ActivityEnded { activity, .. } if *activity == noticed.id),
    )
    .await;
    assert!(matches!(ended.detail.body, EventBody::ActivityEnded { thumbnail: true, .. }));
    let jpeg = hub.thumbnail(allowed(&hub), noticed.id).await.expect("a picture");
    assert!(jpeg.starts_with(&[0xFF, 0xD8]) && jpeg.ends_with(&[0xFF, 0xD9]), "a JPEG");

    let listed = hub.events(
        allowed(&hub),
        EventQuery { kinds: vec![EventKind::ActivityNoticed], ..EventQuery::default() },
    );
    let listed = listed.await.expect("facts").events;
    let view = listed.iter().find(|view| view.id == noticed.id).expect("listed");
    assert_eq!((view.end, view.thumbnail), (Some(ended.at), true));
    assert!(view.clip.as_deref().is_some_and(|url| url.contains("/clip.mp4?from=")));

    covers(&hub, camera, &noticed, &ended).await;
    let still = hub.still(allowed_on(&hub, camera)).await.expect("a picture of now");
    assert!(still.jpeg.starts_with(&[0xFF, 0xD8]));
    let then = noticed.at.plus_micros(SECOND / 2);
    let still = hub.snapshot(allowed_on(&hub, camera), then).await.expect("a picture of then");
    assert!(seconds_between(still.at, then).abs() < 0.3, "{:?} for {then:?}", still.at);
    hub.shutdown().await;
    drop(hub);

    home.step_clock(7 * 24 * HOUR);
    let hub = home.start().await;
    poll("the picture is erased", async || {
        hub.thumbnail(allowed(&hub), noticed.id).await.is_err().then_some(())
    })
    .await;
    let again = fact(&hub, "the fact stays", |body| *body == noticed.detail.body).await;
    assert_eq!((again.id, again.thumbnail), (noticed.id, false));
    hub.shutdown().await;
}

/// Waits for a span of footage with the activity, about the pre-roll before and the post-roll after
/// it, and not much more: the rest of the time nothing was kept.
async fn covers(
    hub: &hearth_hub::Hub,
    camera: CameraId,
    noticed: &hearth_hub::EventView,
    ended: &hearth_hub::EventView,
) {
    let span = poll("the footage is kept", async || {
        let seen = timeline(hub, camera).await;
        assert!(seen.gaps.iter().all(|gap| gap.cause != GapCause::Camera), "{seen:?}");
        let middle = noticed.at.plus_micros(ended.at.micros_since(noticed.at) / 2);
        let span = seen.spans.into_iter().find(|span| span.from <= middle && middle < span.to)?;
        (span.to >= ended.at).then_some(span)
    })
    .await;
    let before = seconds_between(span.from, noticed.at);
    assert!((0.9..=4.5).contains(&before), "{before} s of two before it");
    let status = status(hub, camera).await;
    assert_eq!(status.record_mode, RecordMode::Event);
}
