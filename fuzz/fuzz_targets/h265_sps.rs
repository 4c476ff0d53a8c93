//! H.265 parameter sets: usable ones have a size, and survive their configuration record.
#![no_main]

use hearth_media::{VideoParameters, h265};
use libfuzzer_sys::fuzz_target;

/// As short as the configuration record needs them: their content is the decoder's business.
const VPS: &[u8] = b"\x40\x01\x0c\x01";
const PPS: &[u8] = b"\x44\x01\xc1\x72";

fuzz_target!(|data: &[u8]| {
    if let Ok(parameters) = VideoParameters::from_h265(VPS, data, PPS) {
        assert!(parameters.width > 0 && parameters.height > 0);
        assert_eq!(VideoParameters::from_hvcc(&parameters.config), Ok(parameters));
    }
    drop(VideoParameters::from_hvcc(data));
    let _ = h265::picture_kind(data, h265::extra_slice_header_bits(data));
});
