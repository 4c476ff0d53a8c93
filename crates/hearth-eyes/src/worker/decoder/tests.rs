//! Our pictures against those of ffmpeg, and what is refused.

use std::path::Path;

use super::*;
use crate::test_media::{ffmpeg, frames, reference, shared};

/// All pictures of a file, in the order they are shown.
fn pictures(path: &Path) -> Vec<Picture> {
    let (parameters, frames) = frames(path);
    let video = parameters.video.clone().expect("a video track");
    let mut decoder = Decoder::new(video).expect("decodable");
    let mut pictures = Vec::new();
    for frame in &frames {
        pictures.extend(decoder.decode(frame).expect("undamaged"));
    }
    pictures.extend(decoder.finish());
    assert_eq!(pictures.len(), frames.len());
    pictures.sort_by_key(|picture| picture.pts);
    pictures
}

fn same_as_ffmpeg(path: &Path) {
    let Some(expected) = reference(path) else { return };
    let found = pictures(path);
    let bytes: usize = found.iter().flat_map(|picture| &picture.planes).map(Vec::len).sum();
    assert_eq!(bytes, expected.len(), "as many pictures of the same size");
    let mut rest = &expected[..];
    for (index, picture) in found.iter().enumerate() {
        for plane in &picture.planes {
            let (theirs, after) = rest.split_at(plane.len());
            assert!(plane == theirs, "picture {index} differs");
            rest = after;
        }
    }
}

/// A clip made by ffmpeg with these arguments.
fn made(name: &str, arguments: &[&str]) -> Option<(tempfile::TempDir, std::path::PathBuf)> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join(name);
    let source = "testsrc2=size=320x192:rate=15:duration=4,noise=alls=12:allf=t";
    let mut all = vec!["-f", "lavfi", "-i", source];
    all.extend_from_slice(arguments);
    all.push(path.to_str()?);
    ffmpeg(&all)?;
    Some((folder, path))
}

#[test]
fn shared_clips_decode_bit_for_bit_like_ffmpeg() {
    for clip in ["media/bottle-detection.mp4", "media/one-by-one-person-detection.mp4"] {
        if let Some(path) = shared(clip) {
            same_as_ffmpeg(&path);
        }
    }
}

#[test]
fn h264_with_reordering_and_slices_decodes_bit_for_bit_like_ffmpeg() {
    let arguments = ["-c:v", "libx264", "-g", "30", "-bf", "3", "-pix_fmt", "yuv420p"];
    let sliced = [&arguments[..], &["-x264-params", "slices=4:b-pyramid=normal"]].concat();
    if let Some((_folder, path)) = made("clip.mp4", &sliced) {
        same_as_ffmpeg(&path);
    }
}

#[test]
fn h265_with_reordering_decodes_bit_for_bit_like_ffmpeg() {
    let arguments = ["-c:v", "libx265", "-g", "30", "-pix_fmt", "yuv420p"];
    let arguments = [&arguments[..], &["-x265-params", "bframes=3:log-level=none"]].concat();
    if let Some((_folder, path)) = made("clip.mp4", &arguments) {
        same_as_ffmpeg(&path);
    }
}

/// The reason a stream is refused for, by its parameters or by its first key frames.
fn refusal(path: &Path) -> Option<UndecodableReason> {
    let (parameters, frames) = frames(path);
    let video = parameters.video.clone().expect("a video track");
    let mut decoder = match Decoder::new(video) {
        Ok(decoder) => decoder,
        Err(reason) => return Some(reason),
    };
    frames.iter().find_map(|frame| match decoder.decode(frame) {
        Err(DecodeFault::Undecodable(reason)) => Some(reason),
        _ => None,
    })
}

#[test]
fn what_cannot_be_decoded_is_said() {
    let x264 = ["-c:v", "libx264", "-g", "10", "-pix_fmt"];
    let cases: [(&[&str], UndecodableReason); 3] = [
        (&["yuv422p"], UndecodableReason::Chroma),
        (&["yuv420p10le"], UndecodableReason::BitDepth),
        (&["yuv420p", "-flags", "+ilme+ildct"], UndecodableReason::Interlaced),
    ];
    for (more, reason) in cases {
        let arguments = [&x264[..], more].concat();
        if let Some((_folder, path)) = made("clip.mp4", &arguments) {
            assert_eq!(refusal(&path), Some(reason), "{more:?}");
        }
    }
    let x265 = ["-c:v", "libx265", "-x265-params", "log-level=none", "-pix_fmt", "yuv420p10le"];
    if let Some((_folder, path)) = made("clip.mp4", &x265) {
        assert_eq!(refusal(&path), Some(UndecodableReason::BitDepth));
    }
}

/// promise: D-18. Damaged bytes give errors or pictures, never a crash.
#[test]
fn damaged_streams_never_panic() {
    let Some(path) = shared("media/bottle-detection.mp4") else { return };
    let (parameters, frames) = frames(&path);
    let video = parameters.video.clone().expect("a video track");
    let mut state = 1u32;
    for _ in 0..4 {
        let mut decoder = Decoder::new(video.clone()).expect("decodable");
        for frame in frames.iter().take(80) {
            let mut data = frame.data.to_vec();
            for _ in 0..3 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let place = state as usize % data.len().max(1);
                if let Some(byte) = data.get_mut(place) {
                    *byte ^= (state >> 24) as u8;
                }
            }
            let _ = decoder.decode(&Frame { data: data.into(), ..frame.clone() });
        }
    }
}

#[test]
fn a_key_frame_looked_at_by_itself_shows_its_own_picture() {
    let Some(path) = shared("media/one-by-one-person-detection.mp4") else { return };
    let (parameters, frames) = frames(&path);
    let video = parameters.video.clone().expect("a video track");
    let all = pictures(&path);
    let mut decoder = Decoder::new(video).expect("decodable");
    for frame in frames.iter().filter(|frame| frame.is_key).take(5) {
        decoder.restart();
        let picture = decoder.decode(frame).expect("undamaged").pop().expect("a picture");
        let expected = all.iter().find(|other| other.pts == frame.pts).expect("there");
        assert!(picture == *expected);
    }
}
