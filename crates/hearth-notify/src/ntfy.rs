//! ntfy: push to a topic of ntfy.sh or of a server of one's own. <https://docs.ntfy.sh/publish/>

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use hearth_http::{Client, HeaderMap, HeaderName, HeaderValue, Method, header};
use hearth_model::Severity;
use hearth_secret::SecretString;
use serde_json::json;

use crate::{Attempt, Channel, DeliveryError, Message, Reach, Receipt, answer::taken};

/// A server of ntfy.
pub struct Ntfy {
    url: String,
    token: Option<SecretString>,
    client: Client,
}

impl Ntfy {
    /// A server at a URL, with an access token if it wants one.
    pub fn new(url: String, token: Option<SecretString>, reach: Reach) -> Self {
        Self { url: url.trim_end_matches('/').to_owned(), token, client: reach.client() }
    }

    /// Whether a text can be a topic (the server's own rule).
    pub fn is_topic(text: &str) -> bool {
        (1..=64).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    }

    fn headers(&self) -> Result<HeaderMap, DeliveryError> {
        let mut headers = HeaderMap::new();
        if let Some(token) = &self.token {
            let unfit = |_| DeliveryError::misconfigured("The access token is not one.");
            let mut value =
                HeaderValue::try_from(format!("Bearer {}", token.expose())).map_err(unfit)?;
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        Ok(headers)
    }
}

/// From 1, silent, to 5, which may break through "do not disturb".
fn priority(severity: Severity) -> u8 {
    match severity {
        Severity::Info => 3,
        Severity::Warning => 4,
        Severity::Critical => 5,
    }
}

impl Channel for Ntfy {
    fn deliver<'a>(
        &'a self,
        attempt: Attempt<'a>,
    ) -> BoxFuture<'a, Result<Receipt, DeliveryError>> {
        Box::pin(async move {
            let Attempt { to, message, .. } = attempt;
            if !Self::is_topic(to) {
                return Err(DeliveryError::misconfigured("The topic is none that ntfy has."));
            }
            let headers = self.headers()?;
            let (method, path, headers, body) = match &message.picture {
                None => (Method::POST, "", headers, Bytes::from(json_of(to, message))),
                Some(picture) => {
                    (Method::PUT, to, with_picture(headers, message)?, picture.jpeg().clone())
                }
            };
            let url = format!("{}/{path}", self.url);
            let answer = self.client.request(method, &url, headers, body).await?;
            taken(&answer).map(|()| Receipt::default())
        })
    }
}

fn json_of(topic: &str, message: &Message) -> String {
    let mut value = json!({
        "topic": topic,
        "title": message.title,
        "message": message.text,
        "priority": priority(message.severity),
        "sequence_id": message.tag,
    });
    if let (Some(link), Some(members)) = (message.address(), value.as_object_mut()) {
        members.insert("click".to_owned(), link.into());
    }
    value.to_string()
}

/// The picture is the body; everything else goes into headers.
fn with_picture(mut headers: HeaderMap, message: &Message) -> Result<HeaderMap, DeliveryError> {
    let unfit = |_| DeliveryError::never_again("The message cannot be said in headers.");
    let mut insert = |name: &'static str, text: &str| -> Result<(), DeliveryError> {
        let value = HeaderValue::try_from(text).map_err(unfit)?;
        headers.insert(HeaderName::from_static(name), value);
        Ok(())
    };
    insert("title", &encoded(&message.title))?;
    insert("message", &encoded(&message.text))?;
    insert("priority", &priority(message.severity).to_string())?;
    insert("filename", "picture.jpg")?;
    insert("x-sequence-id", &message.tag)?;
    if let Some(link) = message.address() {
        insert("click", &link)?;
    }
    Ok(headers)
}

/// RFC 2047, which the server understands in headers: any character, and no end of a line.
fn encoded(text: &str) -> String {
    format!("=?UTF-8?B?{}?=", STANDARD.encode(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_leads_nowhere_else() {
        assert!(Ntfy::is_topic("house_of-Ben7"));
        for bad in ["", "a/b", "..", "a?b", "ä", &"a".repeat(65)] {
            assert!(!Ntfy::is_topic(bad), "{bad}");
        }
    }
}
