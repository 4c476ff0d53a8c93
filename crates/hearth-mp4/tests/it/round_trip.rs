//! What is written is what is read back.

use hearth_media::{
    AudioParameters, Frame, MediaTime, StreamParameters, TrackKind, VideoParameters,
};
use hearth_mp4::{FragmentBuilder, Mp4Error, SegmentIndex, fragment, init_segment, live_fragment};
use proptest::prelude::*;

use crate::stream::{EPOCH, Shape, aac, h264, of, read_all, shapes, store};

/// Rounding to a tick of 1/90,000 s and back, of two times.
const TICK_US: i64 = 12;

fn assert_same_pictures(expected: &[Frame], found: &[Frame]) {
    let (expected, found) = (of(expected, TrackKind::Video), of(found, TrackKind::Video));
    assert_eq!(expected.len(), found.len());
    let first = |frames: &[&Frame]| frames.iter().map(|frame| frame.pts).min().expect("not empty");
    let (first_expected, first_found) = (first(&expected), first(&found));
    for (expected, found) in expected.iter().zip(&found) {
        assert_eq!(expected.data, found.data);
        assert_eq!(expected.is_key, found.is_key);
        let difference =
            expected.pts.micros_since(first_expected) - found.pts.micros_since(first_found);
        assert!(difference.abs() <= TICK_US, "{difference} us");
    }
}

/// Sound is compared on the pictures' clock.
fn assert_sound_in_sync(expected: &[Frame], found: &[Frame]) {
    let first = |frames: &[Frame]| {
        of(frames, TrackKind::Video).iter().map(|frame| frame.pts).min().expect("not empty")
    };
    let (first_expected, first_found) = (first(expected), first(found));
    let (expected, found) = (of(expected, TrackKind::Audio), of(found, TrackKind::Audio));
    assert_eq!(expected.len(), found.len());
    for (expected, found) in expected.iter().zip(&found) {
        assert_eq!(expected.data, found.data);
        let difference =
            expected.pts.micros_since(first_expected) - found.pts.micros_since(first_found);
        assert!(difference.abs() <= 40_000 + 2 * TICK_US, "{difference} us");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn fragments_yield_the_frames_they_were_made_of(shape in shapes()) {
        let frames = shape.frames(EPOCH);
        let segments = store(&shape.parameters(), &frames, usize::MAX);
        let (reader, found) = read_all(&segments[0].bytes);
        prop_assert_eq!(&**reader.parameters(), &*shape.parameters());
        assert_same_pictures(&frames, &found);
        assert_sound_in_sync(&frames, &found);
    }

    #[test]
    fn an_index_survives_being_stored_and_being_rebuilt(shape in shapes(), cut in 0.0f64..1.0) {
        for segment in store(&shape.parameters(), &shape.frames(EPOCH), 2) {
            let stored = segment.index.encode();
            let decoded = SegmentIndex::decode(&stored).expect("just encoded");
            prop_assert_eq!(&decoded, &*segment.index);
            let length = segment.bytes.len() as u64;
            let scanned = SegmentIndex::scan(&mut &segment.bytes[..], length).expect("whole");
            prop_assert_eq!(&scanned, &*segment.index);

            // A file cut anywhere yields the fragments that are whole.
            let end = (segment.bytes.len() as f64 * cut) as usize;
            match SegmentIndex::scan(&mut &segment.bytes[..end], end as u64) {
                Err(error) => prop_assert!(matches!(error, Mp4Error::Truncated(_))),
                Ok(part) => {
                    let whole = segment.index.fragments.iter();
                    let whole = whole.filter(|entry| entry.offset + entry.bytes <= end as u64);
                    prop_assert_eq!(part.fragments.len(), whole.count());
                    let count = part.video.len();
                    prop_assert_eq!(&part.video[..], &segment.index.video[..count]);
                }
            }
        }
    }

    #[test]
    fn decoding_times_only_grow_over_a_whole_recording(shape in shapes()) {
        let segments = store(&shape.parameters(), &shape.frames(EPOCH), 1);
        let video = segments.iter().flat_map(|segment| &segment.index.video);
        prop_assert!(video.clone().zip(video.skip(1)).all(|(a, b)| a.dts < b.dts));
        let audio = segments.iter().flat_map(|segment| &segment.index.audio);
        prop_assert!(audio.clone().zip(audio.skip(1)).all(|(a, b)| a.dts < b.dts));
    }

    #[test]
    fn the_key_frame_before_a_time_is_the_latest(shape in shapes(), at in -1_000i64..20_000_000) {
        let segments = store(&shape.parameters(), &shape.frames(EPOCH), usize::MAX);
        let index = &segments[0].index;
        let at = MediaTime::from_micros(EPOCH + at);
        let ticks = at.to_scale(90_000);
        let expected = index.video.iter().rfind(|sample| sample.is_key && sample.pts() <= ticks);
        prop_assert_eq!(index.key_at_or_before(at), expected);
    }
}

#[test]
fn an_index_knows_its_start_and_end() {
    let shape = Shape::plain(2);
    let segments = store(&shape.parameters(), &shape.frames(EPOCH), 2);
    let index = &segments[0].index;
    assert!(index.start().micros_since(MediaTime::from_micros(EPOCH)).abs() <= TICK_US);
    let length = index.end().micros_since(index.start());
    assert!((length - 30 * 66_667).abs() < 1_000, "{length}");
    assert!(index.fragments.iter().all(|entry| entry.starts_with_key));
    assert_eq!(
        index.fragments[1].start,
        index.key_at_or_before(index.end()).expect("a key frame").presentation_time(90_000)
    );
}

#[test]
fn every_codec_survives_the_init_segment() {
    let videos = [Some(h264(true)), Some(VideoParameters::mjpeg(640, 480)), None];
    let audios = [
        Some(aac()),
        Some(AudioParameters::opus(2)),
        Some(AudioParameters::pcmu(8_000, 1)),
        Some(AudioParameters::pcma(16_000, 2)),
        None,
    ];
    for video in &videos {
        for audio in &audios {
            let parameters = StreamParameters { video: video.clone(), audio: audio.clone() };
            match init_segment(&parameters) {
                Ok(init) => {
                    let scanned = SegmentIndex::scan(&mut &init[..], init.len() as u64);
                    assert_eq!(scanned.expect("whole").parameters, parameters);
                }
                Err(error) => {
                    assert!(matches!(error, Mp4Error::Empty));
                    assert_eq!(parameters, StreamParameters::default());
                }
            }
        }
    }
}

#[test]
fn a_live_fragment_holds_one_frame_and_lasts_as_told() {
    let mut shape = Shape::plain(1);
    shape.gops = vec![vec![0, 0]];
    shape.has_audio = false;
    let parameters = shape.parameters();
    let frames = shape.frames(EPOCH);
    let mut bytes = init_segment(&parameters).expect("there is a track").to_vec();
    for (sequence, frame) in (1u32..).zip(&frames) {
        let live = live_fragment(sequence, &parameters, frame, 66_667).expect("a frame");
        assert_eq!(live.video[0].duration, 6_000);
        bytes.extend_from_slice(&live.to_bytes());
    }
    assert_same_pictures(&frames, &read_all(&bytes).1);
}

#[test]
fn the_last_picture_lasts_until_the_next_but_not_over_a_hole() {
    let mut shape = Shape::plain(1);
    shape.gops = vec![vec![0; 10]];
    shape.has_audio = false;
    let frames = shape.frames(EPOCH);
    let last = frames.last().expect("frames").pts;
    let check = |after: Option<i64>, expected: u32| {
        let next = after.map(|after| last.plus_micros(after));
        let made = fragment(1, &shape.parameters(), &frames, next).expect("frames");
        assert_eq!(made.video.last().expect("frames").duration, expected, "{after:?}");
    };
    check(Some(100_000), 9_000);
    check(Some(900_000), 81_000);
    check(None, 6_000);
    check(Some(5_000_000), 6_000);
    check(Some(-1), 6_000);
}

#[test]
fn jitter_of_sound_is_smoothed_and_lost_sound_is_not_closed_up() {
    let parameters = StreamParameters { video: None, audio: Some(aac()) };
    let mut builder = FragmentBuilder::new(parameters.into());
    let mut sound = |times: &[i64]| {
        let frames: Vec<_> = times
            .iter()
            .map(|&pts| Frame {
                track: TrackKind::Audio,
                pts: MediaTime::from_micros(pts),
                duration_samples: Some(1_024),
                is_key: true,
                after_loss: false,
                data: vec![1].into(),
            })
            .collect();
        let made = builder.fragment(&frames, None).expect("frames");
        made.audio.iter().map(|sample| (sample.dts, sample.duration)).collect::<Vec<_>>()
    };
    // 21,333 us a packet; 20 ms late and early pass unnoticed, also over a cut.
    assert_eq!(sound(&[0, 41_000]), [(0, 1_024), (1_024, 1_024)]);
    assert_eq!(sound(&[30_000, 64_000]), [(2_048, 1_024), (3_072, 1_024)]);
    // Two packets are lost: the one before the hole lasts until the next.
    assert_eq!(sound(&[85_333, 150_000]), [(4_096, 3_104), (7_200, 1_024)]);
    // Too much sound, by 100 ms: packets are shortened by half until it fits within 40 ms.
    let starts: Vec<_> = sound(&[71_333, 92_666, 114_000, 135_333, 156_667])
        .windows(2)
        .map(|pair| pair[1].0 - pair[0].0)
        .collect();
    assert_eq!(starts, [512, 512, 512, 512]);
}

#[test]
fn sound_stays_with_the_pictures_for_hours_when_its_clock_drifts() {
    // Three hours of packets by a sample clock that is 0.1 % slow, or fast, in fragments of 2 s.
    for drift in [21_312, 21_333, 21_355i64] {
        let parameters = StreamParameters { video: None, audio: Some(aac()) };
        let mut builder = FragmentBuilder::new(parameters.into());
        let mut end = 0;
        for first in (0..500_000i64).step_by(94) {
            let frames: Vec<_> = (first..first + 94)
                .map(|number| Frame {
                    track: TrackKind::Audio,
                    pts: MediaTime::from_micros(number * drift),
                    duration_samples: Some(1_024),
                    is_key: true,
                    after_loss: false,
                    data: vec![1].into(),
                })
                .collect();
            let made = builder.fragment(&frames, None).expect("frames");
            for (frame, sample) in frames.iter().zip(&made.audio) {
                let difference = frame.pts.micros_since(sample.presentation_time(48_000));
                assert!(difference.abs() <= 40_000 + TICK_US, "{difference} us at {:?}", frame.pts);
                assert!(sample.dts >= end || end - sample.dts <= 512);
                end = sample.dts + i64::from(sample.duration);
            }
        }
    }
}

#[test]
fn frames_without_a_track_are_refused() {
    let shape = Shape::plain(1);
    let frames = shape.frames(EPOCH);
    let silent = StreamParameters { video: Some(h264(true)), audio: None };
    assert!(matches!(fragment(1, &silent, &frames, None), Err(Mp4Error::NoSuchTrack)));
    assert!(matches!(fragment(1, &silent, &[], None), Err(Mp4Error::Empty)));
    let early = shape.frames(-1_000_000);
    assert!(matches!(fragment(1, &shape.parameters(), &early, None), Err(Mp4Error::Malformed(_))));
}
