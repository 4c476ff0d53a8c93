//! How the account is proven, and how it is not.

use hearth_onvif::{
    Device, Error, Fingerprint, ProofError, Scheme,
    device::{GetDeviceInformation, GetUsers},
};
use hearth_sim::{OnvifAccess, OnvifDevice, OnvifFault, OnvifSpec, Proven};

use crate::support::{connect, device, spec, start, with_password};

fn proofs(simulated: &OnvifDevice) -> Vec<Proven> {
    let seen = simulated.seen().into_iter();
    seen.filter(|one| one.operation == "GetUsers").map(|one| one.proven).collect()
}

/// promise: T-04. The strongest scheme that the device offers is used.
#[tokio::test]
async fn the_strongest_scheme_offered_is_used() {
    for (access, scheme) in [
        (OnvifAccess::Open, None),
        (OnvifAccess::UsernameToken, Some(Scheme::UsernameToken)),
        (OnvifAccess::Digest, Some(Scheme::DigestMd5)),
        (OnvifAccess::DigestSha256, Some(Scheme::DigestSha256)),
    ] {
        let simulated = device(access).await;
        let device = connect(&simulated).await.expect("it answers");
        device.ask(&GetUsers).await.expect("an answer");
        assert_eq!(device.security().scheme, scheme, "{access:?}");
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_by_years_is_no_obstacle() {
    for seconds in [-1_700_000_000, 86_400 * 365] {
        let clock_ahead_seconds = seconds;
        let simulated = start(OnvifSpec { clock_ahead_seconds, ..OnvifSpec::new("door") }).await;
        let device = connect(&simulated).await.expect("it answers");
        let off = device.clock_offset_micros() - seconds * 1_000_000;
        assert!(off.abs() < 10_000_000, "{off}");
        device.ask(&GetUsers).await.expect("the proof is made for the device's time");
    }
}

/// promise: T-04. A wrong password is tried once, told as such, and not tried again.
#[tokio::test]
async fn a_wrong_password_is_tried_once() {
    for access in [OnvifAccess::UsernameToken, OnvifAccess::Digest, OnvifAccess::DigestSha256] {
        let simulated = device(access).await;
        let device = Device::connect(with_password(&simulated, "wrong")).await.expect("it answers");
        for _ in 0..3 {
            let error = device.ask(&GetUsers).await.expect_err("refused");
            assert_eq!(error, Error::Proof(ProofError::WrongPassword), "{access:?}");
            assert_eq!(error.code(), "wrong_password");
        }
        let with_proof = proofs(&simulated).into_iter().filter(|one| *one != Proven::Nothing);
        assert_eq!(with_proof.count(), 1, "{access:?}");
    }
}

/// promise: T-04. A device that wants the password in the clear does not get it.
#[tokio::test]
async fn the_password_is_never_told() {
    let simulated = device(OnvifAccess::DigestSha256).await;
    let device = connect(&simulated).await.expect("it answers");
    device.ask(&GetUsers).await.expect("an answer");
    simulated.fault(OnvifFault::BasicOnly);
    device.ask(&GetUsers).await.expect_err("refused");
    assert!(!proofs(&simulated).contains(&Proven::Basic));
    assert!(!proofs(&simulated).contains(&Proven::UsernameToken));
}

/// promise: T-04. Neither within a session nor across sessions a weaker scheme is taken instead.
#[tokio::test]
async fn a_downgrade_is_noticed() {
    let simulated = device(OnvifAccess::DigestSha256).await;
    let device = connect(&simulated).await.expect("it answers");
    device.ask(&GetUsers).await.expect("an answer");
    let scheme = device.security().scheme;
    simulated.fault(OnvifFault::OnlyMd5);
    let error = device.ask(&GetUsers).await.expect_err("refused");
    assert_eq!(error, Error::Proof(ProofError::Downgrade));
    let mut later = spec(&simulated);
    later.at_least = scheme;
    let later = Device::connect(later).await.expect("it answers");
    let error = later.ask(&GetUsers).await.expect_err("refused");
    assert_eq!(error.code(), "authentication_downgrade");
}

#[tokio::test]
async fn nonces_that_run_out_are_replaced_and_those_that_never_fit_are_not_tried_for_ever() {
    let simulated = device(OnvifAccess::Digest).await;
    let device = connect(&simulated).await.expect("it answers");
    device.ask(&GetUsers).await.expect("an answer");
    simulated.fault(OnvifFault::WrongNonces);
    let before = simulated.seen().len();
    let error = device.ask(&GetUsers).await.expect_err("refused");
    assert_eq!(error, Error::Proof(ProofError::WrongPassword));
    assert!(simulated.seen().len() - before <= 2);
}

#[tokio::test]
async fn without_an_account_the_device_says_that_it_wants_one() {
    let simulated = device(OnvifAccess::UsernameToken).await;
    let mut spec = spec(&simulated);
    spec.account = None;
    let device = Device::connect(spec).await.expect("it answers");
    let error = device.ask(&GetDeviceInformation).await.expect_err("refused");
    assert_eq!(error, Error::Proof(ProofError::NoAccount));
}

/// promise: T-07. What is not encrypted says so; what is, is, for all services.
#[tokio::test]
async fn control_is_encrypted_where_the_device_can_and_shown_where_it_cannot() {
    let plain = device(OnvifAccess::Digest).await;
    let plain = connect(&plain).await.expect("it answers");
    assert!(!plain.security().encrypted);
    let encrypted = start(OnvifSpec { encrypted: true, ..OnvifSpec::new("door") }).await;
    let device = connect(&encrypted).await.expect("it answers");
    device.ask(&GetUsers).await.expect("an answer");
    assert!(device.security().encrypted);
    let shown = device.security().certificate.map(|one| one.to_string());
    assert_eq!(shown, encrypted.certificate_sha256());
}

/// promise: T-08. Another certificate than the pinned one ends it before anything is sent.
#[tokio::test]
async fn another_certificate_than_the_pinned_one_is_refused() {
    let simulated = start(OnvifSpec { encrypted: true, ..OnvifSpec::new("door") }).await;
    let mut pinned = spec(&simulated);
    pinned.certificate = Some(Fingerprint([7; 32]));
    let error = Device::connect(pinned).await.expect_err("refused");
    assert_eq!(error.code(), "certificate_changed");
    assert!(simulated.seen().is_empty());
    let mut pinned = spec(&simulated);
    pinned.certificate = simulated.certificate_sha256().and_then(|text| text.parse().ok());
    Device::connect(pinned).await.expect("it is the right one");
}
