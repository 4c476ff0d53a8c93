//! Cameras that are wrong, slow, replaced or elsewhere.

use std::time::Duration;

use hearth_kasa::{Camera, CameraAddress, Credentials, Error, ReadInfo, ReadSwitch, Stop, Switch};
use hearth_sim::{KasaCamera, KasaFault, KasaProtocol};

use crate::{address, connect, start};

/// promise: T-08, K-01. What was pinned at first use is what a second connection insists on.
#[tokio::test]
async fn the_first_certificate_is_pinned() {
    let (simulated, camera) = start(KasaProtocol::Linkie2).await;
    let description = simulated.describe();
    assert_eq!(camera.certificate().to_string(), description.certificate_sha256);
    let pin = Some(camera.certificate());
    let again = Camera::connect_public(address(&description), pin).await.expect("pinned");
    assert!(again.send(&ReadInfo).await.is_ok());
}

/// promise: K-01. A changed certificate is an error before any password is sent, and control stays
/// stopped even if the old one is back.
#[tokio::test]
async fn a_changed_certificate_stops_control() {
    let (simulated, camera) = start(KasaProtocol::Linkie).await;
    camera.send(&ReadInfo).await.expect("an answer");
    simulated.replace_certificate().expect("made");
    let seen = simulated.describe().certificate_sha256.parse().expect("a fingerprint");
    let changed = Error::CertificateChanged { pinned: camera.certificate(), seen };
    assert_eq!(camera.send(&Stop).await, Err(changed.clone()));
    // Gone for good; what was seen is remembered without asking anew.
    drop(simulated);
    assert_eq!(camera.send(&Stop).await, Err(changed));
}

/// promise: K-01. A changed certificate gets no request.
#[tokio::test]
async fn a_changed_certificate_gets_no_request() {
    let (simulated, camera) = start(KasaProtocol::Linkie).await;
    simulated.replace_certificate().expect("made");
    assert!(camera.send(&ReadInfo).await.is_err());
    assert!(simulated.asked().is_empty());
    // Somebody confirmed it: a new connection with the new pin.
    let confirmed = connect(&simulated).await.expect("it shakes hands");
    assert!(confirmed.send(&ReadInfo).await.is_ok());
}

#[tokio::test]
async fn a_wrong_password_is_said_to_be_one() {
    let simulated = KasaCamera::start(KasaProtocol::Linkie).await.expect("it starts");
    let description = simulated.describe();
    let credentials = Credentials::new(&description.username, "wrong".into());
    let camera = Camera::connect(address(&description), credentials, None).await;
    let camera = camera.expect("it shakes hands");
    assert_eq!(camera.send(&ReadInfo).await, Err(Error::Unauthorized));
}

/// promise: K-03. Whatever is wrong with an answer, it is an error that says what.
#[tokio::test]
async fn bad_answers_are_errors() {
    let (simulated, camera) = start(KasaProtocol::Linkie).await;
    let read = ReadSwitch(Switch::Power);
    let command = "switch.get_is_enable".to_owned();
    let too_large = Error::Connection(hearth_http::Error::TooLarge);
    for (fault, error) in [
        (KasaFault::Malformed, Error::Malformed("it is no JSON object")),
        (KasaFault::Empty, Error::Malformed("the module does not answer")),
        (KasaFault::Endless, too_large),
        (KasaFault::Starting, Error::Status(503)),
        (KasaFault::Ignorant, Error::Unsupported { command }),
    ] {
        simulated.fault(fault);
        assert_eq!(camera.send(&read).await, Err(error), "{fault:?}");
    }
    for fault in [KasaFault::Plain, KasaFault::None] {
        simulated.fault(fault);
        assert_eq!(camera.send(&read).await, Ok(false), "{fault:?}");
    }
}

/// promise: T-10. A camera that does not answer costs no more than the deadline.
#[tokio::test]
async fn a_silent_camera_is_given_up() {
    let (simulated, camera) = start(KasaProtocol::Linkie2).await;
    simulated.fault(KasaFault::Slow);
    tokio::time::pause();
    let given_up = tokio::time::timeout(Duration::from_secs(9), camera.send(&ReadInfo)).await;
    let timed_out = Error::Connection(hearth_http::Error::TimedOut);
    assert_eq!(given_up.expect("within the deadline"), Err(timed_out));
}

/// promise: K-04. Such weak authentication is never used beyond the private network.
#[tokio::test]
async fn a_camera_beyond_the_private_network_is_refused() {
    let address = CameraAddress::new("192.0.2.7", 10_443).expect("an address");
    let refused = Camera::connect_public(address, None).await.expect_err("refused");
    let outside = "192.0.2.7".parse().expect("an address");
    assert_eq!(refused, Error::Connection(hearth_http::Error::Address(outside)));
}
