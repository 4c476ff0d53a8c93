//! A simulated Kasa camera: LINKIE or LINKIE2 over HTTPS, with a state that commands change.
//!
//! Written from the description of the protocol, not from the client: the encoding here and there
//! are two.

mod encoding;
mod state;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    http::HttpRequest,
    service::{Answering, Reply, Service, ServiceError},
};
use state::State;

/// Which of the two protocols a camera speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KasaProtocol {
    /// With the owner's account.
    Linkie,
    /// With credentials that are the same everywhere.
    Linkie2,
}

/// How to reach a simulated camera. Its password guards nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KasaDescription {
    /// Always true: there is no such camera.
    pub simulated: bool,
    /// Always 127.0.0.1.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// What it speaks.
    pub protocol: KasaProtocol,
    /// The account it accepts; without effect for LINKIE2.
    pub username: String,
    /// And its password.
    pub password: String,
    /// SHA-256 of the certificate it shows now, in hexadecimal.
    pub certificate_sha256: String,
}

/// What can go wrong. Lasts until the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KasaFault {
    /// All is well.
    None,
    /// It takes requests and never answers.
    Slow,
    /// It answers with bytes that mean nothing.
    Malformed,
    /// It answers with an object that lacks what was asked for.
    Empty,
    /// Its answers never end within reason.
    Endless,
    /// Its web server is up, the rest of it is not.
    Starting,
    /// It answers in plain JSON.
    Plain,
    /// It knows no command at all, as another model might.
    Ignorant,
}

/// A running simulated camera. Dropping it stops it.
#[derive(Debug)]
pub struct KasaCamera {
    protocol: KasaProtocol,
    service: Service,
    camera: Arc<Camera>,
}

#[derive(Debug)]
struct Camera {
    protocol: KasaProtocol,
    inside: Mutex<Inside>,
}

#[derive(Debug)]
struct Inside {
    fault: KasaFault,
    state: State,
    asked: Vec<Value>,
}

/// Whom the camera obeys.
const USERNAME: &str = "keeper@example.com";
const PASSWORD: &str = "simulated-kasa";

/// What is remembered of past requests.
const ASKED_MAX: usize = 1_000;

/// More than any client should read.
const ENDLESS_BYTES: usize = 4 << 20;

impl KasaCamera {
    /// Starts a camera on a port of 127.0.0.1 that the system chooses.
    ///
    /// # Errors
    /// If there is no port or no certificate.
    pub async fn start(protocol: KasaProtocol) -> Result<Self, ServiceError> {
        let inside = Inside { fault: KasaFault::None, state: State::new(), asked: Vec::new() };
        let camera = Arc::new(Camera { protocol, inside: Mutex::new(inside) });
        let service = Service::start(Arc::clone(&camera)).await?;
        Ok(Self { protocol, service, camera })
    }

    /// How to reach it.
    pub fn describe(&self) -> KasaDescription {
        KasaDescription {
            simulated: true,
            host: "127.0.0.1".to_owned(),
            port: self.service.port(),
            protocol: self.protocol,
            username: USERNAME.to_owned(),
            password: PASSWORD.to_owned(),
            certificate_sha256: self.service.certificate_sha256(),
        }
    }

    /// Makes something go wrong, or all well again.
    pub fn fault(&self, fault: KasaFault) {
        self.camera.lock().fault = fault;
    }

    /// Shows another certificate from now on, as after a reset.
    ///
    /// # Errors
    /// If none can be made.
    pub fn replace_certificate(&self) -> Result<(), ServiceError> {
        self.service.replace_certificate()
    }

    /// What was asked so far, unwrapped, without the context.
    pub fn asked(&self) -> Vec<Value> {
        self.camera.lock().asked.clone()
    }
}

impl Camera {
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self) -> &'static str {
        match self.protocol {
            KasaProtocol::Linkie => "/data/LINKIE.json",
            KasaProtocol::Linkie2 => "/data/LINKIE2.json",
        }
    }

    fn accepts(&self, request: &HttpRequest) -> bool {
        let expected = match self.protocol {
            KasaProtocol::Linkie => {
                encoding::basic(USERNAME, &encoding::base64(PASSWORD.as_bytes()))
            }
            KasaProtocol::Linkie2 => encoding::basic("admin", "21232f297a57a5a743894a0e4a801fc3"),
        };
        request.header("authorization") == Some(&expected)
    }
}

impl Answering for Camera {
    fn answer(&self, request: &HttpRequest) -> Reply {
        let fault = self.lock().fault;
        match fault {
            KasaFault::Slow => return Reply::Silence,
            KasaFault::Malformed => return ok("AAAA{\u{7f}not json".to_owned()),
            KasaFault::Endless => return ok("A".repeat(ENDLESS_BYTES)),
            KasaFault::Starting => {
                return Reply::Http("503 Service Unavailable", Vec::new(), String::new());
            }
            _ => {}
        }
        let is_form = request.header("content-type") == Some("application/x-www-form-urlencoded");
        if request.method != "POST" || request.path != self.path() || !is_form {
            return Reply::Http("404 Not Found", Vec::new(), String::new());
        }
        let Some(mut asked) = encoding::read_form(&request.body) else {
            return Reply::Http("400 Bad Request", Vec::new(), String::new());
        };
        if !self.accepts(request) {
            let refused = json!({ "err_code": -10007, "err_msg": "Unauthorized Error" });
            return ok(encoding::wrap(&json!({ "context": { "source": refused } })));
        }
        if let Some(asked) = asked.as_object_mut() {
            asked.remove("context");
        }
        let mut inside = self.lock();
        let answer = match fault {
            KasaFault::Empty => json!({}),
            KasaFault::Ignorant => state::unknown(&asked),
            _ => inside.state.obey(&asked),
        };
        if inside.asked.len() < ASKED_MAX {
            inside.asked.push(asked);
        }
        ok(if fault == KasaFault::Plain { answer.to_string() } else { encoding::wrap(&answer) })
    }
}

fn ok(body: String) -> Reply {
    Reply::Http("200 OK", vec![("Content-Type", "text/plain".to_owned())], body)
}
