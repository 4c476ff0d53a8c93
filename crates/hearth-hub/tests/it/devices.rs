//! Devices from adding to removing: names, passwords, certificates, restarts.

use std::fs;

use hearth_auth::{Principal, ask};
use hearth_hub::{
    ControlValue, DeviceName, DevicePatch, DeviceView, EnergyStep, Family, FeedItem, Hub,
    IncidentQuery, NewDevice, Outcome, Tariff,
};
use hearth_model::{DeviceId, EventBody};
use hearth_sim::tapo::{
    PlugLogin, TapoCamera, TapoCameraSpec, TapoFault, TapoGeneration, TapoMedia, TapoMediaSpec,
    TapoPlug, TapoPlugSpec,
};
use serde_json::{Value, json};

use crate::{
    home::{HOUR, Home, files_below},
    watching::{about_now, allowed, fact, poll},
};

const PASSWORD: &str = "Pl4nted-device-secret";

async fn plug() -> TapoPlug {
    let spec = TapoPlugSpec::new(PlugLogin::KlapV2, "me@example.com", PASSWORD);
    TapoPlug::start(spec).await.expect("it starts")
}

pub(crate) async fn lens() -> TapoCamera {
    let spec = TapoCameraSpec::new(TapoGeneration::SecureSha256, PASSWORD);
    TapoCamera::start(spec).await.expect("it starts")
}

/// One with a loudspeaker.
pub(crate) async fn speaking_lens() -> (TapoCamera, TapoMedia) {
    let password = PASSWORD.into();
    let media = TapoMediaSpec { password, sha256: true, encrypts: true, parts: Vec::new() };
    let media = TapoMedia::start(media).await.expect("it starts");
    let mut spec = TapoCameraSpec::new(TapoGeneration::SecureSha256, PASSWORD);
    spec.media_port = media.port();
    (TapoCamera::start(spec).await.expect("it starts"), media)
}

pub(crate) fn new_device(name: &str, family: Family, port: u16) -> NewDevice {
    let username = if family == Family::TapoPlug { "me@example.com" } else { "admin" };
    NewDevice {
        name: DeviceName::new(name).expect("a name"),
        room: DeviceName::new("Hall"),
        family,
        address: format!("127.0.0.1:{port}").parse().expect("an address"),
        account: Some((username.to_owned(), PASSWORD.into())),
        camera: None,
        fingerprint: None,
    }
}

pub(crate) async fn add(hub: &Hub, new: NewDevice) -> DeviceView {
    hub.add_device(allowed(hub), new).await.expect("added")
}

fn state(device: &DeviceView) -> Value {
    serde_json::to_value(device.state).expect("a word")
}

pub(crate) async fn until_state(hub: &Hub, id: DeviceId, wanted: &str) -> DeviceView {
    poll(wanted, async || {
        let device = hub.device(&allowed(hub), id).ok()?;
        (state(&device) == wanted).then_some(device)
    })
    .await
}

fn on() -> ControlValue {
    ControlValue::Switch(true)
}

/// promise: T-17, K-05, D-04, N-01. A device's password is nowhere in the clear, opens after a restart,
/// and its key is gone with the device.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_survives_a_restart_and_its_password_does_not_survive_its_removal() {
    let (home, plug) = (Home::new(), plug().await);
    let hub = home.start().await;
    let lamp = add(&hub, new_device("Lamp", Family::TapoPlug, plug.port())).await;
    assert_eq!((state(&lamp), lamp.is_simulated), (json!("answering"), true));
    hub.set_control(allowed(&hub), lamp.id, "power", ControlValue::Switch(false))
        .await
        .expect("off");
    assert!(!plug.is_on());
    hub.shutdown().await;
    drop(hub);
    let hub = home.start().await;
    let again = until_state(&hub, lamp.id, "answering").await;
    assert_eq!((again.name.as_str(), again.room.clone()), ("Lamp", lamp.room.clone()));
    hub.set_control(allowed(&hub), lamp.id, "power", on()).await.expect("on");
    assert!(plug.is_on());
    let key = |file: &std::path::PathBuf| file.to_string_lossy().contains(&lamp.id.to_string());
    assert!(files_below(&home.data()).iter().any(key), "its key has a file of its own");
    for file in files_below(&home.data()) {
        let bytes = fs::read(&file).unwrap_or_default();
        let planted = bytes.windows(PASSWORD.len()).any(|window| window == PASSWORD.as_bytes());
        assert!(!planted, "{}", file.display());
    }
    hub.remove_device(allowed(&hub), lamp.id).await.expect("removed");
    assert!(!files_below(&home.data()).iter().any(key), "the key is destroyed");
    assert_eq!(hub.device(&allowed(&hub), lamp.id).expect_err("gone").code, "not_found");
    fact(&hub, "it is told", |body| matches!(body, EventBody::DeviceRemoved { .. })).await;
    hub.shutdown().await;
}

/// promise: N-06, T-01. A device that refuses the password is not added, and was asked once.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_with_a_wrong_password_is_not_half_added() {
    let (home, plug) = (Home::new(), plug().await);
    let hub = home.start().await;
    let mut new = new_device("Lamp", Family::TapoPlug, plug.port());
    new.account = Some(("me@example.com".to_owned(), "wrong".into()));
    let refused = hub.add_device(allowed(&hub), new).await.expect_err("refused");
    assert_eq!(refused.code, "device_wrong_password");
    assert_eq!(plug.handshakes(), 1);
    assert!(hub.devices(&allowed(&hub)).is_empty());
    let eye = lens().await;
    let mut other = new_device("Lamp", Family::TapoCamera, eye.port());
    other.fingerprint = Some(hearth_hub::Fingerprint([7; 32]));
    let refused = hub.add_device(allowed(&hub), other).await.expect_err("refused");
    assert_eq!(refused.code, "device_certificate_changed");
    let nothing = new_device("Lamp", Family::TapoPlug, 9);
    let refused = hub.probe_device(&allowed(&hub), &nothing).await.expect_err("refused");
    assert_eq!(refused.code, "device_unreachable");
    let scopes = home.data().join("vault/scopes");
    let left = files_below(&scopes);
    let of_devices = left.iter().filter(|file| file.to_string_lossy().contains("dev_"));
    assert_eq!(of_devices.count(), 0, "{left:?}");
    hub.shutdown().await;
}

/// promise: K-01, T-08. A changed certificate stops control, opens an incident, and is confirmed by
/// a person; the confirmed one is still known after a restart.
#[tokio::test(flavor = "multi_thread")]
async fn a_changed_certificate_is_an_incident_until_it_is_confirmed() {
    let (home, camera) = (Home::new(), lens().await);
    let hub = home.start().await;
    let yard = add(&hub, new_device("Yard", Family::TapoCamera, camera.port())).await;
    let first = yard.fingerprint.clone().expect("a pin");
    camera.strike(TapoFault::NewCertificate).expect("struck");
    // The device is asked at its own pace; a command finds out that the connection is gone, and what
    // comes next finds out why.
    assert!(hub.set_control(allowed(&hub), yard.id, "privacy", on()).await.is_err());
    let changed = until_state(&hub, yard.id, "certificate_changed").await;
    let shown = changed.shown_fingerprint.expect("what it shows now");
    assert_eq!((changed.fingerprint.as_deref(), shown == first), (Some(&*first), false));
    let refused = hub.set_control(allowed(&hub), yard.id, "privacy", on()).await;
    assert_eq!(refused.expect_err("stopped").code, "device_certificate_changed");
    poll("an incident", async || {
        let incidents = hub.incidents(&allowed(&hub), &IncidentQuery::default());
        let is_it = |one: &hearth_hub::IncidentView| {
            serde_json::to_value(one).is_ok_and(|one| one.to_string().contains("changed_device"))
        };
        incidents.iter().any(is_it).then_some(())
    })
    .await;
    let digits = shown.trim_start_matches("sha256:").parse().expect("a fingerprint");
    let device = hub.trust_device(allowed(&hub), yard.id, digits).await.expect("confirmed");
    assert_eq!(device.fingerprint, Some(shown.clone()));
    hub.shutdown().await;
    drop(hub);
    let hub = home.start().await;
    let again = until_state(&hub, yard.id, "answering").await;
    assert_eq!(again.fingerprint, Some(shown));
    hub.shutdown().await;
}

/// promise: N-06. What was entered again ends the stop, and is kept.
#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_is_entered_again_is_kept() {
    let (home, camera) = (Home::new(), lens().await);
    let hub = home.start().await;
    let yard = add(&hub, new_device("Yard", Family::TapoCamera, camera.port())).await;
    let wrong = ("admin".to_owned(), "wrong".into());
    let refused = hub.set_device_credentials(allowed(&hub), yard.id, wrong).await;
    assert_eq!(refused.expect_err("refused").code, "device_wrong_password");
    until_state(&hub, yard.id, "wrong_password").await;
    let refused = hub.set_control(allowed(&hub), yard.id, "privacy", on()).await;
    assert_eq!(refused.expect_err("stopped").code, "device_wrong_password");
    let right = ("admin".to_owned(), PASSWORD.into());
    let device = hub.set_device_credentials(allowed(&hub), yard.id, right).await.expect("right");
    assert_eq!(state(&device), "answering");
    hub.shutdown().await;
    drop(hub);
    let hub = home.start().await;
    until_state(&hub, yard.id, "answering").await;
    hub.shutdown().await;
}

/// promise: N-10. Readings are told as they come, and kept only where somebody wants that.
#[tokio::test(flavor = "multi_thread")]
async fn readings_are_told_and_kept_only_if_wanted() {
    let (home, plug) = (Home::new(), plug().await);
    let hub = home.start().await;
    let mut feed = hub.follow(allowed(&hub), None).await.expect("a feed");
    let lamp = add(&hub, new_device("Lamp", Family::TapoPlug, plug.port())).await;
    let told = loop {
        if let FeedItem::Readings(told) = feed.next().await.expect("it goes on") {
            break told;
        }
    };
    assert_eq!(told.device, lamp.id);
    assert!(told.readings.iter().any(|reading| reading.key == "power"));
    let energy = async || {
        let range = about_now(&hub);
        let (from, to) = (range.from(), range.to());
        hub.energy(allowed(&hub), from, to, EnergyStep::Hour).await.expect("figures")
    };
    let now = energy().await;
    assert!(now.plugs[0].power_watts.is_some() && now.plugs[0].today_wh.is_some());
    assert!(now.plugs[0].buckets.is_empty(), "nothing is kept");
    let tariff = Tariff { price_per_kwh: 0.32, currency: "EUR".to_owned() };
    hub.set_tariff(allowed(&hub), Some(tariff.clone())).await.expect("set");
    assert_eq!(energy().await.tariff, Some(tariff));
    hub.set_tariff(allowed(&hub), None).await.expect("taken back");
    assert_eq!(energy().await.tariff, None);
    let nonsense = Tariff { price_per_kwh: f64::NAN, currency: "euro".to_owned() };
    assert!(hub.set_tariff(allowed(&hub), Some(nonsense)).await.is_err());
    let patch: DevicePatch = serde_json::from_value(json!({"history": "on"})).expect("a patch");
    hub.update_device(allowed(&hub), lamp.id, patch).await.expect("changed");
    assert!(!energy().await.plugs[0].buckets.is_empty());
    hub.shutdown().await;
}

/// promise: K-04. Whoever signs in over the network cannot reach this machine through a device.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_on_this_machine_is_for_its_owner() {
    let home = Home::new();
    let mut config = home.config();
    config.simulated = false;
    let hub = Hub::start(config).await.expect("it starts");
    let admin = Principal::User {
        user: hearth_model::UserId::new(),
        name: hearth_auth::UserName::new("anna").expect("a name"),
        role: hearth_model::Role::Admin,
        session: hearth_model::SessionId::new(),
    };
    let grant = hub.policy().house::<ask::ManageCameras>(&admin).expect("admins may");
    let plug = plug().await;
    let new = new_device("Lamp", Family::TapoPlug, plug.port());
    let refused = hub.probe_device(&grant, &new).await.expect_err("refused");
    assert_eq!(refused.code, "address_refused");
    assert_eq!(plug.handshakes(), 0, "nothing was sent");
    hub.probe_device(&allowed(&hub), &new).await.expect("the owner may");
    hub.shutdown().await;
}

/// The clock of a test can be set; readings follow it.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_tells_time_by_the_house_clock() {
    let (home, plug) = (Home::new(), plug().await);
    home.step_clock(24 * HOUR);
    let hub = home.start().await;
    let lamp = add(&hub, new_device("Lamp", Family::TapoPlug, plug.port())).await;
    let ahead = lamp
        .answered_at
        .expect("it answered")
        .micros_since(hearth_hub::HouseClock::system_wall()());
    assert!(ahead > 23 * HOUR, "{ahead}");
    hub.shutdown().await;
}

/// promise: V-20, K-04, K-01, K-05. What is wrong with devices is told with what to do, and no
/// password is in it.
#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_looks_at_devices() {
    let (home, one, two) = (Home::new(), lens().await, lens().await);
    let hub = home.start().await;
    let yard = add(&hub, new_device("Yard", Family::TapoCamera, one.port())).await.id;
    let looked = async |what: &str| {
        let report = hub.doctor(allowed(&hub)).await;
        let id = format!("device.{yard}.{what}");
        report.checks.into_iter().find(|check| check.id == id).expect("a check")
    };
    for what in ["answers", "certificate", "own_password"] {
        assert_eq!(looked(what).await.outcome, Outcome::Ok, "{what}");
    }
    add(&hub, new_device("Door", Family::TapoCamera, two.port())).await;
    let shared = looked("own_password").await;
    assert_eq!(shared.outcome, Outcome::Failed);
    assert!(shared.detail.contains("Door") && !shared.detail.contains(PASSWORD), "{shared:?}");
    one.strike(TapoFault::NewCertificate).expect("struck");
    assert!(hub.set_control(allowed(&hub), yard, "privacy", on()).await.is_err());
    until_state(&hub, yard, "certificate_changed").await;
    let changed = looked("certificate").await;
    assert_eq!(changed.outcome, Outcome::Failed);
    assert!(changed.detail.contains(&format!("device trust {yard}")), "{changed:?}");
    assert_eq!(looked("answers").await.outcome, Outcome::Failed);
    hub.shutdown().await;
}
