//! Rules of the house: what was read is written and read the same again, and whatever it is, it is
//! judged, looked through and said in words without a panic.
#![no_main]

use hearth_model::{EventKind, RuleId, WallTime};
use hearth_rules::{Engine, Fact, FactBody, Groups, Happening, Known, Mode, Rule, analysis, sentence};
use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|json: &[u8]| {
    let Ok(rule) = Rule::from_json(json) else { return };
    let written = serde_json::to_vec(&rule).expect("a rule has a JSON form");
    let again = Rule::from_json(&written).expect("what we wrote");
    assert_eq!(serde_json::to_vec(&again).expect("a rule has a JSON form").len(), written.len());

    let known = Known::default();
    analysis::check(&rule, &known);
    sentence::read(&sentence::write(&rule, &known), &known);

    let mut engine = Engine::new(TimeZone::UTC, Groups::new());
    let at = |seconds: i64| WallTime::from_micros(seconds * 1_000_000);
    engine.put(at(0), RuleId::from_bytes([1; 16]), rule).expect("it was checked");
    let ring = FactBody::Happened(Box::new(Happening::of(EventKind::Ring)));
    for (second, body) in [(1, FactBody::Mode(Mode::Away)), (2, ring), (3_000, FactBody::Tick)] {
        engine.step(at(second), &Fact { event: None, at: at(second), body });
    }
});
