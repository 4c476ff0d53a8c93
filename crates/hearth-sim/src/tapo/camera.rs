//! A camera: HTTPS, its login of one generation, and its settings.

mod login;
mod methods;
mod settings;
mod spake2;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hearth_secret::SecretString;
use serde_json::{Value, json};

use self::login::{Logins, Opened};
use super::{
    Expiry, TapoCredentials, TapoFault, TapoSimError,
    fault::Conditions,
    http::{Answer, Device, Received, Server},
};
use crate::certificate::Certificate;

/// Which login a camera knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TapoGeneration {
    /// A token for an MD5, then plain JSON.
    Legacy,
    /// The encrypted channel, the password kept as MD5.
    SecureMd5,
    /// The encrypted channel, the password kept as SHA-256.
    SecureSha256,
    /// SPAKE2+.
    Tpap,
}

/// What a camera is.
#[derive(Clone, Debug)]
pub struct TapoCameraSpec {
    /// `C210`.
    pub model: String,
    /// The name its owner gave it.
    pub alias: String,
    /// Its login.
    pub generation: TapoGeneration,
    /// The account; the name is `admin` on cameras with the encrypted channel.
    pub credentials: TapoCredentials,
    /// Where it says that its own stream is; nothing is there by itself ([`super::TapoMedia`]).
    pub media_port: u16,
}

impl TapoCameraSpec {
    /// A camera with a motor.
    pub fn new(generation: TapoGeneration, password: impl Into<SecretString>) -> Self {
        let credentials =
            TapoCredentials { username: "admin".to_owned(), password: password.into() };
        Self {
            model: "C210".to_owned(),
            alias: "Simulated yard".to_owned(),
            generation,
            credentials,
            media_port: 8_800,
        }
    }
}

/// A running camera. Dropping it stops it.
#[derive(Debug)]
pub struct TapoCamera {
    state: Arc<State>,
    server: Server,
}

#[derive(Debug)]
struct State {
    spec: TapoCameraSpec,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    logins: Logins,
    settings: Value,
    conditions: Conditions,
    certificate: Certificate,
    commands: Vec<String>,
    login_posts: usize,
}

impl TapoCamera {
    /// Starts a camera on a port of 127.0.0.1 that the system chooses.
    pub async fn start(spec: TapoCameraSpec) -> Result<Self, TapoSimError> {
        let inner = Inner {
            logins: Logins::new(spec.generation),
            settings: settings::fresh(&spec),
            conditions: Conditions::default(),
            certificate: Certificate::generate()?,
            commands: Vec::new(),
            login_posts: 0,
        };
        let state = Arc::new(State { spec, inner: Mutex::new(inner) });
        let server = Server::start(Arc::clone(&state) as Arc<dyn Device>).await?;
        Ok(Self { state, server })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// Who may log in.
    pub fn credentials(&self) -> &TapoCredentials {
        &self.state.spec.credentials
    }

    /// SHA-256 of the certificate it shows, in lower-case hexadecimal.
    pub fn certificate_sha256(&self) -> String {
        self.state.lock().certificate.sha256.clone()
    }

    /// Lets something go wrong.
    pub fn strike(&self, fault: TapoFault) -> Result<(), TapoSimError> {
        let mut inner = self.state.lock();
        inner.conditions = inner.conditions.after(fault);
        match fault {
            TapoFault::NewCertificate => {
                inner.certificate = Certificate::generate()?;
                self.server.hang_up();
            }
            TapoFault::PlayOldCamera => inner.logins = Logins::new(TapoGeneration::Legacy),
            _ => {}
        }
        Ok(())
    }

    /// One of its settings, by module and section: `("lens_mask", "lens_mask_info")`.
    pub fn setting(&self, module: &str, section: &str) -> Value {
        self.state.lock().settings[module][section].clone()
    }

    /// The commands that it carried out, in order.
    pub fn commands(&self) -> Vec<String> {
        self.state.lock().commands.clone()
    }

    /// How many posts of logins it received: each costs an attempt.
    pub fn login_posts(&self) -> usize {
        self.state.lock().login_posts
    }
}

impl State {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Device for State {
    fn answer(&self, request: &Received) -> Answer {
        let mut inner = self.lock();
        let mut answer = inner.answer(&self.spec, request);
        let seconds = inner.conditions.slow_seconds;
        answer.delay = Duration::try_from_secs_f64(seconds).unwrap_or_default();
        answer
    }

    fn certificate(&self) -> Option<Certificate> {
        Some(self.lock().certificate.clone())
    }
}

impl Inner {
    fn answer(&mut self, spec: &TapoCameraSpec, request: &Received) -> Answer {
        if request.method != http::Method::POST {
            return Answer::status(404);
        }
        if request.path == "/" {
            self.login_posts += 1;
            if self.conditions.malformed {
                return Answer::bytes(b"<html>".to_vec());
            }
            if let Some(seconds) = self.conditions.locked_seconds {
                return Answer::json(&login::blocked(seconds));
            }
            return login::answer(&mut self.logins, spec, self.conditions, &request.body);
        }
        if let Some(how) = self.conditions.expire_once.take() {
            self.logins.end_session();
            return expired(how);
        }
        if self.conditions.expire_always {
            return expired(Expiry::Code);
        }
        match self.logins.open(request) {
            Opened::Refused(answer) => answer,
            Opened::Request(json) => {
                let answer = self.dispatch(&json);
                self.close(&answer)
            }
        }
    }

    fn dispatch(&mut self, request: &Value) -> Value {
        match self.conditions.refuse {
            Some(code) => methods::refuse(request, code),
            None => methods::answer(request, &mut self.settings, &mut self.commands),
        }
    }

    fn close(&mut self, answer: &Value) -> Answer {
        let Conditions { malformed, nonsense, wrong_signature, .. } = self.conditions;
        if malformed {
            return Answer::bytes(b"{\"error_code\":0,\"result\":{\"response\":\"%%%\"}}".to_vec());
        }
        let text = if nonsense { "[1, 2".to_owned() } else { answer.to_string() };
        self.logins.seal(&text, wrong_signature)
    }
}

fn expired(how: Expiry) -> Answer {
    match how {
        Expiry::Code => Answer::json(&json!({"error_code": -40401})),
        Expiry::Status(status) => Answer::status(status),
    }
}
