//! Cookies that a server sets, and the file they are kept in: what goes into a header fits one.
#![no_main]

use hearth_netatmo::fuzzing::{CookieJar, StoredSession};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    let mut jar = CookieJar::default();
    data.lines().for_each(|line| jar.take("auth.netatmo.com", line));
    if let Some(header) = jar.header() {
        assert!(header.expose().bytes().all(|byte| (b' '..0x7f).contains(&byte)));
    }
    drop(StoredSession::parse(data, "me@example.com"));
});
