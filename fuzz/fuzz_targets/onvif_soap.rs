//! Answers of all services: whatever is read leads to the device's own host, and no number is more
//! than a number.
#![no_main]

use hearth_model::SourceUrl;
use hearth_onvif::{
    device::{
        GetCapabilities, GetDeviceInformation, GetHostname, GetNetworkInterfaces,
        GetNetworkProtocols, GetServices, GetSystemDateAndTime, GetUsers,
    },
    imaging::{GetImagingSettings, GetOptions},
    media::{
        GetEncoderOptions, GetEncoderOptions2, GetEncoders, GetEncoders2, GetProfiles,
        GetProfiles2, GetSnapshotUri, GetStreamUri, GetStreamUri2,
    },
    ptz::{GetNodes, GetPresets, GetStatus},
    soap::{self, Operation},
};
use libfuzzer_sys::fuzz_target;

fn read<O: Operation>(inside: &str, device: &SourceUrl) -> Option<O::Answer> {
    let name = O::NAME;
    let text =
        format!("<Envelope><Body><{name}Response{inside}</{name}Response></Body></Envelope>");
    soap::response::<O>(text.as_bytes(), device).ok()
}

// The answer's element goes on after its name, so that attributes can be tried too.
fuzz_target!(|inside: &str| {
    let device: SourceUrl = "http://192.168.1.9/onvif/device_service".parse().expect("valid");
    let urls = [
        read::<GetStreamUri>(inside, &device),
        read::<GetStreamUri2>(inside, &device),
        read::<GetSnapshotUri>(inside, &device),
    ];
    assert!(urls.iter().flatten().all(|url| url.host() == "192.168.1.9"));
    for services in [read::<GetServices>(inside, &device), read::<GetCapabilities>(inside, &device)]
    {
        let services = services.unwrap_or_default();
        let urls = services.offered().filter_map(|service| services.url(service));
        assert!(urls.into_iter().all(|url| url.host() == "192.168.1.9"));
    }
    for node in read::<GetNodes>(inside, &device).unwrap_or_default() {
        let ranges = [node.absolute.zoom, node.relative.zoom, node.continuous.zoom];
        assert!(ranges.iter().flatten().all(|range| range.min <= range.max));
    }
    drop(read::<GetProfiles>(inside, &device));
    drop(read::<GetProfiles2>(inside, &device));
    drop(read::<GetEncoders>(inside, &device));
    drop(read::<GetEncoders2>(inside, &device));
    drop(read::<GetEncoderOptions>(inside, &device));
    drop(read::<GetEncoderOptions2>(inside, &device));
    drop(read::<GetImagingSettings>(inside, &device));
    drop(read::<GetOptions>(inside, &device));
    drop(read::<GetPresets>(inside, &device));
    drop(read::<GetDeviceInformation>(inside, &device));
    drop(read::<GetHostname>(inside, &device));
    drop(read::<GetNetworkInterfaces>(inside, &device));
    drop(read::<GetNetworkProtocols>(inside, &device));
    drop(read::<GetSystemDateAndTime>(inside, &device));
    drop(read::<GetUsers>(inside, &device));
    let _ = read::<GetStatus>(inside, &device);
    drop(soap::fault(inside.as_bytes()));
});
