//! Every command, obeyed.

use hearth_kasa::*;
use hearth_sim::KasaProtocol;

use crate::start;

const BOTH: [KasaProtocol; 2] = [KasaProtocol::Linkie, KasaProtocol::Linkie2];

/// promise: K-08. Every switch is set and read back, in both protocols.
#[tokio::test]
async fn every_switch_is_set_and_read_back() {
    for protocol in BOTH {
        let (_simulated, camera) = start(protocol).await;
        for switch in Switch::ALL.iter().copied() {
            for on in [true, false] {
                camera.send(&SetSwitch { switch, on }).await.expect("obeyed");
                assert_eq!(camera.send(&ReadSwitch(switch)).await, Ok(on), "{switch:?}");
            }
        }
    }
}

/// promise: K-08. Every other setting is set and read back.
#[tokio::test]
async fn every_setting_is_set_and_read_back() {
    let (_simulated, camera) = start(KasaProtocol::Linkie).await;
    for detector in [Detector::Motion, Detector::Sound] {
        for sensitivity in Sensitivity::ALL.iter().copied() {
            camera.send(&SetSensitivity { detector, sensitivity }).await.expect("obeyed");
            assert_eq!(camera.send(&ReadSensitivity(detector)).await, Ok(sensitivity));
        }
    }
    let trigger = TriggerTime::new(1500, 2500).expect("in range");
    camera.send(&SetTriggerTime(trigger)).await.expect("obeyed");
    assert_eq!(camera.send(&ReadTriggerTime).await, Ok(trigger));
    for resolution in Resolution::ALL.iter().copied() {
        camera.send(&SetResolution(resolution)).await.expect("obeyed");
        assert_eq!(camera.send(&ReadResolution).await, Ok(resolution));
    }
    for rotation in [Rotation::UpsideDown, Rotation::Upright] {
        camera.send(&SetRotation(rotation)).await.expect("obeyed");
        assert_eq!(camera.send(&ReadRotation).await, Ok(rotation));
    }
    for mode in NightVision::ALL.iter().copied() {
        camera.send(&SetNightVision(mode)).await.expect("obeyed");
        assert_eq!(camera.send(&ReadNightVision).await, Ok(mode));
    }
    let time = ClockTime::from_epoch_seconds(1_800_000_000).expect("in range");
    camera.send(&SetClock(time)).await.expect("obeyed");
    assert_eq!(camera.send(&ReadClock).await, Ok(time));
    let zone = TimeZone::new("UTC-05:00", "America/New_York").expect("a zone");
    camera.send(&SetTimeZone(zone.clone())).await.expect("obeyed");
    assert_eq!(camera.send(&ReadTimeZone).await, Ok(zone));
    let status = camera.send(&ReadClockStatus).await.expect("an answer");
    assert_eq!(status.epoch_seconds, 1_800_000_000);
    assert_eq!(status.area.as_deref(), Some("America/New_York"));
    camera.send(&FormatCard).await.expect("obeyed");
    assert_eq!(camera.send(&ReadCard).await.expect("an answer").state, "formatting");
}

/// promise: K-08. Every action is done.
#[tokio::test]
async fn every_action_is_done() {
    let (_simulated, camera) = start(KasaProtocol::Linkie).await;
    for direction in Direction::ALL.iter().copied() {
        let speed = Speed::new(10).expect("in range");
        camera.send(&Move { direction, speed }).await.expect("obeyed");
    }
    camera.send(&Stop).await.expect("obeyed");
    let position = Position { x: -120, y: 45 };
    camera.send(&GoToPosition(position)).await.expect("obeyed");
    assert_eq!(camera.send(&ReadPosition).await, Ok(position));
    camera.send(&GoToPreset(PresetIndex::new(1).expect("in range"))).await.expect("obeyed");
    assert_eq!(camera.send(&ReadPosition).await, Ok(Position { x: -30, y: 5 }));
    let none = camera.send(&GoToPreset(PresetIndex::new(4).expect("in range"))).await;
    let command = "ptz.set_run_to_preset".to_owned();
    assert_eq!(none, Err(Error::Refused { command, code: -3 }));
    let snapshot = camera.send(&TakeSnapshot).await.expect("an answer");
    assert_eq!(snapshot.link.as_deref(), Some("https://127.0.0.1/simulated.jpg"));
    let span = TimeSpan::from_epoch_seconds(1_699_999_000, 1_700_001_000).expect("in range");
    let seen = camera.send(&ReadDetections(span)).await.expect("an answer").0;
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].0["type"], "motion");
}

/// promise: K-08. Every status is read; the place of the house is not taken along.
#[tokio::test]
async fn every_status_is_read() {
    for protocol in BOTH {
        let (_simulated, camera) = start(protocol).await;
        let info = camera.send(&ReadInfo).await.expect("an answer");
        assert_eq!(info.alias, "Simulated camera");
        assert_eq!((info.is_on, info.rssi_dbm), (Some(false), Some(-45)));
        let shown = serde_json::to_string(&info).expect("JSON");
        assert!(!shown.contains("latitude"), "{shown}");
        let card = camera.send(&ReadCard).await.expect("an answer");
        assert_eq!((card.state.as_str(), &card.details.0["total"]), ("normal", &31_000.into()));
        assert_eq!(camera.send(&ReadCardEncryption).await.expect("an answer").0["enc"], "off");
        assert_eq!(camera.send(&ReadCloud).await.expect("an answer").0["bind_status"], 1);
        let presets = camera.send(&ReadPresets).await.expect("an answer").0;
        assert_eq!(presets[1].name.as_deref(), Some("Window"));
        assert_eq!(presets[1].index, Some(1));
        let player = PlayerId::new("abc123").expect("plain");
        assert_eq!(camera.send(&ReadPlayback(player)).await.expect("an answer").0["value"], "off");
    }
}

#[test]
fn an_address_is_a_host_and_a_port() {
    for host in ["192.168.1.20", "camera.local", "fd00::1"] {
        assert!(CameraAddress::new(host, LINKIE_PORT).is_ok(), "{host}");
    }
    for host in ["", "a b", "a/b", "user@host", "host:1", "[::1]", &"a".repeat(254)] {
        assert!(CameraAddress::new(host, LINKIE_PORT).is_err(), "{host}");
    }
    assert!(CameraAddress::new("camera.local", 0).is_err());
    assert_eq!(CameraAddress::new("fd00::1", 1).expect("v6").to_string(), "[fd00::1]:1");
}
