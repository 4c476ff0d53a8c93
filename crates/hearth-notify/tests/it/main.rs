//! Each channel against its simulated service, when all is well and when it is not.

#![expect(clippy::panic, reason = "a test fails by panicking")]

mod email;
mod faults;
mod http;
mod mqtt;
mod oracle;

use hearth_http::Fingerprint;
use hearth_model::{AddressPolicy, Severity, WallTime};
use hearth_notify::{Attempt, Channel, DeliveryError, Message, Picture, Reach, Receipt};

/// 2026-11-22, noon.
const NOW: WallTime = WallTime::from_micros(1_795_348_800_000_000);

fn reach(certificate_sha256: &str) -> Reach {
    let certificate: Fingerprint = certificate_sha256.parse().expect("a fingerprint");
    let addresses = AddressPolicy::SERVICES.with_this_machine();
    Reach { certificate: Some(certificate), addresses }
}

fn message(picture: bool) -> Message {
    let jpeg = [&[0xff, 0xd8][..], &[7; 50_000]].concat();
    Message {
        id: "ntf_0123".to_owned(),
        tag: "0123456789abcdef0123456789abcdef".to_owned(),
        title: "Ben_*[ at the door 🔔".to_owned(),
        text: "Somebody rang.\n.\nÜber alles".to_owned(),
        severity: Severity::Critical,
        at: NOW,
        link: Some("/visits/1".to_owned()),
        origin: Some("https://house.example".to_owned()),
        matter: Some("evt_1".to_owned()),
        picture: picture.then(|| Picture::new(jpeg.into()).expect("a picture")),
    }
}

/// One attempt.
async fn deliver(
    channel: &impl Channel,
    to: &str,
    message: &Message,
    replaces: Option<&str>,
) -> Result<Receipt, DeliveryError> {
    channel.deliver(Attempt { to, message, replaces, now: NOW }).await
}
