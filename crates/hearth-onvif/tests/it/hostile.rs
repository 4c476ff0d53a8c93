//! Devices that answer nonsense, too much, too late, or point elsewhere.

use hearth_onvif::{
    AnswerError, Error, XmlError,
    device::{GetDeviceInformation, GetUsers},
    media::{GetSnapshotUri, GetStreamUri, GetStreamUri2, StreamTransport},
};
use hearth_sim::{OnvifAccess, OnvifFault};

use crate::support::{connect, device, token};

/// promise: K-03. Whatever comes is an answer or an error, and the next answer is heard.
#[tokio::test]
async fn nonsense_is_an_error_and_no_more() {
    let simulated = device(OnvifAccess::Open).await;
    let device = connect(&simulated).await.expect("it answers");
    for (fault, expected) in [
        (OnvifFault::CutXml, Error::Answer(AnswerError::Xml(XmlError::Malformed))),
        (OnvifFault::Bomb, Error::Answer(AnswerError::Xml(XmlError::DocumentType))),
        (OnvifFault::DeepXml, Error::Answer(AnswerError::Xml(XmlError::TooLarge))),
        (OnvifFault::Flood, Error::Http(hearth_http::Error::TooLarge)),
    ] {
        simulated.fault(fault.clone());
        let error = device.ask(&GetDeviceInformation).await.expect_err("no answer");
        assert_eq!(error, expected, "{fault:?}");
    }
    simulated.fault(OnvifFault::Recover);
    device.ask(&GetDeviceInformation).await.expect("an answer");
}

#[tokio::test]
async fn a_refusal_is_told_with_its_code_and_words() {
    let simulated = device(OnvifAccess::UsernameToken).await;
    let device = connect(&simulated).await.expect("it answers");
    simulated.fault(OnvifFault::Refuse { code: "ActionNotSupported".to_owned() });
    let error = device.ask(&GetUsers).await.expect_err("refused");
    assert!(error.is_not_supported());
    assert_eq!(
        error.to_string(),
        "the device refuses: The simulated device refuses (ActionNotSupported)"
    );
}

/// promise: T-10. A device that never answers costs its deadline and no more.
#[tokio::test(start_paused = true)]
async fn a_silent_device_ends_by_the_deadline() {
    let simulated = device(OnvifAccess::Open).await;
    let device = connect(&simulated).await.expect("it answers");
    simulated.fault(OnvifFault::Silent);
    let error = device.ask(&GetDeviceInformation).await.expect_err("no answer");
    assert_eq!(error.code(), "timed_out");
}

/// promise: T-04. Addresses on other machines are refused wherever a device may name one.
#[tokio::test]
async fn a_device_cannot_send_us_elsewhere() {
    let simulated = device(OnvifAccess::Open).await;
    let device = connect(&simulated).await.expect("it answers");
    simulated.fault(OnvifFault::ForeignUrls { host: "elsewhere.example".to_owned() });
    let profile = token("main");
    let foreign = Error::Answer(AnswerError::ForeignUrl);
    let stream = device.ask(&GetStreamUri { profile: profile.clone() }).await;
    assert_eq!(stream, Err(foreign.clone()));
    let transport = StreamTransport::Rtsp;
    let stream = device.ask(&GetStreamUri2 { profile: profile.clone(), transport }).await;
    assert_eq!(stream, Err(foreign.clone()));
    assert_eq!(device.ask(&GetSnapshotUri { profile }).await, Err(foreign.clone()));
    assert_eq!(device.subscribe().await.map(|_| ()), Err(foreign.clone()));
    assert_eq!(connect(&simulated).await.map(|_| ()), Err(foreign));
    // What it calls itself inside its own network is its own host.
    simulated.fault(OnvifFault::ForeignUrls { host: "192.168.77.7".to_owned() });
    let device = connect(&simulated).await.expect("the services are where it was reached");
    device.ask(&GetDeviceInformation).await.expect("an answer");
}
