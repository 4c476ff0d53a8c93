//! Lists of labelled pairs, and templates as they are kept.
#![no_main]

use hearth_face::{Template, read_pairs};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for pair in read_pairs(data).into_iter().flatten() {
        assert!(!pair.first.is_empty() && !pair.second.is_empty());
    }
    if let Ok(template) = Template::from_bytes(data) {
        assert_eq!(template.to_bytes().expose(), data);
        assert_eq!(template.distance(&template), 0.0);
    }
});
