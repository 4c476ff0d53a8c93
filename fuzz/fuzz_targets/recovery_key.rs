//! What somebody typed from paper: no key, or one that survives being written down again.
#![no_main]

use hearth_vault::RecoveryKey;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(key) = text.parse::<RecoveryKey>() else { return };
    let written = key.to_text();
    let again: RecoveryKey = written.expose().parse().expect("our own text");
    assert_eq!(again.to_text().expose(), written.expose());
});
