//! Session descriptions: bounded, and every track that is chosen has a clock.
#![no_main]

use hearth_rtsp::{depacketize::Depacketizer, sdp::SessionDescription};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(description) = SessionDescription::parse(text) else { return };
    assert!(!description.media.is_empty());
    for media in &description.media {
        if let Some((format, _)) = Depacketizer::choose(media) {
            assert!(format.clock_rate > 0);
        }
    }
});
