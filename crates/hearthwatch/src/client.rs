//! HTTP/1.1 over the hub's control socket.
//!
//! One connection a request. Answers that are read whole are bounded in size and time; streams go
//! on until either side ends them.

use std::{
    fmt::Write,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use bytes::Bytes;
use hearth_secret::SecretBytes;
use http::{HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{Response, body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tokio::{net::UnixStream, time::timeout};

use crate::failure::Failure;

/// Until an answer begins. Adding a camera waits for its first picture, which may take 20 s.
const ANSWER_DEADLINE: Duration = Duration::from_secs(60);

/// Largest answer that is read whole: a thousand events, or a picture in 4K.
const ANSWER_BYTES_MAX: usize = 32 << 20;

const JSON: &str = "application/json";

const GONE: Failure = Failure::Broken("The hub ended the connection. Its log says why.");
const STRANGE: Failure =
    Failure::Broken("The hub's answer makes no sense to this program. Use the same version.");

/// A way to the hub of one data folder.
pub(crate) struct Client {
    data: PathBuf,
}

impl Client {
    pub(crate) fn new(data: &Path) -> Self {
        Self { data: data.to_owned() }
    }

    /// Asks, and reads JSON.
    pub(crate) async fn get<T: DeserializeOwned>(&self, target: &str) -> Result<T, Failure> {
        read_json(self.open(Method::GET, target, None).await?).await
    }

    /// Sends JSON, and reads JSON.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        target: &str,
        body: &Value,
    ) -> Result<T, Failure> {
        read_json(self.open(Method::POST, target, Some(body)).await?).await
    }

    /// Sends a file of this content type, and reads JSON.
    pub(crate) async fn upload<T: DeserializeOwned>(
        &self,
        target: &str,
        kind: &'static str,
        file: Bytes,
    ) -> Result<T, Failure> {
        read_json(self.send(Method::POST, target, kind, file).await?).await
    }

    /// Changes something, and reads JSON.
    pub(crate) async fn patch<T: DeserializeOwned>(
        &self,
        target: &str,
        body: &Value,
    ) -> Result<T, Failure> {
        read_json(self.open(Method::PATCH, target, Some(body)).await?).await
    }

    /// Sends JSON with secrets in it, and reads JSON; what is sent is wiped afterwards.
    pub(crate) async fn post_secret<T: DeserializeOwned>(
        &self,
        target: &str,
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        read_json(self.open_secret(target, body).await?).await
    }

    /// Sets something, and reads JSON.
    pub(crate) async fn put<T: DeserializeOwned>(
        &self,
        target: &str,
        body: &Value,
    ) -> Result<T, Failure> {
        read_json(self.open(Method::PUT, target, Some(body)).await?).await
    }

    /// Sets something with JSON that has secrets in it, and reads JSON; what is sent is wiped.
    pub(crate) async fn put_secret<T: DeserializeOwned>(
        &self,
        target: &str,
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        let body = SecretBytes::of_json(body).map_err(|_| STRANGE)?;
        read_json(self.send(Method::PUT, target, JSON, Bytes::from_owner(Wiped(body))).await?).await
    }

    /// Sends JSON with secrets in it, and hands out the answer to be read piece by piece.
    pub(crate) async fn open_secret(
        &self,
        target: &str,
        body: &impl Serialize,
    ) -> Result<Response<Incoming>, Failure> {
        let body = SecretBytes::of_json(body).map_err(|_| STRANGE)?;
        self.send(Method::POST, target, JSON, Bytes::from_owner(Wiped(body))).await
    }

    /// Sends JSON, and expects no answer.
    pub(crate) async fn tell(&self, target: &str, body: &Value) -> Result<(), Failure> {
        self.open(Method::POST, target, Some(body)).await.map(drop)
    }

    /// Removes something; the answer, if there is one, is JSON.
    pub(crate) async fn delete(&self, target: &str) -> Result<Value, Failure> {
        let response = self.open(Method::DELETE, target, None).await?;
        if response.status() == StatusCode::NO_CONTENT {
            return Ok(Value::Null);
        }
        read_json(response).await
    }

    /// Asks, and hands out the answer to be read piece by piece.
    ///
    /// # Errors
    /// [`Failure::Refused`] if the answer is an error.
    pub(crate) async fn open(
        &self,
        method: Method,
        target: &str,
        body: Option<&Value>,
    ) -> Result<Response<Incoming>, Failure> {
        let bytes = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        self.send(method, target, JSON, bytes).await
    }

    async fn send(
        &self,
        method: Method,
        target: &str,
        kind: &'static str,
        bytes: Bytes,
    ) -> Result<Response<Incoming>, Failure> {
        let request = Request::builder()
            .method(method)
            .uri(target)
            .header(header::CONTENT_TYPE, kind)
            .body(bytes)
            .map_err(|_| STRANGE)?;
        let response = self.exchange(request).await?;
        if response.status().is_success() { Ok(response) } else { Err(refused(response).await) }
    }

    /// Sends a request as it is, and hands out the answer whatever its status.
    ///
    /// # Errors
    /// If nobody answers.
    pub(crate) async fn exchange(
        &self,
        mut request: Request<Bytes>,
    ) -> Result<Response<Incoming>, Failure> {
        let socket = self.data.join(hearth_api::CONTROL_SOCKET);
        let stream = UnixStream::connect(socket).await.map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied => Failure::NotOwner(self.data.clone()),
            _ => Failure::NotRunning(self.data.clone()),
        })?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|_| GONE)?;
        // It ends with the answer's body, or when this command does.
        tokio::spawn(connection);
        request.headers_mut().insert(header::HOST, HeaderValue::from_static("localhost"));
        let answer = timeout(ANSWER_DEADLINE, sender.send_request(request.map(Full::new)));
        answer.await.map_err(|_| GONE)?.map_err(|_| GONE)
    }
}

/// Bytes of a request that are wiped when they are sent.
struct Wiped(SecretBytes);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        self.0.expose()
    }
}

async fn refused(response: Response<Incoming>) -> Failure {
    #[derive(serde::Deserialize)]
    struct Body {
        error: Text,
    }
    #[derive(serde::Deserialize)]
    struct Text {
        code: String,
        message: String,
    }
    match read_json::<Body>(response).await {
        Ok(Body { error: Text { code, message } }) => Failure::Refused { code, message },
        Err(_) => STRANGE,
    }
}

async fn read_json<T: DeserializeOwned>(response: Response<Incoming>) -> Result<T, Failure> {
    serde_json::from_slice(&read(response).await?).map_err(|_| STRANGE)
}

/// Reads an answer whole.
pub(crate) async fn read(response: Response<Incoming>) -> Result<Bytes, Failure> {
    let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect();
    let body = timeout(ANSWER_DEADLINE, body).await.map_err(|_| GONE)?;
    body.map(|whole| whole.to_bytes()).map_err(|_| GONE)
}

/// Reads an answer line by line, whatever its pieces are. Used for NDJSON and for event streams.
pub(crate) struct Lines {
    body: Incoming,
    rest: Vec<u8>,
}

impl Lines {
    pub(crate) fn new(response: Response<Incoming>) -> Self {
        Self { body: response.into_body(), rest: Vec::new() }
    }

    /// The next line without its end; `None` when the hub has said everything.
    pub(crate) async fn next(&mut self) -> Result<Option<String>, Failure> {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                let line = String::from_utf8(line).map_err(|_| STRANGE)?;
                return Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()));
            }
            match self.body.frame().await {
                Some(Ok(frame)) => {
                    self.rest.extend_from_slice(frame.data_ref().map_or(&[], |data| data))
                }
                Some(Err(_)) => return Err(GONE),
                None => return Ok(None),
            }
            if self.rest.len() > ANSWER_BYTES_MAX {
                return Err(STRANGE);
            }
        }
    }
}

/// `path?name=value&..` with everything encoded that is not plain.
pub(crate) fn target(path: &str, query: &[(&str, String)]) -> String {
    let mut target = path.to_owned();
    for (number, (name, value)) in query.iter().enumerate() {
        target.push(if number == 0 { '?' } else { '&' });
        target.push_str(name);
        target.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                target.push(char::from(byte));
            } else {
                // Writing to a string cannot fail.
                write!(target, "%{byte:02X}").unwrap_or_default();
            }
        }
    }
    target
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_encoded() {
        let query = [("at", "2026-11-22T14:03:00+01:00".to_owned()), ("label", "a b".to_owned())];
        assert_eq!(target("/x", &query), "/x?at=2026-11-22T14%3A03%3A00%2B01%3A00&label=a%20b");
    }
}
