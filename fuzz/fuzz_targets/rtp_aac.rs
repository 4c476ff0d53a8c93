//! AAC payloads (RFC 3640): a unit is never longer than its length field can say.
#![no_main]

use hearth_fuzz::feed;
use libfuzzer_sys::fuzz_target;

const SDP: &str = "m=audio 0 RTP/AVP 96\na=rtpmap:96 mpeg4-generic/16000/1\n\
    a=fmtp:96 streamtype=5;mode=AAC-hbr;config=1408;sizelength=13;indexlength=3;indexdeltalength=3\n";

/// `sizelength` bits.
const UNIT_BYTES_MAX: usize = (1 << 13) - 1;

fuzz_target!(|data: &[u8]| feed(SDP, data, |unit| assert!(unit.len() <= UNIT_BYTES_MAX)));
