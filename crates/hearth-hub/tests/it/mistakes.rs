//! Cameras that are set up wrongly, or are not the ones they were.

use hearth_hub::{CameraPatch, Hub, NewCamera, Outcome};
use hearth_model::{CameraState, RecordMode, SourceUrl, StateReason};
use hearth_sim::{CameraSpec, Fault, Protocol};

use crate::{
    home::Home,
    watching::{
        add, add_as, allowed, allowed_on, described, house, new_camera, poll, still_camera, until,
        until_live, until_recorded,
    },
};

/// Each mistake has a code of its own, and trying leaves nothing behind.
#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_is_told_before_anything_is_kept() {
    let (home, house) = (Home::new(), house(vec![still_camera("door")]).await);
    let hub = home.start().await;
    let right = new_camera(&described(&house, "door"), RecordMode::Continuous);
    let probe = async |new: &NewCamera| match hub.probe_camera(&allowed(&hub), new.clone()).await {
        Ok(_) => "fine",
        Err(error) => error.code,
    };
    let mut wrong = right.clone();
    wrong.credentials = Some(("viewer".to_owned(), "guessed".into()));
    assert_eq!(probe(&wrong).await, "wrong_password");
    wrong.credentials = None;
    assert_eq!(probe(&wrong).await, "wrong_password");

    let mut lost = right.clone();
    let elsewhere = described(&house, "door").url.replace("/main", "/nowhere");
    (lost.settings.url, _) = SourceUrl::parse(&elsewhere).expect("a URL");
    assert_eq!(probe(&lost).await, "no_such_stream");

    assert_eq!(probe(&right).await, "fine");
    house.fault("door", Fault::WrongCodec { seconds: None }).expect("obeyed");
    assert_eq!(probe(&right).await, "unsupported_codec");
    house.fault("door", Fault::Recover).expect("obeyed");
    house.fault("door", Fault::Refuse { seconds: None }).expect("obeyed");
    poll("the port is closed", async || (probe(&right).await == "refused").then_some(())).await;

    let mut invalid = right.clone();
    invalid.settings.pre_roll_seconds = u16::MAX;
    let refused = hub.add_camera(allowed(&hub), invalid).await.expect_err("out of range");
    assert_eq!(refused.code, "invalid");
    assert!(hub.cameras(&allowed(&hub)).is_empty(), "nothing half-made");

    // Refused cameras can be added all the same, e.g. while they are being mounted; once.
    let camera = add_as(&hub, right.clone()).await;
    until(&hub, camera, "refused", |status| status.reason == Some(StateReason::Refused)).await;
    let twice = hub.add_camera(allowed(&hub), right).await.expect_err("the name is taken");
    assert_eq!(twice.code, "conflict");
    assert_eq!(hub.cameras(&allowed(&hub)).len(), 1);
    house.fault("door", Fault::Recover).expect("obeyed");
    until_live(&hub, camera).await;
    hub.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_whose_password_changed_waits_for_the_new_one() {
    let (home, house) = (Home::new(), house(vec![still_camera("door")]).await);
    let hub = home.start().await;
    let mut new = new_camera(&described(&house, "door"), RecordMode::Continuous);
    new.credentials = Some(("viewer".to_owned(), "the old one".into()));
    let camera = add_as(&hub, new).await;
    let refused = until(&hub, camera, "refused", |status| status.reason.is_some()).await;
    assert_eq!(refused.state, CameraState::Offline);
    assert_eq!(refused.reason, Some(StateReason::WrongPassword));
    let wait = refused.retry_at.expect("tried again").micros_since(refused.since);
    assert!(wait > 45_000_000, "an account is not locked by trying: {wait} us");

    let patch = CameraPatch {
        username: Some("viewer".to_owned()),
        password: Some(described(&house, "door").password.as_str().into()),
        ..CameraPatch::default()
    };
    let view = hub.update_camera(allowed_on(&hub, camera), patch).await.expect("changed");
    assert!(view.has_credentials);
    // At once, not after the wait.
    until_live(&hub, camera).await;
    until_recorded(&hub, camera, 1.0).await;
    hub.shutdown().await;
}

/// promise: K-01, T-08. The certificate that a camera shows first is pinned; another one ends all
/// trust until a person confirms it, also within one run of the hub.
#[tokio::test(flavor = "multi_thread")]
async fn another_certificate_ends_the_trust_until_it_is_confirmed() {
    let garden = still_camera("garden").with_protocol(Protocol::Rtsps);
    let (home, house) = (Home::new(), house(vec![garden]).await);
    let hub = home.start().await;
    let camera = add(&hub, &house, "garden").await;
    until_recorded(&hub, camera, 1.0).await;
    let pin = async || {
        let view = hub.camera(allowed_on(&hub, camera)).await.expect("a camera");
        view.settings.certificate_pin
    };
    let first = poll("pinned", pin).await;
    assert_eq!(Some(&first), described(&house, "garden").certificate_sha256.as_ref());

    house.fault("garden", Fault::WrongCertificate).expect("obeyed");
    let alarmed = until(&hub, camera, "the alarm", |status| {
        status.reason == Some(StateReason::CertificateChanged)
    })
    .await;
    assert_eq!(alarmed.state, CameraState::Offline);
    assert_eq!(pin().await, Some(first.clone()), "the stranger's is not pinned");

    let confirm = CameraPatch { certificate_pin: Some(String::new()), ..CameraPatch::default() };
    hub.update_camera(allowed_on(&hub, camera), confirm).await.expect("changed");
    until_live(&hub, camera).await;
    let second = poll("pinned anew", pin).await;
    assert_ne!(second, first);
    assert_eq!(Some(second), described(&house, "garden").certificate_sha256);

    hub.shutdown().await;
    drop(hub);
    let hub = home.start().await;
    until_live(&hub, camera).await;
    house.fault("garden", Fault::WrongCertificate).expect("obeyed");
    until(&hub, camera, "the alarm", |status| {
        status.reason == Some(StateReason::CertificateChanged)
    })
    .await;
    hub.shutdown().await;
}

/// promise: V-10. Where a camera sends the same streams to the same account by RTSPS, it is added so,
/// whatever address was typed.
#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_stream_is_used_where_it_is_offered() {
    let content = still_camera("any").main;
    let with_sub = |name| CameraSpec { sub: Some(content.clone()), ..still_camera(name) };
    let plain = with_sub("plain");
    let mut encrypted = with_sub("encrypted").with_protocol(Protocol::Rtsps);
    encrypted.password.clone_from(&plain.password);
    let (home, house) = (Home::new(), house(vec![plain, encrypted]).await);
    let url = |name| SourceUrl::parse(&described(&house, name).url).expect("a URL").0;
    let mut config = home.config();
    // As if both were one camera, which listens at two ports.
    config.settings.cameras.rtsps_ports = vec![url("encrypted").port()];
    let hub = Hub::start(config).await.expect("it starts");
    let mut new = new_camera(&described(&house, "plain"), RecordMode::Continuous);
    let sub = described(&house, "plain").sub_url.expect("it has one");
    new.settings.sub_url = Some(SourceUrl::parse(&sub).expect("a URL").0);
    let probed = hub.probe_camera(&allowed(&hub), new.clone()).await.expect("it answers");
    assert_eq!(probed.unused_offer, None);
    let expected = |plain: SourceUrl| plain.with_rtsps(url("encrypted").port());
    assert_eq!(probed.camera.settings.url, expected(new.settings.url));
    assert_eq!(probed.camera.settings.sub_url, new.settings.sub_url.map(expected));
    let camera = add_as(&hub, probed.camera).await;
    until(&hub, camera, "encrypted", |status| status.encrypted_transport).await;
    until_live(&hub, camera).await;
    hub.shutdown().await;
}

/// promise: V-10. A camera that is watched in the clear although it offers RTSPS is told of when it
/// is tried and by the doctor, until its address is the encrypted one; one that offers nothing is
/// shown as plain.
#[tokio::test(flavor = "multi_thread")]
async fn a_plain_stream_is_told_of_where_an_encrypted_one_is_offered() {
    // Each has a password of its own.
    let cameras =
        vec![still_camera("plain"), still_camera("encrypted").with_protocol(Protocol::Rtsps)];
    let (home, house) = (Home::new(), house(cameras).await);
    let encrypted = described(&house, "encrypted");
    let (encrypted_url, _) = SourceUrl::parse(&encrypted.url).expect("a URL");
    let mut config = home.config();
    // As if both were one camera, which listens at two ports.
    config.settings.cameras.rtsps_ports = vec![encrypted_url.port()];
    let hub = Hub::start(config).await.expect("it starts");
    let new = new_camera(&described(&house, "plain"), RecordMode::Continuous);
    let probed = hub.probe_camera(&allowed(&hub), new.clone()).await.expect("it answers");
    assert_eq!(probed.camera.settings.url, new.settings.url, "it does not let this account in");
    let offered = probed.unused_offer.expect("it offers more");
    assert_eq!(offered, new.settings.url.with_rtsps(encrypted_url.port()));

    let camera = add_as(&hub, new).await;
    until_live(&hub, camera).await;
    let checked = async || {
        let report = hub.doctor(allowed(&hub)).await;
        let id = format!("camera.{camera}.transport");
        report.checks.into_iter().find(|check| check.id == id).expect("checked")
    };
    let check = checked().await;
    assert_eq!((check.outcome, check.promise), (Outcome::Failed, Some("V-10")), "{check:?}");
    assert!(check.detail.contains(&offered.to_string()), "{check:?}");
    let shown = hub.camera(allowed_on(&hub, camera)).await.expect("there");
    assert_eq!(
        shown.rtsps_url.as_ref(),
        Some(&offered),
        "and whoever sets it up need not read that"
    );

    let patch = CameraPatch {
        url: Some(encrypted.url.as_str().into()),
        username: Some(encrypted.username),
        password: Some(encrypted.password.as_str().into()),
        ..CameraPatch::default()
    };
    hub.update_camera(allowed_on(&hub, camera), patch).await.expect("changed");
    until(&hub, camera, "encrypted", |status| status.encrypted_transport).await;
    assert_eq!(checked().await.outcome, Outcome::Ok);
    hub.shutdown().await;
    drop(hub);

    let hub = home.start().await;
    let mut plain = new_camera(&described(&house, "plain"), RecordMode::Continuous);
    plain.settings.name = hearth_model::CameraName::new("other").expect("a name");
    let probed = hub.probe_camera(&allowed(&hub), plain).await.expect("it answers");
    assert_eq!(probed.unused_offer, None);
    let camera = add_as(&hub, probed.camera).await;
    until_live(&hub, camera).await;
    let report = hub.doctor(allowed(&hub)).await;
    let id = format!("camera.{camera}.transport");
    let check = report.checks.into_iter().find(|check| check.id == id).expect("checked");
    assert!(check.outcome == Outcome::Skipped && check.detail.contains("in clear"), "{check:?}");
    hub.shutdown().await;
}
