//! Weather stations, through the documented interface.

use std::{path::PathBuf, sync::Arc, time::Duration};

use hearth_http::{Fingerprint, StatusCode};
use hearth_secret::SecretString;
use tokio::{sync::Mutex, time::Instant};

use crate::{
    Application, Endpoints, Error, GrantStore, Station,
    account::epoch_seconds,
    client::{accepted, is_refused},
    grant_store::GrantFile,
    oauth::{Grant, granted},
    station,
    transport::{ApiRequest, Transport},
};

/// Reads weather stations. Shared by reference; callers share one grant.
///
/// ```no_run
/// use hearth_netatmo::{Application, WeatherClient};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let application = Application::new("client id", std::env::var("NETATMO_SECRET")?.as_str().into());
/// let client = WeatherClient::builder(application, "/home-cache/grant.json".into())
///     .first_refresh_token("from dev.netatmo.com".into())
///     .build();
/// for station in client.stations().await? {
///     println!("{:?}: {:?}", station.name, station.reading);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct WeatherClient {
    application: Application,
    store: Arc<dyn GrantStore>,
    first: Option<SecretString>,
    transport: Transport,
    endpoints: Endpoints,
    held: Mutex<Held>,
}

/// What is known of the grant.
#[derive(Debug, Default)]
struct Held {
    grant: Option<Grant>,
    /// When it was found to be worth nothing.
    refused: Option<Instant>,
}

/// A grant that was refused stays refused until the owner acts; it is not shown again at once.
const REFUSED_PAUSE: Duration = Duration::from_secs(60);

/// What a [`WeatherClient`] is made of.
#[derive(Debug)]
#[must_use]
pub struct WeatherBuilder {
    application: Application,
    store: Arc<dyn GrantStore>,
    first: Option<SecretString>,
    endpoints: Endpoints,
    pin: Option<Fingerprint>,
}

impl WeatherBuilder {
    /// The refresh token that dev.netatmo.com generated. Needed once; later ones are kept,
    /// and this one is used up.
    pub fn first_refresh_token(mut self, token: SecretString) -> Self {
        self.first = Some(token);
        self
    }

    /// Another Netatmo than the real one, recognised by its certificate.
    pub fn endpoints(mut self, endpoints: Endpoints, certificate: Fingerprint) -> Self {
        self.endpoints = endpoints;
        self.pin = Some(certificate);
        self
    }

    /// The client. Nothing is sent yet.
    pub fn build(self) -> WeatherClient {
        let Self { application, store, first, endpoints, pin } = self;
        let (transport, held) = (Transport::new(pin), Mutex::default());
        WeatherClient { application, store, first, transport, endpoints, held }
    }
}

impl WeatherClient {
    /// Begins with Netatmo's own endpoints. The file keeps the grant; it must last, because each
    /// grant is good for one refresh.
    pub fn builder(application: Application, grant_file: PathBuf) -> WeatherBuilder {
        Self::kept_in(application, Arc::new(GrantFile(grant_file)))
    }

    /// The same with the grant somewhere else.
    pub fn kept_in(application: Application, store: Arc<dyn GrantStore>) -> WeatherBuilder {
        let endpoints = Endpoints::default();
        WeatherBuilder { application, store, first: None, endpoints, pin: None }
    }

    /// All stations of the owner with what they measured last.
    ///
    /// # Errors
    /// [`Error::Grant`] if the owner has to grant access anew; see [`Error`].
    pub async fn stations(&self) -> Result<Vec<Station>, Error> {
        let access = self.access(None).await?;
        let response = self.ask(&access).await?;
        if !is_refused(&response) {
            return station::stations(&accepted(response)?.body);
        }
        let access = self.access(Some(&access)).await?;
        let response = self.ask(&access).await?;
        if is_refused(&response) {
            return Err(Error::Forbidden);
        }
        station::stations(&accepted(response)?.body)
    }

    /// Forgets the grant, here and in its file.
    pub async fn forget_grant(&self) {
        *self.held.lock().await = Held::default();
        self.store.remove();
    }

    async fn ask(&self, access: &SecretString) -> Result<hearth_http::Response, Error> {
        let url = self.endpoints.api.url("/api/getstationsdata");
        self.transport.api(ApiRequest { url, token: Some(access), body: None }).await
    }

    /// A token for requests, other than one that was refused. Callers share one refresh.
    async fn access(&self, refused: Option<&SecretString>) -> Result<SecretString, Error> {
        let mut held = self.held.lock().await;
        if held.grant.is_none() {
            held.grant = self.read_kept().await;
        }
        let is_refused = |grant: &Grant| {
            refused.is_some_and(|refused| refused.expose() == grant.access.expose())
        };
        if let Some(grant) = held.grant.as_ref()
            && !grant.is_over(epoch_seconds())
            && !is_refused(grant)
        {
            return Ok(grant.access.clone());
        }
        if held.refused.is_some_and(|refused| refused.elapsed() < REFUSED_PAUSE) {
            return Err(Error::Grant);
        }
        let renewed = self.renew(held.grant.as_ref()).await;
        held.refused = (renewed.as_ref().err() == Some(&Error::Grant)).then(Instant::now);
        let grant = renewed?;
        // Stored before it is used: the one before is used up, and this is the only way on.
        let (store, text) = (Arc::clone(&self.store), grant.to_file());
        let access = grant.access.clone();
        held.grant = Some(grant);
        let stored = tokio::task::spawn_blocking(move || store.write(&text)).await;
        match stored {
            Ok(Ok(())) => Ok(access),
            Ok(Err(error)) => Err(Error::Store(error.to_string())),
            Err(_) => Err(Error::Store("the runtime ended".to_owned())),
        }
    }

    /// The next grant: from the one before, or from the first token.
    async fn renew(&self, grant: Option<&Grant>) -> Result<Grant, Error> {
        let Some(kept) = grant.map(|grant| &grant.refresh) else {
            return self.refresh(self.first.as_ref().ok_or(Error::Grant)?).await;
        };
        match (self.refresh(kept).await, &self.first) {
            // The owner granted access anew.
            (Err(Error::Grant), Some(first)) if first.expose() != kept.expose() => {
                self.refresh(first).await
            }
            (renewed, _) => renewed,
        }
    }

    async fn refresh(&self, refresh: &SecretString) -> Result<Grant, Error> {
        let form = self.application.refresh_form(refresh);
        let body = Some(("application/x-www-form-urlencoded", form));
        let url = self.endpoints.api.url("/oauth2/token");
        let response = self.transport.api(ApiRequest { url, token: None, body }).await?;
        let result = match response.status {
            // RFC 6749, 5.2.
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Err(Error::Grant)
            }
            _ => accepted(response).and_then(|read| granted(&read.body, epoch_seconds())),
        };
        let said = result.as_ref().err().map_or("ok", Error::code);
        tracing::info!(result = said, "netatmo grant renewed");
        result
    }

    async fn read_kept(&self) -> Option<Grant> {
        let store = Arc::clone(&self.store);
        let text = tokio::task::spawn_blocking(move || store.read()).await.ok()??;
        Grant::from_file(text.expose())
    }
}
