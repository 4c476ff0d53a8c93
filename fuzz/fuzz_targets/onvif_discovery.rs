//! Answers to a probe: a device is listed only with an address of the machine that answered.
#![no_main]

use std::net::{IpAddr, Ipv4Addr};

use hearth_onvif::discovery::{Collector, matches};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let sender = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 9));
    let Ok(found) = matches(data, "urn:uuid:1", sender) else { return };
    assert!(found.len() <= 16);
    let mut collector = Collector::default();
    for device in found {
        assert_eq!(device.url.host().parse::<IpAddr>().map(|host| host.to_canonical()), Ok(sender));
        collector.add(device);
    }
    drop(collector.finish());
});
