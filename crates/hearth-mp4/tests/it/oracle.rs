//! What ffmpeg makes of our files: no warnings, the right frames at the right times, bit for bit.
//!
//! Skipped, with a word about it, where ffmpeg with x264 is not installed.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::Arc,
};

use bytes::Bytes;
use hearth_media::{AudioParameters, Frame, StreamParameters, TrackKind, VideoParameters};
use hearth_mp4::{Clip, FragmentBuilder, init_segment};

use crate::{
    media_file::read_file,
    stream::{EPOCH, Segment, fetch, sources, store},
};

fn run(program: &str, arguments: &[&str]) -> Option<Output> {
    match Command::new(program).args(["-hide_banner", "-v", "warning"]).args(arguments).output() {
        Ok(output) => Some(output),
        Err(error) => {
            eprintln!("skipped: {program} cannot be run: {error}");
            None
        }
    }
}

/// Said of any sound without a channel layout, such as every G.711 track; and by the decoder when it
/// starts at an open group of pictures, which wants pictures forgotten that it never had.
const EXPECTED: [&str; 3] =
    ["Guessed Channel Layout", "mmco: unref short failure", "Last message repeated"];

/// Runs a program of which nothing unexpected may come on stderr.
fn silent(program: &str, arguments: &[&str]) -> String {
    let output = run(program, arguments).expect("ran before");
    let complaints = String::from_utf8_lossy(&output.stderr);
    let complaints: Vec<_> = complaints
        .lines()
        .filter(|line| !EXPECTED.iter().any(|part| line.contains(part)))
        .collect();
    assert!(complaints.is_empty() && output.status.success(), "{arguments:?}: {complaints:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// Makes a file with ffmpeg; `None` if that cannot be done here.
fn make(directory: &Path, name: &str, arguments: &[&str]) -> Option<PathBuf> {
    let path = directory.join(name);
    let path_text = path.to_str().expect("a plain name");
    let output = run("ffmpeg", &[arguments, &["-y", path_text]].concat())?;
    if !output.status.success() {
        eprintln!("skipped: ffmpeg lacks an encoder: {}", String::from_utf8_lossy(&output.stderr));
        return None;
    }
    Some(path)
}

const PICTURES: [&str; 4] = ["-f", "lavfi", "-i", "testsrc=s=320x240:r=15:d=8"];
const SOUND: [&str; 4] = ["-f", "lavfi", "-i", "sine=r=48000:d=8"];
const X264: [&str; 10] =
    ["-pix_fmt", "yuv420p", "-c:v", "libx264", "-g", "15", "-bf", "2", "-threads", "1"];

/// A decoded picture: when it is shown, and a hash of its content.
type Decoded = (f64, String);

/// Decodes a file's pictures (`v`) or sound (`a`), without complaint.
fn decode(path: &Path, track: &str) -> Vec<Decoded> {
    let path = path.to_str().expect("a plain name");
    let map = format!("0:{track}:0");
    let text = silent(
        "ffmpeg",
        &["-i", path, "-map", &map, "-fps_mode", "passthrough", "-f", "framemd5", "-"],
    );
    let mut timebase = 1.0;
    let mut decoded = Vec::new();
    for line in text.lines() {
        if let Some(fraction) = line.strip_prefix("#tb 0: ") {
            let (above, below) = fraction.split_once('/').expect("a fraction");
            timebase = above.parse::<f64>().expect("a number") / below.parse::<f64>().expect("too");
        }
        if line.starts_with('#') {
            continue;
        }
        let fields: Vec<_> = line.split(',').map(str::trim).collect();
        if let [_, _, pts, _, _, hash] = fields[..] {
            decoded.push((pts.parse::<f64>().expect("a number") * timebase, hash.to_owned()));
        }
    }
    decoded
}

/// Frames of a file on a timeline like the hub's, pictures from `start` on.
fn recorded(path: &Path, start: i64) -> (Arc<StreamParameters>, Vec<Frame>) {
    let (reader, mut frames) = read_file(path);
    let pictures = frames.iter().filter(|frame| frame.track == TrackKind::Video);
    let first = pictures.map(|frame| frame.pts.as_micros()).min().expect("pictures");
    for frame in &mut frames {
        frame.pts = frame.pts.plus_micros(start - first);
    }
    (reader.parameters().clone(), frames)
}

fn write_clip(path: &Path, segments: &[Segment], from: i64, to: i64) -> Clip<usize> {
    let clip = Clip::plan(
        sources(segments),
        hearth_media::MediaTime::from_micros(EPOCH + from),
        hearth_media::MediaTime::from_micros(EPOCH + to),
    )
    .expect("there is footage");
    std::fs::write(path, fetch(&clip, segments, 0..clip.len())).expect("writable");
    let path = path.to_str().expect("a plain name");
    silent("ffprobe", &["-show_streams", "-show_packets", path]);
    let shown =
        silent("ffprobe", &["-show_entries", "format=duration", "-of", "default=nw=1:nk=1", path]);
    let shown: f64 = shown.trim().parse().expect("a number");
    let planned = clip.duration_us() as f64 / 1e6;
    assert!((shown - planned).abs() < 0.03, "ffprobe says {shown} s, planned {planned} s");
    clip
}

/// Checks that `decoded` are the pictures of `all` from `from` until before `to`, seconds. ffmpeg may
/// or may not count the one that is on show at `from` already.
fn assert_shown(decoded: &[Decoded], all: &[Decoded], from: f64, to: f64) {
    let first = all.iter().rposition(|(pts, _)| *pts <= from + 1e-4).unwrap_or(0);
    let wanted = all[first..].iter().filter(|(pts, _)| *pts < to - 1e-4);
    let wanted: Vec<_> = wanted.map(|(_, hash)| hash).collect();
    let decoded: Vec<_> = decoded.iter().map(|(_, hash)| hash).collect();
    assert!(decoded == wanted || decoded == wanted[1..], "{from}..{to}: {decoded:?} {wanted:?}");
}

/// Clips of a file, cut at all kinds of places, show exactly its pictures.
fn check_clips(source: &Path, directory: &Path) {
    let (parameters, frames) = recorded(source, EPOCH);
    let video = parameters.video.as_ref().expect("a video track");
    for frame in frames.iter().filter(|frame| frame.track == TrackKind::Video) {
        assert_eq!(video.is_key(&frame.data), frame.is_key, "the slices and ffmpeg's muxer");
    }
    let segments = store(&parameters, &frames, 3);
    let fragmented = directory.join("fragmented.mp4");
    std::fs::write(&fragmented, join(&segments)).expect("writable");
    let path = fragmented.to_str().expect("a plain name");
    silent("ffprobe", &["-show_streams", "-show_packets", path]);
    let original = decode(source, "v");
    let hashes = |decoded: &[Decoded]| -> Vec<String> {
        decoded.iter().map(|(_, hash)| hash.clone()).collect()
    };
    assert_eq!(hashes(&decode(&fragmented, "v")), hashes(&original));
    let zero = original[0].0;
    let original: Vec<_> = original.into_iter().map(|(pts, hash)| (pts - zero, hash)).collect();
    for (from, to) in
        [(0, 8_000_000), (500_000, 1_100_000), (2_950_001, 6_123_456), (7_500_000, 9_000_000)]
    {
        let file = directory.join("clip.mp4");
        let clip = write_clip(&file, &segments, from, to);
        let decoded = decode(&file, "v");
        assert_shown(&decoded, &original, from as f64 / 1e6, to as f64 / 1e6);
        assert!(decoded[0].0.abs() < 0.07, "{from}..{to} begins at {}", decoded[0].0);
        if parameters.audio.is_some() {
            let sound = decode(&file, "a");
            assert!(sound[0].0.abs() < 0.03, "sound begins at {}", sound[0].0);
            let end = sound.last().expect("sound").0 + 1_024.0 / 48_000.0;
            let planned = clip.duration_us() as f64 / 1e6;
            assert!((end - planned).abs() < 0.06, "sound ends at {end} of {planned}");
        }
    }
}

/// One fragmented file: the init segment once, then the fragments of all segments.
fn join(segments: &[Segment]) -> Vec<u8> {
    let mut bytes = segments[0].bytes.clone();
    for segment in &segments[1..] {
        let start = usize::try_from(segment.index.fragments[0].offset).expect("small");
        bytes.extend_from_slice(&segment.bytes[start..]);
    }
    bytes
}

#[test]
fn clips_of_h264_with_sound_are_exact() {
    let directory = tempfile::tempdir().expect("a directory");
    let options = [&PICTURES[..], &SOUND, &X264, &["-c:a", "aac"]].concat();
    if let Some(source) = make(directory.path(), "source.mp4", &options) {
        check_clips(&source, directory.path());
    }
}

#[test]
fn clips_of_h264_with_open_groups_of_pictures_are_exact() {
    let directory = tempfile::tempdir().expect("a directory");
    let open = ["-x264-params", "open-gop=1:keyint=15:min-keyint=15:bframes=3:scenecut=0"];
    let options = [&PICTURES[..], &X264[..4], &open].concat();
    if let Some(source) = make(directory.path(), "source.mp4", &options) {
        check_clips(&source, directory.path());
    }
}

#[test]
fn clips_of_h265_are_exact() {
    let directory = tempfile::tempdir().expect("a directory");
    let x265 = ["-pix_fmt", "yuv420p", "-c:v", "libx265", "-tag:v", "hvc1", "-x265-params"];
    let closed = ["log-level=none:keyint=15:bframes=3:open-gop=0"];
    let options = [&PICTURES[..], &x265, &closed].concat();
    if let Some(source) = make(directory.path(), "source.mp4", &options) {
        check_clips(&source, directory.path());
    }
}

#[test]
fn clips_of_mjpeg_are_exact() {
    let directory = tempfile::tempdir().expect("a directory");
    let options = [&PICTURES[..], &["-pix_fmt", "yuvj420p", "-c:v", "mjpeg"]].concat();
    if let Some(source) = make(directory.path(), "source.mp4", &options) {
        check_clips(&source, directory.path());
    }
}

#[test]
fn a_parameter_change_and_a_hole_in_a_clip_decode() {
    let directory = tempfile::tempdir().expect("a directory");
    let options = [&PICTURES[..], &SOUND, &X264, &["-c:a", "aac"]].concat();
    let Some(small) = make(directory.path(), "small.mp4", &options) else {
        return;
    };
    let pictures = ["-f", "lavfi", "-i", "testsrc2=s=640x480:r=15:d=8"];
    let options = [&pictures[..], &SOUND, &X264, &["-c:a", "aac"]].concat();
    let large = make(directory.path(), "large.mp4", &options).expect("made one before");
    let (parameters, frames) = recorded(&small, EPOCH);
    let mut segments = store(&parameters, &frames, 3);
    let (parameters, frames) = recorded(&large, EPOCH + 20_000_000);
    segments.extend(store(&parameters, &frames, 3));
    let file = directory.path().join("clip.mp4");
    let clip = write_clip(&file, &segments, 5_500_000, 24_000_000);
    assert_eq!(clip.spans().len(), 2);
    let count = silent(
        "ffprobe",
        &[
            "-count_frames",
            "-select_streams",
            "v",
            "-show_entries",
            "stream=nb_read_frames",
            "-of",
            "default=nw=1:nk=1",
            file.to_str().expect("a plain name"),
        ],
    );
    // From the first picture after 5.5 s (number 83 of 120), then four seconds.
    assert_eq!(count.trim(), "97");
}

#[test]
fn every_codec_of_sound_is_read_without_warnings() {
    let directory = tempfile::tempdir().expect("a directory");
    let Some(source) = make(directory.path(), "source.mp4", &[&PICTURES[..], &X264].concat())
    else {
        return;
    };
    let (parameters, pictures) = recorded(&source, EPOCH);
    // One Opus packet of silence (RFC 6716: stereo CELT, 20 ms).
    let opus = Bytes::from_static(&[0xFC, 0xFF, 0xFE]);
    let g711 = Bytes::from_static(&[0xD5; 160]);
    let sounds = [
        (AudioParameters::opus(2), opus, 960),
        (AudioParameters::pcmu(8_000, 1), g711.clone(), 160),
        (AudioParameters::pcma(8_000, 1), g711, 160),
    ];
    for (audio, packet, samples) in sounds {
        let parameters =
            Arc::new(StreamParameters { video: parameters.video.clone(), audio: Some(audio) });
        let mut frames = pictures.clone();
        frames.extend((0..400).map(|number| Frame {
            track: TrackKind::Audio,
            pts: hearth_media::MediaTime::from_micros(EPOCH + number * 20_000),
            duration_samples: Some(samples),
            is_key: true,
            after_loss: false,
            data: packet.clone(),
        }));
        frames.sort_by_key(|frame| match frame.track {
            TrackKind::Video => (0, 0),
            TrackKind::Audio => (1, frame.pts.as_micros()),
        });
        let segments = store(&parameters, &frames, usize::MAX);
        let file = directory.path().join("sound.mp4");
        std::fs::write(&file, &segments[0].bytes).expect("writable");
        silent("ffprobe", &["-show_streams", "-show_packets", file.to_str().expect("plain")]);
        assert_eq!(decode(&file, "a").len(), 400);
        let clip = write_clip(&file, &segments, 1_010_000, 5_000_000);
        let sound = decode(&file, "a");
        assert!((195..=205).contains(&sound.len()), "{} packets", sound.len());
        assert!(clip.codecs().starts_with("avc1."));
    }
}

#[test]
fn live_fragments_of_single_frames_play() {
    let directory = tempfile::tempdir().expect("a directory");
    let options = [&PICTURES[..], &SOUND, &X264[..4], &["-bf", "0", "-c:a", "aac"]].concat();
    let Some(source) = make(directory.path(), "source.mp4", &options) else {
        return;
    };
    let (parameters, frames) = recorded(&source, EPOCH);
    assert_eq!(parameters.video.as_ref().map(|video| video.reorder_frames_max), Some(0));
    let mut builder = FragmentBuilder::new(parameters.clone());
    let mut bytes = init_segment(&parameters).expect("tracks").to_vec();
    for frame in &frames {
        let live = builder.fragment(std::slice::from_ref(frame), None).expect("a frame");
        bytes.extend_from_slice(&live.to_bytes());
    }
    let file = directory.path().join("live.mp4");
    std::fs::write(&file, bytes).expect("writable");
    silent("ffprobe", &["-show_streams", "-show_packets", file.to_str().expect("plain")]);
    assert_eq!(decode(&file, "v").len(), 120);
}

/// The sizes that ffprobe tells are those of the parameter sets.
#[test]
fn parameters_agree_with_ffprobe() {
    let directory = tempfile::tempdir().expect("a directory");
    for (size, options) in
        [("322x242", "interlaced=1"), ("1918x1078", "bframes=0"), ("160x90", "ref=4")]
    {
        let input = format!("testsrc=s={size}:r=15:d=0.5");
        let options =
            [&["-f", "lavfi", "-i", &input][..], &X264, &["-x264-params", options]].concat();
        let Some(source) = make(directory.path(), "source.mp4", &options) else {
            return;
        };
        let (reader, _) = read_file(&source);
        let video: VideoParameters = reader.parameters().video.clone().expect("a video track");
        let told = silent(
            "ffprobe",
            &[
                "-show_entries",
                "stream=width,height,has_b_frames,level",
                "-of",
                "csv=p=0",
                source.to_str().expect("plain"),
            ],
        );
        let level = video.config[3];
        let ours = format!("{},{},{},{level}", video.width, video.height, video.reorder_frames_max);
        assert_eq!(told.trim(), ours);
    }
}
