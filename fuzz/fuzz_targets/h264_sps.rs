//! H.264 parameter sets: usable ones have a size, and survive their configuration record.
#![no_main]

use hearth_media::VideoParameters;
use libfuzzer_sys::fuzz_target;

/// A picture parameter set by x264.
const PPS: &[u8] = b"\x68\xea\xe3\xcb\x22\xc0";

fuzz_target!(|data: &[u8]| {
    if let Ok(parameters) = VideoParameters::from_h264(data, PPS) {
        assert!(parameters.width > 0 && parameters.height > 0);
        assert_eq!(VideoParameters::from_avcc(&parameters.config), Ok(parameters));
    }
    drop(VideoParameters::from_avcc(data));
});
