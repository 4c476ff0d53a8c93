//! Event answers: bounded in number, shown on one line, pull points on the device's own host.
#![no_main]

use hearth_model::SourceUrl;
use hearth_onvif::{
    events::{CreatePullPointSubscription, PullMessages, Renew},
    soap,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|inside: &str| {
    let device: SourceUrl = "http://192.168.1.9/onvif/device_service".parse().expect("valid");
    let enveloped = |name: &str| {
        format!("<Envelope><Body><{name}Response>{inside}</{name}Response></Body></Envelope>")
    };
    let pulled = soap::response::<PullMessages>(enveloped("PullMessages").as_bytes(), &device);
    if let Ok(pulled) = pulled {
        assert!(pulled.notifications.len() <= 256);
        for one in &pulled.notifications {
            let texts =
                one.data.iter().chain(&one.source).flat_map(|item| [&item.name, &item.value]);
            assert!(texts.chain([&one.topic]).all(|text| !text.contains(char::is_control)));
        }
    }
    let created = enveloped("CreatePullPointSubscription");
    if let Ok(created) = soap::response::<CreatePullPointSubscription>(created.as_bytes(), &device)
    {
        assert_eq!(created.address.host(), "192.168.1.9");
        assert!((10..=3_600).contains(&created.lease.granted.as_secs()));
    }
    let _ = soap::response::<Renew>(enveloped("Renew").as_bytes(), &device);
});
