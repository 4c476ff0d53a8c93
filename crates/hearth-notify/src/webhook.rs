//! Webhook: JSON to an address of one's own, signed.
//!
//! The signature is HMAC-SHA256 over `TIMESTAMP.BODY` with the channel's secret, so neither the body
//! nor the time can be changed. What a receiver does:
//!
//! 1. read `X-Hearthwatch-Timestamp` (seconds since 1970) and refuse what is more than 300 seconds
//!    away from its own clock: the replay window;
//! 2. compute the HMAC over timestamp, a full stop and the body as received, and compare it with
//!    `X-Hearthwatch-Signature` (`v1=` and 64 hexadecimal digits) in constant time;
//! 3. remember `X-Hearthwatch-Delivery` for as long as the window and drop what it has seen.

use std::fmt::Write as _;

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::future::BoxFuture;
use hearth_http::{Client, HeaderMap, HeaderName, HeaderValue, Method, header};
use hearth_secret::SecretString;
use serde_json::json;

use crate::{Attempt, Channel, DeliveryError, Message, Reach, Receipt, answer::taken};

const TIMESTAMP: HeaderName = HeaderName::from_static("x-hearthwatch-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("x-hearthwatch-signature");
const DELIVERY: HeaderName = HeaderName::from_static("x-hearthwatch-delivery");

/// A webhook.
pub struct Webhook {
    url: String,
    secret: SecretString,
    client: Client,
}

impl Webhook {
    /// A webhook at a URL, signed with a secret.
    pub fn new(url: String, secret: SecretString, reach: Reach) -> Self {
        Self { url, secret, client: reach.client() }
    }
}

/// What stands in `X-Hearthwatch-Signature`.
pub fn signature(secret: &SecretString, timestamp: i64, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
    let mut signing = hmac::Context::with_key(&key);
    signing.update(timestamp.to_string().as_bytes());
    signing.update(b".");
    signing.update(body);
    let mut text = "v1=".to_owned();
    for byte in signing.sign().as_ref() {
        // Writing to a text cannot fail.
        write!(text, "{byte:02x}").unwrap_or_default();
    }
    text
}

/// The JSON that machines are sent: webhooks and MQTT.
pub(crate) fn body_of(message: &Message, with_picture: bool) -> Vec<u8> {
    let picture = message.picture.as_ref().filter(|_| with_picture);
    let value = json!({
        "id": message.id,
        "tag": message.tag,
        "matter": message.matter,
        "title": message.title,
        "text": message.text,
        "severity": message.severity,
        "at": message.at,
        "link": message.address().or_else(|| message.link.clone()),
        "picture_jpeg_base64": picture.map(|picture| STANDARD.encode(picture.jpeg())),
    });
    value.to_string().into_bytes()
}

impl Channel for Webhook {
    fn deliver<'a>(
        &'a self,
        attempt: Attempt<'a>,
    ) -> BoxFuture<'a, Result<Receipt, DeliveryError>> {
        Box::pin(async move {
            let body = body_of(attempt.message, true);
            let timestamp = attempt.now.as_micros().div_euclid(1_000_000);
            let headers = headers(&self.secret, timestamp, &body, &attempt.message.id)?;
            let answer = self.client.request(Method::POST, &self.url, headers, body).await?;
            taken(&answer).map(|()| Receipt::default())
        })
    }
}

fn headers(
    secret: &SecretString,
    timestamp: i64,
    body: &[u8],
    id: &str,
) -> Result<HeaderMap, DeliveryError> {
    let unfit = |_| DeliveryError::never_again("The message cannot be named in a header.");
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(TIMESTAMP, HeaderValue::from(timestamp));
    headers.insert(SIGNATURE, signature(secret, timestamp, body).parse().map_err(unfit)?);
    headers.insert(DELIVERY, id.parse().map_err(unfit)?);
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected value was computed with Python's `hmac`.
    #[test]
    fn the_signature_covers_time_and_body() {
        let secret = SecretString::from("Jefe");
        let one = signature(&secret, 1_700_000_000, b"{}");
        assert_eq!(one, "v1=d3793e2b4103edfbd98cc19591832f5fad701d413db9fcae0ae7dab8184ed207");
        assert_ne!(one, signature(&secret, 1_700_000_001, b"{}"));
        assert_ne!(one, signature(&secret, 1_700_000_000, b"{ }"));
        assert_ne!(one, signature(&SecretString::from("jefe"), 1_700_000_000, b"{}"));
    }
}
