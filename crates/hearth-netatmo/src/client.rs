//! Homes, rooms and the true temperature.

use std::path::PathBuf;

use hearth_http::{Fingerprint, Response, StatusCode};
use hearth_secret::SecretString;
use serde::Serialize;
use tokio::sync::OnceCell;

use crate::{
    Celsius, Credentials, Endpoints, Error, Home, HomeId, HomeStatus, RoomId, RoomReading,
    TrueTemperature,
    account::Account,
    answer, home,
    transport::{ApiRequest, Transport},
};

/// Below this, in °C, there is nothing to correct: thermometers do not agree better.
const CLOSE: f64 = 0.1;
/// Above this, in °C, somebody should look whether the right room was meant.
const FAR: f64 = 10.0;

/// Speaks with Netatmo for one account. Shared by reference; callers share one session.
#[derive(Debug)]
pub struct Client {
    account: Account,
    transport: Transport,
    endpoints: Endpoints,
    default_home: OnceCell<HomeId>,
}

/// What a [`Client`] is made of.
#[derive(Debug)]
#[must_use]
pub struct ClientBuilder {
    credentials: Credentials,
    endpoints: Endpoints,
    pin: Option<Fingerprint>,
    session_file: Option<PathBuf>,
}

/// What setting a true temperature led to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Correction {
    /// In which home.
    pub home_id: HomeId,
    /// In which room.
    pub room_id: RoomId,
    /// What was measured before, in °C.
    #[serde(rename = "measured_celsius")]
    pub measured: Celsius,
    /// What is true, in °C.
    #[serde(rename = "true_celsius")]
    pub target: TrueTemperature,
    /// What was done.
    pub outcome: Outcome,
    /// More than 10 °C apart: perhaps another room was meant.
    pub is_large: bool,
    /// When, in seconds since 1970 (UTC), by Netatmo's clock.
    pub epoch_seconds: Option<u64>,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Netatmo acknowledged the correction.
    Corrected,
    /// The difference is below 0.1 °C; nothing was sent.
    AlreadyTrue,
}

impl ClientBuilder {
    /// Keeps the session in a file, so that the next start needs no sign-in. Without one, it lives
    /// as long as the client. See [`crate::cache_folder`].
    pub fn session_file(mut self, path: PathBuf) -> Self {
        self.session_file = Some(path);
        self
    }

    /// Another Netatmo than the real one, recognised by its certificate.
    pub fn endpoints(mut self, endpoints: Endpoints, certificate: Fingerprint) -> Self {
        self.endpoints = endpoints;
        self.pin = Some(certificate);
        self
    }

    /// The client. Nothing is sent yet.
    pub fn build(self) -> Client {
        let Self { credentials, endpoints, pin, session_file } = self;
        Client {
            account: Account::new(credentials, endpoints.auth.clone(), session_file),
            transport: Transport::new(pin),
            endpoints,
            default_home: OnceCell::new(),
        }
    }
}

impl Client {
    /// Begins with Netatmo's own endpoints and no file.
    pub fn builder(credentials: Credentials) -> ClientBuilder {
        let endpoints = Endpoints::default();
        ClientBuilder { credentials, endpoints, pin: None, session_file: None }
    }

    /// All homes of the account, with their rooms.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn homes(&self) -> Result<Vec<Home>, Error> {
        let bytes = self.get("/api/homesdata").await?;
        home::homes(&bytes)
    }

    /// How a home fares; the first one if none is named.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn status(&self, home_id: Option<&HomeId>) -> Result<HomeStatus, Error> {
        let home_id = self.home_id(home_id).await?;
        let bytes = self.get(&format!("/api/homestatus?home_id={home_id}")).await?;
        let status = home::status(&bytes)?;
        if status.id != home_id {
            return Err(Error::Malformed("it is about another home"));
        }
        Ok(status)
    }

    /// The rooms of a home that measure their temperature; of the first home if none is named.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn rooms(&self, home_id: Option<&HomeId>) -> Result<Vec<RoomReading>, Error> {
        let homes = self.homes().await?;
        let home = match home_id {
            Some(home_id) => homes.iter().find(|home| home.id == *home_id),
            None => homes.first(),
        };
        let home = home.ok_or(Error::NoSuchHome)?;
        let status = self.status(Some(&home.id)).await?;
        Ok(home::readings(home, &status))
    }

    /// Tells Netatmo what a thermometer in the room shows; in the first home if none is named.
    ///
    /// # Errors
    /// [`Error::NoSuchRoom`] and [`Error::NotMeasured`] before anything is changed; see [`Error`].
    pub async fn set_true_temperature(
        &self,
        home_id: Option<&HomeId>,
        room_id: &RoomId,
        target: TrueTemperature,
    ) -> Result<Correction, Error> {
        let status = self.status(home_id).await?;
        let room = status.rooms.iter().find(|room| room.id == *room_id);
        let measured = room.ok_or(Error::NoSuchRoom)?.measured.ok_or(Error::NotMeasured)?;
        let apart = (measured.degrees() - target.degrees()).abs();
        let mut correction = Correction {
            home_id: status.id,
            room_id: room_id.clone(),
            measured,
            target,
            outcome: Outcome::AlreadyTrue,
            is_large: apart > FAR,
            epoch_seconds: status.epoch_seconds,
        };
        if apart >= CLOSE {
            correction.epoch_seconds = self.correct(&correction).await?;
            correction.outcome = Outcome::Corrected;
        }
        Ok(correction)
    }

    /// Forgets the session, here and in its file.
    pub async fn forget_session(&self) {
        self.account.forget().await;
    }

    async fn correct(&self, correction: &Correction) -> Result<Option<u64>, Error> {
        let body = serde_json::json!({
            "home_id": correction.home_id,
            "room_id": correction.room_id,
            "current_temperature": correction.measured,
            "corrected_temperature": correction.target,
        });
        let body = Some(body.to_string());
        let response = self.ask("/api/truetemperature", body).await?;
        answer::done(&response.body)
    }

    async fn home_id(&self, home_id: Option<&HomeId>) -> Result<HomeId, Error> {
        if let Some(home_id) = home_id {
            return Ok(home_id.clone());
        }
        let first = async {
            let homes = self.homes().await?;
            homes.into_iter().next().map(|home| home.id).ok_or(Error::NoSuchHome)
        };
        self.default_home.get_or_try_init(|| first).await.cloned()
    }

    async fn get(&self, path: &str) -> Result<Vec<u8>, Error> {
        self.ask(path, None).await.map(|response| response.body.to_vec())
    }

    /// Asks, and after a refusal once more with a new session. promise: N-06.
    async fn ask(&self, path: &str, body: Option<String>) -> Result<Response, Error> {
        let token = self.account.token(&self.transport).await?;
        let response = self.ask_with(&token.secret, path, body.clone()).await?;
        if !is_refused(&response) {
            return accepted(response);
        }
        self.account.refuse(&token).await?;
        let token = self.account.token(&self.transport).await?;
        let response = self.ask_with(&token.secret, path, body).await?;
        if is_refused(&response) { Err(Error::Forbidden) } else { accepted(response) }
    }

    async fn ask_with(
        &self,
        token: &SecretString,
        path: &str,
        body: Option<String>,
    ) -> Result<Response, Error> {
        let body = body.map(|body| ("application/json", SecretString::new(body)));
        let request = ApiRequest { url: self.endpoints.api.url(path), token: Some(token), body };
        self.transport.api(request).await
    }
}

/// Whether the token is not good for this.
pub(crate) fn is_refused(response: &Response) -> bool {
    matches!(response.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
}

/// The answer, unless its status says that it is none.
pub(crate) fn accepted(response: Response) -> Result<Response, Error> {
    let (status, code) = (response.status, answer::code(&response.body));
    if status.is_success() && code.is_none() {
        Ok(response)
    } else {
        Err(Error::Vendor { status: status.as_u16(), code })
    }
}
