//! Web push: to a browser, through the relay of its maker, encrypted for that browser.
//!
//! RFC 8030 (the request), RFC 8291 (the encryption), RFC 8292 (VAPID: who sends). The relay sees
//! the address, the time, the size and how urgent it is.

mod encryption;
mod vapid;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::future::BoxFuture;
use hearth_http::{Client, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use hearth_model::Severity;
use hearth_secret::SecretString;
use serde_json::json;

use crate::{Attempt, Channel, DeliveryError, Message, Reach, Receipt, answer::taken};

pub use vapid::VapidKey;

/// How long the relay keeps a message for a browser that is off: a day, as the hub does.
const TTL_SECONDS: u32 = 86_400;
/// Longer than any relay's.
const ENDPOINT_BYTES_MAX: usize = 1_024;

const TTL: HeaderName = HeaderName::from_static("ttl");
const URGENCY: HeaderName = HeaderName::from_static("urgency");
const TOPIC: HeaderName = HeaderName::from_static("topic");

/// A browser's subscription. Whoever has it can send that browser messages.
#[derive(Clone)]
pub struct Subscription {
    endpoint: SecretString,
    public_key: [u8; encryption::POINT_BYTES],
    authentication: [u8; encryption::AUTHENTICATION_BYTES],
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Subscription([secret])")
    }
}

/// As it is kept, sealed; and as a browser's `PushSubscription` says it.
#[derive(serde::Serialize, serde::Deserialize)]
struct Kept<'a> {
    endpoint: std::borrow::Cow<'a, str>,
    p256dh: String,
    auth: String,
}

impl Subscription {
    /// Reads a subscription; `None` if it is none. `p256dh` and `auth` are base64url.
    pub fn new(endpoint: SecretString, p256dh: &str, auth: &str) -> Option<Self> {
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
        let public_key: [u8; encryption::POINT_BYTES] = decode(p256dh)?.try_into().ok()?;
        let authentication = decode(auth)?.try_into().ok()?;
        let uri: Uri = endpoint.expose().parse().ok()?;
        let is_relay = uri.scheme_str() == Some("https") && uri.host().is_some();
        let fits = endpoint.expose().len() <= ENDPOINT_BYTES_MAX;
        let is_point = encryption::is_point(&public_key);
        (is_relay && fits && is_point).then_some(Self { endpoint, public_key, authentication })
    }

    /// Its text form, for the vault.
    pub fn to_text(&self) -> SecretString {
        let kept = Kept {
            endpoint: self.endpoint.expose().into(),
            p256dh: URL_SAFE_NO_PAD.encode(self.public_key),
            auth: URL_SAFE_NO_PAD.encode(self.authentication),
        };
        // Plain data: JSON can always say it.
        SecretString::new(serde_json::to_string(&kept).unwrap_or_default())
    }

    /// Reads what [`Subscription::to_text`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let kept: Kept<'_> = serde_json::from_str(text).ok()?;
        Self::new(SecretString::new(kept.endpoint.into_owned()), &kept.p256dh, &kept.auth)
    }

    /// Whether both are the same browser.
    pub fn is_same_browser(&self, other: &Self) -> bool {
        self.endpoint.expose() == other.endpoint.expose()
    }
}

/// Browsers.
pub struct WebPush {
    key: VapidKey,
    contact: String,
    client: Client,
}

impl WebPush {
    /// Sends as the holder of a key; a relay that sees something wrong writes to `contact`, a
    /// `mailto:` or `https:` address.
    pub fn new(key: VapidKey, contact: String, reach: Reach) -> Self {
        Self { key, contact, client: reach.client() }
    }
}

impl Channel for WebPush {
    fn deliver<'a>(
        &'a self,
        attempt: Attempt<'a>,
    ) -> BoxFuture<'a, Result<Receipt, DeliveryError>> {
        Box::pin(async move {
            let unreadable = DeliveryError::misconfigured("The subscription is not readable.");
            let subscription = Subscription::parse(attempt.to).ok_or(unreadable)?;
            let message = attempt.message;
            let body = encryption::sealed(&subscription, payload(message).as_bytes())?;
            let endpoint = subscription.endpoint.expose();
            let now = attempt.now.as_micros().div_euclid(1_000_000);
            let proof = self.key.proof(endpoint, &self.contact, now)?;
            let headers = headers(message, &proof)?;
            let answer = self.client.request(Method::POST, endpoint, headers, body).await?;
            match answer.status {
                // RFC 8030, 7.3: the subscription is no more.
                StatusCode::NOT_FOUND | StatusCode::GONE => Err(DeliveryError::NeverAgain {
                    reason: "The browser dropped its subscription.",
                    recipient_is_gone: true,
                }),
                _ => taken(&answer).map(|()| Receipt::default()),
            }
        })
    }
}

/// What the service worker gets. Without a picture: relays take 4 KiB.
fn payload(message: &Message) -> String {
    json!({
        "title": message.title,
        "body": message.text,
        "tag": message.tag,
        "severity": message.severity,
        "url": message.link,
        "matter": message.matter,
        "at": message.at,
    })
    .to_string()
}

fn headers(message: &Message, proof: &SecretString) -> Result<HeaderMap, DeliveryError> {
    let unfit = |_| DeliveryError::never_again("The message cannot be named in a header.");
    let urgency = match message.severity {
        Severity::Info => "normal",
        Severity::Warning | Severity::Critical => "high",
    };
    let mut proof = HeaderValue::try_from(proof.expose().as_str()).map_err(unfit)?;
    proof.set_sensitive(true);
    let mut headers = HeaderMap::new();
    headers.insert(header::AUTHORIZATION, proof);
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("aes128gcm"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(TTL, HeaderValue::from(TTL_SECONDS));
    headers.insert(URGENCY, HeaderValue::from_static(urgency));
    // At most 32 characters of base64url (RFC 8030, 5.4); a tag has 32 hexadecimal digits.
    headers.insert(TOPIC, HeaderValue::try_from(message.tag.as_str()).map_err(unfit)?);
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    const P256DH: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

    #[test]
    fn a_subscription_survives_its_text_form_and_a_wrong_one_is_none() {
        let endpoint = || SecretString::from("https://push.example/p/abc");
        let made = Subscription::new(endpoint(), P256DH, AUTH).expect("a subscription");
        let read = Subscription::parse(made.to_text().expose()).expect("read back");
        assert!(read.is_same_browser(&made) && read.public_key == made.public_key);
        let plain = SecretString::from("http://push.example/p/abc");
        assert!(Subscription::new(plain, P256DH, AUTH).is_none());
        assert!(Subscription::new(endpoint(), AUTH, AUTH).is_none());
        assert!(Subscription::new(endpoint(), P256DH, "AAAA").is_none());
        // The first byte says that the point is not compressed; this one is not on the curve.
        let off_curve = URL_SAFE_NO_PAD.encode([4_u8; 65]);
        assert!(Subscription::new(endpoint(), &off_curve, AUTH).is_none());
        assert_eq!(format!("{made:?}"), "Subscription([secret])");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_subscription_or_none_without_panic(text in "\\PC{0,200}") {
            Subscription::parse(&text);
            Subscription::new(SecretString::from("https://h/"), &text, &text);
        }
    }
}
