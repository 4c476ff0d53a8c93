//! Datagrams of devices that announce themselves.
#![no_main]

use hearth_tapo::discovery::{Announcement, read_reply, read_xor_reply};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let bounded = |announcement: Announcement| {
        assert!(announcement.model.chars().count() <= 128);
        assert!(announcement.mac.is_none_or(|mac| mac.len() == 17));
    };
    read_xor_reply(data).map(bounded).ok();
    read_reply(data, None).map(bounded).ok();
    let header = [2, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    read_reply(&[&header, data].concat(), None).map(bounded).ok();
});
