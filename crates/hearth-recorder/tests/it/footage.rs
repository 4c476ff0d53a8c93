//! What is recorded can be found and played.

use std::io::Cursor;

use hearth_model::RecordMode;
use hearth_mp4::Reader;
use hearth_recorder::RecorderError;

use crate::house::{EPOCH, House, at, parameters, picture};

#[tokio::test(flavor = "multi_thread")]
async fn a_clip_over_several_files_holds_exactly_the_frames_of_its_range() {
    let house = House::new().await;
    let mut camera = house.camera();
    camera.send(0..150);
    let id = camera.end();
    assert_eq!(house.seconds_kept(id).await, 150);
    assert_eq!(house.files(".hws").len(), 3, "a file a minute");

    let bytes = house.bytes_of(id, 50, 130).await;
    let mut reader = Reader::open(Cursor::new(bytes)).expect("an MP4 file");
    let mut seen = Vec::new();
    while let Some(frame) = reader.next_frame().expect("a frame") {
        seen.push(frame.data);
    }
    let expected: Vec<_> = (500..1300).map(picture).collect();
    assert_eq!(seen.len(), expected.len());
    assert!(seen == expected, "the frames are the ones that were sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn any_byte_range_of_a_clip_is_the_same_part_of_the_whole() {
    let house = House::new().await;
    let mut camera = house.camera();
    camera.send(0..70);
    let id = camera.end();
    house.recorder.flush_index().await;
    let whole = house.bytes_of(id, 3, 65).await;
    let clip = house.recorder.footage().clip(id, crate::house::range(3, 65)).await.expect("a clip");
    for (from, to) in
        [(0, 1), (0, 64), (777, 1_000), (60_000, 400_000), (whole.len() - 5, whole.len())]
    {
        let piece = clip.read_piece(from as u64..to as u64).await.expect("readable");
        assert_eq!(piece, whole[from..to], "{from}..{to}");
    }
    let beyond = clip.read_piece(whole.len() as u64..u64::MAX).await.expect("readable");
    assert!(beyond.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_being_written_can_be_played_already() {
    let house = House::new().await;
    let mut camera = house.camera();
    camera.send(0..10);
    camera.settle();
    house.recorder.flush_index().await;
    let frame = house.recorder.footage().key_frame(camera.id, at(5)).await.expect("a key frame");
    assert_eq!((frame.at, frame.data), (at(4), picture(40)));
    camera.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_of_an_instant_needs_only_the_frames_since_its_key_frame() {
    let house = House::new().await;
    let mut camera = house.camera();
    camera.send(0..10);
    let id = camera.end();
    house.recorder.flush_index().await;
    let wanted = at(5).plus_micros(50_000);
    let found = house.recorder.footage().frames_until(id, wanted).await.expect("frames");
    let (_, frames, shown) = found;
    assert_eq!(shown, at(5));
    let sent: Vec<_> = frames.into_iter().map(|frame| frame.data).collect();
    assert_eq!(sent, (40..=50).map(picture).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn new_parameters_begin_a_new_file() {
    let house = House::new().await;
    let mut camera = house.camera();
    camera.send(0..10);
    camera.recorder.offer(parameters(b'b'));
    camera.send(10..20);
    let id = camera.end();
    assert_eq!(house.seconds_kept(id).await, 20);
    assert_eq!(house.files(".hws").len(), 2);
}

/// A clock that steps by an hour, either way: nothing is lost, and both hours are found.
#[tokio::test(flavor = "multi_thread")]
async fn a_step_of_the_wall_clock_begins_a_new_file_and_loses_nothing() {
    for step in [3_600, -3_600] {
        let house = House::new().await;
        let mut camera = house.camera();
        camera.send(0..10);
        camera.control.set_wall_offset(step * 1_000_000);
        camera.send(10..20);
        let id = camera.end();
        assert_eq!(house.files(".hws").len(), 2, "step {step}");
        assert_eq!(house.seconds_kept(id).await, 20, "step {step}");
        let stepped = house.recorder.footage().key_frame(id, at(15 + step)).await;
        assert_eq!(stepped.expect("after the step").data, picture(140));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_without_footage_says_so() {
    let house = House::new().await;
    let mut camera = house.camera();
    camera.send(0..4);
    let id = camera.end();
    house.recorder.flush_index().await;
    let error = house.recorder.footage().key_frame(id, at(-60)).await.expect_err("nothing there");
    assert!(matches!(error, RecorderError::NoFootage));
    assert!(house.recorder.footage().clip(id, crate::house::range(500, 600)).await.is_err());
    assert_eq!(at(0).as_micros(), EPOCH);
}

/// promise: T-14. A live-only camera leaves no file, whatever it sends.
#[tokio::test(flavor = "multi_thread")]
async fn a_live_only_camera_leaves_no_byte() {
    let house = House::new().await;
    let mut camera = house.camera_of(hearth_model::CameraId::new(), RecordMode::Off);
    camera.send(0..130);
    let id = camera.end();
    assert_eq!(house.seconds_kept(id).await, 0);
    assert!(house.files(".hws").is_empty());
}
