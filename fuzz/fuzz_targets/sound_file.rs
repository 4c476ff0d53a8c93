//! Sound files that people bring: what was read is no longer than may be said, and is kept as it is.
#![no_main]

use hearth_media::{
    g711::Law,
    speech::{Speech, packets},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    let Ok(speech) = Speech::from_wave(file) else { return };
    assert!((1..=Speech::SAMPLES_MAX).contains(&speech.codes().len()));
    assert!(packets(&mut speech.voice(), Law::A).flatten().count() >= speech.codes().len());
    assert_eq!(Speech::from_codes(speech.codes().to_vec()), Some(speech));
});
