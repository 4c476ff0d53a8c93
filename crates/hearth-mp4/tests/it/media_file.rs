//! Files that other programs wrote.

use std::{fs::File, path::PathBuf};

use hearth_media::{Frame, PictureKind, TrackKind};
use hearth_mp4::Reader;

/// A file of the shared test data; `None`, and a word about it, if it is not there.
pub(crate) fn shared(name: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("HEARTHWATCH_TEST_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let path = shared.join("media").join(name);
    if path.is_file() {
        return Some(path);
    }
    eprintln!("skipped: {name} is not among the test data");
    None
}

pub(crate) fn read_file(path: &std::path::Path) -> (Reader<File>, Vec<Frame>) {
    let mut reader = Reader::open(File::open(path).expect("readable")).expect("an MP4 file");
    let mut frames = Vec::new();
    while let Some(frame) = reader.next_frame().expect("a whole file") {
        frames.push(frame);
    }
    (reader, frames)
}

fn check(name: &str, count: usize, size: (u16, u16), codecs: &str, micros: i64) {
    let Some(path) = shared(name) else {
        return;
    };
    let (mut reader, frames) = read_file(&path);
    let video = reader.parameters().video.clone().expect("a video track");
    assert_eq!((video.width, video.height), size);
    assert_eq!(video.rfc6381, codecs);
    assert!(video.reorder_frames_max > 0);
    assert_eq!(frames.len(), count);
    assert!(frames.iter().all(|frame| frame.track == TrackKind::Video));
    // Presentation times are all different, from 0, evenly spaced, in an order that B-frames need.
    let mut times: Vec<_> = frames.iter().map(|frame| frame.pts.as_micros()).collect();
    assert!(!times.is_sorted());
    times.sort_unstable();
    assert_eq!(times[0], 0);
    let interval = micros / i64::try_from(count).expect("few");
    assert!(times.windows(2).all(|pair| (pair[1] - pair[0] - interval).abs() < 5_000));
    assert!((reader.end().as_micros() - micros).abs() < 200_000);
    // What the container calls a key frame is one by its slices.
    for frame in &frames {
        assert_eq!(frame.is_key, video.is_key(&frame.data));
        assert_ne!(video.picture_kind(&frame.data), PictureKind::Unknown);
    }
    assert!(frames.iter().any(|frame| video.picture_kind(&frame.data) == PictureKind::B));

    reader.rewind();
    let again = reader.next_frame().expect("a whole file").expect("a frame");
    assert_eq!((again.pts, &again.data), (frames[0].pts, &frames[0].data));
}

#[test]
fn a_main_profile_file_yields_its_frames() {
    let name = "one-by-one-person-detection.mp4";
    check(name, 1_394, (768, 432), "avc1.4d401f", 139_400_000);
}

#[test]
fn a_high_profile_file_yields_its_frames() {
    check("bottle-detection.mp4", 1_189, (640, 360), "avc1.64001e", 39_854_749);
}
