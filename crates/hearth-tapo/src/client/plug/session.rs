//! The connection, login and session of a plug.

use std::{
    sync::PoisonError,
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::timeout,
};

use super::{PlugClient, PlugProtocol};
use crate::{
    CodeClass, Failure, Login, Malformed, Security, TlsKind, Weakness,
    call::code_of,
    client::{
        REQUEST_TIMEOUT, address,
        gate::Gate,
        http::{CommonHeaders, Wire},
        random, secure_stream,
    },
    transport::{
        Account, LoginError, Post, Reply,
        klap::{KlapHandshake, KlapProof, KlapSession, factory_account},
        pass_through::{self, PassThroughKey, PassThroughSession, PasswordForm},
        xor,
    },
};

/// What is kept between calls.
pub(super) struct State {
    account: Account,
    gate: Gate,
    wire: Option<(Wire, TlsKind)>,
    session: Option<(Session, Instant)>,
    key: Option<PassThroughKey>,
}

enum Session {
    Klap(Box<KlapSession>),
    PassThrough(Box<PassThroughSession>),
}

impl Session {
    fn life(&self) -> Duration {
        match self {
            Self::Klap(session) => session.life(),
            Self::PassThrough(session) => session.life(),
        }
    }

    fn wrap(&mut self, inner: &str) -> Post {
        match self {
            Self::Klap(session) => session.wrap(inner),
            Self::PassThrough(session) => session.wrap(inner),
        }
    }

    fn unwrap(&mut self, reply: &Reply) -> Result<Value, Failure> {
        match self {
            Self::Klap(session) => session.unwrap(reply).map_err(Failure::from),
            Self::PassThrough(session) => session.unwrap(reply).map_err(Failure::from),
        }
    }
}

impl State {
    pub(super) fn new(account: Account) -> Self {
        let gate = Gate::default();
        Self { account, gate, wire: None, session: None, key: None }
    }

    pub(super) fn forget(&mut self) {
        (self.wire, self.session) = (None, None);
    }
}

impl PlugClient {
    /// Sends JSON and returns the decrypted answer.
    pub(super) async fn exchange(&self, json: &Value) -> Result<Value, Failure> {
        let mut state = self.state.lock().await;
        let inner = json.to_string();
        if self.spec.protocol == PlugProtocol::Xor {
            return self.exchange_xor(&inner).await;
        }
        // Once more after a lost session, and only once.
        for _ in 0..2 {
            self.log_in(&mut state).await?;
            let (mut wire, tls) = self.wire(&mut state).await?;
            let (session, _) = state.session.as_mut().ok_or(Failure::SessionLost)?;
            let post = session.wrap(&inner);
            let reply = wire.post(&self.headers(), post, "waiting for an answer").await?;
            let answer = session.unwrap(&reply);
            self.note_signatures(session);
            state.wire = Some((wire, tls));
            match answer {
                Ok(answer) if !is_lost(&answer) => return Ok(answer),
                Ok(_) | Err(Failure::SessionLost) => state.session = None,
                Err(failure) => return Err(failure),
            }
        }
        Err(Failure::SessionLost)
    }

    fn headers(&self) -> CommonHeaders {
        let host = format!("{}:{}", self.spec.host, self.spec.port);
        let kind = match self.spec.protocol {
            PlugProtocol::PassThrough(_) => "application/json",
            PlugProtocol::Klap | PlugProtocol::Xor => "application/octet-stream",
        };
        CommonHeaders(vec![
            ("Host", host),
            ("Content-Type", kind.to_owned()),
            ("requestByApp", "true".to_owned()),
            ("Accept", "application/json".to_owned()),
        ])
    }

    /// Remembers whether the device signs its answers, and shows it if not.
    fn note_signatures(&self, session: &Session) {
        let Session::Klap(session) = session else { return };
        match session.signs_answers() {
            Some(true) => {
                let mut trust = self.trust.known(&self.spec.device);
                if !trust.signs_answers {
                    trust.signs_answers = true;
                    self.trust.remember(&self.spec.device, trust);
                }
            }
            Some(false) => self.weaken(Weakness::UnsignedAnswers),
            None => {}
        }
    }

    fn weaken(&self, weakness: Weakness) {
        let mut security = self.security.lock().unwrap_or_else(PoisonError::into_inner);
        *security = security.take().map(|security| security.with(weakness));
    }

    fn secured(&self, login: Login, tls: TlsKind) {
        let mut security = self.security.lock().unwrap_or_else(PoisonError::into_inner);
        *security = Some(Security::of(login, tls));
    }

    async fn wire(&self, state: &mut State) -> Result<(Wire, TlsKind), Failure> {
        if let Some((wire, tls)) = state.wire.take().filter(|(wire, _)| wire.is_usable()) {
            return Ok((wire, tls));
        }
        let addresses = address::resolve(&self.spec.host, self.spec.port).await?;
        let inside = addresses.iter().all(|address| address::is_private(address.ip()));
        if !self.spec.https {
            if !inside {
                return Err(Failure::PublicAddress);
            }
            let socket = address::connect(&addresses).await?;
            return Ok((Wire::over(Box::new(socket)).await?, TlsKind::None));
        }
        let mut trust = self.trust.known(&self.spec.device);
        let opened = secure_stream::open(&addresses, &self.spec.host, trust, inside).await?;
        if trust.certificate.is_none() || trust.tls < Some(opened.tls) {
            trust.certificate = Some(opened.certificate);
            trust.tls = trust.tls.max(Some(opened.tls));
            self.trust.remember(&self.spec.device, trust);
        }
        Ok((Wire::over(opened.io).await?, opened.tls))
    }

    async fn log_in(&self, state: &mut State) -> Result<(), Failure> {
        let alive = |(session, since): &(Session, Instant)| since.elapsed() < session.life();
        if state.session.as_ref().is_some_and(alive) {
            return Ok(());
        }
        state.session = None;
        state.gate.check(Instant::now())?;
        let result = match self.spec.protocol {
            PlugProtocol::PassThrough(form) => self.log_in_pass_through(state, form).await,
            PlugProtocol::Klap | PlugProtocol::Xor => self.log_in_klap(state).await,
        };
        if let Err(failure) = &result {
            state.gate = state.gate.after(failure, Instant::now());
        }
        result
    }

    async fn log_in_klap(&self, state: &mut State) -> Result<(), Failure> {
        let (mut wire, tls) = self.wire(state).await?;
        let headers = self.headers();
        let handshake = KlapHandshake::new(random()?);
        let reply = wire.post(&headers, handshake.first(), "logging in").await?;
        let (proof, by_factory) = self.prove(&handshake, &reply, &state.account)?;
        let login = proof.version().login();
        let mut trust = self.trust.known(&self.spec.device);
        if trust.login.is_some_and(|known| login < known) {
            return Err(Failure::Downgrade("an older login"));
        }
        let reply = wire.post(&headers, proof.second(), "logging in").await?;
        let mut session = proof.finish(&reply)?;
        if trust.signs_answers {
            session.require_signatures();
        }
        if trust.login != Some(login) {
            trust.login = Some(login);
            self.trust.remember(&self.spec.device, trust);
        }
        self.secured(login, tls);
        if by_factory {
            self.weaken(Weakness::FactoryPassword);
        }
        state.session = Some((Session::Klap(Box::new(session)), Instant::now()));
        state.wire = Some((wire, tls));
        Ok(())
    }

    /// Tries the given account, then the one of everybody if that is allowed. It costs the device
    /// nothing: both are compared with the same answer, here.
    fn prove(
        &self,
        handshake: &KlapHandshake,
        reply: &Reply,
        account: &Account,
    ) -> Result<(KlapProof, bool), Failure> {
        match handshake.prove(reply, account) {
            Ok(proof) => Ok((proof, false)),
            Err(LoginError::Credentials) if self.spec.may_use_factory_account => {
                Ok((handshake.prove(reply, &factory_account())?, true))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn log_in_pass_through(
        &self,
        state: &mut State,
        form: PasswordForm,
    ) -> Result<(), Failure> {
        let trust = self.trust.known(&self.spec.device);
        if trust.login.is_some_and(|known| Login::PassThrough < known) {
            return Err(Failure::Downgrade("an older login"));
        }
        let key = match state.key.take() {
            Some(key) => key,
            None => tokio::task::spawn_blocking(PassThroughKey::generate)
                .await
                .ok()
                .flatten()
                .ok_or(Failure::Unreachable("the system has no randomness".to_owned()))?,
        };
        let (mut wire, tls) = self.wire(state).await?;
        let headers = self.headers();
        let reply = wire.post(&headers, key.handshake(), "logging in").await?;
        let mut session = key.finish(&reply)?;
        state.key = Some(key);
        let time_ms = std::time::SystemTime::UNIX_EPOCH
            .elapsed()
            .map_or(0, |elapsed| u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX));
        let login = pass_through::login(&state.account, form, time_ms).to_string();
        let reply = wire.post(&headers, session.wrap(&login), "logging in").await?;
        let answer = session.unwrap(&reply).map_err(Failure::from)?;
        session.logged_in(&answer)?;
        if trust.login.is_none() {
            let login = Some(Login::PassThrough);
            self.trust.remember(&self.spec.device, crate::Trust { login, ..trust });
        }
        self.secured(Login::PassThrough, tls);
        state.session = Some((Session::PassThrough(Box::new(session)), Instant::now()));
        state.wire = Some((wire, tls));
        Ok(())
    }

    async fn exchange_xor(&self, inner: &str) -> Result<Value, Failure> {
        let trust = self.trust.known(&self.spec.device);
        if trust.login.is_some_and(|known| Login::None < known) {
            return Err(Failure::Downgrade("no login at all"));
        }
        // The device closes the connection when it likes; a command over a closed one would be
        // lost, so each gets its own.
        let addresses = address::resolve(&self.spec.host, self.spec.port).await?;
        if !addresses.iter().all(|address| address::is_private(address.ip())) {
            return Err(Failure::PublicAddress);
        }
        let mut socket = address::connect(&addresses).await?;
        self.secured(Login::None, TlsKind::None);
        let exchange = async {
            socket.write_all(&xor::frame(inner.as_bytes())).await?;
            let mut head = [0; 4];
            socket.read_exact(&mut head).await?;
            let length = xor::frame_length(head).map_err(std::io::Error::other)?;
            let mut body = vec![0; length];
            socket.read_exact(&mut body).await?;
            Ok::<_, std::io::Error>(body)
        };
        let body = timeout(REQUEST_TIMEOUT, exchange)
            .await
            .map_err(|_| Failure::Timeout("waiting for an answer"))?
            .map_err(|error| Failure::Broken(error.kind().to_string()))?;
        serde_json::from_slice(&xor::decrypt(&body))
            .ok()
            .filter(Value::is_object)
            .ok_or(Malformed::new("no JSON object").into())
    }
}

fn is_lost(answer: &Value) -> bool {
    code_of(answer, "error_code").is_ok_and(|code| code.class() == CodeClass::SessionLost)
}
