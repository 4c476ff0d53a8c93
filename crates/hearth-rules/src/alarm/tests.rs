use std::cell::Cell;

use hearth_model::{CameraId, DeviceId, Label, WallTime};
use hearth_secret::SecretString;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::Mode;

const DOOR: Sensor = Sensor::Device(DeviceId::from_bytes([1; 16]));
const WINDOW: Sensor = Sensor::Device(DeviceId::from_bytes([2; 16]));
const GARDEN: Sensor = Sensor::Camera(CameraId::from_bytes([3; 16]));

fn at(seconds: i64) -> WallTime {
    WallTime::from_micros(seconds * 1_000_000)
}

fn person() -> Label {
    Label::new("person").expect("a label")
}

fn settings() -> AlarmSettings {
    let watch = |sensor, reaction| Watch { sensor, reaction, labels: Vec::new() };
    let garden = Watch { sensor: GARDEN, reaction: Reaction::Instant, labels: vec![person()] };
    let away = ModeSettings {
        exit_seconds: 30,
        entry_seconds: 20,
        watches: vec![watch(DOOR, Reaction::Delayed), watch(WINDOW, Reaction::Instant), garden],
    };
    let night = ModeSettings {
        exit_seconds: 0,
        entry_seconds: 0,
        watches: vec![watch(DOOR, Reaction::Delayed)],
    };
    AlarmSettings {
        modes: [(Mode::Away, away), (Mode::Night, night)].into(),
        siren_seconds: 60,
        schedule: Vec::new(),
    }
}

fn alarm() -> Alarm {
    Alarm::new(settings(), TimeZone::UTC, at(0)).expect("valid")
}

/// Knows two PINs, and counts how often it was asked.
#[derive(Default)]
struct Verifier(Cell<u32>);

impl PinVerifier for Verifier {
    fn verify(&self, pin: &SecretString) -> PinMatch {
        self.0.set(self.0.get() + 1);
        let holder = "Ben".to_owned();
        match pin.expose().as_str() {
            "1234" => PinMatch::Right { holder },
            "9999" => PinMatch::Duress { holder },
            _ => PinMatch::Wrong,
        }
    }
}

fn ben() -> AlarmCause {
    AlarmCause::Person("Ben".to_owned())
}

fn arm(mode: Mode, by: AlarmCause) -> AlarmInput<'static> {
    AlarmInput::Arm(Arm { mode, by, not_ready: Vec::new(), anyway: false })
}

fn noticed(sensor: Sensor) -> AlarmInput<'static> {
    AlarmInput::Noticed { sensor, label: None }
}

fn pin(alarm: &mut Alarm, seconds: i64, pin: &str, purpose: PinFor) -> Stepped {
    let (pin, verifier) = (SecretString::new(pin.to_owned()), Verifier::default());
    alarm.step(at(seconds), AlarmInput::Pin { pin: &pin, purpose, verifier: &verifier })
}

fn changes(stepped: &Stepped) -> Vec<AlarmChange> {
    stepped.events.iter().map(|event| event.change.clone()).collect()
}

/// An alarm in each of its states, at 100 seconds.
fn states() -> [(&'static str, Alarm); 7] {
    let disarmed = alarm();
    let mut arming = alarm();
    arming.step(at(90), arm(Mode::Away, ben()));
    let mut armed = alarm();
    armed.step(at(10), arm(Mode::Away, ben()));
    armed.step(at(40), AlarmInput::Tick);
    let mut entering = armed.clone();
    entering.step(at(95), noticed(DOOR));
    let mut sounding = armed.clone();
    sounding.step(at(95), noticed(WINDOW));
    let mut acknowledged = sounding.clone();
    acknowledged.step(at(96), AlarmInput::Acknowledge { by: ben() });
    let mut help = alarm();
    help.step(at(95), AlarmInput::Panic { by: ben(), is_silent: false });
    let rows = [
        ("disarmed", disarmed),
        ("arming", arming),
        ("armed", armed),
        ("entering", entering),
        ("sounding", sounding),
        ("acknowledged", acknowledged),
        ("help", help),
    ];
    rows.map(|(name, mut alarm)| {
        alarm.step(at(100), AlarmInput::Tick);
        assert_eq!(name_of(&alarm), name);
        (name, alarm)
    })
}

fn name_of(alarm: &Alarm) -> &'static str {
    match alarm.state() {
        AlarmState::Disarmed => "disarmed",
        AlarmState::Arming { .. } => "arming",
        AlarmState::Armed { mode: Mode::Night } => "night",
        AlarmState::Armed { .. } => "armed",
        AlarmState::Entering { .. } => "entering",
        AlarmState::Triggered { mode: Mode::Disarmed, .. } => "help",
        AlarmState::Triggered { siren_until: Some(_), .. } => "sounding",
        AlarmState::Triggered { is_acknowledged: true, .. } => "acknowledged",
        AlarmState::Triggered { .. } => "silent",
    }
}

/// Each row an input, each column the state after it, from each state in the order of `states`.
/// A `!` says that the input is refused.
#[test]
fn every_input_in_every_state_has_its_next_state() {
    type Input = fn(&mut Alarm) -> Stepped;
    let schedule = |mode| arm(mode, AlarmCause::Schedule);
    assert!(matches!(schedule(Mode::Away), AlarmInput::Arm(_)));
    let table: [(&str, Input, [&str; 7]); 19] = [
        (
            "tick",
            |a| a.step(at(101), AlarmInput::Tick),
            ["disarmed", "arming", "armed", "entering", "sounding", "acknowledged", "help"],
        ),
        (
            "long tick",
            |a| a.step(at(200), AlarmInput::Tick),
            ["disarmed", "armed", "armed", "sounding", "silent", "acknowledged", "help"],
        ),
        (
            "arm away",
            |a| a.step(at(101), arm(Mode::Away, ben())),
            ["arming", "arming", "armed", "entering!", "sounding!", "acknowledged!", "help!"],
        ),
        (
            "arm night",
            |a| a.step(at(101), arm(Mode::Night, ben())),
            ["night", "night", "night", "entering!", "sounding!", "acknowledged!", "help!"],
        ),
        (
            "arm home, which is not there",
            |a| a.step(at(101), arm(Mode::Home, ben())),
            ["disarmed!", "arming!", "armed!", "entering!", "sounding!", "acknowledged!", "help!"],
        ),
        ("person disarms", |a| a.step(at(101), arm(Mode::Disarmed, ben())), ["disarmed"; 7]),
        (
            "schedule disarms",
            |a| a.step(at(101), arm(Mode::Disarmed, AlarmCause::Schedule)),
            [
                "disarmed",
                "disarmed",
                "disarmed",
                "entering!",
                "sounding!",
                "acknowledged!",
                "help!",
            ],
        ),
        ("right PIN", |a| pin(a, 101, "1234", PinFor::Disarm), ["disarmed"; 7]),
        ("duress PIN", |a| pin(a, 101, "9999", PinFor::Disarm), ["disarmed"; 7]),
        (
            "wrong PIN",
            |a| pin(a, 101, "0000", PinFor::Disarm),
            ["disarmed!", "arming!", "armed!", "entering!", "sounding!", "acknowledged!", "help!"],
        ),
        (
            "false alarm",
            |a| pin(a, 101, "1234", PinFor::FalseAlarm),
            ["disarmed", "arming", "armed", "disarmed", "disarmed", "disarmed", "disarmed"],
        ),
        (
            "door",
            |a| a.step(at(101), noticed(DOOR)),
            ["disarmed", "arming", "entering", "entering", "sounding", "sounding", "help"],
        ),
        (
            "window",
            |a| a.step(at(101), noticed(WINDOW)),
            ["disarmed", "arming", "sounding", "sounding", "sounding", "sounding", "help"],
        ),
        (
            "a cat in the garden",
            |a| a.step(at(101), noticed(GARDEN)),
            ["disarmed", "arming", "armed", "entering", "sounding", "acknowledged", "help"],
        ),
        (
            "a person in the garden",
            |a| {
                let label = person();
                a.step(at(101), AlarmInput::Noticed { sensor: GARDEN, label: Some(&label) })
            },
            ["disarmed", "arming", "sounding", "sounding", "sounding", "sounding", "help"],
        ),
        (
            "tamper",
            |a| a.step(at(101), AlarmInput::Tampered(DeviceId::from_bytes([9; 16]))),
            ["disarmed", "help", "sounding", "sounding", "sounding", "sounding", "help"],
        ),
        (
            "panic",
            |a| a.step(at(101), AlarmInput::Panic { by: ben(), is_silent: false }),
            ["help", "help", "sounding", "sounding", "sounding", "sounding", "help"],
        ),
        (
            "silent panic",
            |a| a.step(at(101), AlarmInput::Panic { by: ben(), is_silent: true }),
            ["disarmed", "arming", "armed", "entering", "sounding", "acknowledged", "help"],
        ),
        (
            "acknowledge",
            |a| a.step(at(101), AlarmInput::Acknowledge { by: ben() }),
            ["disarmed", "arming", "armed", "entering", "acknowledged", "acknowledged", "help"],
        ),
    ];
    for (input, step, after) in table {
        for ((from, mut alarm), to) in states().into_iter().zip(after) {
            let before = alarm.snapshot();
            let stepped = step(&mut alarm);
            let refused = if stepped.result.is_err() { "!" } else { "" };
            assert_eq!(format!("{}{refused}", name_of(&alarm)), to, "{input} from {from}");
            // What changed was told.
            let is_same = before.state_is(alarm.state());
            assert!(is_same || !stepped.events.is_empty(), "{input} from {from}");
        }
    }
}

impl AlarmSnapshot {
    fn state_is(&self, state: &AlarmState) -> bool {
        let mut alarm = alarm();
        alarm = Alarm::restore(settings(), TimeZone::UTC, self.clone()).unwrap_or(alarm);
        alarm.state() == state
    }
}

#[test]
fn under_duress_everything_looks_the_same_but_one_secret_event() {
    for purpose in [PinFor::Disarm, PinFor::FalseAlarm] {
        for (name, alarm) in states() {
            let (mut free, mut forced) = (alarm.clone(), alarm);
            let seen = pin(&mut free, 101, "1234", purpose);
            let mut secret = pin(&mut forced, 101, "9999", purpose);
            assert_eq!(free.snapshot(), forced.snapshot(), "{name}");
            let silent = secret.events.pop().expect("a silent alarm");
            assert!(silent.is_secret && silent.change == AlarmChange::SilentAlarm);
            assert_eq!(seen, secret, "{name}");
            assert!(seen.events.iter().all(|event| !event.is_secret));
        }
    }
}

#[test]
fn wrong_pins_lock_the_keypad_for_longer_and_longer() {
    let mut alarm = alarm();
    let mut now = 0;
    for lock in [60, 120, 240, 480, 960, 1_920, 3_840, 3_840] {
        for left in (1..5).rev() {
            let refused = pin(&mut alarm, now, "0000", PinFor::Disarm).result;
            assert_eq!(refused, Err(AlarmRefused::PinWrong { left }));
        }
        let until = at(now + lock);
        let refused = pin(&mut alarm, now, "0000", PinFor::Disarm).result;
        assert_eq!(refused, Err(AlarmRefused::PinLocked { until }));
        // Not even the right one is looked at, and a restart does not help.
        let kept = alarm.snapshot();
        alarm = Alarm::restore(settings(), TimeZone::UTC, kept).expect("valid");
        let (right, verifier) = (SecretString::new("1234".to_owned()), Verifier::default());
        let purpose = PinFor::Disarm;
        let input = AlarmInput::Pin { pin: &right, purpose, verifier: &verifier };
        let refused = alarm.step(at(now + lock - 1), input).result;
        assert_eq!(refused, Err(AlarmRefused::PinLocked { until }));
        assert_eq!(verifier.0.get(), 0);
        now += lock;
    }
    assert_eq!(pin(&mut alarm, now, "1234", PinFor::Disarm).result, Ok(()));
    let refused = pin(&mut alarm, now, "0000", PinFor::Disarm).result;
    assert_eq!(refused, Err(AlarmRefused::PinWrong { left: 4 }));
}

#[test]
fn what_is_not_ready_has_to_be_accepted() {
    let not_ready = vec!["Garage does not answer".to_owned()];
    let wish = |anyway| {
        let (mode, by, not_ready) = (Mode::Night, ben(), not_ready.clone());
        AlarmInput::Arm(Arm { mode, by, not_ready, anyway })
    };
    let mut alarm = alarm();
    let refused = alarm.step(at(1), wish(false));
    assert_eq!(refused.result, Err(AlarmRefused::NotReady(not_ready.clone())));
    assert!(refused.events.is_empty());
    let armed = alarm.step(at(2), wish(true));
    assert_eq!(changes(&armed), [AlarmChange::Armed { mode: Mode::Night, not_ready }]);
}

#[test]
fn a_delay_that_ended_while_the_hub_was_down_has_ended() {
    for (name, alarm) in states() {
        let json = serde_json::to_vec(&alarm.snapshot()).expect("JSON");
        assert!(!String::from_utf8_lossy(&json).contains("1234"));
        let kept = serde_json::from_slice(&json).expect("a snapshot");
        let mut again = Alarm::restore(settings(), TimeZone::UTC, kept).expect("valid");
        assert_eq!(again.state(), alarm.state());
        let stepped = again.step(at(100_000), AlarmInput::Tick);
        let after = match name {
            "arming" => vec![AlarmChange::Armed { mode: Mode::Away, not_ready: vec![] }],
            "entering" => {
                vec![AlarmChange::Triggered, AlarmChange::SirenOn { until: at(100_060) }]
            }
            "sounding" | "help" => vec![AlarmChange::SirenOff],
            _ => vec![],
        };
        assert_eq!(changes(&stepped), after, "{name}");
        if name == "entering" {
            let cause = &stepped.events[0].cause;
            assert_eq!(*cause, AlarmCause::Sensor(DOOR), "what came in, not the delay");
        }
    }
}

#[test]
fn a_siren_ends_and_sounds_again_a_few_times_only() {
    let mut alarm = alarm();
    alarm.step(at(0), arm(Mode::Night, ben()));
    let mut sounded = 0;
    for round in 0..10 {
        let stepped = alarm.step(at(1 + round * 100), noticed(DOOR));
        let on = |change: &AlarmChange| matches!(change, AlarmChange::SirenOn { .. });
        sounded += changes(&stepped).into_iter().filter(on).count();
        alarm.step(at(99 + round * 100), AlarmInput::Tick);
        assert!(matches!(alarm.state(), AlarmState::Triggered { siren_until: None, .. }));
    }
    assert_eq!(sounded, 3);
}

#[test]
fn a_schedule_arms_and_says_what_it_missed() {
    let change =
        |time: &str, mode| ModeChange { at: time.parse().expect("a time"), days: Vec::new(), mode };
    let schedule = vec![change("00:10", Mode::Night), change("00:20", Mode::Disarmed)];
    let with = AlarmSettings { schedule, ..settings() };
    let mut alarm = Alarm::new(with, TimeZone::UTC, at(0)).expect("valid");
    let stepped = alarm.step(at(600), AlarmInput::Tick);
    assert_eq!(changes(&stepped), [AlarmChange::Armed { mode: Mode::Night, not_ready: vec![] }]);
    assert!(stepped.events.iter().all(|event| event.cause == AlarmCause::Schedule));
    alarm.step(at(1_190), noticed(DOOR));
    let missed = changes(&alarm.step(at(1_200), AlarmInput::Tick));
    let (mode, due, reason) = (Mode::Disarmed, at(1_200), AlarmRefused::UnderWay);
    assert_eq!(missed, [AlarmChange::ScheduleMissed { mode, due, reason }]);
    alarm.step(at(1_201), arm(Mode::Disarmed, ben()));
    let late = changes(&alarm.step(at(86_400 + 600 + 301), AlarmInput::Tick));
    let (mode, due, reason) = (Mode::Night, at(87_000), AlarmRefused::Late);
    assert_eq!(late, [AlarmChange::ScheduleMissed { mode, due, reason }]);
}

#[test]
fn a_clock_that_goes_back_does_not_make_a_delay_longer() {
    let mut alarm = alarm();
    alarm.step(at(10_000), arm(Mode::Away, ben()));
    alarm.step(at(5_010), AlarmInput::Tick);
    assert_eq!(name_of(&alarm), "arming");
    alarm.step(at(5_040), AlarmInput::Tick);
    assert_eq!(name_of(&alarm), "armed");
}

#[test]
fn settings_beyond_a_limit_are_refused() {
    let with = |change: fn(&mut AlarmSettings)| {
        let mut settings = settings();
        change(&mut settings);
        settings.check()
    };
    let disarmed = |s: &mut AlarmSettings| {
        s.modes.insert(Mode::Disarmed, ModeSettings::default());
    };
    assert_eq!(with(disarmed), Err(SettingsError::Disarmed));
    let long = ModeSettings { exit_seconds: 601, ..Default::default() };
    let mut delayed = settings();
    delayed.modes.insert(Mode::Home, long);
    assert_eq!(delayed.check(), Err(SettingsError::Delay));
    assert_eq!(with(|s| s.siren_seconds = 601), Err(SettingsError::Siren));
    let home = |s: &mut AlarmSettings| {
        let at = crate::TimeOfDay::MIDNIGHT;
        s.schedule.push(ModeChange { at, days: Vec::new(), mode: Mode::Home });
    };
    assert_eq!(with(home), Err(SettingsError::Schedule));
}

proptest! {
    #[test]
    fn whatever_happens_a_siren_is_bounded_and_every_change_is_told(
        inputs in prop::collection::vec((0_u8..12, -50_i64..200), 1..60),
    ) {
        let mut alarm = alarm();
        let mut now = 0;
        for (input, later) in inputs {
            now += later;
            let before = alarm.state().clone();
            let stepped = match input {
                0 => alarm.step(at(now), arm(Mode::Away, ben())),
                1 => alarm.step(at(now), arm(Mode::Night, AlarmCause::Schedule)),
                2 => alarm.step(at(now), arm(Mode::Disarmed, ben())),
                3 => pin(&mut alarm, now, "1234", PinFor::Disarm),
                4 => pin(&mut alarm, now, "9999", PinFor::FalseAlarm),
                5 => pin(&mut alarm, now, "0", PinFor::Disarm),
                6 => alarm.step(at(now), noticed(DOOR)),
                7 => alarm.step(at(now), noticed(WINDOW)),
                8 => alarm.step(at(now), AlarmInput::Panic { by: ben(), is_silent: false }),
                9 => alarm.step(at(now), AlarmInput::Acknowledge { by: ben() }),
                _ => alarm.step(at(now), AlarmInput::Tick),
            };
            let kind = std::mem::discriminant::<AlarmState>;
            if kind(&before) != kind(alarm.state()) {
                prop_assert!(!stepped.events.is_empty());
            }
            if let AlarmState::Triggered { siren_until: Some(until), .. } = alarm.state() {
                prop_assert!(*until > at(now) && *until <= at(now + 60));
            }
        }
    }
}
