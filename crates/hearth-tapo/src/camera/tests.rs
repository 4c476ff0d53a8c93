//! Every command: what it sends, byte for byte, and what it makes of a real device's kind of answer.

use serde_json::{Value, json};

use super::*;
use crate::{
    AnswerError, Code, Percent, Switch, UnixSeconds,
    camera::{
        alarm::AlarmMode,
        detection::Detector,
        hub::ChildId,
        image::{Flip, LightFrequency, NightVision},
        motor::{Axis, Direction, Turn},
        preset::PresetId,
        recording::{Day, SearchId},
    },
};

fn percent(value: u8) -> Percent {
    Percent::new(value).expect("a percentage")
}

fn sent<T>(call: &CameraCall<T>) -> (String, Value) {
    match call.request() {
        Request::Entry { method, params } => ((*method).to_owned(), params.clone()),
        Request::Single { .. } => ("single".to_owned(), call.request().to_json()),
        Request::Child { .. } => ("child".to_owned(), call.request().to_json()),
    }
}

fn answer<T>(call: &CameraCall<T>, result: Value) -> Result<T, AnswerError> {
    let (method, _) = sent(call);
    let response = json!({"method": method, "error_code": 0, "result": result});
    call.read(&json!({"error_code": 0, "result": {"responses": [response]}}))
}

/// promise: T-12. Privacy and the light of each camera are set with the vendor's own commands.
#[test]
fn setters_send_what_the_protocol_says() {
    let day_night = image::set_night_vision(NightVision::Night);
    let turned = Turn::degrees(10, -10).expect("a turn");
    let step = Direction::degrees(90).expect("a direction");
    let preset = PresetId::new("1").expect("a preset");
    let table = [
        (
            privacy::set(Switch::On),
            "setLensMaskConfig",
            json!({"lens_mask": {"lens_mask_info": {"enabled": "on"}}}),
        ),
        (led::set(Switch::Off), "setLedStatus", json!({"led": {"config": {"enabled": "off"}}})),
        (day_night, "setDayNightModeConfig", json!({"image": {"common": {"inf_type": "on"}}})),
        (
            image::set_flip(Flip::UpsideDown),
            "setLdc",
            json!({"image": {"switch": {"flip_type": "center"}}}),
        ),
        (
            image::set_lens_correction(Switch::On),
            "setLdc",
            json!({"image": {"switch": {"ldc": "on"}}}),
        ),
        (
            image::set_lamp_night_vision(NightVision::Auto),
            "setNightVisionModeConfig",
            json!({"image": {"switch": {"night_vision_mode": "md_night_vision"}}}),
        ),
        (
            image::set_light_frequency(LightFrequency::Hz50),
            "setLightFrequencyInfo",
            json!({"image": {"common": {"light_freq_mode": "50"}}}),
        ),
        (
            motor::turn(turned),
            "motorMove",
            json!({"motor": {"move": {"x_coord": "10", "y_coord": "-10"}}}),
        ),
        (motor::step(step), "relativeMove", json!({"motor": {"movestep": {"direction": "90"}}})),
        (motor::calibrate(), "manualCalibrate", json!({"motor": {"manual_cali": ""}})),
        (
            motor::cruise(Axis::Horizontal),
            "cruiseMove",
            json!({"motor": {"cruise": {"coord": "x"}}}),
        ),
        (motor::stop_cruise(), "cruiseStop", json!({"motor": {"cruise_stop": {}}})),
        (
            motor::patrol(Switch::On),
            "setPatrolStatus",
            json!({"patrol": {"set_patrol_status": {"value": "on"}}}),
        ),
        (
            preset::recall(&preset),
            "motorMoveToPreset",
            json!({"preset": {"goto_preset": {"id": "1"}}}),
        ),
        (
            preset::delete(&preset),
            "deletePreset",
            json!({"preset": {"remove_preset": {"id": ["1"]}}}),
        ),
        (
            tracking::set(Switch::On),
            "setTargetTrackConfig",
            json!({"target_track": {"target_track_info": {"enabled": "on"}}}),
        ),
        (about::reboot(), "rebootDevice", json!({"system": {"reboot": "null"}})),
        (storage::format(), "formatSdCard", json!({"harddisk_manage": {"format_hd": "1"}})),
        (
            storage::set_overwrites(Switch::On),
            "setCircularRecordingConfig",
            json!({"harddisk_manage": {"harddisk": {"loop": "on"}}}),
        ),
        (
            audio::set_speaker(percent(40)),
            "setSpeakerVolume",
            json!({"audio_config": {"speaker": {"volume": "40"}}}),
        ),
        (
            audio::set_microphone(percent(7), Switch::Off),
            "setMicrophoneVolume",
            json!({"audio_config": {"microphone": {"volume": "7", "mute": "off"}}}),
        ),
        (
            audio::set_record(Switch::On),
            "setRecordAudio",
            json!({"audio_config": {"record_audio": {"enabled": "on"}}}),
        ),
        (
            notification::set(Switch::On, Switch::Off),
            "setMsgPushConfig",
            json!({"msg_push": {"chn1_msg_push_info": {
            "notification_enabled": "on", "rich_notification_enabled": "off"}}}),
        ),
        (
            firmware::check(),
            "checkFirmwareVersionByCloud",
            json!({"cloud_config": {"check_fw_version": "null"}}),
        ),
        (
            firmware::set_auto_update(Switch::On),
            "setFirmwareAutoUpgradeConfig",
            json!({"auto_upgrade": {"common": {
            "enabled": "on", "time": "03:00", "random_range": 120}}}),
        ),
        (
            alarm::set(Switch::On, AlarmMode::Both),
            "single",
            json!({"method": "set", "msg_alarm": {"chn1_msg_alarm_info": {
            "alarm_type": "0", "light_type": "0", "enabled": "on", "alarm_mode": ["sound", "light"]}}}),
        ),
        (
            alarm::sound(Switch::On),
            "single",
            json!({"method": "do", "msg_alarm": {"manual_msg_alarm": {"action": "start"}}}),
        ),
        (alarm::sound_hub(Switch::Off), "setSirenStatus", json!({"siren": {"status": "off"}})),
        (
            firmware::update(),
            "single",
            json!({"method": "do", "cloud_config": {"fw_download": "null"}}),
        ),
    ];
    for (call, method, params) in table {
        assert_eq!(sent(&call), (method.to_owned(), params));
    }
}

#[test]
fn detectors_are_set_in_the_scale_that_each_has() {
    let check = |detector, sensitivity, expected: Value| {
        let call = detection::configure(detector, Switch::On, sensitivity).expect("in range");
        assert_eq!(sent(&call).1, expected);
    };
    check(
        Detector::Motion,
        Some(percent(60)),
        json!({"motion_detection": {"motion_det": {
        "enabled": "on", "digital_sensitivity": "60", "sensitivity": "high"}}}),
    );
    check(
        Detector::Person,
        Some(percent(60)),
        json!({"people_detection": {"detection": {
        "enabled": "on", "sensitivity": "60"}}}),
    );
    check(
        Detector::Tamper,
        Some(percent(50)),
        json!({"tamper_detection": {"tamper_det": {
        "enabled": "on", "sensitivity": "medium"}}}),
    );
    check(
        Detector::BabyCry,
        Some(percent(1)),
        json!({"sound_detection": {"bcd": {
        "enabled": "on", "sensitivity": "low"}}}),
    );
    check(
        Detector::LineCrossing,
        None,
        json!({"linecrossing_detection": {"detection": {"enabled": "on"}}}),
    );
}

/// promise: K-02. What is out of range never becomes a request.
#[test]
fn values_out_of_range_are_refused_before_there_is_a_request() {
    assert!(detection::configure(Detector::LineCrossing, Switch::On, Some(percent(5))).is_err());
    assert!(detection::configure(Detector::Package, Switch::On, Some(percent(0))).is_err());
    assert!(Turn::degrees(361, 0).is_err() && Turn::degrees(0, 181).is_err());
    assert!(Turn::degrees(0, 0).is_err());
    assert!(Direction::degrees(360).is_err());
    assert!(PresetId::new("1; x").is_err() && PresetId::new("").is_err());
    assert!(preset::save("").is_err() && preset::save(&"x".repeat(33)).is_err());
    assert!(Day::new(2026, 13, 1).is_err());
    let (early, late) = (UnixSeconds(1), UnixSeconds(2));
    assert!(recording::events(late, early).is_err() && recording::events(early, early).is_err());
    assert!(
        recording::of_day(Day::new(2026, 1, 1).expect("a day"), u32::MAX, SearchId(1)).is_err()
    );
    assert!(clock::set_zone(1_000, "Europe/Berlin").is_err());
    assert!(clock::set_zone(60, "x\"y").is_err());
    assert!(about::set_alias("").is_err() && about::set_alias("a\nb").is_err());
    assert!(alarm::configure_hub("Doorbell Ring 1", 11, 1).is_err());
    assert!(alarm::configure_hub("Doorbell Ring 1", 1, 6_001).is_err());
    assert!(ChildId::new("../x").is_err());
}

#[test]
fn answers_are_read_with_numbers_in_quotes_and_fields_from_the_future() {
    let facts = json!({"device_info": {"basic_info": {
        "device_model": "C210", "device_alias": "Yard", "sw_version": "1.4.7", "hw_version": "1.0",
        "mac": "A8-6E-84-00-00-01", "dev_id": "80", "device_type": "SMART.IPCAMERA", "new": [1],
    }}});
    let facts = answer(&about::facts(), facts).expect("facts");
    assert_eq!((&*facts.model, facts.alias.as_deref()), ("C210", Some("Yard")));

    let motion = json!({"motion_detection": {"motion_det": {
        "enabled": "on", "digital_sensitivity": "60", "sensitivity": "high", "people_enabled": "off"}}});
    let motion = answer(&detection::status(Detector::Motion), motion).expect("a state");
    assert_eq!((motion.enabled, motion.sensitivity), (Switch::On, Some(percent(60))));
    let cry = json!({"sound_detection": {"bcd": {"enabled": "off", "sensitivity": "medium"}}});
    let cry = answer(&detection::status(Detector::BabyCry), cry).expect("a state");
    assert_eq!(cry.sensitivity, Some(percent(50)));

    let presets = json!({"preset": {"preset": {"id": ["1", "2"], "name": ["Door", "Gate"],
        "position_pan": ["0.5", "-0.25"], "position_tilt": ["0"], "read_only": ["0", "1"]}}});
    let presets = answer(&preset::list(), presets).expect("presets");
    assert_eq!((presets[1].pan, presets[1].tilt, presets[1].read_only), (Some(-0.25), None, true));

    let cards = json!({"harddisk_manage": {"hd_info": [{"hd_info_1": {
        "status": "normal", "total_space": "119.1GB", "free_space": "0B", "percent": "100"}}]}});
    let cards = answer(&storage::cards(), cards).expect("cards");
    assert_eq!((cards[0].free_bytes, cards[0].used), (Some(0), Some(percent(100))));

    let clock = json!({"system": {"clock_status": {"seconds_from_1970": 1_790_000_000_u64,
        "local_time": "2026-09-21 16:53:20"}}});
    assert_eq!(answer(&clock::now(), clock).expect("a time").now, UnixSeconds(1_790_000_000));

    let day = Day::new(2026, 11, 22).expect("a day");
    let page = json!({"playback": {"search_video_results": [
        {"search_video_results_1": {"startTime": 10, "endTime": 20, "vedio_type": 2}},
        {"search_video_results_2": {"startTime": "30", "endTime": "40"}}]}});
    let call = recording::of_day(day, 0, SearchId(1)).expect("in range");
    let page = answer(&call, page).expect("recordings");
    assert_eq!((page[1].start, page[1].end), (UnixSeconds(30), UnixSeconds(40)));
    let days =
        json!({"playback": {"search_results": [{"search_results_1": {"date": "20261122"}}]}});
    assert_eq!(answer(&recording::days(day, day).expect("in range"), days), Ok(vec![day]));
    let events = json!({"playback": {"search_detection_list": [
        {"start_time": 5, "end_time": 6, "alarm_type": 2}]}});
    let call = recording::events(UnixSeconds(1), UnixSeconds(9)).expect("in range");
    assert_eq!(answer(&call, events).expect("events")[0].kind, Some(2));
}

/// promise: K-03. An answer of another shape is a typed error that names the command's device.
#[test]
fn malformed_answers_are_errors() {
    let no_state = json!({"lens_mask": {"lens_mask_info": {"enabled": "perhaps"}}});
    assert!(matches!(answer(&privacy::status(), no_state), Err(AnswerError::Malformed(_))));
    assert!(matches!(answer(&privacy::status(), json!({})), Err(AnswerError::Malformed(_))));
    let uneven = json!({"preset": {"preset": {"id": ["1", "2"], "name": ["Door"]}}});
    assert!(matches!(answer(&preset::list(), uneven), Err(AnswerError::Malformed(_))));
    let call = privacy::set(Switch::On);
    for strange in [
        json!({}),
        json!({"error_code": 0}),
        json!({"error_code": 0, "result": {"responses": []}}),
        json!({"error_code": 0, "result": {"responses": [{"method": "other", "error_code": 0}]}}),
        json!({"error_code": "0", "result": {}}),
        json!({"error_code": 0, "result": {"responses": [
            {"method": "setLensMaskConfig", "error_code": "none"}]}}),
    ] {
        assert!(matches!(call.read(&strange), Err(AnswerError::Malformed(_))), "{strange}");
    }
}

/// promise: K-06. A command that the camera did not acknowledge is no success.
#[test]
fn a_refusal_carries_the_camera_s_code() {
    let call = motor::calibrate();
    let busy = json!({"error_code": 0, "result": {"responses": [
        {"method": "manualCalibrate", "error_code": -64303}]}});
    let refused =
        Err(AnswerError::Refused { method: "manualCalibrate".into(), code: Code(-64303) });
    assert_eq!(call.read(&busy), refused);
    let outer = call.read(&json!({"error_code": -40106}));
    assert!(outer.is_err_and(|error| error.is_unsupported()));
}

#[test]
fn a_child_s_answer_is_found_inside_the_hub_s() {
    let child = ChildId::new("802D").expect("an identity");
    let call = led::set(Switch::On).to_child(&child);
    let (_, json) = sent(&call);
    let control = &json["params"]["requests"][0];
    assert_eq!(control["method"], "controlChild");
    assert_eq!(control["params"]["childControl"]["device_id"], "802D");
    let inner = &control["params"]["childControl"]["request_data"];
    assert_eq!(inner["params"]["requests"][0]["method"], "setLedStatus");
    let answer = |code: i32| {
        let inner =
            json!({"result": {"responses": [{"method": "setLedStatus", "error_code": code}]}});
        json!({"error_code": 0, "result": {"responses": [
            {"method": "controlChild", "error_code": 0, "result": {"response_data": inner}}]}})
    };
    assert_eq!(call.read(&answer(0)), Ok(()));
    assert!(call.read(&answer(-40106)).is_err());
}

#[test]
fn a_batch_takes_a_few_reads_and_nothing_else() {
    let calls = [about::facts().request().clone(), led::status().request().clone()];
    let json = batch(&calls).expect("a batch");
    assert_eq!(json["params"]["requests"].as_array().map(Vec::len), Some(2));
    assert!(batch([alarm::sound(Switch::On).request()]).is_err());
    assert!(batch(std::iter::repeat_n(&calls[0], ENTRIES_MAX + 1)).is_err());
    assert!(batch([]).is_err());
}

proptest::proptest! {
    /// promise: K-03. Whatever JSON comes in the place of a result, reading it never panics.
    #[test]
    fn arbitrary_results_never_panic(text: String, number: f64) {
        for value in [json!(text), json!(number), json!([text]), json!({text.clone(): number})] {
            for section in ["lens_mask", "preset", "playback", "harddisk_manage", "device_info"] {
                let result = json!({section: {section: value, "preset": value, "hd_info": value,
                    "basic_info": value, "lens_mask_info": value, "search_detection_list": value}});
                answer(&privacy::status(), result.clone()).ok();
                answer(&preset::list(), result.clone()).ok();
                answer(&storage::cards(), result.clone()).ok();
                answer(&about::facts(), result.clone()).ok();
                let events = recording::events(UnixSeconds(1), UnixSeconds(2)).expect("in range");
                answer(&events, result).ok();
            }
        }
    }
}
