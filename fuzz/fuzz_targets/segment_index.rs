//! The index of a segment: no more samples than bytes, and what was read is read again the same.
#![no_main]

use hearth_mp4::SegmentIndex;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(index) = SegmentIndex::decode(data) else { return };
    assert!(index.video.len() + index.audio.len() <= data.len());
    let again = SegmentIndex::decode(&index.encode()).expect("what we wrote");
    assert_eq!(again.video, index.video);
    assert_eq!(again.audio, index.audio);
});
