//! Everything that can be asked of a camera, over every login.

use std::sync::Arc;

use hearth_sim::tapo::TapoGeneration;
use hearth_tapo::{
    Login, Percent, Switch, TlsKind, UnixSeconds,
    camera::{
        about,
        alarm::{self, AlarmMode},
        audio, clock,
        detection::{self, Detector},
        firmware, hub,
        image::{self, Flip, NightVision},
        led,
        motor::{self, Axis, Direction, Turn},
        notification, preset, privacy,
        recording::{self, Day},
        storage, tracking,
    },
    client::{CameraClient, MemoryTrust, TrustStore as _},
};
use serde_json::json;

use super::{GENERATIONS, camera, client_of, client_with};

/// promise: T-12. Privacy mode and the light are set, read back, and really set in the camera.
#[tokio::test]
async fn privacy_and_light_are_switched_over_every_login() {
    for generation in GENERATIONS {
        let camera = camera(generation).await;
        let client = client_of(&camera);
        for switch in [Switch::On, Switch::Off] {
            client.call(&privacy::set(switch)).await.expect("privacy");
            client.call(&led::set(switch)).await.expect("the light");
            let privacy = client.call(&privacy::status()).await.expect("privacy");
            let led = client.call(&led::status()).await.expect("the light");
            assert_eq!((privacy.enabled, led.enabled), (switch, switch), "{generation:?}");
            let word = if switch.is_on() { "on" } else { "off" };
            assert_eq!(camera.setting("lens_mask", "lens_mask_info"), json!({"enabled": word}));
        }
    }
}

/// promise: T-04. The strongest login that a camera offers is taken, and remembered.
#[tokio::test]
async fn the_strongest_login_on_offer_is_taken() {
    let logins = [Login::Md5Token, Login::SecureMd5, Login::SecureSha256, Login::Tpap];
    for (generation, login) in GENERATIONS.into_iter().zip(logins) {
        let camera = camera(generation).await;
        let trust = Arc::new(MemoryTrust::default());
        let client = client_with(&camera, &trust);
        let facts = client.call(&about::facts()).await.expect("facts");
        assert_eq!((&*facts.model, facts.alias.as_deref()), ("C210", Some("Simulated yard")));
        let security = client.security().expect("a login");
        assert_eq!((security.login, security.tls), (login, TlsKind::ForwardSecret));
        let known = trust.known("yard");
        assert_eq!(known.login, Some(login));
        let fingerprint = known.certificate.expect("a pin").to_string();
        let fingerprint = fingerprint.replace(':', "").to_lowercase();
        assert_eq!(fingerprint, camera.certificate_sha256());
    }
}

async fn detectors(client: &CameraClient) {
    for detector in Detector::ALL {
        let sensitivity =
            (detector != Detector::LineCrossing).then(|| Percent::new(80).expect("a percentage"));
        let set = detection::configure(detector, Switch::On, sensitivity).expect("in range");
        client.call(&set).await.expect("acknowledged");
        let now = client.call(&detection::status(detector)).await.expect("a state");
        assert_eq!(now.enabled, Switch::On, "{detector:?}");
        assert_eq!(
            now.sensitivity.map(Percent::get),
            sensitivity.map(Percent::get),
            "{detector:?}"
        );
    }
}

async fn motor(client: &CameraClient) {
    client.call(&motor::capability()).await.expect("a motor");
    client.call(&motor::turn(Turn::degrees(10, -10).expect("in range"))).await.expect("a turn");
    client.call(&motor::step(Direction::degrees(180).expect("in range"))).await.expect("a step");
    client.call(&motor::calibrate()).await.expect("calibration");
    client.call(&motor::cruise(Axis::Vertical)).await.expect("a cruise");
    client.call(&motor::stop_cruise()).await.expect("its end");
    client.call(&motor::patrol(Switch::On)).await.expect("a patrol");
    client.call(&preset::save("Gate").expect("a name")).await.expect("a preset");
    let presets = client.call(&preset::list()).await.expect("presets");
    let gate = presets.iter().find(|preset| preset.name == "Gate").expect("the new one");
    client.call(&preset::recall(&gate.id)).await.expect("a move");
    client.call(&preset::delete(&gate.id)).await.expect("a deletion");
    assert_eq!(client.call(&preset::list()).await.expect("presets").len(), presets.len() - 1);
    assert!(client.call(&preset::recall(&gate.id)).await.is_err(), "it is gone");
    client.call(&tracking::set(Switch::On)).await.expect("tracking");
    assert_eq!(client.call(&tracking::status()).await.expect("tracking").enabled, Switch::On);
}

async fn picture_and_sound(client: &CameraClient) {
    client.call(&image::set_night_vision(NightVision::Day)).await.expect("day");
    assert_eq!(client.call(&image::night_vision()).await, Ok(NightVision::Day));
    client.call(&image::set_flip(Flip::UpsideDown)).await.expect("a flip");
    assert_eq!(client.call(&image::flip()).await, Ok(Flip::UpsideDown));
    client.call(&image::set_lens_correction(Switch::On)).await.expect("a correction");
    assert_eq!(client.call(&image::lens_correction()).await, Ok(Switch::On));
    client.call(&audio::set_speaker(Percent::new(30).expect("in range"))).await.expect("a volume");
    let audio = client.call(&audio::status()).await.expect("volumes");
    assert_eq!(audio.speaker.map(|speaker| speaker.volume.get()), Some(30));
    client.call(&alarm::set(Switch::On, AlarmMode::Sound)).await.expect("an alarm");
    assert_eq!(client.call(&alarm::status()).await.expect("an alarm").modes, ["sound"]);
    client.call(&alarm::sound(Switch::On)).await.expect("noise");
    client.call(&alarm::sound(Switch::Off)).await.expect("silence");
    client.call(&notification::set(Switch::Off, Switch::Off)).await.expect("silence");
    assert_eq!(client.call(&notification::status()).await.expect("a state").enabled, Switch::Off);
}

async fn storage_and_recordings(client: &CameraClient) {
    let cards = client.call(&storage::cards()).await.expect("cards");
    assert_eq!(cards[0].total_bytes, Some(127_865_454_592));
    assert_eq!(client.call(&storage::overwrites()).await, Ok(Switch::On));
    let day = |number| Day::new(2026, 11, number).expect("a day");
    let days = client.call(&recording::days(day(1), day(30)).expect("a range")).await;
    assert_eq!(days, Ok(vec![day(21), day(22)]));
    let id = client.call(&recording::search_id()).await.expect("an identity");
    let found = client.call(&recording::of_day(day(22), 0, id).expect("a page")).await;
    assert_eq!(found.expect("recordings").len(), 2);
    let range = (UnixSeconds(1_795_305_000), UnixSeconds(1_795_306_000));
    let events = client.call(&recording::events(range.0, range.1).expect("a range")).await;
    assert_eq!(events.expect("events").len(), 1);
    client.call(&recording::plan()).await.expect("a plan");
    client.call(&storage::format()).await.expect("an empty card");
}

async fn house_keeping(client: &CameraClient) {
    assert!(client.call(&about::components()).await.expect("components").len() > 5);
    assert_eq!(client.call(&about::connection()).await.expect("a link").signal_dbm, Some(-58));
    assert_eq!(client.call(&clock::now()).await.expect("a time").now, UnixSeconds(1_790_000_000));
    client.call(&clock::set_zone(-330, "America/St_Johns").expect("a zone")).await.expect("a zone");
    assert_eq!(client.call(&clock::zone()).await.expect("a zone").offset, "UTC-05:30");
    client.call(&about::set_alias("Front").expect("a name")).await.expect("a name");
    assert_eq!(client.call(&about::facts()).await.expect("facts").alias.as_deref(), Some("Front"));
    assert_eq!(client.call(&firmware::state()).await.expect("a state").state, "normal");
    client.call(&firmware::check()).await.expect("a look");
    client.call(&firmware::set_auto_update(Switch::On)).await.expect("acknowledged");
    assert_eq!(client.call(&firmware::auto_update()).await.expect("a state").enabled, Switch::On);
    client.call(&about::reboot_plan()).await.expect("a plan");
    client.call(&about::reboot()).await.expect("acknowledged");
}

/// promise: K-08. Every command runs against a simulator that checks what it is sent.
#[tokio::test]
async fn every_command_is_carried_out() {
    for generation in [TapoGeneration::Legacy, TapoGeneration::SecureSha256] {
        let camera = camera(generation).await;
        let client = client_of(&camera);
        detectors(&client).await;
        motor(&client).await;
        picture_and_sound(&client).await;
        storage_and_recordings(&client).await;
        house_keeping(&client).await;
        client.call(&firmware::update()).await.expect("acknowledged");
        client.call(&about::module_spec()).await.expect("a specification");
    }
}

#[tokio::test]
async fn devices_behind_a_hub_are_listed_and_commanded() {
    let hub = camera(TapoGeneration::SecureSha256).await;
    let client = client_of(&hub);
    let children = client.call(&hub::children(0)).await.expect("children");
    let child = &children.page[0];
    assert_eq!((children.total, child.alias.as_deref()), (1, Some("Gate")));
    client.call(&privacy::set(Switch::On).to_child(&child.id)).await.expect("acknowledged");
    let stranger = hub::ChildId::new("nobody").expect("an identity");
    assert!(client.call(&privacy::set(Switch::On).to_child(&stranger)).await.is_err());
    client.call(&alarm::sound_hub(Switch::On)).await.expect("noise");
    assert_eq!(client.call(&alarm::hub_siren()).await.expect("a siren").status, Switch::On);
    let tones = client.call(&alarm::hub_tones()).await.expect("tones");
    let set = alarm::configure_hub(&tones[0], 10, 6_000).expect("in range");
    client.call(&set).await.expect("acknowledged");
}

#[tokio::test]
async fn a_batch_is_answered_part_by_part() {
    let camera = camera(TapoGeneration::SecureSha256).await;
    let client = client_of(&camera);
    let (facts, led) = (about::facts(), led::status());
    let answer = client.batch(&[facts.request(), led.request()]).await.expect("an answer");
    assert_eq!(facts.read(&answer).expect("facts").model, "C210");
    assert_eq!(led.read(&answer).expect("a light").enabled, Switch::On);
}

#[tokio::test]
async fn one_session_and_one_connection_serve_many_calls() {
    let camera = camera(TapoGeneration::SecureSha256).await;
    let client = Arc::new(client_of(&camera));
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let client = Arc::clone(&client);
        calls.spawn(async move { client.call(&about::facts()).await });
    }
    while let Some(result) = calls.join_next().await {
        result.expect("no panic").expect("facts");
    }
    assert_eq!(camera.login_posts(), 2);
}
