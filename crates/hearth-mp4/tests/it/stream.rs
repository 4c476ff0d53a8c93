//! Made-up streams, and how a recorder would store them.

use std::{io::Cursor, sync::Arc};

use bytes::Bytes;
use hearth_media::{
    AudioParameters, Frame, MediaTime, StreamParameters, TrackKind, VideoParameters,
};
use hearth_mp4::{Clip, FragmentBuilder, Piece, Reader, SegmentIndex, cut_allowed, init_segment};
use proptest::prelude::*;

/// 2023-11-14T22:13:20Z, a timeline that starts like the hub's.
pub(crate) const EPOCH: i64 = 1_700_000_000_000_000;

/// Made by x264: 1920x1080 High with two reordered frames.
const SPS: &[u8] = b"\x67\x64\x00\x28\xac\xd9\x40\x78\x02\x27\xe5\xc0\x44\x00\x00\x03\x00\x04\x00\
    \x00\x03\x00\xc8\x3c\x60\xc6\x58";
const PPS: &[u8] = b"\x68\xea\xe3\xcb\x22\xc0";
/// Made by x264: 1920x1080 Baseline.
const SPS_BASELINE: &[u8] = b"\x67\x42\xc0\x28\xd9\x00\x78\x02\x27\xe5\xc0\x44\x00\x00\x03\x00\x04\
    \x00\x00\x03\x00\xc8\x3c\x60\xc9\x20";

pub(crate) fn h264(is_reordered: bool) -> VideoParameters {
    let sps = if is_reordered { SPS } else { SPS_BASELINE };
    VideoParameters::from_h264(sps, PPS).expect("x264 is right")
}

pub(crate) fn aac() -> AudioParameters {
    AudioParameters::from_aac_config(&[0x11, 0x90]).expect("48 kHz stereo")
}

/// What a made-up stream looks like.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    /// B-frames before each P-frame, GOP by GOP, mini-GOP by mini-GOP.
    pub(crate) gops: Vec<Vec<usize>>,
    /// Microseconds between pictures.
    pub(crate) interval: i64,
    /// How much pictures come early or late, by their number.
    pub(crate) jitter: Vec<i64>,
    pub(crate) has_audio: bool,
    /// Sound begins so much later than the picture; negative if earlier.
    pub(crate) audio_delay: i64,
    /// After so many packets, so many microseconds of sound are missing.
    pub(crate) audio_gap: (usize, i64),
}

impl Shape {
    /// `count` GOPs of 15 pictures at 15 a second, with B-frames and sound.
    pub(crate) fn plain(count: usize) -> Self {
        Self {
            gops: vec![vec![2, 2, 2, 2, 1]; count],
            interval: 66_667,
            jitter: vec![0],
            has_audio: true,
            audio_delay: 0,
            audio_gap: (usize::MAX, 0),
        }
    }

    pub(crate) fn is_reordered(&self) -> bool {
        self.gops.iter().flatten().any(|&count| count > 0)
    }

    pub(crate) fn parameters(&self) -> Arc<StreamParameters> {
        Arc::new(StreamParameters {
            video: Some(h264(self.is_reordered())),
            audio: self.has_audio.then(aac),
        })
    }

    /// The frames from `start` on, tracks interleaved as a camera would send them.
    pub(crate) fn frames(&self, start: i64) -> Vec<Frame> {
        let mut shown = 0usize;
        let at = |shown: usize| {
            let jitter = self.jitter[shown % self.jitter.len()];
            start + shown as i64 * self.interval + jitter
        };
        let mut video = Vec::new();
        for gop in &self.gops {
            video.push(picture(at(shown), true, video.len()));
            shown += 1;
            for &count in gop {
                video.push(picture(at(shown + count), false, video.len()));
                for b in 0..count {
                    video.push(picture(at(shown + b), false, video.len()));
                }
                shown += count + 1;
            }
        }
        let end = at(shown);
        let mut frames = Vec::new();
        let mut audio = if self.has_audio { self.sound(start, end) } else { Vec::new() };
        for picture in video {
            let due = audio.iter().take_while(|sound| sound.pts <= picture.pts).count();
            frames.extend(audio.drain(..due));
            frames.push(picture);
        }
        frames.extend(audio);
        frames
    }

    fn sound(&self, start: i64, end: i64) -> Vec<Frame> {
        let mut frames = Vec::new();
        for number in 0.. {
            let gap = if number >= self.audio_gap.0 { self.audio_gap.1 } else { 0 };
            let pts = start + self.audio_delay + number as i64 * 64_000 / 3 + gap;
            if pts >= end {
                break;
            }
            let data = format!("sound {number} at {pts}, {}", "+".repeat(number % 97));
            frames.push(Frame {
                track: TrackKind::Audio,
                pts: MediaTime::from_micros(pts),
                duration_samples: Some(1_024),
                is_key: true,
                after_loss: false,
                data: Bytes::from(data),
            });
        }
        frames
    }
}

fn picture(pts: i64, is_key: bool, number: usize) -> Frame {
    let slice = if is_key { 0x65 } else { 0x41 };
    let mut unit = vec![slice, 0x88];
    unit.extend_from_slice(format!("picture {number} at {pts}").as_bytes());
    unit.resize(unit.len() + (number * 7919) % 501, b'.');
    let mut data = u32::try_from(unit.len()).expect("short").to_be_bytes().to_vec();
    data.extend_from_slice(&unit);
    Frame {
        track: TrackKind::Video,
        pts: MediaTime::from_micros(pts),
        duration_samples: None,
        is_key,
        after_loss: false,
        data: data.into(),
    }
}

/// Shapes with B-frames, jitter, and sound that begins late or has gaps.
pub(crate) fn shapes() -> impl Strategy<Value = Shape> {
    let mini_gops = prop::collection::vec(0usize..4, 0..6);
    (
        prop::collection::vec(mini_gops, 1..6),
        prop_oneof![Just(33_333i64), Just(66_667), Just(100_000), Just(500_000)],
        prop::collection::vec(-9_000i64..9_000, 1..20),
        any::<bool>(),
        -300_000i64..300_000,
        (0usize..60, 0i64..900_000),
    )
        .prop_map(|(gops, interval, jitter, has_audio, audio_delay, audio_gap)| Shape {
            gops,
            interval,
            jitter,
            has_audio,
            audio_delay,
            audio_gap,
        })
}

/// A stored segment.
#[derive(Clone)]
pub(crate) struct Segment {
    pub(crate) bytes: Vec<u8>,
    pub(crate) index: Arc<SegmentIndex>,
}

/// Stores frames as a recorder does: a fragment a GOP, cut where it is allowed, and a segment every
/// `gops` fragments.
pub(crate) fn store(
    parameters: &Arc<StreamParameters>,
    frames: &[Frame],
    gops: usize,
) -> Vec<Segment> {
    let mut builder = FragmentBuilder::new(parameters.clone());
    let mut segments = Vec::new();
    for group in groups(frames).chunks(gops) {
        let mut bytes = init_segment(parameters).expect("there are tracks").to_vec();
        let mut index = SegmentIndex::new((**parameters).clone());
        for (frames, next) in group {
            let fragment = builder.fragment(frames, *next).expect("frames of the stream");
            index.push_fragment(bytes.len() as u64, &fragment);
            assert_eq!(fragment.to_bytes().len() as u64, fragment.total_bytes());
            bytes.extend_from_slice(&fragment.to_bytes());
        }
        segments.push(Segment { bytes, index: Arc::new(index) });
    }
    segments
}

/// Cuts before each key frame that allows it; with the time of the picture after each group.
fn groups(frames: &[Frame]) -> Vec<(Vec<Frame>, Option<MediaTime>)> {
    let mut groups: Vec<(Vec<Frame>, Option<MediaTime>)> = Vec::new();
    let mut latest = MediaTime::from_micros(i64::MIN);
    for frame in frames {
        if frame.track == TrackKind::Video {
            let has_picture = groups
                .last()
                .is_some_and(|(group, _)| group.iter().any(|f| f.track == TrackKind::Video));
            if frame.is_key && has_picture && cut_allowed(latest, frame.pts) {
                groups.last_mut().expect("has a picture").1 = Some(frame.pts);
                groups.push((Vec::new(), None));
            }
            latest = latest.max(frame.pts);
        }
        match groups.last_mut() {
            Some((group, _)) => group.push(frame.clone()),
            None => groups.push((vec![frame.clone()], None)),
        }
    }
    groups
}

/// The segments as sources of a clip, each with its place in `segments` as key.
pub(crate) fn sources(segments: &[Segment]) -> Vec<(usize, Arc<SegmentIndex>)> {
    segments.iter().enumerate().map(|(key, segment)| (key, segment.index.clone())).collect()
}

/// The bytes of a range of a clip, fetched from the segments.
pub(crate) fn fetch(
    clip: &Clip<usize>,
    segments: &[Segment],
    range: std::ops::Range<u64>,
) -> Vec<u8> {
    let mut fetched = Vec::new();
    for piece in clip.pieces(range) {
        match piece {
            Piece::Bytes(bytes) => fetched.extend_from_slice(&bytes),
            Piece::Stored { key, offset, bytes } => {
                let (start, length) = (offset as usize, bytes as usize);
                fetched.extend_from_slice(&segments[key].bytes[start..start + length]);
            }
        }
    }
    fetched
}

/// All frames of a file.
pub(crate) fn read_all(bytes: &[u8]) -> (Reader<Cursor<Vec<u8>>>, Vec<Frame>) {
    let mut reader = Reader::open(Cursor::new(bytes.to_vec())).expect("a file of our own");
    let mut frames = Vec::new();
    while let Some(frame) = reader.next_frame().expect("a file of our own") {
        frames.push(frame);
    }
    (reader, frames)
}

pub(crate) fn of(frames: &[Frame], track: TrackKind) -> Vec<&Frame> {
    frames.iter().filter(|frame| frame.track == track).collect()
}
