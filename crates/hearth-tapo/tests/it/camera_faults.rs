//! What goes wrong with cameras, and what the client makes of it.

use std::sync::Arc;

use hearth_sim::tapo::{Expiry, TapoFault, TapoGeneration};
use hearth_tapo::{
    Failure, Switch, Trust,
    camera::{about, led, motor, privacy},
    client::{CameraClient, MemoryTrust, TrustStore as _},
    transport::Account,
};

use super::{GENERATIONS, PASSWORD, camera, camera_spec, client_of, client_with};

/// promise: K-01. Another certificate stops control until somebody confirms it.
#[tokio::test]
async fn a_new_certificate_stops_everything_until_it_is_confirmed() {
    let camera = camera(TapoGeneration::SecureSha256).await;
    let trust = Arc::new(MemoryTrust::default());
    client_with(&camera, &trust).call(&about::facts()).await.expect("facts");
    let before = trust.known("yard").certificate.expect("a pin");
    camera.strike(TapoFault::NewCertificate).expect("a certificate");
    let posts = camera.login_posts();
    let client = client_with(&camera, &trust);
    let refused = client.call(&privacy::set(Switch::Off)).await.expect_err("another camera");
    let Failure::CertificateChanged { pinned, shown } = refused.failure else {
        panic!("{refused}");
    };
    assert_eq!((pinned, refused.device.as_str()), (before, "yard"));
    assert_eq!(camera.login_posts(), posts, "nothing was sent");
    trust.remember("yard", Trust { certificate: Some(shown), ..trust.known("yard") });
    client.call(&privacy::set(Switch::Off)).await.expect("confirmed");
}

/// promise: T-04. A camera that once had the encrypted channel gets no MD5 of the password.
#[tokio::test]
async fn a_camera_that_plays_an_older_one_is_refused() {
    for generation in
        [TapoGeneration::SecureMd5, TapoGeneration::SecureSha256, TapoGeneration::Tpap]
    {
        let camera = camera(generation).await;
        let trust = Arc::new(MemoryTrust::default());
        client_with(&camera, &trust).call(&about::facts()).await.expect("facts");
        camera.strike(TapoFault::PlayOldCamera).expect("an old camera");
        let refused = client_with(&camera, &trust).call(&about::facts()).await;
        let failure = refused.expect_err("a downgrade").failure;
        assert!(matches!(failure, Failure::Downgrade(_)), "{generation:?}: {failure}");
    }
}

/// promise: T-11. A session that ended is renewed once and silently, however the end shows.
#[tokio::test]
async fn an_expired_session_is_renewed_once() {
    for generation in GENERATIONS {
        let camera = camera(generation).await;
        let client = client_of(&camera);
        client.call(&led::set(Switch::On)).await.expect("a session");
        for how in [Expiry::Code, Expiry::Status(401), Expiry::Status(500)] {
            camera.strike(TapoFault::ExpireSession(how)).expect("an end");
            client.call(&led::set(Switch::Off)).await.expect("a new session");
        }
        let posts = camera.login_posts();
        camera.strike(TapoFault::ExpireAlways).expect("an end");
        let lost = client.call(&led::set(Switch::On)).await.expect_err("no session").failure;
        assert_eq!(lost, Failure::SessionLost, "{generation:?}");
        let each = posts / 4;
        assert_eq!(camera.login_posts() - posts, each, "logged in again exactly once");
    }
}

/// promise: T-04. A wrong password makes one attempt, and none after it until it is entered again.
#[tokio::test]
async fn a_wrong_password_is_tried_once() {
    for generation in GENERATIONS {
        let camera = camera(generation).await;
        let spec = camera_spec(&camera, "wrong");
        let client = CameraClient::new(spec, Arc::new(MemoryTrust::default()));
        let refused = client.call(&about::facts()).await.expect_err("a wrong password");
        assert_eq!(refused.failure, Failure::WrongPassword, "{generation:?}");
        let posts = camera.login_posts();
        for _ in 0..3 {
            let stopped = client.call(&about::facts()).await.expect_err("no attempt").failure;
            assert_eq!(stopped, Failure::LoginStopped);
        }
        assert_eq!(camera.login_posts(), posts);
        client.set_account(Account::new("admin", PASSWORD)).await;
        client.call(&about::facts()).await.expect("the right password");
    }
}

#[tokio::test]
async fn a_device_that_does_not_know_the_password_is_not_told_about_it() {
    let camera = camera(TapoGeneration::SecureSha256).await;
    camera.strike(TapoFault::WrongProof).expect("an impostor");
    let refused = client_of(&camera).call(&about::facts()).await.expect_err("no proof");
    assert_eq!(refused.failure, Failure::WrongPassword);
    assert_eq!(camera.login_posts(), 1, "the second post was never sent");
}

#[tokio::test]
async fn a_locked_camera_is_left_alone_for_as_long_as_it_says() {
    let camera = camera(TapoGeneration::SecureSha256).await;
    camera.strike(TapoFault::Lock { seconds: 999 }).expect("a lock");
    let client = client_of(&camera);
    let locked = client.call(&about::facts()).await.expect_err("a lock").failure;
    assert_eq!(locked, Failure::Locked { seconds_left: Some(999) });
    camera.strike(TapoFault::Recover).expect("no lock");
    let still = client.call(&about::facts()).await.expect_err("still locked").failure;
    assert!(matches!(still, Failure::Locked { seconds_left: Some(900..=999) }), "{still}");
    assert_eq!(camera.login_posts(), 1);
}

#[tokio::test]
async fn an_address_in_place_of_the_owner_s_name_is_corrected_once() {
    let camera = camera(TapoGeneration::SecureSha256).await;
    let mut spec = camera_spec(&camera, PASSWORD);
    spec.account = Account::new("anna@example.com", PASSWORD);
    let client = CameraClient::new(spec, Arc::new(MemoryTrust::default()));
    client.call(&about::facts()).await.expect("facts");
    assert_eq!(camera.login_posts(), 3);
}

/// promise: K-03. A malformed answer is a typed error that names the device.
#[tokio::test]
async fn malformed_answers_are_errors_that_name_the_camera() {
    for generation in GENERATIONS {
        for fault in [TapoFault::Malformed, TapoFault::Nonsense] {
            let camera = camera(generation).await;
            let client = client_of(&camera);
            client.call(&about::facts()).await.expect("facts");
            camera.strike(fault).expect("a fault");
            let error = client.call(&about::facts()).await.expect_err("nonsense");
            assert_eq!(error.device, "yard");
            assert!(matches!(error.failure, Failure::Malformed(_)), "{generation:?}: {error}");
        }
    }
    let camera = camera(TapoGeneration::SecureSha256).await;
    camera.strike(TapoFault::Malformed).expect("a fault");
    let error = client_of(&camera).call(&about::facts()).await.expect_err("nonsense");
    assert!(matches!(error.failure, Failure::Malformed(_)), "{error}");
}

#[tokio::test]
async fn a_forged_answer_of_the_newest_login_is_noticed() {
    let camera = camera(TapoGeneration::Tpap).await;
    let client = client_of(&camera);
    client.call(&about::facts()).await.expect("facts");
    camera.strike(TapoFault::WrongSignature).expect("a fault");
    let error = client.call(&about::facts()).await.expect_err("a forgery").failure;
    assert!(matches!(error, Failure::Malformed(_)), "{error}");
}

#[tokio::test]
async fn a_refused_command_is_no_success() {
    let camera = camera(TapoGeneration::SecureSha256).await;
    let client = client_of(&camera);
    camera.strike(TapoFault::Refuse { code: -64303 }).expect("a fault");
    let busy = client.call(&motor::calibrate()).await.expect_err("busy");
    assert_eq!(busy.to_string(), "yard: refused manualCalibrate: the motor is busy (-64303)");
    camera.strike(TapoFault::Refuse { code: -40106 }).expect("a fault");
    let unknown = client.call(&motor::calibrate()).await.expect_err("no motor").failure;
    assert!(matches!(unknown, Failure::Unsupported { .. }));
}

/// promise: T-10. A camera that does not answer costs a deadline, and another camera nothing.
#[tokio::test]
async fn a_stuck_camera_ends_in_a_deadline() {
    let slow = camera(TapoGeneration::SecureSha256).await;
    let client = Arc::new(client_of(&slow));
    client.call(&about::facts()).await.expect("facts");
    slow.strike(TapoFault::Slow { seconds: 3_600.0 }).expect("a fault");
    let waiting = Arc::clone(&client);
    let stuck = tokio::spawn(async move { waiting.call(&about::facts()).await });
    let other = camera(TapoGeneration::SecureSha256).await;
    client_of(&other).call(&about::facts()).await.expect("another camera");
    assert!(!stuck.is_finished());
    // From here on only timers are left: the clock runs to the next one.
    tokio::time::pause();
    let failure = stuck.await.expect("no panic").expect_err("a deadline").failure;
    tokio::time::resume();
    assert_eq!(failure, Failure::Timeout("waiting for an answer"));
    slow.strike(TapoFault::Recover).expect("no fault");
    client.call(&about::facts()).await.expect("over a new connection");
}

#[tokio::test]
async fn a_port_that_nobody_listens_on_is_unreachable() {
    let camera = camera(TapoGeneration::SecureSha256).await;
    let spec = camera_spec(&camera, PASSWORD);
    drop(camera);
    let client = CameraClient::new(spec, Arc::new(MemoryTrust::default()));
    let failure = client.call(&about::facts()).await.expect_err("nobody").failure;
    assert!(matches!(failure, Failure::Unreachable(_)), "{failure}");
}
