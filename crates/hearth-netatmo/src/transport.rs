//! Requests to Netatmo: paced, over HTTPS, with what an answer means for the pace.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use hearth_http::{
    Client, Fingerprint, HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Trust,
    header,
};
use hearth_secret::SecretString;
use tokio::time::Instant;

use crate::{
    Error, answer,
    login::{AuthAnswer, AuthRequest},
    pace::{Pace, Told},
};

/// What the vendor's own app calls itself; others get no token.
const USER_AGENT: &str = "netatmo-home";
/// As long as the reference client waits.
const DEADLINE: Duration = Duration::from_secs(30);
/// A large home's state has some 100 KiB.
const ANSWER_BYTES_MAX: usize = 2 << 20;
/// Netatmo's own code for too many requests; it comes with status 403.
const USAGE_REACHED: i64 = 26;

/// Sends requests at a gentle pace.
#[derive(Debug)]
pub(crate) struct Transport {
    client: Client,
    pace: Mutex<Pace>,
    started: Instant,
}

/// A request to the API.
#[derive(Debug)]
pub(crate) struct ApiRequest<'a> {
    /// Whole, with its query.
    pub(crate) url: String,
    /// Whose it is.
    pub(crate) token: Option<&'a SecretString>,
    /// The body of a POST with its type; without one it is a GET.
    pub(crate) body: Option<(&'static str, SecretString)>,
}

impl Transport {
    /// Trusts public authorities, or one certificate alone.
    pub(crate) fn new(pin: Option<Fingerprint>) -> Self {
        let client = Client::builder()
            .deadline(DEADLINE)
            .body_bytes_max(ANSWER_BYTES_MAX)
            .trust(pin.map_or(Trust::Roots, Trust::Pinned))
            .build();
        Self { client, pace: Mutex::default(), started: Instant::now() }
    }

    /// Asks the API. Any status but "too many" and the server's own failures is an answer.
    pub(crate) async fn api(&self, request: ApiRequest<'_>) -> Result<Response, Error> {
        let mut headers = HeaderMap::new();
        headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(token) = request.token {
            let bearer = SecretString::new(format!("Bearer {}", token.expose()));
            insert_secret(&mut headers, header::AUTHORIZATION, &bearer)?;
        }
        let (method, body) = match request.body {
            None => (Method::GET, String::new()),
            Some((content_type, body)) => {
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
                (Method::POST, body.expose().clone())
            }
        };
        self.send(method, &request.url, headers, body).await
    }

    /// Asks the sign-in service.
    pub(crate) async fn auth(
        &self,
        request: &AuthRequest,
        token: Option<&SecretString>,
    ) -> Result<AuthAnswer, Error> {
        let mut headers = HeaderMap::new();
        if request.as_app {
            headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
        }
        if let Some(cookie) = &request.cookie {
            insert_secret(&mut headers, header::COOKIE, cookie)?;
        }
        if let Some(token) = token {
            let bearer = SecretString::new(format!("Bearer {}", token.expose()));
            insert_secret(&mut headers, header::AUTHORIZATION, &bearer)?;
        }
        let (method, body) = match &request.form {
            None => (Method::GET, String::new()),
            Some(form) => {
                let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
                headers.insert(header::CONTENT_TYPE, form_type);
                (Method::POST, form.expose().clone())
            }
        };
        let response = self.send(method, &request.url, headers, body).await?;
        let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
        let cookies = response.headers.get_all(header::SET_COOKIE).iter().filter_map(text);
        Ok(AuthAnswer {
            status: response.status.as_u16(),
            location: response.headers.get(header::LOCATION).and_then(text),
            cookies: cookies.map(SecretString::new).collect(),
            body: response.body.to_vec(),
        })
    }

    async fn send(
        &self,
        method: Method,
        url: &str,
        headers: HeaderMap,
        body: String,
    ) -> Result<Response, Error> {
        let turn = self.pace(|pace, now| pace.ask(now));
        let wait = turn.map_err(|retry_after| Error::RateLimited { retry_after })?;
        tokio::time::sleep(wait).await;
        let started = Instant::now();
        let answered = self.client.request(method, url, headers, body).await;
        // promise: K-06. Without the query, which names the home.
        tracing::info!(
            path = url.split(['/', '?']).skip(3).take(3).collect::<Vec<_>>().join("/"),
            status = answered.as_ref().ok().map(|response| response.status.as_u16()),
            duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            "netatmo request"
        );
        let response = answered?;
        let told = told(&response);
        let chance = random_byte();
        self.pace(|pace, now| pace.tell(now, told, chance));
        match told {
            Told::Answered => Ok(response),
            Told::Failed => Err(Error::Vendor {
                status: response.status.as_u16(),
                code: answer::code(&response.body),
            }),
            Told::Limited(_) => {
                let resting = self.pace(|pace, now| pace.clone().ask(now).err());
                Err(Error::RateLimited { retry_after: resting.unwrap_or_default() })
            }
        }
    }

    fn pace<T>(&self, with: impl FnOnce(&mut Pace, Duration) -> T) -> T {
        let now = self.started.elapsed();
        with(&mut self.pace.lock().unwrap_or_else(PoisonError::into_inner), now)
    }
}

fn told(response: &Response) -> Told {
    let wish = || {
        let header = response.headers.get(header::RETRY_AFTER)?.to_str().ok()?;
        header.trim().parse().ok().map(Duration::from_secs)
    };
    let is_used_up = response.status == StatusCode::FORBIDDEN
        && answer::code(&response.body) == Some(USAGE_REACHED);
    if response.status == StatusCode::TOO_MANY_REQUESTS || is_used_up {
        Told::Limited(wish())
    } else if response.status.is_server_error() {
        Told::Failed
    } else {
        Told::Answered
    }
}

fn insert_secret(
    headers: &mut HeaderMap,
    name: HeaderName,
    value: &SecretString,
) -> Result<(), Error> {
    let mut value = HeaderValue::from_str(value.expose())
        .map_err(|_| Error::Malformed("a token cannot be sent"))?;
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok(())
}

/// Spreads clients; if there is no randomness, nothing worse happens than that they are not spread.
fn random_byte() -> u8 {
    let mut byte = [0];
    getrandom::fill(&mut byte).ok();
    byte[0]
}
