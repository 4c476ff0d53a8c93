//! Telegram: messages and pictures through a bot, and commands from chats that may send them.
//! <https://core.telegram.org/bots/api>
//!
//! Texts are sent without a parse mode, so that nothing in a name is markup. The bot's token is part
//! of the path; errors of `hearth-http` never hold a URL.

mod command;
mod updates;

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use hearth_http::{Client, HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use hearth_secret::SecretString;
use serde_json::{Value, json};

use crate::{
    Attempt, Channel, DeliveryError, Message, Picture, Reach, Receipt,
    answer::{bounded_wait, retry_after, taken},
    reach::DEADLINE,
};

pub use command::Command;
pub use updates::{Update, parse_updates};

/// How long the service holds a request for commands open while there are none.
const POLL: Duration = Duration::from_secs(25);
/// Telegram's limit for the text below a picture, in characters.
const CAPTION_CHARACTERS_MAX: usize = 1_024;
/// A text is sent in one message.
const TEXT_CHARACTERS_MAX: usize = 4_096;

/// A bot.
pub struct Telegram {
    api: String,
    token: SecretString,
    client: Client,
    patient: Client,
}

impl Telegram {
    /// The service of Telegram itself.
    pub const API: &str = "https://api.telegram.org";

    /// A bot at an API, by its token.
    pub fn new(api: &str, token: SecretString, reach: Reach) -> Self {
        Self {
            api: api.trim_end_matches('/').to_owned(),
            token,
            client: reach.client(),
            patient: reach.patient_client(POLL + DEADLINE),
        }
    }

    /// Whether a text can be a bot's token: `digits:letters`.
    pub fn is_token(text: &str) -> bool {
        let Some((number, key)) = text.split_once(':') else { return false };
        let is_key = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        (1..=20).contains(&number.len())
            && number.bytes().all(|byte| byte.is_ascii_digit())
            && (8..=128).contains(&key.len())
            && key.bytes().all(is_key)
    }

    /// Whether a text can be a chat: a number, negative for groups, or the name of a channel.
    pub fn is_chat(text: &str) -> bool {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let is_number =
            (1..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        let is_name = text.strip_prefix('@').is_some_and(|name| {
            (5..=32).contains(&name.len())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        });
        is_number || is_name
    }

    /// Waits for what people write to the bot, beginning at `offset`; empty if nobody did for a
    /// while. What lies before `offset` counts as read and is not given again.
    ///
    /// # Errors
    /// [`DeliveryError`].
    pub async fn updates(&self, offset: i64) -> Result<Vec<Update>, DeliveryError> {
        let question = json!({
            "offset": offset,
            "timeout": POLL.as_secs(),
            "limit": updates::UPDATES_MAX,
            "allowed_updates": ["message"],
        });
        let answer = self.ask(&self.patient, "getUpdates", question).await?;
        accepted(&answer)?;
        parse_updates(&answer.body)
            .ok_or(DeliveryError::try_again("The service's answer is not understood."))
    }

    /// Answers in a chat.
    ///
    /// # Errors
    /// [`DeliveryError`].
    pub async fn answer(&self, chat: i64, text: &str) -> Result<(), DeliveryError> {
        let text: String = text.chars().take(TEXT_CHARACTERS_MAX).collect();
        let question = json!({"chat_id": chat, "text": text});
        accepted(&self.ask(&self.client, "sendMessage", question).await?).map(drop)
    }

    /// Answers in a chat with a picture.
    ///
    /// # Errors
    /// [`DeliveryError`].
    pub async fn answer_with_picture(
        &self,
        chat: i64,
        text: &str,
        picture: &Picture,
    ) -> Result<(), DeliveryError> {
        accepted(&self.send_photo(&chat.to_string(), text, picture, false).await?).map(drop)
    }

    async fn ask(
        &self,
        client: &Client,
        method: &str,
        question: Value,
    ) -> Result<Response, DeliveryError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let url = self.url(method);
        Ok(client.request(Method::POST, &url, headers, question.to_string()).await?)
    }

    async fn send_photo(
        &self,
        chat: &str,
        caption: &str,
        picture: &Picture,
        is_quiet: bool,
    ) -> Result<Response, DeliveryError> {
        let caption: String = caption.chars().take(CAPTION_CHARACTERS_MAX).collect();
        let is_quiet = if is_quiet { "true" } else { "false" };
        let fields = [("chat_id", chat), ("caption", &caption), ("disable_notification", is_quiet)];
        let (kind, body) = form(&fields, picture)?;
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, kind);
        let url = self.url("sendPhoto");
        Ok(self.client.request(Method::POST, &url, headers, body).await?)
    }

    fn url(&self, method: &str) -> String {
        format!("{}/bot{}/{method}", self.api, self.token.expose())
    }

    async fn replace(
        &self,
        chat: &str,
        reference: &str,
        text: &str,
    ) -> Result<Replaced, DeliveryError> {
        let (method, member, number) = match (reference.strip_prefix('p'), reference.get(1..)) {
            (Some(number), _) => ("editMessageCaption", "caption", number),
            (None, number) => ("editMessageText", "text", number.unwrap_or_default()),
        };
        let Ok(number) = number.parse::<i64>() else { return Ok(Replaced::Gone) };
        let question = json!({"chat_id": chat, "message_id": number, member: text});
        let answer = self.ask(&self.client, method, question).await?;
        if answer.status == StatusCode::BAD_REQUEST {
            // What says the same already is not changed; what somebody deleted is sent anew.
            let is_same = updates::description(&answer.body).contains("not modified");
            return Ok(if is_same { Replaced::Done } else { Replaced::Gone });
        }
        accepted(&answer).map(|_| Replaced::Done)
    }
}

enum Replaced {
    Done,
    Gone,
}

impl Channel for Telegram {
    fn deliver<'a>(
        &'a self,
        attempt: Attempt<'a>,
    ) -> BoxFuture<'a, Result<Receipt, DeliveryError>> {
        Box::pin(async move {
            let Attempt { to, message, replaces, .. } = attempt;
            let text = text_of(message);
            // A message of words does not become one with a picture: that is sent behind it, without
            // a sound, for its words have made theirs.
            let first_picture = message.picture.as_ref().filter(|_| !is_of_picture(replaces));
            if let Some(reference) = replaces.filter(|_| first_picture.is_none())
                && let Replaced::Done = self.replace(to, reference, &text).await?
            {
                return Ok(Receipt { reference: Some(reference.to_owned()) });
            }
            let (mark, answer) = match &message.picture {
                Some(picture) => {
                    let is_quiet = replaces.is_some() && first_picture.is_some();
                    ('p', self.send_photo(to, &text, picture, is_quiet).await?)
                }
                None => {
                    let question = json!({"chat_id": to, "text": text});
                    ('m', self.ask(&self.client, "sendMessage", question).await?)
                }
            };
            let number = accepted(&answer)?;
            Ok(Receipt { reference: number.map(|number| format!("{mark}{number}")) })
        })
    }
}

/// Whether what is replaced has a picture.
fn is_of_picture(reference: Option<&str>) -> bool {
    reference.is_some_and(|reference| reference.starts_with('p'))
}

fn text_of(message: &Message) -> String {
    let mark = match message.severity {
        hearth_model::Severity::Info => "",
        hearth_model::Severity::Warning => "⚠ ",
        hearth_model::Severity::Critical => "🚨 ",
    };
    let link = message.address().map(|link| format!("\n{link}")).unwrap_or_default();
    format!("{mark}{}\n{}{link}", message.title, message.text)
}

/// The number of the message that was sent, if the service took it.
fn accepted(answer: &Response) -> Result<Option<i64>, DeliveryError> {
    match answer.status {
        StatusCode::TOO_MANY_REQUESTS => {
            let asked = updates::retry_after(&answer.body).map(bounded_wait);
            let after = asked.or_else(|| retry_after(&answer.headers));
            Err(DeliveryError::TryAgain {
                reason: "Telegram asks to wait: too many messages.",
                after,
            })
        }
        // The last question is still open there, or somebody else asks for the same bot.
        StatusCode::CONFLICT => {
            Err(DeliveryError::try_again("Another program asks for what is written to this bot."))
        }
        StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND => {
            Err(DeliveryError::misconfigured("Telegram does not know this bot's token."))
        }
        StatusCode::FORBIDDEN => Err(DeliveryError::NeverAgain {
            reason: "The bot was blocked, or is not in this chat.",
            recipient_is_gone: false,
        }),
        StatusCode::BAD_REQUEST
            if updates::description(&answer.body).contains("chat not found") =>
        {
            Err(DeliveryError::misconfigured(
                "Telegram does not know this chat. Write something to the bot from there first.",
            ))
        }
        _ => taken(answer).map(|()| updates::message_number(&answer.body)),
    }
}

/// `multipart/form-data` (RFC 7578) with a picture. The boundary is random, so no text can hold it.
fn form(fields: &[(&str, &str)], picture: &Picture) -> Result<(HeaderValue, Bytes), DeliveryError> {
    let mut chance = [0; 18];
    let failed = |_| DeliveryError::try_again("The system gives no random numbers.");
    aws_lc_rs::rand::fill(&mut chance).map_err(failed)?;
    let boundary = format!("hearthwatch-{}", URL_SAFE_NO_PAD.encode(chance));
    let mut body = Vec::with_capacity(picture.jpeg().len() + 2_048);
    for (name, value) in fields {
        let part = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
        body.extend_from_slice(part.as_bytes());
    }
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"picture.jpg\"\r\n\
         Content-Type: image/jpeg\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(picture.jpeg());
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    let kind = HeaderValue::try_from(format!("multipart/form-data; boundary={boundary}"));
    let kind = kind.map_err(|_| DeliveryError::never_again("The picture cannot be sent."))?;
    Ok((kind, body.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_and_a_chat_are_told_from_paths_and_words() {
        assert!(Telegram::is_token("123456:AAF-abc_DEF123"));
        for bad in ["", "123456", "x:AAF-abcDEF", "1:../../etc/passwd", "1:short"] {
            assert!(!Telegram::is_token(bad), "{bad}");
        }
        for good in ["12345678", "-1001234567890", "@hearthwatch"] {
            assert!(Telegram::is_chat(good), "{good}");
        }
        for bad in ["", "-", "12a", "@x", "@a/b/c/d"] {
            assert!(!Telegram::is_chat(bad), "{bad}");
        }
    }
}
