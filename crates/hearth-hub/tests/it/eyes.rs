//! The eyes see, die and hang, and the footage does not notice.

use std::{fs, sync::Arc};

use hearth_hub::{EventQuery, Family, Hub};
use hearth_model::{CameraId, EventBody, EventKind, EyesState, GapCause, RecordMode};
use hearth_sim::SimulatedBoard;
use rustix::process::{Pid, Signal, kill_process};

use crate::{
    devices,
    home::{HOUR, Home, SECOND, seconds_between},
    notices,
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

/// promise: D-18. A driver panics again and again and the eyes are killed while a camera records:
/// the footage has no hole, the device says that it failed and answers once its driver is well, and
/// a device that only panics when it is tried is refused.
#[tokio::test(flavor = "multi_thread")]
async fn footage_goes_on_when_a_driver_panics_and_the_eyes_die() {
    let (home, house) = (Home::with_eyes(), house(vec![busy_camera("door")]).await);
    let board = Arc::new(SimulatedBoard::new(&home.beside("sys")));
    let mut config = home.config();
    config.board = Some(Arc::clone(&board) as _);
    let hub = Hub::start(config).await.expect("it starts");
    let new = new_camera(&described(&house, "door"), RecordMode::Continuous);
    let camera = add_as(&hub, new).await;
    until_recorded(&hub, camera, 1.0).await;

    board.bug.plant(0..1);
    let lamp = || notices::device("Lamp", Family::GpioLamp, "gpiochip0/18");
    let refused = hub.add_device(allowed(&hub), lamp()).await.expect_err("it panics");
    assert_eq!(refused.code, "device_malformed");
    // The first claim is the attempt, and what follows is the supervisor's.
    board.bug.plant(2..4);
    let lamp = devices::add(&hub, lamp()).await.id;
    devices::until_state(&hub, lamp, "malformed").await;
    let started = fact(&hub, "the eyes look", |body| *body == EventBody::EyesStarted).await;
    kill_process(worker(&home).await, Signal::KILL).expect("it was there");
    fact_after(&hub, started.seq, "the eyes look again", |body| *body == EventBody::EyesStarted)
        .await;
    devices::until_state(&hub, lamp, "answering").await;
    assert_eq!(board.bug.claims(), 5, "one refused, one tried, two panics, one that holds");

    let after = until_recorded(&hub, camera, 2.0).await;
    assert!(after.expected_seconds - after.recorded_seconds < 3.0, "{after:?}");
    let seen = timeline(&hub, camera).await;
    assert_eq!((seen.spans.len(), seen.gaps.len()), (1, 0), "{seen:?}");
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

/// promise: V-15, D-06. A camera's pictures stay as long as that camera says, those of another as
/// long as the house says.
#[tokio::test(flavor = "multi_thread")]
async fn each_camera_keeps_its_pictures_as_long_as_it_says() {
    let cameras = ["short", "usual"].map(busy_camera);
    let (home, house) = (Home::with_eyes(), house(cameras.into()).await);
    let hub = home.start().await;
    let mut pictures = Vec::new();
    for (name, days) in [("short", Some(2)), ("usual", None)] {
        let mut new = new_camera(&described(&house, name), RecordMode::Event);
        new.settings.detection.always_decode = true;
        new.settings.retention.pictures_days_max = days;
        let id = add_as(&hub, new).await;
        let ended = fact(
            &hub,
            "somebody went by",
            |body| matches!(body, EventBody::ActivityEnded { camera, thumbnail: true, .. } if *camera == id),
        );
        let EventBody::ActivityEnded { activity, .. } = ended.await.detail.body else {
            unreachable!("it was matched")
        };
        hub.thumbnail(allowed(&hub), activity).await.expect("a picture");
        pictures.push(activity);
    }
    hub.shutdown().await;
    drop(hub);
    home.step_clock(3 * 24 * HOUR);
    let hub = home.start().await;
    let run = async || hub.system(allowed(&hub)).await.expect("told").storage.last_sweep;
    let run = poll("it ran", run).await;
    assert!(run.complete && run.pictures > 0, "{run:?}");
    assert!(hub.thumbnail(allowed(&hub), pictures[0]).await.is_err(), "it is erased");
    hub.thumbnail(allowed(&hub), pictures[1]).await.expect("it stays");
    hub.shutdown().await;
}

/// Waits for a span of footage with the activity, about the pre-roll before and the post-roll after
/// it, and not much more: the rest of the time nothing was kept.
async fn covers(
    hub: &Hub,
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
