//! Answers of Netatmo's API: homes, states, stations, grants. What is measured is measurable.
#![no_main]

use hearth_netatmo::{Celsius, fuzzing};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(homes) = fuzzing::homes(data) {
        serde_json::to_string(&homes).expect("plain data");
    }
    if let Ok(status) = fuzzing::status(data) {
        status.rooms.iter().filter_map(|room| room.measured).for_each(check);
    }
    for station in fuzzing::stations(data).unwrap_or_default() {
        let readings = station.modules.into_iter().filter_map(|module| module.reading);
        readings.chain(station.reading).filter_map(|read| read.temperature).for_each(check);
    }
    drop(fuzzing::granted(data, 1_700_000_000));
});

fn check(temperature: Celsius) {
    assert!(Celsius::new(temperature.degrees()).is_some());
}
