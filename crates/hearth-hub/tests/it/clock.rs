//! Clocks that step: the house's and a camera's.

use hearth_model::{CameraState, EventBody, RecordMode};
use hearth_sim::Fault;

use crate::{
    home::{HOUR, Home, SECOND, seconds_between},
    watching::{
        add, add_as, clip, described, fact_after, frames, house, new_camera, range, status,
        still_camera, timeline, timeline_of, until_recorded,
    },
};

/// The wall clock steps forward and back again: each time it is told, and no footage is lost,
/// hidden or overwritten.
#[tokio::test(flavor = "multi_thread")]
async fn footage_goes_on_when_the_wall_clock_steps() {
    let (home, house) = (Home::new(), house(vec![still_camera("door")]).await);
    let hub = home.start().await;
    let camera = add(&hub, &house, "door").await;
    until_recorded(&hub, camera, 3.0).await;
    let start = hub.welcome().time;
    let mut seq = 0;
    for step in [HOUR, -2 * HOUR] {
        home.step_clock(step);
        let told = fact_after(&hub, seq, "the step", |body| {
            matches!(body, EventBody::ClockStepped { micros } if (micros - step).abs() < SECOND)
        })
        .await;
        seq = told.seq;
        until_recorded(&hub, camera, 3.0).await;
    }
    let after = status(&hub, camera).await;
    assert!(after.expected_seconds - after.recorded_seconds < 3.0, "{after:?}");

    let day = range(start.plus_micros(-3 * HOUR), start.plus_micros(3 * HOUR));
    let seen = timeline_of(&hub, camera, day).await;
    assert_eq!(seen.spans.len(), 3, "an hour before, in between and an hour after: {seen:?}");
    let kept: f64 = seen.spans.iter().map(|span| seconds_between(span.from, span.to)).sum();
    assert!((kept - after.recorded_seconds).abs() < 3.0, "{kept} of {after:?}");
    for span in seen.spans {
        let middle = range(span.from, span.from.plus_micros(SECOND));
        let (stream, bytes) = clip(&hub, camera, middle).await;
        let began = stream.view().spans[0].from;
        assert!(seconds_between(span.from, began).abs() < 0.2, "{began:?} for {span:?}");
        assert!(frames(bytes).len() >= 9);
    }
    hub.shutdown().await;
}

/// A camera's own clock is no reason to lose a picture.
#[tokio::test(flavor = "multi_thread")]
async fn footage_goes_on_when_a_cameras_clock_steps() {
    let (home, house) = (Home::new(), house(vec![still_camera("door")]).await);
    let hub = home.start().await;
    let new = new_camera(&described(&house, "door"), RecordMode::Continuous);
    let camera = add_as(&hub, new).await;
    until_recorded(&hub, camera, 2.0).await;
    for seconds in [3_600.0, -7_200.0] {
        house.fault("door", Fault::ClockStep { seconds }).expect("obeyed");
        until_recorded(&hub, camera, 2.0).await;
    }
    let after = status(&hub, camera).await;
    assert_eq!(after.state, CameraState::Live);
    assert!(after.expected_seconds - after.recorded_seconds < 3.0, "{after:?}");
    let seen = timeline(&hub, camera).await;
    assert_eq!((seen.spans.len(), seen.gaps.len()), (1, 0), "{seen:?}");
    let kept = seconds_between(seen.spans[0].from, seen.spans[0].to);
    assert!((kept - after.recorded_seconds).abs() < 2.0, "{kept} of {after:?}");
    hub.shutdown().await;
}
