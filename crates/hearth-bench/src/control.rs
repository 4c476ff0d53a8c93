//! HTTP/1.1 over the hub's control socket, one connection a request as the command line does it.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, bail};
use bytes::Bytes;
use http::{HeaderValue, Method, Request, header};
use http_body_util::{BodyExt, Full};
use hyper::{Response, body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{net::UnixStream, time::timeout};

/// Until an answer is there; adding a camera waits for its first picture.
const DEADLINE: Duration = Duration::from_secs(60);

/// How every JPEG file starts; the other photographs are PNG.
const JPEG_START: [u8; 3] = [0xff, 0xd8, 0xff];

/// Header with the session of an assistant.
const SESSION: &str = "mcp-session-id";

/// A way to one hub.
#[derive(Clone)]
pub(crate) struct Control {
    socket: PathBuf,
}

impl Control {
    /// The hub with this socket.
    pub(crate) fn new(socket: PathBuf) -> Self {
        Self { socket }
    }

    /// Asks, and reads JSON.
    pub(crate) async fn get(&self, target: &str) -> anyhow::Result<Value> {
        self.ask(Method::GET, target, None).await
    }

    /// Sends JSON, and reads JSON.
    pub(crate) async fn post(&self, target: &str, body: &Value) -> anyhow::Result<Value> {
        self.ask(Method::POST, target, Some(body)).await
    }

    /// Sets something by JSON.
    pub(crate) async fn put(&self, target: &str, body: &Value) -> anyhow::Result<Value> {
        self.ask(Method::PUT, target, Some(body)).await
    }

    /// Changes something by JSON.
    pub(crate) async fn patch(&self, target: &str, body: &Value) -> anyhow::Result<Value> {
        self.ask(Method::PATCH, target, Some(body)).await
    }

    /// Sends a message of an assistant's session. Answers the session that began with it, and JSON.
    pub(crate) async fn message(
        &self,
        target: &str,
        session: Option<&str>,
        body: &Value,
    ) -> anyhow::Result<(Option<String>, Value)> {
        let mut request = request(Method::POST, target, Some(body))?;
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, "application/json, text/event-stream".parse()?);
        if let Some(session) = session {
            headers.insert(SESSION, session.parse()?);
        }
        let response = self.send(target, request).await?;
        let begun = response.headers().get(SESSION).map(|id| id.to_str().map(str::to_owned));
        let bytes = timeout(DEADLINE, response.into_body().collect()).await??.to_bytes();
        Ok((begun.transpose()?, serde_json::from_slice(&bytes)?))
    }

    /// Sends a photograph, and reads JSON.
    pub(crate) async fn post_photo(&self, target: &str, photo: Vec<u8>) -> anyhow::Result<Value> {
        let kind = if photo.starts_with(&JPEG_START) { "image/jpeg" } else { "image/png" };
        let mut request = request(Method::POST, target, None)?;
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        *request.body_mut() = Full::new(photo.into());
        self.read(target, request).await
    }

    /// Asks, and reads bytes.
    pub(crate) async fn bytes(&self, target: &str) -> anyhow::Result<Bytes> {
        self.read_bytes(target, request(Method::GET, target, None)?).await
    }

    async fn ask(
        &self,
        method: Method,
        target: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<Value> {
        self.read(target, request(method, target, body)?).await
    }

    async fn read(&self, target: &str, request: Request<Full<Bytes>>) -> anyhow::Result<Value> {
        let bytes = self.read_bytes(target, request).await?;
        serde_json::from_slice(&bytes).with_context(|| format!("{target}: no JSON"))
    }

    async fn read_bytes(
        &self,
        target: &str,
        request: Request<Full<Bytes>>,
    ) -> anyhow::Result<Bytes> {
        let answer = async {
            let response = self.send(target, request).await?;
            Ok(response.into_body().collect().await?.to_bytes())
        };
        timeout(DEADLINE, answer).await?
    }

    /// Asks, and hands out the answer to be read piece by piece.
    pub(crate) async fn open(
        &self,
        method: Method,
        target: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<Response<Incoming>> {
        self.send(target, request(method, target, body)?).await
    }

    async fn send(
        &self,
        target: &str,
        request: Request<Full<Bytes>>,
    ) -> anyhow::Result<Response<Incoming>> {
        let stream = UnixStream::connect(&self.socket).await.context("the control socket")?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // It ends with the answer's body.
        tokio::spawn(connection);
        let response = timeout(DEADLINE, sender.send_request(request)).await??;
        if !response.status().is_success() {
            let status = response.status();
            let body = timeout(DEADLINE, response.into_body().collect()).await??.to_bytes();
            bail!("{target}: {status} {}", String::from_utf8_lossy(&body));
        }
        Ok(response)
    }
}

fn request(
    method: Method,
    target: &str,
    body: Option<&Value>,
) -> anyhow::Result<Request<Full<Bytes>>> {
    let bytes = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
    Ok(Request::builder()
        .method(method)
        .uri(target)
        .header(header::HOST, "localhost")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::new(bytes))?)
}
