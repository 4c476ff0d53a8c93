//! A simulated Bot API of Telegram: `sendMessage`, `sendPhoto`, edits, and `getUpdates`.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};

use super::{Inbox, NotifyFault, inbox_methods, reply_to};
use crate::{
    http::HttpRequest,
    service::{Answering, Reply, Service, ServiceError},
};

const TOKEN: &str = "123456:SimulatedBotToken";
/// How long [`NotifyFault::Slow`] takes.
const SLOW: Duration = Duration::from_secs(1);

/// Something that a bot said in a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BotMessage {
    /// `sendMessage`, `sendPhoto`, `editMessageText` or `editMessageCaption`.
    pub method: String,
    /// In which chat.
    pub chat: String,
    /// Text or caption.
    pub text: String,
    /// The number of the message, also of the one that was edited.
    pub number: i64,
    /// The picture.
    pub picture: Option<Vec<u8>>,
    /// It makes no sound.
    pub is_quiet: bool,
}

/// A running Bot API. Dropping it stops it.
#[derive(Debug)]
pub struct BotApi {
    service: Service,
    api: Arc<Api>,
}

#[derive(Debug, Default)]
struct Api {
    inbox: Inbox<BotMessage>,
    asked: Mutex<Asked>,
    questions: tokio::sync::watch::Sender<u64>,
}

#[derive(Debug)]
struct Asked {
    token: &'static str,
    next: i64,
    updates: Vec<Value>,
    is_asked_for_twice: bool,
}

impl Default for Asked {
    fn default() -> Self {
        Self { token: TOKEN, next: 0, updates: Vec::new(), is_asked_for_twice: false }
    }
}

impl BotApi {
    /// Starts on a port of 127.0.0.1 that the system chooses.
    ///
    /// # Errors
    /// If there is no port or no certificate.
    pub async fn start() -> Result<Self, ServiceError> {
        let api = Arc::new(Api::default());
        Ok(Self { service: Service::start(Arc::clone(&api)).await?, api })
    }

    /// Becomes the service of another bot; what was written to the one before is gone, and numbers
    /// begin anew.
    pub fn become_bot(&self, token: &'static str) {
        let mut asked = self.api.asked.lock().unwrap_or_else(PoisonError::into_inner);
        *asked = Asked { token, ..Asked::default() };
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.service.port())
    }

    /// The token of the bot that it knows first.
    pub fn token(&self) -> &'static str {
        TOKEN
    }

    /// SHA-256 of its certificate.
    pub fn certificate_sha256(&self) -> String {
        self.service.certificate_sha256()
    }

    /// Shows another certificate from now on.
    ///
    /// # Errors
    /// If none can be made.
    pub fn replace_certificate(&self) -> Result<(), ServiceError> {
        self.service.replace_certificate()
    }

    /// Somebody writes to the bot, at a time in seconds since 1970.
    pub fn write(&self, chat: i64, text: &str, date: i64) {
        let mut asked = self.api.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.next += 1;
        let number = asked.next;
        asked.updates.push(json!({
            "update_id": number,
            "message": {
                "message_id": number, "date": date, "text": text,
                "chat": {"id": chat, "type": "private"},
            },
        }));
    }

    /// Behaves as if somebody else asked for what is written, or not any more.
    pub fn conflict(&self, is_asked_for_twice: bool) {
        let mut asked = self.api.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.is_asked_for_twice = is_asked_for_twice;
    }

    /// Waits until somebody asked so often for what is written.
    pub async fn wait_for_questions(&self, count: u64) {
        let mut questions = self.api.questions.subscribe();
        // The other end lives in this service.
        questions.wait_for(|asked| *asked >= count).await.map(drop).ok();
    }

    fn inbox(&self) -> &Inbox<BotMessage> {
        &self.api.inbox
    }
}

inbox_methods!(BotApi, BotMessage);

impl Answering for Api {
    fn answer(&self, request: &HttpRequest) -> Reply {
        let refused = |status, code: u16, description: &str| {
            let body = json!({"ok": false, "error_code": code, "description": description});
            Reply::json(status, &body)
        };
        let token = self.asked.lock().unwrap_or_else(PoisonError::into_inner).token;
        let Some(method) = request.path.strip_prefix(&format!("/bot{token}/")) else {
            return refused("404 Not Found", 404, "Not Found");
        };
        if method == "getUpdates" {
            return self.updates(&request.body);
        }
        let fault = self.inbox.tried();
        match fault {
            NotifyFault::TooMany(seconds) => {
                let body = json!({
                    "ok": false, "error_code": 429, "description": "Too Many Requests",
                    "parameters": {"retry_after": seconds},
                });
                return Reply::json("429 Too Many Requests", &body);
            }
            NotifyFault::Gone => {
                return refused("403 Forbidden", 403, "Forbidden: bot was blocked by the user");
            }
            NotifyFault::None | NotifyFault::Slow | NotifyFault::ClosesHalfway => {}
            other => return reply_to(other).unwrap_or(Reply::Silence),
        }
        let said = if method == "sendPhoto" { photo(request) } else { said(method, &request.body) };
        let Some(mut said) = said else {
            return refused("400 Bad Request", 400, "Bad Request: chat not found");
        };
        if !method.starts_with("edit") {
            said.number = i64::try_from(self.inbox.taken().len()).unwrap_or(0) + 100;
        } else if !self.inbox.taken().iter().any(|one| one.number == said.number) {
            return refused("400 Bad Request", 400, "Bad Request: message to edit not found");
        }
        let number = said.number;
        self.inbox.take(said);
        let taken = Reply::json("200 OK", &json!({"ok": true, "result": {"message_id": number}}));
        match reply_to(fault) {
            Some(reply) => reply,
            None if fault == NotifyFault::Slow => Reply::Late(SLOW, Box::new(taken)),
            None => taken,
        }
    }
}

impl Api {
    /// What was written from an offset on. What lies before counts as read.
    fn updates(&self, body: &[u8]) -> Reply {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let offset = body["offset"].as_i64().unwrap_or(0);
        self.questions.send_modify(|questions| *questions += 1);
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.is_asked_for_twice {
            let text = "Conflict: terminated by other getUpdates request";
            let body = json!({"ok": false, "error_code": 409, "description": text});
            return Reply::json("409 Conflict", &body);
        }
        asked.updates.retain(|update| update["update_id"].as_i64() >= Some(offset));
        Reply::json("200 OK", &json!({"ok": true, "result": asked.updates}))
    }
}

fn said(method: &str, body: &[u8]) -> Option<BotMessage> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let chat = body["chat_id"].as_str().map(str::to_owned);
    let chat = chat.or_else(|| body["chat_id"].as_i64().map(|number| number.to_string()))?;
    let text = body["text"].as_str().or_else(|| body["caption"].as_str())?.to_owned();
    let number = body["message_id"].as_i64().unwrap_or(0);
    let known = ["sendMessage", "editMessageText", "editMessageCaption"].contains(&method);
    let method = method.to_owned();
    known.then_some(BotMessage { method, chat, text, number, picture: None, is_quiet: false })
}

/// Reads a form with a picture (RFC 7578).
fn photo(request: &HttpRequest) -> Option<BotMessage> {
    let kind = request.header("content-type")?;
    let boundary = format!("--{}", kind.strip_prefix("multipart/form-data; boundary=")?);
    let find = |from: usize, what: &[u8]| {
        let rest = request.body.get(from..)?;
        rest.windows(what.len()).position(|window| window == what).map(|at| at + from)
    };
    let part = |name: &str| {
        let head = find(0, format!("name=\"{name}\"").as_bytes())?;
        let begin = find(head, b"\r\n\r\n")? + 4;
        let end = find(begin, format!("\r\n{boundary}").as_bytes())?;
        request.body.get(begin..end).map(<[u8]>::to_vec)
    };
    Some(BotMessage {
        method: "sendPhoto".to_owned(),
        chat: String::from_utf8(part("chat_id")?).ok()?,
        text: String::from_utf8(part("caption")?).ok()?,
        number: 0,
        picture: Some(part("photo")?),
        is_quiet: part("disable_notification").is_some_and(|text| text == b"true"),
    })
}
