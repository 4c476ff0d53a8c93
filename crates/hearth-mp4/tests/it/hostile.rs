//! Damaged and made-up files: errors, never panics, never much memory.

use std::io::Cursor;

use hearth_mp4::{Mp4Error, Reader, SegmentIndex};
use proptest::prelude::*;

use crate::stream::{EPOCH, Shape, fetch, sources, store};

/// Reads as much as there is.
fn exhaust(bytes: Vec<u8>) {
    let length = bytes.len() as u64;
    drop(SegmentIndex::scan(&mut &bytes[..], length));
    let Ok(mut reader) = Reader::open(Cursor::new(bytes)) else {
        return;
    };
    // A frame that cannot be read is passed over, so this ends.
    loop {
        if let Ok(None) = reader.next_frame() {
            break;
        }
    }
}

fn fragmented() -> Vec<u8> {
    let shape = Shape::plain(2);
    store(&shape.parameters(), &shape.frames(EPOCH), 2).remove(0).bytes
}

fn progressive() -> Vec<u8> {
    let shape = Shape::plain(2);
    let segments = store(&shape.parameters(), &shape.frames(EPOCH), 1);
    let (from, to) = (segments[0].index.start(), segments[1].index.end());
    let clip =
        hearth_mp4::Clip::plan(sources(&segments), from.plus_micros(200_000), to).expect("footage");
    fetch(&clip, &segments, 0..clip.len())
}

#[test]
fn a_file_cut_short_yields_what_is_there_and_then_says_so() {
    let mut bytes = progressive();
    let whole = {
        let mut reader = Reader::open(Cursor::new(bytes.clone())).expect("whole");
        std::iter::from_fn(|| reader.next_frame().expect("whole")).count()
    };
    bytes.truncate(bytes.len() - 2_000);
    let mut reader = Reader::open(Cursor::new(bytes)).expect("its tables are whole");
    let (mut frames, mut errors) = (0, 0);
    loop {
        match reader.next_frame() {
            Ok(Some(_)) => frames += 1,
            Ok(None) => break,
            Err(error) => {
                assert!(matches!(error, Mp4Error::Truncated(_)));
                errors += 1;
            }
        }
    }
    assert!(frames > whole / 2 && frames < whole, "{frames} of {whole}");
    // One a track.
    assert!((1..=2).contains(&errors), "{errors} errors");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
        drop(SegmentIndex::decode(&bytes));
        exhaust(bytes);
    }

    #[test]
    fn a_damaged_index_never_panics(at in 0.0f64..1.0, value: u8, cut in 0.0f64..2.0) {
        let shape = Shape::plain(1);
        let segments = store(&shape.parameters(), &shape.frames(EPOCH), 1);
        let mut stored = segments[0].index.encode();
        let place = (at * stored.len() as f64) as usize;
        stored[place] = value;
        stored.truncate((cut * stored.len() as f64) as usize);
        if let Ok(index) = SegmentIndex::decode(&stored) {
            prop_assert!(index.video.len() + index.audio.len() <= stored.len());
            drop(hearth_mp4::Clip::plan(
                vec![((), std::sync::Arc::new(index))],
                segments[0].index.start(),
                segments[0].index.end(),
            ));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn damaged_files_never_panic(
        is_fragmented: bool,
        damage in prop::collection::vec((0usize..3_000, any::<u8>()), 1..4),
        cut in 0.0f64..2.0,
    ) {
        let mut bytes = if is_fragmented { fragmented() } else { progressive() };
        let length = bytes.len();
        for (at, value) in damage {
            bytes[at % length] = value;
        }
        bytes.truncate((cut * length as f64) as usize);
        exhaust(bytes);
    }

    #[test]
    fn a_number_of_all_ones_anywhere_never_panics(is_fragmented: bool, at in 0usize..3_000) {
        let mut bytes = if is_fragmented { fragmented() } else { progressive() };
        let place = at % (bytes.len() - 4);
        bytes[place..place + 4].fill(0xFF);
        exhaust(bytes);
    }
}
