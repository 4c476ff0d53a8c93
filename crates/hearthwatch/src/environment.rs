//! Secrets that come by environment variable, and variables that must not be inherited.
//!
//! Everything here runs on the main thread before any other exists. What is taken is removed, so
//! the sandboxed worker, a child process, does not get it. promise: N-01.

use hearth_secret::SecretString;

use crate::failure::Failure;

/// Prefixes of variables by which the decoders are tuned in development. They change what is
/// decoded, so a service does not listen to them.
const DECODER_KNOBS: [&str; 2] = ["RH265_", "RS_H264_"];

/// The value of a variable that a person named on the command line.
///
/// # Errors
/// Wrong usage if there is none.
pub(crate) fn take_named(name: &str) -> Result<SecretString, Failure> {
    take(name).ok_or_else(|| {
        Failure::Usage(format!("The environment variable {name} is not set, or is no text."))
    })
}

/// The value of a variable, which nobody can read afterwards.
pub(crate) fn take(name: &str) -> Option<SecretString> {
    let value = std::env::var(name).ok().map(SecretString::new);
    remove(name);
    value
}

/// Forgets the decoders' knobs.
pub(crate) fn forget_decoder_knobs() {
    let names: Vec<String> =
        std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect();
    for name in names {
        if DECODER_KNOBS.iter().any(|prefix| name.starts_with(prefix)) {
            remove(&name);
        }
    }
}

#[allow(unsafe_code)]
fn remove(name: &str) {
    // SAFETY: only the main thread runs: `main` calls into this module before it starts the
    // runtime, and no library has started a thread by then, so nobody reads the environment
    // meanwhile.
    unsafe { std::env::remove_var(name) }
}
