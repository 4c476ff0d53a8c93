//! A byte stream from a camera: each step takes something, asks for a bounded amount, or ends it.
#![no_main]

use hearth_rtsp::framing::{Framed, Framer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let (mut framer, mut rest) = (Framer::new(), data);
    loop {
        let used = match framer.next(rest) {
            Err(_) => return,
            Ok(Framed::NeedMore(wanted)) => {
                assert!(wanted > rest.len() && wanted <= Framer::BUFFER_MAX);
                return;
            }
            Ok(Framed::Skip(used) | Framed::Message(_, used)) => used,
            Ok(Framed::Packet { payload, .. }) => payload.len() + Framer::PREFIX_BYTES,
        };
        assert!(used > 0);
        rest = &rest[used..];
    }
});
