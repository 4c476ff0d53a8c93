//! Sentences that people write: what is read keeps the limits of a rule, is switched off, and says
//! the same when it is written and read again.
#![no_main]

use hearth_model::{CameraId, DeviceId, Label, PersonId, RecipientId};
use hearth_rules::{DeviceKind, Known, KnownCamera, KnownDevice, sentence};
use libfuzzer_sys::fuzz_target;

fn house() -> Known {
    let name = |name: &str| name.to_owned();
    Known {
        cameras: vec![KnownCamera {
            id: CameraId::from_bytes([1; 16]),
            name: name("door"),
            zones: Vec::new(),
            presets: Vec::new(),
        }],
        devices: vec![KnownDevice {
            id: DeviceId::from_bytes([1; 16]),
            name: name("lamp"),
            kind: DeviceKind::Light,
            controls: Vec::new(),
            readings: Vec::new(),
        }],
        people: vec![(PersonId::from_bytes([1; 16]), name("Ben"))],
        recipients: vec![(RecipientId::from_bytes([1; 16]), name("Ben"))],
        labels: Label::new("person").into_iter().collect(),
        ..Known::default()
    }
}

fuzz_target!(|text: &str| {
    let known = house();
    let Some(rule) = sentence::read(text, &known).rule else { return };
    assert!(!rule.is_on);
    rule.check().expect("a draft keeps the limits");
    let again = sentence::read(&sentence::write(&rule, &known), &known);
    assert_eq!(again.rule, Some(rule));
});
