//! The bytes of a camera's port 8800, from the beginning and after a login.
#![no_main]

use hearth_tapo::media::{MediaRequest, MediaSession, PartReader, Quality};
use libfuzzer_sys::fuzz_target;

const OPENED: &[u8] = b"HTTP/1.1 401 x\r\nWWW-Authenticate: Digest nonce=\"n\"\r\n\r\n\
    HTTP/1.1 200 OK\r\nKey-Exchange: cipher=\"AES_128_CBC\" username=\"none\" nonce=\"0\"\r\n\r\n";

fuzz_target!(|data: &[u8]| {
    for prefix in [&[][..], OPENED] {
        let request = MediaRequest::Live(Quality::High);
        let mut session = MediaSession::begin(request, "cloudpw".into(), None, [1; 24]);
        session.receive(prefix).expect("a valid beginning");
        for piece in data.chunks(7) {
            if session.receive(piece).is_err() {
                break;
            }
            while session.next_event().is_some() {}
            session.take_output();
        }
    }
    let mut reader = PartReader::default();
    reader.push(data);
    while let Ok(Some(_)) = reader.next_part() {}
});
