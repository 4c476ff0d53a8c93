//! Each family: what its devices can do is found out, and what is set is really set.

use std::{sync::Arc, time::Duration};

use hearth_device::{
    ControlValue, DeviceError, DeviceState, Family, Supervised, TransportKind, Unit, Weakness,
};
use hearth_media::{
    g711::Law,
    speech::{Speech, packets},
};
use hearth_sim::{
    KasaProtocol, Netatmo, OnvifAccess, OnvifDevice, OnvifSpec,
    tapo::{
        KasaPlug, PlugLogin, TapoCamera, TapoCameraSpec, TapoGeneration, TapoMedia, TapoMediaSpec,
        TapoPlugSpec,
    },
};
use hearth_tapo::media::AlawMuxer;
use serde_json::json;
use tokio::time::{sleep, timeout};

use super::{
    PASSWORD, account, kasa_camera, keep, netatmo, onvif, setup, tapo_camera, tapo_plug,
    until_state,
};

fn on() -> ControlValue {
    ControlValue::Switch(true)
}

/// promise: T-12, K-08. Lens and light of a camera are switched through the one interface, over
/// every login.
#[tokio::test]
async fn a_tapo_camera_closes_its_lens_over_every_login() {
    for generation in [
        TapoGeneration::Legacy,
        TapoGeneration::SecureMd5,
        TapoGeneration::SecureSha256,
        TapoGeneration::Tpap,
    ] {
        let spec = TapoCameraSpec::new(generation, PASSWORD);
        let camera = TapoCamera::start(spec).await.expect("it starts");
        let address = format!("127.0.0.1:{}", camera.port());
        let device = keep(setup(Family::TapoCamera, &address, account("admin", PASSWORD)));
        let standing = until_state(&device, DeviceState::Answering).await;
        let privacy = standing.control("privacy").expect("it has a lens");
        assert_eq!(privacy.value, Some(ControlValue::Switch(false)));
        assert!(privacy.as_of.is_some());
        device.set("privacy", on()).await.expect("acknowledged");
        assert_eq!(camera.setting("lens_mask", "lens_mask_info"), json!({"enabled": "on"}));
        let standing = device.standing();
        assert_eq!(standing.control("privacy").and_then(|one| one.value.clone()), Some(on()));
        let protection = standing.look.expect("it answered").protection;
        assert_eq!(protection.is_insecure, generation == TapoGeneration::Legacy, "{generation:?}");
        let shown = protection.fingerprint.expect("it has a certificate").to_string();
        assert_eq!(shown, camera.certificate_sha256());
        // Behind a closed lens nothing moves.
        device.set("privacy", ControlValue::Switch(false)).await.expect("acknowledged");
        device.act("move", json!({"pan": 10})).await.expect("acknowledged");
        assert!(camera.commands().contains(&"motorMove".to_owned()), "{:?}", camera.commands());
        device.stop().await;
    }
}

/// A Tapo camera with its own stream beside it.
async fn speaker(sha256: bool, media_password: &str) -> (TapoCamera, TapoMedia, Supervised) {
    let password = media_password.into();
    let media = TapoMediaSpec { password, sha256, encrypts: true, parts: Vec::new() };
    let media = TapoMedia::start(media).await.expect("it starts");
    let mut spec = TapoCameraSpec::new(TapoGeneration::SecureSha256, PASSWORD);
    spec.media_port = media.port();
    let camera = TapoCamera::start(spec).await.expect("it starts");
    let address = format!("127.0.0.1:{}", camera.port());
    let device = keep(setup(Family::TapoCamera, &address, account("admin", PASSWORD)));
    (camera, media, device)
}

#[tokio::test]
async fn a_tapo_camera_is_spoken_to_by_its_own_protocol() {
    let (_camera, media, device) = speaker(true, PASSWORD).await;
    let speech = Speech::from_codes((0..1_000_u32).map(|at| at as u8).collect()).expect("short");
    let loudspeaker = device.open_loudspeaker().await.expect("it has one");
    loudspeaker.speak(&mut speech.voice()).await.expect("said");
    let (mut voice, mut transport) = (speech.voice(), AlawMuxer::new());
    let said = packets(&mut voice, Law::A).flat_map(|codes| transport.packets(&codes));
    let said: Vec<u8> = said.collect();
    let heard = async {
        while media.talk().len() < said.len() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(10), heard).await.expect("all of it comes");
    assert_eq!(media.talk(), said);
    assert_eq!(media.requests()[0]["params"]["talk"]["mode"], "aec");
    let plug = tapo_plug(TapoPlugSpec::new(PlugLogin::KlapV2, "me@example.com", PASSWORD)).await;
    let refused = keep(plug.1).open_loudspeaker().await.err();
    assert_eq!(refused, Some(DeviceError::Unsupported), "a plug has none");
}

/// promise: N-06, T-04. A password that is refused where it is spoken is tried once, a weaker proof than
/// that of the control side is never sent, and the camera is looked after all the same.
#[tokio::test]
async fn a_loudspeaker_that_refuses_the_password_is_asked_once() {
    for (sha256, media_password) in [(true, "another"), (false, PASSWORD)] {
        let (_camera, media, device) = speaker(sha256, media_password).await;
        for _ in 0..2 {
            let refused = device.open_loudspeaker().await.err();
            assert_eq!(refused, Some(DeviceError::WrongPassword), "{sha256}");
        }
        assert_eq!(media.logins(), 1, "{sha256}");
        until_state(&device, DeviceState::Answering).await;
        device.stop().await;
    }
}

/// promise: T-07, K-04, K-08. Plugs of every protocol switch and measure, each is asked by the
/// strongest it knows, and what is weak is said.
#[tokio::test]
async fn plugs_of_every_protocol_switch_and_measure() {
    let rows = [
        (PlugLogin::KlapV2, false, TransportKind::Klap, None),
        (PlugLogin::PassThroughSha1, false, TransportKind::Aes, Some(Weakness::WeakEncryption)),
        (PlugLogin::KlapV1, true, TransportKind::Klap, Some(Weakness::LegacyMd5)),
    ];
    for (login, speaks_iot, transport, weakness) in rows {
        let spec = TapoPlugSpec::new(login, "me@example.com", PASSWORD);
        let (plug, setup) = tapo_plug(TapoPlugSpec { speaks_iot, ..spec }).await;
        let device = keep(setup);
        let standing = until_state(&device, DeviceState::Answering).await;
        let look = standing.look.expect("it answered");
        assert_eq!((look.protection.transport, look.protection.weakness), (transport, weakness));
        assert_eq!(look.protection.is_insecure, transport == TransportKind::Aes, "{login:?}");
        let units: Vec<Unit> = look.readings.iter().map(|reading| reading.unit).collect();
        assert!(units.contains(&Unit::Watt) && units.contains(&Unit::WattHour), "{units:?}");
        for value in [false, true] {
            device.set("power", ControlValue::Switch(value)).await.expect("acknowledged");
            assert_eq!(plug.is_on(), value, "{login:?}");
        }
        device.stop().await;
    }
}

/// promise: T-07, K-04. A plug without any login is shown as what it is.
#[tokio::test]
async fn an_old_kasa_plug_is_controlled_and_called_insecure() {
    let plug = KasaPlug::start().await.expect("it starts");
    let device = keep(setup(Family::KasaPlug, &format!("127.0.0.1:{}", plug.port()), None));
    let standing = until_state(&device, DeviceState::Answering).await;
    let protection = standing.look.expect("it answered").protection;
    assert_eq!(protection.transport, TransportKind::Xor);
    assert!(protection.is_insecure);
    assert_eq!(protection.weakness, Some(Weakness::Xor));
    let now = plug.is_on();
    device.set("power", ControlValue::Switch(!now)).await.expect("acknowledged");
    assert_eq!(plug.is_on(), !now);
}

/// promise: T-12, K-04, K-08. A Kasa camera closes its lens, with either protocol.
#[tokio::test]
async fn a_kasa_camera_closes_its_lens() {
    for (protocol, is_insecure) in [(KasaProtocol::Linkie, false), (KasaProtocol::Linkie2, true)] {
        let (camera, setup) = kasa_camera(protocol).await;
        let device = keep(setup);
        let standing = until_state(&device, DeviceState::Answering).await;
        let protection = standing.look.clone().expect("it answered").protection;
        assert_eq!(protection.is_insecure, is_insecure);
        assert!(protection.weakness.is_some());
        device.set("privacy", on()).await.expect("acknowledged");
        let asked = camera.asked();
        let set = asked.iter().rev().find(|asked| asked.to_string().contains("set_is_enable"));
        assert!(set.is_some_and(|set| set.to_string().contains("\"off\"")), "{set:?}");
        device.stop().await;
    }
}

/// promise: T-07, K-08. An ONVIF camera is asked encrypted if it can, and moved and adjusted within
/// what it says it can do.
#[tokio::test]
async fn an_onvif_camera_is_adjusted_and_moved() {
    for encrypted in [true, false] {
        let mut spec = OnvifSpec::new("yard");
        (spec.encrypted, spec.access) = (encrypted, OnvifAccess::DigestSha256);
        let (username, password) = (spec.username.clone(), spec.password.clone());
        let camera = OnvifDevice::start(spec).await.expect("it starts");
        let device = keep(onvif(&camera, &username, &password));
        let standing = until_state(&device, DeviceState::Answering).await;
        let protection = standing.look.clone().expect("it answered").protection;
        assert_eq!(protection.is_insecure, !encrypted);
        let shown = protection.fingerprint.map(|shown| shown.to_string());
        assert_eq!(shown, camera.certificate_sha256());
        device.set("brightness", ControlValue::Number(70.0)).await.expect("acknowledged");
        device.set("night_mode", ControlValue::Word("on".to_owned())).await.expect("acknowledged");
        let before = camera.position();
        device.act("move", json!({"pan": 0.1})).await.expect("acknowledged");
        assert_ne!(camera.position(), before);
        let refused = device.set("brightness", ControlValue::Number(101.0)).await;
        assert!(matches!(refused, Err(DeviceError::OutOfRange(_))), "{refused:?}");
        device.stop().await;
    }
}

/// promise: N-07, N-08. Rooms of one account share one sign-in, and a temperature that no room has
/// is not sent.
#[tokio::test]
async fn rooms_of_one_account_share_one_sign_in() {
    let cloud = Netatmo::start().await.expect("it starts");
    let kitchen = keep(netatmo(&cloud, "kitchen"));
    let bedroom = keep(netatmo(&cloud, "1234567890"));
    let standing = until_state(&kitchen, DeviceState::Answering).await;
    until_state(&bedroom, DeviceState::Answering).await;
    assert_eq!(cloud.counts().passwords, 1);
    let look = standing.look.expect("it answered");
    assert_eq!((look.readings[0].key.as_ref(), look.readings[0].value), ("temperature", 20.4));
    let refused = kitchen.set("true_temperature", ControlValue::Number(400.0)).await;
    assert!(matches!(refused, Err(DeviceError::OutOfRange(_))), "{refused:?}");
    kitchen.set("true_temperature", ControlValue::Number(21.0)).await.expect("acknowledged");
    assert_eq!(cloud.corrections(), [("2255031728".to_owned(), 20.4, 21.0)]);
}

#[tokio::test]
async fn a_room_that_could_be_two_is_not_guessed() {
    let cloud = Netatmo::start().await.expect("it starts");
    let device = keep(netatmo(&cloud, "bedroom"));
    let standing = until_state(&device, DeviceState::Unsupported).await;
    let text = standing.failure.expect("a reason").to_string();
    assert!(text.contains("Bedroom (1234567890)") && text.contains("3000000003"), "{text}");
}

/// promise: K-02. What is out of range never reaches the device.
#[tokio::test]
async fn a_value_out_of_range_is_never_sent() {
    let (camera, setup) = tapo_camera().await;
    let device = keep(setup);
    until_state(&device, DeviceState::Answering).await;
    for value in [ControlValue::Number(7.0), ControlValue::Word("on".to_owned())] {
        let refused = device.set("privacy", value).await;
        assert!(matches!(refused, Err(DeviceError::OutOfRange(_))), "{refused:?}");
    }
    let refused = device.act("move", json!({"pan": 100_000})).await;
    assert!(matches!(refused, Err(DeviceError::OutOfRange(_))), "{refused:?}");
    for key in ["format", "", "reboot\"", "lens_mask"] {
        assert_eq!(device.set(key, on()).await, Err(DeviceError::NoSuchControl));
    }
    let sent = camera.commands();
    assert!(sent.iter().all(|one| one.starts_with("get")), "{sent:?}");
}

/// promise: N-07, N-11. A part of a weather station says what it measured and when; one that was tried
/// is added with the same grant, which is kept, and good after a restart.
#[tokio::test]
async fn a_weather_station_keeps_its_grant() {
    let cloud = Netatmo::start().await.expect("it starts");
    let told = cloud.describe();
    let secrets = format!("{} {}", told.client_secret, told.refresh_token);
    let address = format!("127.0.0.1:{}/garden", told.port);
    let mut setup = setup(Family::NetatmoWeather, &address, account(&told.client_id, &secrets));
    hearth_device::probe(&setup, Duration::from_secs(20)).await.expect("it answers");
    let keepsake = Arc::new(Pocket::default());
    setup.keepsake = Some(Arc::clone(&keepsake) as _);
    let device = keep(setup);
    let standing = until_state(&device, DeviceState::Answering).await;
    let readings = standing.look.expect("a look").readings;
    let temperature = readings.iter().find(|one| one.key == "temperature").expect("measured");
    assert_eq!(temperature.value, -2.5);
    assert!(temperature.as_of < standing.answered_at, "measured before it was asked for");
    assert_eq!(cloud.counts().refreshes, 1, "a token is good once");
    let kept = keepsake.0.lock().expect("sound").clone().expect("kept");
    assert!(kept.expose().contains("simulated|refresh-1"));
    device.stop().await;
}

/// A keepsake in memory.
#[derive(Debug, Default)]
struct Pocket(std::sync::Mutex<Option<hearth_secret::SecretString>>);

impl hearth_device::Keepsake for Pocket {
    fn read(&self) -> Option<hearth_secret::SecretString> {
        self.0.lock().expect("sound").clone()
    }

    fn write(&self, secret: &hearth_secret::SecretString) -> std::io::Result<()> {
        *self.0.lock().expect("sound") = Some(secret.clone());
        Ok(())
    }
}
