//! How a message gets to the hub: through the control socket of a data folder, or to an address with a
//! token. One request, one answer.

use std::{path::PathBuf, time::Duration};

use bytes::Bytes;
use hearth_http::Trust;
use hearth_secret::SecretString;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use hyper::body::Incoming;

use crate::{
    arguments::mcp::McpArguments,
    client::{Client, Lines, read},
    failure::Failure,
};

/// Names the session that a message belongs to.
const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");

/// The hub answers a call in 25 s, and any request in 30.
const DEADLINE: Duration = Duration::from_secs(40);

/// A picture in 4K, in base64, and what goes with it.
const ANSWER_BYTES_MAX: usize = 16 << 20;

const NO_WAY: Failure =
    Failure::Broken("The hub did not answer. Check its address and certificate.");

/// A way to the hub.
pub(crate) enum Way {
    /// To the hub that runs on this machine, as its owner.
    Socket(Client),
    /// To any hub, as a token.
    Address { client: hearth_http::Client, url: String, token: SecretString },
}

/// What the hub answered.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) session: Option<String>,
    pub(super) body: Bytes,
}

impl Way {
    pub(crate) fn of(
        arguments: &McpArguments,
        data: Option<PathBuf>,
        token: Option<SecretString>,
    ) -> Result<Self, Failure> {
        let (Some(url), Some(token)) = (&arguments.url, token) else {
            return Ok(Self::Socket(Client::new(&crate::command::required(data)?)));
        };
        let trust = arguments.certificate.map_or(Trust::Roots, Trust::Pinned);
        let client = hearth_http::Client::builder()
            .deadline(DEADLINE)
            .trust(trust)
            .body_bytes_max(ANSWER_BYTES_MAX)
            .build();
        Ok(Self::Address { client, url: url.trim_end_matches('/').to_owned(), token })
    }

    /// Sends a message.
    pub(super) async fn send(
        &self,
        method: Method,
        target: &str,
        session: Option<&str>,
        body: Bytes,
    ) -> Result<Answer, Failure> {
        let headers = headers(session);
        match self {
            Self::Socket(client) => {
                let mut request = Request::new(body);
                *request.method_mut() = method;
                *request.uri_mut() = target.parse().map_err(|_| NO_WAY)?;
                *request.headers_mut() = headers;
                let response = client.exchange(request).await?;
                let (status, session) = (response.status(), session_of(response.headers()));
                Ok(Answer { status, session, body: read(response).await? })
            }
            Self::Address { client, url, token } => {
                let mut headers = headers;
                let bearer = format!("Bearer {}", token.expose());
                let mut bearer = HeaderValue::from_str(&bearer).map_err(|_| {
                    Failure::Usage("The token holds a character that no token has.".to_owned())
                })?;
                bearer.set_sensitive(true);
                headers.insert(header::AUTHORIZATION, bearer);
                let sent = client.request(method, &format!("{url}{target}"), headers, body).await;
                let response = sent.map_err(|error| {
                    eprintln!("hearthwatch: {error}");
                    NO_WAY
                })?;
                let session = session_of(&response.headers);
                Ok(Answer { status: response.status, session, body: response.body })
            }
        }
    }

    /// What the hub tells a session without being asked; only through the socket.
    pub(super) async fn listen(&self, target: &str, session: &str) -> Option<Lines> {
        let Self::Socket(client) = self else { return None };
        let mut request = Request::new(Bytes::new());
        *request.uri_mut() = target.parse().ok()?;
        *request.headers_mut() = headers(Some(session));
        let response: http::Response<Incoming> = client.exchange(request).await.ok()?;
        response.status().is_success().then(|| Lines::new(response))
    }
}

fn headers(session: Option<&str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let accepted = HeaderValue::from_static("application/json, text/event-stream");
    headers.insert(header::ACCEPT, accepted);
    if let Some(session) = session.and_then(|id| HeaderValue::from_str(id).ok()) {
        headers.insert(SESSION, session);
    }
    headers
}

fn session_of(headers: &HeaderMap) -> Option<String> {
    headers.get(SESSION)?.to_str().ok().map(str::to_owned)
}
