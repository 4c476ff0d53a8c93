//! H.265 payloads (RFC 7798): what comes out consists of whole NAL units.
#![no_main]

use hearth_fuzz::{feed, is_whole};
use libfuzzer_sys::fuzz_target;

const SDP: &str = "m=video 0 RTP/AVP 96\na=rtpmap:96 H265/90000\n";

fuzz_target!(|data: &[u8]| feed(SDP, data, |unit| assert!(is_whole(unit))));
