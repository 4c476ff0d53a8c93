//! The one place where randomness enters: the operating system's generator.

/// Unpredictable bytes for a token, a salt or a code.
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // A system without a working generator cannot run safely at all, so there is no error to
    // handle: after boot, getrandom(2) does not fail.
    getrandom::fill(&mut bytes).expect("the operating system provides randomness");
    bytes
}
