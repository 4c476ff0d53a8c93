//! MP4 files: reading ends, and no frame is longer than the file.
#![no_main]

use std::io::Cursor;

use hearth_mp4::{Reader, SegmentIndex};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut source = data;
    drop(SegmentIndex::scan(&mut source, data.len() as u64));
    let Ok(mut reader) = Reader::open(Cursor::new(data)) else { return };
    loop {
        match reader.next_frame() {
            Ok(Some(frame)) => assert!(frame.data.len() <= data.len()),
            Ok(None) => return,
            // A frame that cannot be read is passed over, so this ends.
            Err(_) => {}
        }
    }
});
