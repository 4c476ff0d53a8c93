//! Clips: any range of the footage, whatever segments and holes it goes over.

use std::{
    io::{self, Read, Seek, SeekFrom},
    sync::Arc,
};

use hearth_media::{Frame, MediaTime, StreamParameters, TrackKind, VideoParameters};
use hearth_mp4::{Clip, Mp4Error, Piece, Reader, Sample, SegmentIndex};
use proptest::prelude::*;

use crate::stream::{
    EPOCH, Segment, Shape, aac, fetch, h264, of, read_all, shapes, sources, store,
};

/// Rounding of a few times to ticks of 1/90,000 s and back.
const TICKS_US: i64 = 24;

fn time(micros: i64) -> MediaTime {
    MediaTime::from_micros(EPOCH + micros)
}

fn plan(segments: &[Segment], from: i64, to: i64) -> Result<Clip<usize>, Mp4Error> {
    Clip::plan(sources(segments), time(from), time(to))
}

fn whole(clip: &Clip<usize>, segments: &[Segment]) -> Vec<u8> {
    let bytes = fetch(clip, segments, 0..clip.len());
    assert_eq!(bytes.len() as u64, clip.len());
    bytes
}

/// The recorded time at `offset` of the presentation, if that is in a span.
fn recorded(clip: &Clip<usize>, offset: i64) -> Option<i64> {
    let span = clip.spans().iter().find(|span| {
        (span.media_offset_us..span.media_offset_us + span.duration_us).contains(&offset)
    })?;
    Some(span.start.as_micros() + offset - span.media_offset_us)
}

/// Each picture that was shown in the range is in the clip at its place, once.
fn assert_shows(clip: &Clip<usize>, segments: &[Segment], expected: &[Frame], from: i64, to: i64) {
    let (reader, found) = read_all(&whole(clip, segments));
    let found = of(&found, TrackKind::Video);
    assert!(found.first().is_some_and(|first| first.is_key));
    let start = reader.presentation_start();
    for frame in of(expected, TrackKind::Video) {
        let recorded_at = frame.pts.as_micros() - EPOCH;
        let matching: Vec<_> = found.iter().filter(|other| other.data == frame.data).collect();
        assert!(matching.len() <= 1);
        if (from..to).contains(&recorded_at) {
            let offset = matching.first().expect("is in the clip").pts.micros_since(start);
            // The edge of a span is rounded to a tick.
            let told = recorded(clip, offset).or(recorded(clip, offset + TICKS_US));
            let difference = told.expect("is in a span") - frame.pts.as_micros();
            assert!(difference.abs() <= 2 * TICKS_US, "{difference} us");
        }
    }
}

/// Sound is heard with the pictures it was recorded with.
fn assert_sound_in_sync(clip: &Clip<usize>, segments: &[Segment], expected: &[Frame]) {
    let (reader, found) = read_all(&whole(clip, segments));
    let start = reader.presentation_start();
    for sound in of(&found, TrackKind::Audio) {
        let matching = expected.iter().find(|frame| frame.data == sound.data);
        let matching = matching.expect("was recorded").pts.as_micros();
        let offset = sound.pts.micros_since(start);
        if let Some(told) = recorded(clip, offset) {
            assert!((told - matching).abs() <= 40_000 + 2 * TICKS_US, "{} us", told - matching);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_range_shows_what_was_recorded(
        shape in shapes(), gops in 1usize..3, from in 0.0f64..1.0, length in 0.01f64..1.0,
    ) {
        let frames = shape.frames(EPOCH);
        let segments = store(&shape.parameters(), &frames, gops);
        let end = segments.last().expect("segments").index.end().as_micros() - EPOCH;
        let from = (from * end as f64) as i64;
        let to = from + (length * end as f64) as i64 + 1_000;
        let clip = match plan(&segments, from, to) {
            Ok(clip) => clip,
            // Rounding may leave nothing at the very end.
            Err(error) => {
                prop_assert!(matches!(error, Mp4Error::NoFootage) && end - from < 1_000);
                return Ok(());
            }
        };
        assert_shows(&clip, &segments, &frames, from, to);
        assert_sound_in_sync(&clip, &segments, &frames);
        prop_assert_eq!(clip.spans()[0].media_offset_us, 0);
        let begin = clip.spans()[0].start.as_micros() - EPOCH;
        prop_assert!(begin == from || (from < 9_000 && begin >= from - TICKS_US));
        let total: i64 = clip.spans().iter().map(|span| span.duration_us).sum();
        prop_assert!((total - clip.duration_us()).abs() <= TICKS_US);
    }

    #[test]
    fn every_byte_range_is_the_same_slice_of_the_whole(
        shape in shapes(), ranges in prop::collection::vec((0.0f64..1.1, 0.0f64..1.1), 1..30),
    ) {
        let segments = store(&shape.parameters(), &shape.frames(EPOCH), 1);
        let clip = plan(&segments, 0, 60_000_000).expect("there is footage");
        let all = whole(&clip, &segments);
        for (start, length) in ranges {
            let start = (start * all.len() as f64) as u64;
            let end = start + (length * all.len() as f64) as u64;
            let expected = all.get(start as usize..all.len().min(end as usize)).unwrap_or(&[]);
            prop_assert_eq!(fetch(&clip, &segments, start..end), expected);
        }
    }

    #[test]
    fn holes_are_left_out_and_told(
        first in shapes(), second in shapes(), hole in 2_000_000i64..100_000_000,
        from in -1_000_000i64..3_000_000, length in 1_000_000i64..200_000_000,
    ) {
        let mut frames = first.frames(EPOCH);
        let mut segments = store(&first.parameters(), &frames, 1);
        let end = segments.last().expect("segments").index.end().as_micros();
        let later = second.frames(end + hole);
        segments.extend(store(&second.parameters(), &later, 1));
        frames.extend(later);
        let to = from + length;
        let Ok(clip) = plan(&segments, from, to) else {
            return Ok(());
        };
        assert_shows(&clip, &segments, &frames, from, to);
        assert_sound_in_sync(&clip, &segments, &frames);
        let spans = clip.spans();
        prop_assert!(spans.len() <= 2);
        for pair in spans.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            prop_assert!((a.media_offset_us + a.duration_us - b.media_offset_us).abs() <= TICKS_US);
            prop_assert!(a.start.plus_micros(a.duration_us) < b.start);
        }
    }

    #[test]
    fn a_made_up_index_never_panics(
        seed in prop::collection::vec((any::<i64>(), any::<u32>(), any::<i32>(), any::<bool>()), 1..20),
        sound in prop::collection::vec((any::<i64>(), any::<u32>()), 0..20),
        rate in 1u32..200_000,
        from: i64, to: i64,
    ) {
        let sample = |dts, duration, cts, is_key| Sample {
            offset: u64::from(duration), bytes: duration / 2, dts, cts, duration, is_key,
        };
        let mut audio = aac();
        audio.sample_rate = rate;
        let parameters = StreamParameters { video: Some(h264(true)), audio: Some(audio) };
        let mut index = SegmentIndex::new(parameters);
        index.video = seed.iter().map(|&(dts, length, cts, key)| sample(dts, length, cts, key)).collect();
        index.audio = sound.iter().map(|&(dts, length)| sample(dts, length, 0, true)).collect();
        let clip = Clip::plan(
            vec![((), Arc::new(index))],
            MediaTime::from_micros(from),
            MediaTime::from_micros(to),
        );
        if let Ok(clip) = clip {
            prop_assert!(clip.pieces(0..clip.len()).count() > 0);
        }
    }
}

#[test]
fn nothing_recorded_is_no_footage() {
    let shape = Shape::plain(2);
    let segments = store(&shape.parameters(), &shape.frames(EPOCH), 1);
    for (from, to) in [(3_000_000, 4_000_000), (-2_000_000, -1), (1_000, 1_000), (2_000, 1_000)] {
        assert!(matches!(plan(&segments, from, to), Err(Mp4Error::NoFootage)), "{from}..{to}");
    }
    assert!(matches!(Clip::<()>::plan(Vec::new(), time(0), time(1)), Err(Mp4Error::NoFootage)));
}

#[test]
fn a_clip_begins_exactly_where_it_is_asked_to() {
    let shape = Shape::plain(4);
    let segments = store(&shape.parameters(), &shape.frames(EPOCH), 2);
    let clip = plan(&segments, 1_500_001, 3_250_003).expect("there is footage");
    assert_eq!(clip.spans().len(), 1);
    assert_eq!(clip.spans()[0].start, time(1_500_001));
    assert!((clip.duration_us() - 1_750_002).abs() <= TICKS_US);
    assert_eq!(clip.codecs(), "avc1.640028,mp4a.40.2");
    let (reader, found) = read_all(&whole(&clip, &segments));
    // The second key frame, at 15 * 66,667 us, is needed to decode what is shown first.
    let before = 1_500_001 - 15 * 66_667;
    let start = reader.presentation_start().as_micros();
    assert!((start - before).abs() <= TICKS_US, "{start}");
    assert!(found.iter().any(|frame| frame.track == TrackKind::Audio));
}

#[test]
fn a_range_that_begins_in_a_hole_begins_with_what_comes_next() {
    let shape = Shape::plain(1);
    let mut segments = store(&shape.parameters(), &shape.frames(EPOCH), 1);
    segments.extend(store(&shape.parameters(), &shape.frames(EPOCH + 10_000_000), 1));
    let clip = plan(&segments, 5_000_000, 20_000_000).expect("there is footage");
    assert_eq!(clip.spans().len(), 1);
    assert!(clip.spans()[0].start.micros_since(time(10_000_000)).abs() <= TICKS_US);
    // Only the second segment is touched.
    assert_eq!(of(&read_all(&whole(&clip, &segments)).1, TrackKind::Video).len(), 15);
}

#[test]
fn a_stream_that_stops_within_a_fragment_makes_a_hole() {
    let mut shape = Shape::plain(1);
    shape.gops = vec![vec![0; 29]];
    shape.has_audio = false;
    let mut frames = shape.frames(EPOCH);
    for frame in &mut frames[15..] {
        frame.pts = frame.pts.plus_micros(30_000_000);
    }
    let segments = store(&shape.parameters(), &frames, 1);
    let clip = plan(&segments, 0, 60_000_000).expect("there is footage");
    assert_eq!(clip.spans().len(), 2);
    assert!((clip.duration_us() - 2_000_000).abs() < 1_000, "{}", clip.duration_us());
    // A pause of less than a second is none.
    let mut frames = shape.frames(EPOCH);
    for frame in &mut frames[15..] {
        frame.pts = frame.pts.plus_micros(900_000);
    }
    let segments = store(&shape.parameters(), &frames, 1);
    let clip = plan(&segments, 0, 60_000_000).expect("there is footage");
    assert_eq!(clip.spans().len(), 1);
}

#[test]
fn a_picture_every_three_seconds_is_no_hole() {
    let mut shape = Shape::plain(1);
    shape.gops = vec![vec![0; 9]; 2];
    shape.interval = 3_000_000;
    let frames = shape.frames(EPOCH);
    let segments = store(&shape.parameters(), &frames, 1);
    let clip = plan(&segments, 0, 600_000_000).expect("there is footage");
    assert_eq!(clip.spans().len(), 1);
    assert!((clip.duration_us() - 60_000_000).abs() <= TICKS_US, "{}", clip.duration_us());
}

#[test]
fn parameter_changes_become_sample_entries() {
    let (mut first, second) = (Shape::plain(2), Shape::plain(2));
    first.gops = vec![vec![0; 14]; 2];
    let mut frames = first.frames(EPOCH);
    let mut segments = store(&first.parameters(), &frames, 1);
    let end = segments.last().expect("segments").index.end().as_micros();
    let later = second.frames(end);
    segments.extend(store(&second.parameters(), &later, 1));
    frames.extend(later);
    let clip = plan(&segments, 500_000, 3_500_000).expect("there is footage");
    assert_eq!(clip.codecs(), "avc1.42c028,avc1.640028,mp4a.40.2");
    assert_shows(&clip, &segments, &frames, 500_000, 3_500_000);
    let (reader, _) = read_all(&whole(&clip, &segments));
    assert_eq!(reader.parameters().video, second.parameters().video);
}

#[test]
fn sources_that_overlap_are_not_shown_twice() {
    let shape = Shape::plain(4);
    let frames = shape.frames(EPOCH);
    let segments = store(&shape.parameters(), &frames, 2);
    // As after a restart: the same time recorded again, from a key frame 1.5 s before the end.
    let again = shape.frames(EPOCH + 2_500_000);
    let mut all = segments;
    all.extend(store(&shape.parameters(), &again, 2));
    let clip = plan(&all, 0, 60_000_000).expect("there is footage");
    let (_, found) = read_all(&whole(&clip, &all));
    let found = of(&found, TrackKind::Video);
    assert!(found.windows(2).all(|pair| pair[0].data != pair[1].data));
    // 4 GOPs, then what of the second recording begins after them: its GOPs 3 and 4.
    assert_eq!(found.len(), 60 + 30);
}

#[test]
fn sound_alone_makes_a_clip_too() {
    let shape = Shape::plain(4);
    let frames: Vec<Frame> =
        shape.frames(EPOCH).into_iter().filter(|f| f.track == TrackKind::Audio).collect();
    let parameters = Arc::new(StreamParameters { video: None, audio: Some(aac()) });
    let segments = store(&parameters, &frames, 1);
    let clip = plan(&segments, 1_000_000, 2_000_000).expect("there is sound");
    assert!((clip.duration_us() - 1_000_000).abs() <= TICKS_US);
    let (_, found) = read_all(&whole(&clip, &segments));
    // 47 packets in a second, and 80 ms of them before.
    assert!((48..=53).contains(&found.len()), "{}", found.len());
}

/// A clip whose stored bytes are made up: each tells its place in the segment.
struct MadeUp {
    clip: Clip<char>,
    position: u64,
}

impl Read for MadeUp {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = self.position..self.position + buffer.len() as u64;
        let mut count = 0;
        for piece in self.clip.pieces(wanted) {
            match piece {
                Piece::Bytes(bytes) => {
                    buffer[count..count + bytes.len()].copy_from_slice(&bytes);
                    count += bytes.len();
                }
                Piece::Stored { offset, bytes, .. } => {
                    for place in offset..offset + bytes {
                        buffer[count] = (place % 251) as u8;
                        count += 1;
                    }
                }
            }
        }
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for MadeUp {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = match to {
            SeekFrom::Start(position) => position,
            SeekFrom::End(0) => self.clip.len(),
            _ => return Err(io::ErrorKind::Unsupported.into()),
        };
        Ok(self.position)
    }
}

#[test]
fn a_clip_of_more_than_four_gigabytes_has_wide_offsets() {
    let sample = |number: u64, bytes: u32| Sample {
        offset: 1_000 + number * (1 << 30),
        bytes,
        dts: 1_000_000 + number as i64 * 6_000,
        cts: 0,
        duration: 6_000,
        is_key: true,
    };
    let video = Some(VideoParameters::mjpeg(640, 480));
    let mut index = SegmentIndex::new(StreamParameters { video, audio: None });
    index.video = (0..5).map(|number| sample(number, 1 << 30)).collect();
    index.video.push(sample(5, 100));
    let sources = vec![('k', Arc::new(index))];
    let clip = Clip::plan(sources, MediaTime::default(), MediaTime::from_micros(i64::MAX));
    let clip = clip.expect("there is footage");
    assert!(clip.len() > 5 << 30);
    let Some(Piece::Bytes(head)) = clip.pieces(0..clip.len()).next() else {
        unreachable!("a clip begins with its head");
    };
    assert!(head.windows(4).any(|kind| kind == b"co64"));
    assert_eq!(&head[head.len() - 12..head.len() - 8], b"mdat");
    let offset = 1_000 + 5 * (1u64 << 30) + 95;
    let last = clip.pieces(clip.len() - 5..clip.len()).last();
    assert_eq!(last, Some(Piece::Stored { key: 'k', offset, bytes: 5 }));

    let mut reader = Reader::open(MadeUp { clip, position: 0 }).expect("a file of our own");
    for _ in 0..5 {
        assert!(matches!(reader.next_frame(), Err(Mp4Error::TooLarge(_))));
    }
    let frame = reader.next_frame().expect("small enough").expect("the sixth");
    assert_eq!((frame.data.len(), u64::from(frame.data[95])), (100, offset % 251));
}
