//! The body of an answer of a Kasa camera: read into the command's type, or refused.
#![no_main]

use hearth_kasa::{
    Command, Credentials, Linkie, ReadCard, ReadCloud, ReadInfo, ReadPosition, ReadPresets,
    ReadSwitch, ReadTriggerTime, Switch, TriggerTime,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let linkie = Linkie::cloud_account(Credentials::new("u", "p".into()), [0; 16]);
    read(&linkie, &ReadInfo, data);
    read(&linkie, &ReadCard, data);
    read(&linkie, &ReadCloud, data);
    read(&linkie, &ReadPosition, data);
    read(&linkie, &ReadPresets, data);
    read(&linkie, &ReadSwitch(Switch::DoNotDisturb), data);
    if let Ok(trigger) = linkie.answer(&ReadTriggerTime, data) {
        assert!((1..=TriggerTime::MS_MAX).contains(&trigger.day_ms()));
    }
});

/// What was read can be shown again.
fn read<C: Command<Answer: serde::Serialize>>(linkie: &Linkie, command: &C, data: &[u8]) {
    if let Ok(answer) = linkie.answer(command, data) {
        serde_json::to_string(&answer).expect("plain data");
    }
}
