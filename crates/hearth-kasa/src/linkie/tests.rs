//! Requests and answers against values that independent clients made.

use super::*;
use crate::*;

fn locam() -> Linkie {
    let source = [
        0x8a, 0x2d, 0x06, 0x7d, 0x07, 0xfa, 0x49, 0xb9, 0x92, 0x89, 0xd9, 0xf6, 0x94, 0xf7, 0x09,
        0xb4,
    ];
    Linkie::cloud_account(Credentials::new("me@example.com", "pw".into()), source)
}

fn wrapped(json: &str) -> Vec<u8> {
    BASE64_STANDARD.encode(cipher::wrap(json.as_bytes())).into_bytes()
}

/// promise: K-08. Byte for byte what locam sends.
#[test]
fn a_request_is_what_locam_sends() {
    let request = locam().request(&ReadInfo);
    assert_eq!(request.path, "/data/LINKIE.json");
    assert_eq!(request.authorization.expose(), "Basic bWVAZXhhbXBsZS5jb206Y0hjPQ==");
    assert_eq!(
        request.body,
        "content=0PKR%2FpDkgfmNr5XuzL%2FQpde00fPJ69OygOTU4tWxnKyb%2FZyxhbze58rzwfnA7Ymw1uDZ7Yu8jLXX48\
         G8kLLBuMu%2F2reVr9T2kfSA36zVps%2Bhx6iKsMu2y7Y%3D"
    );
}

/// promise: K-08. Byte for byte what another client sends to newer cameras, and its sample answer.
#[test]
fn a_request_to_a_newer_camera_is_what_others_send() {
    let linkie = Linkie::public();
    let request = linkie.request(&ReadClockStatus);
    assert_eq!(request.path, "/data/LINKIE2.json");
    assert_eq!(
        request.authorization.expose(),
        "Basic YWRtaW46MjEyMzJmMjk3YTU3YTVhNzQzODk0YTBlNGE4MDFmYzM="
    );
    assert_eq!(
        request.body,
        "content=0PKB7I3%2Fi%2BeO6I2jwKHM4ov7mPmU8YPizKjJvdiM5Yjtz%2FWOrMuu2oX2guOX4pGzifKP8o8%3D"
    );
    let sample = "0PKG74LnnfKc+dvhw5bCgaycqZOjk7Gdv96syaiKsJLTvtupwKPC7aPGse632KrB48/tiPiX9JzDsNW2lK6f\
                  qZCgmKuZoZGh3A==";
    let plain = cipher::unwrap(&BASE64_STANDARD.decode(sample).expect("base64"));
    let clock =
        <ClockStatus as answer::Answered>::read(serde_json::from_slice(&plain).expect("an object"));
    let clock = clock.expect("a clock");
    assert_eq!(clock.epoch_seconds, 1_690_832_800);
    assert_eq!(clock.offset.as_deref(), Some("UTC-05:00"));
}

#[test]
fn an_answer_is_read_wrapped_or_plain() {
    let json = r#"{"smartlife.cam.ipcamera.switch":{"get_is_enable":{"value":"on","err_code":0}}}"#;
    let read = ReadSwitch(Switch::Power);
    for body in [wrapped(json), json.into(), [wrapped(json), b"\r\n".to_vec()].concat()] {
        assert_eq!(locam().answer(&read, &body), Ok(true));
    }
}

/// promise: K-03. Codes are found wherever cameras put them, and have a meaning.
#[test]
fn codes_of_failure_are_found_everywhere() {
    let read = ReadSwitch(Switch::Power);
    let unsupported = Error::Unsupported { command: "switch.get_is_enable".to_owned() };
    let refused = Error::Refused { command: "switch.get_is_enable".to_owned(), code: -3 };
    for (json, error) in [
        (
            r#"{"smartlife.cam.ipcamera.switch":{"get_is_enable":{"err_code":-10008}}}"#,
            &unsupported,
        ),
        (r#"{"smartlife.cam.ipcamera.switch":{"err_code":-1}}"#, &unsupported),
        (r#"{"context":{"source":{"err_code":-10007}}}"#, &Error::Unauthorized),
        (r#"{"err_code":-10007,"err_msg":"Unauthorized Error"}"#, &Error::Unauthorized),
        (r#"{"smartlife.cam.ipcamera.switch":{"get_is_enable":{"err_code":-3}}}"#, &refused),
    ] {
        assert_eq!(locam().answer(&read, &wrapped(json)).as_ref(), Err(error), "{json}");
    }
}

/// promise: K-03. A malformed answer is an error.
#[test]
fn a_malformed_answer_is_an_error() {
    let read = ReadSwitch(Switch::Power);
    for json in [
        "",
        "[]",
        "{}",
        r#"{"smartlife.cam.ipcamera.switch":{}}"#,
        r#"{"smartlife.cam.ipcamera.switch":{"get_is_enable":{}}}"#,
        r#"{"smartlife.cam.ipcamera.switch":{"get_is_enable":{"value":"maybe","err_code":0}}}"#,
        r#"{"smartlife.cam.ipcamera.switch":{"get_is_enable":7}}"#,
    ] {
        let answer = locam().answer(&read, &wrapped(json));
        assert!(matches!(answer, Err(Error::Malformed(_))), "{json}: {answer:?}");
    }
}

/// promise: K-07. Neither a client nor a request shows the password.
#[test]
fn a_debug_print_shows_no_password() {
    let linkie = Linkie::cloud_account(Credentials::new("u", "planted-secret".into()), [0; 16]);
    let request = linkie.request(&ReadInfo);
    let shown = format!("{linkie:?} {request:?}");
    assert!(!shown.contains("planted"));
    assert!(!shown.contains(&BASE64_STANDARD.encode("planted-secret")));
    assert!(!shown.contains("Basic"));
}

/// promise: K-04. What is weak about a camera is known as data.
#[test]
fn weaknesses_are_known() {
    assert!(locam().weaknesses().contains(&Weakness::CloudAccountPassword));
    assert!(Linkie::public().weaknesses().contains(&Weakness::PublicPassword));
    for weakness in [locam().weaknesses(), Linkie::public().weaknesses()].concat() {
        assert!(weakness.advice().ends_with('.'));
    }
}

proptest::proptest! {
    /// promise: K-03. Whatever a camera sends is read or refused.
    #[test]
    fn any_answer_is_read_or_refused_without_panic(body: Vec<u8>, json in "\\PC{0,60}") {
        for body in [&body, &wrapped(&json)] {
            drop(locam().answer(&ReadInfo, body));
            drop(locam().answer(&ReadPresets, body));
            drop(locam().answer(&ReadTriggerTime, body));
        }
    }

    #[test]
    fn what_a_switch_says_is_read_back(on: bool) {
        let word = if on { "on" } else { "off" };
        for switch in Switch::ALL.iter().copied() {
            let read = ReadSwitch(switch);
            let (module, method) = (read_module(&read), read_method(&read));
            let json = json!({ module: { method: { "value": word, "err_code": 0 } } }).to_string();
            proptest::prop_assert_eq!(locam().answer(&read, &wrapped(&json)), Ok(on));
        }
    }
}

fn read_module(command: &impl Command) -> &'static str {
    command.module()
}

fn read_method(command: &impl Command) -> &'static str {
    command.method()
}

/// A command as module, method and parameters.
fn envelope(command: &impl Command) -> Value {
    json!({ command.module(): { command.method(): command.params() } })
}

/// Every form of every command under the name that the recorded ones have.
fn all_forms() -> Vec<(String, Value)> {
    let switches = [
        ("power", Switch::Power),
        ("recordVideo", Switch::RecordVideo),
        ("recordAudio", Switch::RecordAudio),
        ("detectMotion", Switch::DetectMotion),
        ("detectBabyCry", Switch::DetectBabyCry),
        ("detectPerson", Switch::DetectPerson),
        ("detectAudio", Switch::DetectAudio),
        ("motionTracking", Switch::MotionTracking),
        ("patrol", Switch::Patrol),
        ("statusLED", Switch::StatusLed),
        ("doNotDisturb", Switch::DoNotDisturb),
    ];
    let mut forms = Vec::new();
    for (name, switch) in switches {
        forms.push((format!("Settings.{name}.get"), envelope(&ReadSwitch(switch))));
        let set = SetSwitch { switch, on: true };
        forms.push((format!("Settings.{name}.set(true)"), envelope(&set)));
    }
    let named = |(name, form): (&str, Value)| (name.to_owned(), form);
    forms.extend(setting_forms().map(named));
    forms.extend(action_forms().map(named));
    forms.extend(status_forms().map(named));
    forms
}

fn setting_forms() -> [(&'static str, Value); 17] {
    let sensitivity = |detector, sensitivity| envelope(&SetSensitivity { detector, sensitivity });
    let trigger = TriggerTime::new(1500, 1500).expect("in range");
    let time = ClockTime::from_epoch_seconds(1_631_639_476).expect("in range");
    let zone = TimeZone::new("UTC-05:00", "America/New_York").expect("a zone");
    [
        ("Settings.detectMotionSensitivity.get", envelope(&ReadSensitivity(Detector::Motion))),
        (
            "Settings.detectMotionSensitivity.set(high)",
            sensitivity(Detector::Motion, Sensitivity::High),
        ),
        ("Settings.detectAudioSensitivity.get", envelope(&ReadSensitivity(Detector::Sound))),
        (
            "Settings.detectAudioSensitivity.set(low)",
            sensitivity(Detector::Sound, Sensitivity::Low),
        ),
        ("Settings.detectMotionTime.get", envelope(&ReadTriggerTime)),
        ("Settings.detectMotionTime.set(1500,1500)", envelope(&SetTriggerTime(trigger))),
        ("Settings.format.set", envelope(&FormatCard)),
        ("Settings.resolution.get", envelope(&ReadResolution)),
        ("Settings.resolution.set", envelope(&SetResolution(Resolution::Wide1080))),
        ("Settings.rotation.get", envelope(&ReadRotation)),
        ("Settings.rotation.set(180)", envelope(&SetRotation(Rotation::UpsideDown))),
        ("Settings.nightVision.get", envelope(&ReadNightVision)),
        ("Settings.nightVision.set(night)", envelope(&SetNightVision(NightVision::Night))),
        ("Settings.time.get", envelope(&ReadClock)),
        ("Settings.time.set", envelope(&SetClock(time))),
        ("Settings.timezone.get", envelope(&ReadTimeZone)),
        ("Settings.timezone.set", envelope(&SetTimeZone(zone))),
    ]
}

fn action_forms() -> [(&'static str, Value); 7] {
    let preset = PresetIndex::new(2).expect("in range");
    let speed = Speed::new(3).expect("in range");
    let span = TimeSpan::from_epoch_seconds(1, 2).expect("in range");
    [
        ("Actions.preset.set(2)", envelope(&GoToPreset(preset))),
        ("Actions.move.set(left,3)", envelope(&Move { direction: Direction::Left, speed })),
        ("Actions.position.get", envelope(&ReadPosition)),
        ("Actions.position.set(10,20)", envelope(&GoToPosition(Position { x: 10, y: 20 }))),
        ("Actions.stop.set", envelope(&Stop)),
        ("Actions.snapshot.get", envelope(&TakeSnapshot)),
        ("Actions.events.get", envelope(&ReadDetections(span))),
    ]
}

fn status_forms() -> [(&'static str, Value); 7] {
    let player = PlayerId::new("abc123").expect("plain");
    [
        ("Status.info.get", envelope(&ReadInfo)),
        ("Status.card.get", envelope(&ReadCard)),
        ("Status.cardEnc.get", envelope(&ReadCardEncryption)),
        ("Status.cloud.get", envelope(&ReadCloud)),
        ("Status.time.get", envelope(&ReadClockStatus)),
        ("Status.presets.get", envelope(&ReadPresets)),
        ("Status.vod.get", envelope(&ReadPlayback(player))),
    ]
}

/// promise: K-08. Every command of locam is here, and says what locam says, recorded from locam.
#[test]
fn every_command_is_what_locam_sends() {
    let root = std::env::var_os("HEARTHWATCH_TEST_DATA").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        Into::into,
    );
    let Ok(vectors) = std::fs::read(root.join("notes/protocol-vectors.json")) else {
        eprintln!("skipped: no recorded commands");
        return;
    };
    let vectors: Value = serde_json::from_slice(&vectors).expect("JSON");
    let recorded = vectors["linkie_locam"]["commands"].as_object().expect("a table");
    let ours: Map<String, Value> = all_forms().into_iter().collect();
    assert_eq!(&ours, recorded);
}
