//! A simulated server of ntfy: JSON to its root, or a picture to a topic.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::{Inbox, NotifyFault, inbox_methods, reply_to};
use crate::{
    http::HttpRequest,
    service::{Answering, Reply, Service, ServiceError},
};

const TOKEN: &str = "tk_simulated";

/// Something that was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicMessage {
    /// To which topic.
    pub topic: String,
    /// Its title.
    pub title: String,
    /// Its text.
    pub text: String,
    /// From 1 to 5.
    pub priority: i64,
    /// What replaces what.
    pub sequence: String,
    /// The picture.
    pub picture: Option<Vec<u8>>,
}

/// A running server. Dropping it stops it.
#[derive(Debug)]
pub struct TopicServer {
    service: Service,
    desk: Arc<Desk>,
}

#[derive(Debug, Default)]
struct Desk {
    inbox: Inbox<TopicMessage>,
}

impl TopicServer {
    /// Starts on a port of 127.0.0.1 that the system chooses.
    ///
    /// # Errors
    /// If there is no port or no certificate.
    pub async fn start() -> Result<Self, ServiceError> {
        let desk = Arc::new(Desk::default());
        Ok(Self { service: Service::start(Arc::clone(&desk)).await?, desk })
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.service.port())
    }

    /// The access token that it wants.
    pub fn token(&self) -> &'static str {
        TOKEN
    }

    /// SHA-256 of its certificate.
    pub fn certificate_sha256(&self) -> String {
        self.service.certificate_sha256()
    }

    fn inbox(&self) -> &Inbox<TopicMessage> {
        &self.desk.inbox
    }
}

inbox_methods!(TopicServer, TopicMessage);

impl Answering for Desk {
    fn answer(&self, request: &HttpRequest) -> Reply {
        let fault = self.inbox.tried();
        let reply = reply_to(fault);
        if reply.is_some() && fault != NotifyFault::ClosesHalfway {
            return reply.unwrap_or(Reply::Silence);
        }
        if request.authorization.as_deref() != Some("Bearer tk_simulated") {
            return Reply::Http("403 Forbidden", Vec::new(), String::new());
        }
        let message = match request.method.as_str() {
            "PUT" => with_picture(request),
            _ => of_json(&request.body),
        };
        let Some(message) = message else {
            return Reply::Http("400 Bad Request", Vec::new(), String::new());
        };
        self.inbox.take(message);
        reply.unwrap_or(Reply::Http("200 OK", Vec::new(), "{}".to_owned()))
    }
}

fn of_json(body: &[u8]) -> Option<TopicMessage> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    Some(TopicMessage {
        topic: text("topic")?,
        title: text("title")?,
        text: text("message")?,
        priority: body["priority"].as_i64()?,
        sequence: text("sequence_id")?,
        picture: None,
    })
}

fn with_picture(request: &HttpRequest) -> Option<TopicMessage> {
    let decoded = |name: &str| {
        let word = request.header(name)?.strip_prefix("=?UTF-8?B?")?.strip_suffix("?=")?;
        String::from_utf8(STANDARD.decode(word).ok()?).ok()
    };
    Some(TopicMessage {
        topic: request.path.trim_start_matches('/').to_owned(),
        title: decoded("title")?,
        text: decoded("message")?,
        priority: request.header("priority")?.parse().ok()?,
        sequence: request.header("x-sequence-id")?.to_owned(),
        picture: Some(request.body.clone()),
    })
}
