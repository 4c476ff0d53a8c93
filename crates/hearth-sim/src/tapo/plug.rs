//! A Tapo plug: HTTP or HTTPS, KLAP of either version or the AES pass-through.

mod klap;
mod methods;
mod pass_through;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hearth_secret::SecretString;
use serde_json::Value;

use self::{klap::Klap, pass_through::PassThrough};
use super::{
    Expiry, TapoCredentials, TapoFault, TapoSimError,
    fault::Conditions,
    http::{Answer, Device, Received, Server},
    kasa_plug::KasaState,
};
use crate::certificate::Certificate;

/// What a plug's login is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlugLogin {
    /// KLAP version 1.
    KlapV1,
    /// KLAP version 2.
    KlapV2,
    /// The AES pass-through, the password sent in base64.
    PassThroughPlain,
    /// The AES pass-through, the password sent as SHA-1.
    PassThroughSha1,
}

/// What a plug is.
#[derive(Clone, Debug)]
pub struct TapoPlugSpec {
    /// `P110`.
    pub model: String,
    /// Its login.
    pub login: PlugLogin,
    /// Whether it speaks the language of Kasa plugs inside.
    pub speaks_iot: bool,
    /// Whether it takes TLS only.
    pub https: bool,
    /// Whether it knows voltage and current, as newer firmware does.
    pub measures_voltage: bool,
    /// The account.
    pub credentials: TapoCredentials,
}

impl TapoPlugSpec {
    /// A P110.
    pub fn new(login: PlugLogin, username: &str, password: impl Into<SecretString>) -> Self {
        Self {
            model: "P110".to_owned(),
            login,
            speaks_iot: false,
            https: false,
            measures_voltage: true,
            credentials: TapoCredentials {
                username: username.to_owned(),
                password: password.into(),
            },
        }
    }
}

/// A running plug. Dropping it stops it.
#[derive(Debug)]
pub struct TapoPlug {
    state: Arc<State>,
    server: Server,
}

#[derive(Debug)]
struct State {
    spec: TapoPlugSpec,
    certificate: Option<Certificate>,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    channel: Channel,
    conditions: Conditions,
    socket: methods::Socket,
    kasa: KasaState,
    handshakes: usize,
}

#[derive(Debug)]
enum Channel {
    Klap(Klap),
    PassThrough(PassThrough),
}

impl TapoPlug {
    /// Starts a plug on a port of 127.0.0.1 that the system chooses.
    pub async fn start(spec: TapoPlugSpec) -> Result<Self, TapoSimError> {
        let channel = match spec.login {
            PlugLogin::KlapV1 | PlugLogin::KlapV2 => {
                Channel::Klap(Klap::new(spec.login == PlugLogin::KlapV2, &spec.credentials))
            }
            PlugLogin::PassThroughPlain | PlugLogin::PassThroughSha1 => {
                let hashed = spec.login == PlugLogin::PassThroughSha1;
                Channel::PassThrough(PassThrough::new(hashed, &spec.credentials))
            }
        };
        let inner = Inner {
            channel,
            conditions: Conditions::default(),
            socket: methods::Socket::new(&spec),
            kasa: KasaState::new(),
            handshakes: 0,
        };
        let certificate = spec.https.then(Certificate::generate).transpose()?;
        let state = Arc::new(State { spec, certificate, inner: Mutex::new(inner) });
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

    /// Lets something go wrong.
    pub fn strike(&self, fault: TapoFault) {
        let mut inner = self.state.lock();
        inner.conditions = inner.conditions.after(fault);
    }

    /// Whether the socket has power.
    pub fn is_on(&self) -> bool {
        let inner = self.state.lock();
        if self.state.spec.speaks_iot { inner.kasa.is_on() } else { inner.socket.is_on() }
    }

    /// How many handshakes were begun.
    pub fn handshakes(&self) -> usize {
        self.state.lock().handshakes
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
        let mut answer = inner.answer(self.spec.speaks_iot, request);
        let seconds = inner.conditions.slow_seconds;
        answer.delay = Duration::try_from_secs_f64(seconds).unwrap_or_default();
        answer
    }

    fn certificate(&self) -> Option<Certificate> {
        self.certificate.clone()
    }
}

impl Inner {
    fn answer(&mut self, speaks_iot: bool, request: &Received) -> Answer {
        if request.method == http::Method::GET && request.path == "/" {
            // What clients look at to find out that this is a plug.
            return Answer::bytes(b"200 OK".to_vec());
        }
        let is_command = match &self.channel {
            Channel::Klap(_) => request.path.starts_with("/app/request"),
            Channel::PassThrough(_) => request.path.contains("token="),
        };
        if !is_command && self.conditions.malformed {
            return Answer::bytes(vec![0; 7]);
        }
        if is_command {
            let expiry = self.conditions.expire_once.take();
            let expiry = expiry.or(self.conditions.expire_always.then_some(Expiry::Code));
            if let Some(how) = expiry {
                return self.expired(how);
            }
        } else {
            self.handshakes += 1;
        }
        let conditions = self.conditions;
        let (socket, kasa) = (&mut self.socket, &mut self.kasa);
        let carry_out = |json: &Value| -> Value {
            match conditions.refuse {
                Some(code) => serde_json::json!({"error_code": code}),
                None if speaks_iot => kasa.answer(json),
                None => socket.answer(json),
            }
        };
        match &mut self.channel {
            Channel::Klap(klap) => klap.answer(request, conditions, carry_out),
            Channel::PassThrough(pass) => pass.answer(request, conditions, carry_out),
        }
    }

    fn expired(&mut self, how: Expiry) -> Answer {
        match (&mut self.channel, how) {
            (_, Expiry::Status(status)) => Answer::status(status),
            (Channel::Klap(klap), Expiry::Code) => {
                klap.end_session();
                Answer::status(403)
            }
            (Channel::PassThrough(pass), Expiry::Code) => {
                pass.end_session();
                Answer::json(&serde_json::json!({"error_code": 9999}))
            }
        }
    }
}
