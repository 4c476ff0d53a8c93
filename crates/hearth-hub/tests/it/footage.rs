//! From a camera to a clip.

use hearth_model::{EventBody, RecordMode};
use hearth_sim::Fault;

use crate::{
    home::{Home, SECOND, seconds_between},
    watching::{
        add, add_as, allowed, allowed_on, clip, described, fact, frames, house, new_camera, range,
        still_camera, timeline, until_live, until_recorded,
    },
};

/// promise: D-22. A camera is tried, added, goes live and records, and what it recorded plays: all
/// of it with a simulated house and no hardware.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_camera_goes_live_records_and_plays_back() {
    let (home, house) = (Home::new(), house(vec![still_camera("door")]).await);
    let hub = home.start().await;
    let new = new_camera(&described(&house, "door"), RecordMode::Continuous);
    hub.probe_camera(&allowed(&hub), new.clone()).await.expect("it answers");
    let camera = add_as(&hub, new).await;
    let live = until_live(&hub, camera).await;
    assert_eq!((live.width, live.height, live.reason), (Some(320), Some(180), None));
    until_recorded(&hub, camera, 5.0).await;

    let seen = timeline(&hub, camera).await;
    assert_eq!((seen.spans.len(), seen.gaps.len()), (1, 0), "{seen:?}");
    let from = seen.spans[0].from.plus_micros(1_500_000);
    let to = from.plus_micros(2 * SECOND);
    let (stream, bytes) = clip(&hub, camera, range(from, to)).await;
    let view = stream.view();
    assert!((view.duration_seconds - 2.0).abs() < 0.15, "{view:?}");
    assert!(view.codecs.starts_with("avc1."), "{}", view.codecs);
    assert!(seconds_between(from, view.spans[0].from).abs() < 0.15, "{view:?}");

    let mp4 = hearth_mp4::Reader::open(std::io::Cursor::new(bytes.clone())).expect("an MP4 file");
    let start = mp4.presentation_start();
    let frames = frames(bytes.clone());
    assert!(frames[0].0.is_key, "decoding can begin");
    let shown = frames.iter().filter(|(frame, _)| frame.pts >= start).count();
    assert!((19..=22).contains(&shown), "{shown} frames in two seconds at ten a second");
    // Up to a group of pictures lies before the first frame that is shown, for decoding.
    assert!(frames.len() - shown <= 10, "{} frames", frames.len());

    let middle = bytes.len() as u64 / 2;
    let piece = stream.read_piece(middle..middle + 777).await.expect("readable");
    assert_eq!(piece[..], bytes[middle as usize..middle as usize + 777], "any range can be read");

    let key = hub.key_frame(allowed_on(&hub, camera), to).await.expect("a key frame");
    assert!((0..=1_100_000).contains(&to.micros_since(key.at)), "{:?}", key.at);
    let missing = hub.key_frame(allowed_on(&hub, camera), from.plus_micros(-60 * SECOND)).await;
    assert_eq!(missing.expect_err("before the first frame").code, "no_footage");
    hub.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_resolution_is_a_fact_and_the_clip_over_it_plays() {
    let (home, house) = (Home::new(), house(vec![still_camera("door")]).await);
    let hub = home.start().await;
    let camera = add(&hub, &house, "door").await;
    until_recorded(&hub, camera, 2.0).await;
    house.fault("door", Fault::ResolutionChange { width: 480, height: 270 }).expect("obeyed");
    let changed = fact(&hub, "the stream changed", |body| {
        matches!(body, EventBody::StreamChanged { width: 480, height: 270, .. })
    })
    .await;
    until_recorded(&hub, camera, 2.0).await;

    let around = range(changed.at.plus_micros(-SECOND), changed.at.plus_micros(SECOND));
    let (_, bytes) = clip(&hub, camera, around).await;
    let frames = frames(bytes);
    let mut sizes: Vec<_> = frames.iter().map(|(_, size)| *size).collect();
    sizes.dedup();
    assert_eq!(sizes, [(320, 180), (480, 270)], "one change, and both sides decodable");
    let first_after = frames.iter().find(|(_, size)| *size == (480, 270)).expect("just seen");
    assert!(first_after.0.is_key);
    let seen = timeline(&hub, camera).await;
    assert_eq!((seen.spans.len(), seen.gaps.len()), (1, 0), "without a hole: {seen:?}");
    hub.shutdown().await;
}
