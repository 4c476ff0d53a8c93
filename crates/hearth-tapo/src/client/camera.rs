//! A client of one camera, doorbell or hub.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use hearth_secret::Secret;
use serde_json::Value;
use tokio::time::timeout;

use super::{
    CALL_TIMEOUT, TrustStore, address,
    gate::Gate,
    http::{CommonHeaders, Wire},
    random, secure_stream,
};
use crate::{
    CodeClass, Failure, Login, Malformed, Security, TapoError, TlsKind,
    call::Envelope as _,
    camera::{CameraCall, CameraLogin, CameraSession, LoginRandom, Request, Step},
    transport::Account,
};

/// A login with a question under another name has four posts; a machine that wants more is broken.
const LOGIN_POSTS_MAX: usize = 5;

/// Which camera.
#[derive(Clone, Debug)]
pub struct CameraSpec {
    /// Its name in errors and in the [`TrustStore`].
    pub device: String,
    /// Its address or host name.
    pub host: String,
    /// 443 unless it says otherwise.
    pub port: u16,
    /// `admin` and the password of the vendor's account, or the camera account of old firmware.
    pub account: Account,
    /// Whether it announced TPAP (discovery): it is then asked for nothing older.
    pub announces_tpap: bool,
}

impl CameraSpec {
    /// A camera on the usual port.
    pub fn new(host: impl Into<String>, account: Account) -> Self {
        let host = host.into();
        Self { device: host.clone(), host, port: 443, account, announces_tpap: false }
    }
}

/// Talks to one camera. Calls from several tasks are sent one after the other.
pub struct CameraClient {
    spec: CameraSpec,
    trust: Arc<dyn TrustStore>,
    headers: CommonHeaders,
    state: tokio::sync::Mutex<State>,
    security: Mutex<Option<Security>>,
}

/// An open connection.
struct Line {
    wire: Wire,
    tls: TlsKind,
    /// Whether it stays inside private networks.
    inside: bool,
}

struct State {
    account: Account,
    gate: Gate,
    line: Option<Line>,
    session: Option<(CameraSession, Login)>,
}

impl CameraClient {
    /// Does not connect yet.
    pub fn new(spec: CameraSpec, trust: Arc<dyn TrustStore>) -> Self {
        let host = format!("{}:{}", spec.host, spec.port);
        let headers = CommonHeaders(vec![
            ("Host", host.clone()),
            ("Referer", format!("https://{host}")),
            ("Accept", "application/json".to_owned()),
            ("User-Agent", "Tapo CameraClient Android".to_owned()),
            ("requestByApp", "true".to_owned()),
            ("Content-Type", "application/json; charset=UTF-8".to_owned()),
        ]);
        let state = State {
            account: spec.account.clone(),
            gate: Gate::default(),
            line: None,
            session: None,
        };
        let state = tokio::sync::Mutex::new(state);
        Self { spec, trust, headers, state, security: Mutex::new(None) }
    }

    /// Sends a call. Success means that the camera acknowledged it.
    pub async fn call<T>(&self, call: &CameraCall<T>) -> Result<T, TapoError> {
        let request = call.request();
        let begun = Instant::now();
        let single = matches!(request, Request::Single { .. });
        let answered = timeout(CALL_TIMEOUT, self.exchange(&request.to_json(), single)).await;
        let result = answered
            .unwrap_or(Err(Failure::Timeout("carrying out a command")))
            .and_then(|answer| call.read(&answer).map_err(Failure::from));
        self.log(request.method(), begun, result.as_ref().err());
        result.map_err(|failure| failure.at(&*self.spec.device))
    }

    /// Reads up to [`crate::camera::ENTRIES_MAX`] things in one request. Read each part of
    /// the answer with its own call.
    pub async fn batch(&self, requests: &[&Request]) -> Result<Value, TapoError> {
        let begun = Instant::now();
        let json = crate::camera::batch(requests.iter().copied());
        let result = match json.map_err(Failure::from) {
            Ok(json) => match timeout(CALL_TIMEOUT, self.exchange(&json, false)).await {
                Ok(result) => result,
                Err(_) => Err(Failure::Timeout("carrying out a batch")),
            },
            Err(failure) => Err(failure),
        };
        self.log("batch", begun, result.as_ref().err());
        result.map_err(|failure| failure.at(&*self.spec.device))
    }

    /// Enters the account again, after a wrong password or a lock. Ends the session.
    pub async fn set_account(&self, account: Account) {
        let mut state = self.state.lock().await;
        state.account = account;
        state.gate = Gate::Open;
        state.session = None;
    }

    /// How the connection is protected; `None` before the first login.
    pub fn security(&self) -> Option<Security> {
        self.security.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets session and connection (T-11). Cameras have no logout; the token dies with time.
    pub async fn close(&self) {
        let mut state = self.state.lock().await;
        state.session = None;
        state.line = None;
    }

    fn log(&self, method: &str, begun: Instant, failure: Option<&Failure>) {
        let (device, duration_ms) = (&*self.spec.device, begun.elapsed().as_millis() as u64);
        match failure {
            None => tracing::debug!(device, method, duration_ms, "camera command done"),
            Some(failure) => {
                tracing::warn!(device, method, duration_ms, %failure, "camera command failed");
            }
        }
    }

    async fn exchange(&self, json: &Value, single: bool) -> Result<Value, Failure> {
        let mut state = self.state.lock().await;
        let inner = json.to_string();
        // Once more after a lost session, and only once.
        for _ in 0..2 {
            self.log_in(&mut state).await?;
            // The connection is out of the state while it is used: if this future is dropped,
            // the half-read connection goes with it.
            let mut line = self.line(&mut state).await?;
            let (session, _) = state.session.as_mut().ok_or(Failure::SessionLost)?;
            if single && !session.takes_single_requests() {
                return Err(Failure::Unsupported { method: "a single request".to_owned() });
            }
            let post = session.wrap(&inner);
            let reply = line.wire.post(&self.headers, post, "waiting for an answer").await?;
            let answer = session.unwrap(&reply).map_err(Failure::from);
            state.line = Some(line);
            match answer {
                Ok(answer) if !is_lost(&answer) => return Ok(answer),
                Ok(_) | Err(Failure::SessionLost) => state.session = None,
                Err(failure) => {
                    state.gate = state.gate.after(&failure, Instant::now());
                    return Err(failure);
                }
            }
        }
        Err(Failure::SessionLost)
    }

    /// The open connection, or a new one.
    async fn line(&self, state: &mut State) -> Result<Line, Failure> {
        if let Some(line) = state.line.take().filter(|line| line.wire.is_usable()) {
            return Ok(line);
        }
        let CameraSpec { device, host, port, .. } = &self.spec;
        let mut trust = self.trust.known(device);
        let addresses = address::resolve(host, *port).await?;
        let inside = addresses.iter().all(|address| address::is_private(address.ip()));
        let opened = secure_stream::open(&addresses, host, trust, inside).await?;
        if trust.certificate.is_none() || trust.tls < Some(opened.tls) {
            trust.certificate = Some(opened.certificate);
            trust.tls = trust.tls.max(Some(opened.tls));
            self.trust.remember(device, trust);
        }
        Ok(Line { wire: Wire::over(opened.io).await?, tls: opened.tls, inside })
    }

    async fn log_in(&self, state: &mut State) -> Result<(), Failure> {
        if state.session.is_some() {
            return Ok(());
        }
        state.gate.check(Instant::now())?;
        let result = self.try_login(state).await;
        if let Err(failure) = &result {
            state.gate = state.gate.after(failure, Instant::now());
        }
        result
    }

    async fn try_login(&self, state: &mut State) -> Result<(), Failure> {
        let device = &self.spec.device;
        let mut line = self.line(state).await?;
        let mut trust = self.trust.known(device);
        let random =
            LoginRandom { nonce: random()?, tpap: random()?, scalar: Secret::new(random()?) };
        let floor = self.floor(trust.login, line.inside);
        let (login, post) = CameraLogin::begin(state.account.clone(), floor, random);
        let mut step = Step::Send(Box::new(login), post);
        for _ in 0..LOGIN_POSTS_MAX {
            step = match step {
                Step::Send(login, post) => {
                    let reply = line.wire.post(&self.headers, post, "logging in").await?;
                    login.answer(&reply)?
                }
                Step::Done(session, login) => {
                    if trust.login < Some(login) {
                        trust.login = Some(login);
                        self.trust.remember(device, trust);
                    }
                    *self.security.lock().unwrap_or_else(PoisonError::into_inner) =
                        Some(Security::of(login, line.tls));
                    state.session = Some((*session, login));
                    state.line = Some(line);
                    return Ok(());
                }
            };
        }
        Err(Malformed::new("a login without end").into())
    }

    /// The weakest login to be accepted: what the camera once offered, what it announced, and
    /// outside the house nothing that an attacker could repeat (K-04).
    fn floor(&self, known: Option<Login>, inside: bool) -> Option<Login> {
        let announced = self.spec.announces_tpap.then_some(Login::Tpap);
        known.max(announced).max((!inside).then_some(Login::SecureSha256))
    }
}

/// Whether a decrypted answer says that the session is over.
fn is_lost(answer: &Value) -> bool {
    let code = crate::call::code_of(answer, "error_code");
    code.is_ok_and(|code| code.class() == CodeClass::SessionLost)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::MemoryTrust;

    fn client(announces_tpap: bool) -> CameraClient {
        let spec = CameraSpec::new("192.0.2.1", Account::new("admin", "x"));
        CameraClient::new(CameraSpec { announces_tpap, ..spec }, Arc::new(MemoryTrust::default()))
    }

    /// promise: K-04. Outside private networks no login is accepted that could be repeated.
    #[test]
    fn outside_the_house_only_the_stronger_logins_are_accepted() {
        let client = client(false);
        assert_eq!(client.floor(None, true), None);
        assert_eq!(client.floor(None, false), Some(Login::SecureSha256));
        assert_eq!(client.floor(Some(Login::Tpap), false), Some(Login::Tpap));
    }

    #[test]
    fn what_a_camera_announced_or_once_offered_is_the_least_that_is_accepted() {
        assert_eq!(client(true).floor(None, true), Some(Login::Tpap));
        let known = Some(Login::SecureMd5);
        assert_eq!(client(false).floor(known, true), known);
    }
}
