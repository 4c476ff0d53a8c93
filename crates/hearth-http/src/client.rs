//! What a request needs to know before it is made, and the making.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header, uri::PathAndQuery};
use http_body_util::Full;
use tokio::time::timeout;

use crate::{
    AddressPolicy, Error, Fingerprint, Trust, certificate,
    connection::{Connection, dial},
    exchange::exchange,
};

/// Covers name, connection, handshake and answer: an RSA handshake of a camera takes up to 2 s,
/// the answer of a busy one as long again.
const DEADLINE: Duration = Duration::from_secs(10);
/// The largest answer of a device that is no media: a list of a day's events.
const BODY_BYTES_MAX: usize = 1 << 20;

/// Makes requests. Cheap to clone; holds no connection.
#[derive(Clone, Debug)]
pub struct Client {
    settings: ClientBuilder,
}

/// What a [`Client`] is made of. The defaults are the strict choices.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct ClientBuilder {
    deadline: Duration,
    trust: Trust,
    address_policy: AddressPolicy,
    body_bytes_max: usize,
    allows_plain_http: bool,
}

/// A whole answer, whatever its status.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// Its status; 3xx are answers like others.
    pub status: StatusCode,
    /// Its headers. They may carry tokens.
    pub headers: HeaderMap,
    /// Its body. It may carry secrets.
    pub body: Bytes,
    /// SHA-256 of the certificate that the peer showed; `None` after plain HTTP.
    pub certificate: Option<Fingerprint>,
}

/// Where a request goes, taken from its URL.
struct Target {
    is_encrypted: bool,
    host: String,
    port: u16,
    authority: HeaderValue,
    path: Uri,
}

impl ClientBuilder {
    /// How long one request may take, from the name to the last byte. 10 s unless said otherwise.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Whose certificate is accepted. [`Trust::Roots`] unless said otherwise.
    pub fn trust(mut self, trust: Trust) -> Self {
        self.trust = trust;
        self
    }

    /// Which addresses requests may go to. [`AddressPolicy::Any`] unless said otherwise.
    pub fn address_policy(mut self, address_policy: AddressPolicy) -> Self {
        self.address_policy = address_policy;
        self
    }

    /// Largest body that is read. 1 MiB unless said otherwise.
    pub fn body_bytes_max(mut self, body_bytes_max: usize) -> Self {
        self.body_bytes_max = body_bytes_max;
        self
    }

    /// Allows URLs with `http:`. For devices that have nothing better.
    pub fn allow_plain_http(mut self) -> Self {
        self.allows_plain_http = true;
        self
    }

    /// The client.
    pub fn build(self) -> Client {
        Client { settings: self }
    }
}

impl Client {
    /// Begins with the strict choices.
    pub fn builder() -> ClientBuilder {
        ClientBuilder {
            deadline: DEADLINE,
            trust: Trust::default(),
            address_policy: AddressPolicy::default(),
            body_bytes_max: BODY_BYTES_MAX,
            allows_plain_http: false,
        }
    }

    /// Makes one request and reads the whole answer.
    ///
    /// `Host`, `Content-Length` and `Connection: close` are set here. Nothing is repeated and no
    /// redirect is followed: after an error the peer may or may not have seen the request, unless
    /// it is one of those that come before sending (all but [`Error::TimedOut`],
    /// [`Error::Closed`], [`Error::TooLarge`] and [`Error::Malformed`]).
    ///
    /// # Errors
    /// See [`Error`]. A status of failure is no error.
    pub async fn request(
        &self,
        method: Method,
        url: &str,
        headers: HeaderMap,
        body: impl Into<Bytes>,
    ) -> Result<Response, Error> {
        let target = self.target(url)?;
        let body = body.into();
        timeout(self.settings.deadline, self.ask(target, method, headers, body))
            .await
            .map_err(|_| Error::TimedOut)?
    }

    /// Shakes hands with the peer of a URL, sends it nothing, and tells its certificate: so that a
    /// password is sent to a pinned certificate even the first time.
    ///
    /// # Errors
    /// As [`Client::request`]; [`Error::PlainHttp`] if the URL is not encrypted.
    pub async fn certificate(&self, url: &str) -> Result<Fingerprint, Error> {
        let target = self.target(url)?;
        if !target.is_encrypted {
            return Err(Error::PlainHttp);
        }
        let (_, certificate) = timeout(self.settings.deadline, self.open(&target))
            .await
            .map_err(|_| Error::TimedOut)??;
        certificate.ok_or(Error::PlainHttp)
    }

    async fn ask(
        &self,
        target: Target,
        method: Method,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Response, Error> {
        let (connection, certificate) = self.open(&target).await?;
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = target.path;
        *request.headers_mut() = headers;
        request.headers_mut().insert(header::HOST, target.authority);
        request.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        let limit = self.settings.body_bytes_max;
        let (parts, body) = exchange(connection, request, limit).await?;
        Ok(Response { status: parts.status, headers: parts.headers, body, certificate })
    }

    async fn open(&self, target: &Target) -> Result<(Connection, Option<Fingerprint>), Error> {
        let stream = dial(&target.host, target.port, self.settings.address_policy).await?;
        if !target.is_encrypted {
            return Ok((Connection::Plain(stream), None));
        }
        let agreed = certificate::agree(stream, &target.host, self.settings.trust).await?;
        Ok((Connection::Encrypted(Box::new(agreed.0)), Some(agreed.1)))
    }

    fn target(&self, url: &str) -> Result<Target, Error> {
        let uri: Uri = url.parse().map_err(|_| Error::Request("the URL cannot be read"))?;
        let is_encrypted = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if self.settings.allows_plain_http => false,
            Some("http") => return Err(Error::PlainHttp),
            _ => return Err(Error::Request("the URL is neither https nor http")),
        };
        let authority = uri.authority().ok_or(Error::Request("the URL names no host"))?;
        if authority.as_str().contains('@') {
            return Err(Error::Request("the URL carries credentials"));
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() {
            return Err(Error::Request("the URL names no host"));
        }
        if authority.port_u16().is_none() && authority.as_str() != authority.host() {
            return Err(Error::Request("the URL's port is no port"));
        }
        let port = authority.port_u16().unwrap_or(if is_encrypted { 443 } else { 80 });
        let path = uri.path_and_query().cloned().unwrap_or(PathAndQuery::from_static("/"));
        let authority = HeaderValue::from_str(authority.as_str())
            .map_err(|_| Error::Request("the host cannot be named in a header"))?;
        Ok(Target { is_encrypted, host, port, authority, path: path.into() })
    }
}

impl std::fmt::Debug for Response {
    /// Without headers and body, which carry tokens. promise: K-07.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .field("certificate", &self.certificate)
            .finish_non_exhaustive()
    }
}
