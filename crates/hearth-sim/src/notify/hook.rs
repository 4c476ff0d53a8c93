//! A simulated receiver of webhooks, which checks the signature as the documentation tells receivers
//! to.

use std::{sync::Arc, time::Instant};

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

use super::{Inbox, NotifyFault, inbox_methods, reply_to};
use crate::{
    http::HttpRequest,
    service::{Answering, Reply, Service, ServiceError},
};

const SECRET: &str = "simulated webhook secret";

/// A call that was signed properly.
#[derive(Clone, Debug, PartialEq)]
pub struct HookCall {
    /// The same for every attempt.
    pub delivery: String,
    /// Seconds since 1970, as signed.
    pub timestamp: i64,
    /// What it says.
    pub body: Value,
    /// When it was here.
    pub arrived: Instant,
}

/// A running receiver. Dropping it stops it.
#[derive(Debug)]
pub struct HookReceiver {
    service: Service,
    desk: Arc<Desk>,
}

#[derive(Debug, Default)]
struct Desk {
    inbox: Inbox<HookCall>,
}

impl HookReceiver {
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
        format!("https://127.0.0.1:{}/hook", self.service.port())
    }

    /// The secret that calls are signed with.
    pub fn secret(&self) -> &'static str {
        SECRET
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

    fn inbox(&self) -> &Inbox<HookCall> {
        &self.desk.inbox
    }
}

inbox_methods!(HookReceiver, HookCall);

impl Answering for Desk {
    fn answer(&self, request: &HttpRequest) -> Reply {
        let fault = self.inbox.tried();
        let reply = reply_to(fault);
        if reply.is_some() && fault != NotifyFault::ClosesHalfway {
            return reply.unwrap_or(Reply::Silence);
        }
        match call(request) {
            Some(call) => self.inbox.take(call),
            None => return Reply::Http("401 Unauthorized", Vec::new(), String::new()),
        }
        reply.unwrap_or(Reply::Http("204 No Content", Vec::new(), String::new()))
    }
}

fn call(request: &HttpRequest) -> Option<HookCall> {
    let timestamp = request.header("x-hearthwatch-timestamp")?;
    let shown = request.header("x-hearthwatch-signature")?.strip_prefix("v1=")?;
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).ok()?;
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(&request.body);
    let made = mac.finalize().into_bytes();
    let made: String = made.iter().map(|byte| format!("{byte:02x}")).collect();
    (made == shown).then_some(())?;
    Some(HookCall {
        delivery: request.header("x-hearthwatch-delivery")?.to_owned(),
        timestamp: timestamp.parse().ok()?,
        body: serde_json::from_slice(&request.body).ok()?,
        arrived: Instant::now(),
    })
}
