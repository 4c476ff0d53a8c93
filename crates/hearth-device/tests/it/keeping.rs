//! What the supervisor does when things go wrong.

use std::time::Duration;

use hearth_device::{
    ControlValue, DeviceError, DeviceState, Family, Fingerprint, Pace, Supervised,
};
use hearth_sim::{
    KasaFault, KasaProtocol,
    tapo::{PlugLogin, TapoFault, TapoPlugSpec},
};

use super::{
    PASSWORD, account, clock, kasa_camera, keep, quick, setup, tapo_camera, tapo_plug, until,
    until_state,
};

fn on() -> ControlValue {
    ControlValue::Switch(true)
}

fn klap() -> TapoPlugSpec {
    TapoPlugSpec::new(PlugLogin::KlapV2, "me@example.com", PASSWORD)
}

/// promise: N-06. A wrong password is tried once, whatever is asked afterwards, until it is entered
/// again.
#[tokio::test]
async fn a_wrong_password_is_tried_once() {
    let (camera, mut setup) = tapo_camera().await;
    setup.account = account("admin", "wrong");
    let device = keep(setup);
    until_state(&device, DeviceState::WrongPassword).await;
    let posts = camera.login_posts();
    for _ in 0..3 {
        let refused = device.set("privacy", on()).await;
        assert!(matches!(refused, Err(DeviceError::Stopped(_))), "{refused:?}");
    }
    // Many times the pace at which it would be asked.
    tokio::time::sleep(quick().look_every * 6).await;
    assert_eq!(camera.login_posts(), posts, "nothing more was sent");
    assert_eq!(device.standing().state, DeviceState::WrongPassword);
    device.set_account(account("admin", PASSWORD)).await.expect("it answers");
    assert_eq!(device.standing().state, DeviceState::Answering);
    device.set("privacy", on()).await.expect("acknowledged");
}

/// promise: N-06. The same for plugs: one handshake, and none after it.
#[tokio::test]
async fn a_plug_with_a_wrong_password_is_asked_once() {
    let (plug, mut setup) = tapo_plug(klap()).await;
    setup.account = account("me@example.com", "wrong");
    let device = keep(setup);
    until_state(&device, DeviceState::WrongPassword).await;
    tokio::time::sleep(quick().look_every * 6).await;
    assert_eq!(plug.handshakes(), 1);
    let again = device.set_account(account("me@example.com", "wrong too")).await;
    assert_eq!(again, Err(DeviceError::WrongPassword));
    assert_eq!(plug.handshakes(), 2, "one attempt with what was entered");
}

/// promise: N-06. A device that locked itself is left alone.
#[tokio::test]
async fn a_locked_device_is_left_alone() {
    let (camera, setup) = tapo_camera().await;
    camera.strike(TapoFault::Lock { seconds: 600 }).expect("struck");
    let device = keep(setup);
    until_state(&device, DeviceState::LockedOut).await;
    let posts = camera.login_posts();
    tokio::time::sleep(quick().look_every * 6).await;
    assert_eq!(camera.login_posts(), posts);
}

/// promise: K-01, T-08. A changed certificate stops control until exactly that one is confirmed.
#[tokio::test]
async fn a_changed_certificate_stops_control_until_it_is_confirmed() {
    let (camera, setup) = tapo_camera().await;
    let memory = setup.memory.clone();
    let device = keep(setup);
    until_state(&device, DeviceState::Answering).await;
    let first = memory.get().certificate.expect("it was pinned");
    camera.strike(TapoFault::NewCertificate).expect("struck");
    let standing = until_state(&device, DeviceState::CertificateChanged).await;
    let Some(DeviceError::CertificateChanged { pinned, shown }) = standing.failure else {
        panic!("{:?}", standing.failure);
    };
    assert_eq!((pinned, shown.to_string()), (first, camera.certificate_sha256()));
    let sent = camera.commands().len();
    let refused = device.set("privacy", on()).await;
    assert!(matches!(refused, Err(DeviceError::Stopped(_))), "{refused:?}");
    for other in [first, Fingerprint([7; 32])] {
        let refused = device.trust(other).await;
        assert!(matches!(refused, Err(DeviceError::CertificateChanged { .. })), "{refused:?}");
    }
    assert_eq!(camera.commands().len(), sent, "nothing was sent");
    device.trust(shown).await.expect("it answers");
    assert_eq!(device.standing().memory.certificate, Some(shown));
    device.set("privacy", on()).await.expect("acknowledged");
}

/// promise: K-01. The same for a camera of another family.
#[tokio::test]
async fn a_kasa_camera_with_a_new_certificate_is_not_controlled() {
    let (camera, setup) = kasa_camera(KasaProtocol::Linkie).await;
    let device = keep(setup);
    until_state(&device, DeviceState::Answering).await;
    camera.replace_certificate().expect("replaced");
    until_state(&device, DeviceState::CertificateChanged).await;
    let asked = camera.asked().len();
    assert!(device.set("privacy", on()).await.is_err());
    assert_eq!(camera.asked().len(), asked);
}

/// promise: T-04. A camera that offers less than it did before is not logged in to.
#[tokio::test]
async fn a_camera_that_plays_an_older_one_is_not_believed() {
    let (camera, setup) = tapo_camera().await;
    let (memory, again) = (setup.memory.clone(), setup.clone());
    let device = keep(setup);
    until_state(&device, DeviceState::Answering).await;
    device.stop().await;
    camera.strike(TapoFault::PlayOldCamera).expect("struck");
    assert!(memory.get().login.is_some());
    let device = keep(again);
    let standing = until_state(&device, DeviceState::CertificateChanged).await;
    assert_eq!(standing.failure, Some(DeviceError::Downgrade));
}

/// promise: K-03. Nonsense is an error with a name, and over when the device makes sense again.
#[tokio::test]
async fn nonsense_is_a_state_and_passes() {
    let (camera, setup) = kasa_camera(KasaProtocol::Linkie).await;
    camera.fault(KasaFault::Malformed);
    let device = keep(setup);
    until_state(&device, DeviceState::Malformed).await;
    camera.fault(KasaFault::None);
    until_state(&device, DeviceState::Answering).await;
}

/// promise: D-22, T-10. A device that is gone is shown as gone, keeps what it said last, and is
/// found again when it is back.
#[tokio::test]
async fn a_device_that_is_gone_is_unreachable_and_what_it_said_stays() {
    let (plug, setup) = tapo_plug(klap()).await;
    let device = keep(setup);
    let before = until_state(&device, DeviceState::Answering).await;
    drop(plug);
    let gone = until_state(&device, DeviceState::Unreachable).await;
    assert!(gone.failure.is_some());
    assert!(gone.answered_at.is_some() && gone.look.is_some());
    assert!(gone.since >= before.since);
    let refused = device.set("power", on()).await;
    assert!(matches!(refused, Err(DeviceError::Unreachable(_))), "{refused:?}");
}

/// promise: T-10. A device that never answers costs its own deadline, and delays no other.
#[tokio::test]
async fn a_stuck_device_delays_no_other() {
    let (stuck, stuck_setup) = tapo_plug(klap()).await;
    stuck.strike(TapoFault::Slow { seconds: 600.0 });
    let (well, well_setup) = tapo_plug(klap()).await;
    let pace = Pace { call_max: Duration::from_millis(300), ..quick() };
    let dead = Supervised::start(stuck_setup, pace, clock());
    let alive = keep(well_setup);
    until_state(&alive, DeviceState::Answering).await;
    // Both at the same time; the one that is well is done while the other one waits.
    let (refused, done) = tokio::join!(dead.set("power", on()), async {
        alive.set("power", ControlValue::Switch(false)).await.expect("acknowledged");
        alive.set("power", on()).await
    });
    assert_eq!((refused, done), (Err(DeviceError::Timeout), Ok(())));
    assert!(well.is_on());
    until_state(&dead, DeviceState::Unreachable).await;
}

/// promise: T-10. Nobody's address is asked: no connection is a state too.
#[tokio::test]
async fn nothing_at_an_address_is_unreachable() {
    let device = keep(setup(Family::TapoPlug, "127.0.0.1:9", account("a", "b")));
    let standing = until_state(&device, DeviceState::Unreachable).await;
    assert_eq!(standing.look, None);
}

#[tokio::test]
async fn a_value_that_the_device_does_not_tell_stays_as_it_was_acknowledged() {
    let (_plug, setup) = tapo_plug(klap()).await;
    let device = keep(setup);
    let first = until_state(&device, DeviceState::Answering).await;
    assert_eq!(first.control("led").and_then(|led| led.value.clone()), None);
    device.set("led", on()).await.expect("acknowledged");
    let set_at = device.standing().answered_at;
    let later = until(&device, |standing| standing.answered_at > set_at).await;
    let led = later.control("led").expect("there");
    assert_eq!((led.value.clone(), led.as_of), (Some(on()), set_at));
}

/// A camera's own siren is made to sound, and to be silent.
#[tokio::test]
async fn the_siren_of_a_camera_sounds() {
    let (camera, setup) = tapo_camera().await;
    let device = keep(setup);
    let standing = until_state(&device, DeviceState::Answering).await;
    assert!(standing.control("siren").is_some_and(|siren| siren.sensitive));
    for (value, action) in [(on(), "start"), (ControlValue::Switch(false), "stop")] {
        device.set("siren", value).await.expect("acknowledged");
        assert_eq!(camera.setting("msg_alarm", "manual_msg_alarm")["action"], action);
    }
}

/// promise: T-11. A device that is not looked after any more is not asked any more.
#[tokio::test]
async fn a_stopped_device_is_not_asked_any_more() {
    let (camera, setup) = tapo_camera().await;
    let device = keep(setup);
    until_state(&device, DeviceState::Answering).await;
    device.stop().await;
    let sent = camera.commands().len();
    tokio::time::sleep(quick().look_every * 4).await;
    assert_eq!(camera.commands().len(), sent);
}
