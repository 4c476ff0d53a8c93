//! Decrypted answers to the commands of cameras and plugs: any JSON.
#![no_main]

use hearth_tapo::{
    UnixSeconds,
    camera::{about, audio, clock, detection, hub, preset, privacy, recording, storage},
    plug::{iot, smart},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(answer) = serde_json::from_slice(data) else { return };
    about::facts().read(&answer).ok();
    about::components().read(&answer).ok();
    about::connection().read(&answer).ok();
    audio::status().read(&answer).ok();
    clock::now().read(&answer).ok();
    hub::children(0).read(&answer).ok();
    preset::list().read(&answer).ok();
    privacy::status().read(&answer).ok();
    storage::cards().read(&answer).ok();
    recording::search_id().read(&answer).ok();
    recording::plan().read(&answer).ok();
    let events = recording::events(UnixSeconds(1), UnixSeconds(2)).expect("a range");
    events.read(&answer).ok();
    for detector in detection::Detector::ALL {
        detection::status(detector).read(&answer).ok();
    }
    smart::facts().read(&answer).ok();
    smart::meter().read(&answer).ok();
    smart::energy().read(&answer).ok();
    smart::schedules(0).read(&answer).ok();
    iot::facts().read(&answer).ok();
    iot::power().read(&answer).ok();
    iot::schedules().read(&answer).ok();
    iot::energy_of_month(2026, 11).expect("a month").read(&answer).ok();
});
