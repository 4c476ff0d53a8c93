//! Words and questions that people write: whatever they say, the ranges of time that are looked at
//! are bounded and in order, and what was read survives being stored.
#![no_main]

use hearth_model::{CameraId, DeviceId, Label, PersonId, WallTime, ZoneId};
use hearth_search::{Clock, Question, RANGES_MAX, Vocabulary, read_question};
use libfuzzer_sys::fuzz_target;

fn house() -> Vocabulary {
    let labels: Vec<Label> = Label::new("person").into_iter().collect();
    let mut house = Vocabulary::new(&labels);
    house.camera(CameraId::from_bytes([1; 16]), "front door");
    house.zone(ZoneId::from_bytes([1; 16]), "path");
    house.device(DeviceId::from_bytes([1; 16]), "lamp");
    house.person(PersonId::from_bytes([1; 16]), "Ben Brook");
    house
}

fuzz_target!(|input: (i64, &str)| {
    let (now, text) = input;
    let zone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap_or(jiff::tz::TimeZone::UTC);
    let clock = Clock::new(WallTime::from_micros(now), zone);
    let question = read_question(text, &house(), &clock);
    let (ranges, _) = question.filters.when.ranges(&clock);
    assert!(ranges.len() <= RANGES_MAX);
    assert!(ranges.windows(2).all(|pair| pair[1].from() <= pair[0].from()));
    let json = serde_json::to_string(&question).expect("plain data");
    let back: Question = serde_json::from_str(&json).expect("what was written");
    assert_eq!(back, question);
});
