//! HTTP for devices: each connection takes request after request until one side closes it.

use std::{convert::Infallible, net::Ipv4Addr, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

use crate::certificate::Certificate;

/// The largest request; batches of everything are below 100 KiB.
const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Connections at the same time; real devices take fewer.
const CLIENTS_MAX: usize = 32;
/// Time for a TLS handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// A request.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) method: http::Method,
    pub(super) path: String,
    pub(super) headers: http::HeaderMap,
    pub(super) body: Bytes,
}

impl Received {
    /// A header's text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// An answer.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
    pub(super) delay: Duration,
}

impl Answer {
    pub(super) fn json(value: &serde_json::Value) -> Self {
        Self { status: 200, body: value.to_string().into_bytes(), ..Self::default() }
    }

    pub(super) fn status(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    pub(super) fn bytes(body: Vec<u8>) -> Self {
        Self { status: 200, body, ..Self::default() }
    }
}

/// What answers.
pub(super) trait Device: Send + Sync + 'static {
    /// The answer to a request.
    fn answer(&self, request: &Received) -> Answer;

    /// The certificate to show now; `None` for plain HTTP.
    fn certificate(&self) -> Option<Certificate>;
}

/// A listening device. Dropping it stops it.
#[derive(Debug)]
pub(super) struct Server {
    port: u16,
    hang_up: watch::Sender<u64>,
    _tasks: JoinSet<()>,
}

impl Server {
    pub(super) async fn start(device: Arc<dyn Device>) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let hang_up = watch::Sender::new(0);
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, device, hang_up.subscribe()));
        Ok(Self { port, hang_up, _tasks: tasks })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Closes all connections.
    pub(super) fn hang_up(&self) {
        self.hang_up.send_modify(|count| *count += 1);
    }
}

async fn accept(listener: TcpListener, device: Arc<dyn Device>, hang_up: watch::Receiver<u64>) {
    let mut clients = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if clients.len() < CLIENTS_MAX => {
                if let Ok((wire, _)) = accepted {
                    clients.spawn(client(wire, Arc::clone(&device), hang_up.clone()));
                }
            }
            _ = clients.join_next(), if !clients.is_empty() => {}
        }
    }
}

async fn client(wire: TcpStream, device: Arc<dyn Device>, mut hang_up: watch::Receiver<u64>) {
    hang_up.mark_unchanged();
    let served = async {
        match device.certificate() {
            None => serve(wire, device).await,
            Some(certificate) => {
                let handshake = certificate.acceptor.accept(wire);
                match tokio::time::timeout(HANDSHAKE_TIMEOUT, handshake).await {
                    Ok(Ok(wire)) => serve(wire, device).await,
                    Ok(Err(error)) => tracing::debug!(%error, "TLS handshake failed"),
                    Err(_) => tracing::debug!("TLS handshake took too long"),
                }
            }
        }
    };
    tokio::select! {
        () = served => {}
        _ = hang_up.changed() => {}
    }
}

async fn serve(wire: impl AsyncRead + AsyncWrite + Unpin + 'static, device: Arc<dyn Device>) {
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let device = Arc::clone(&device);
        async move {
            let (head, body) = request.into_parts();
            let Ok(body) = Limited::new(body, BODY_BYTES_MAX).collect().await else {
                return Ok::<_, Infallible>(response(Answer::status(413)));
            };
            let path = head.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
            let (method, headers, body) = (head.method, head.headers, body.to_bytes());
            let answer = device.answer(&Received { method, path, headers, body });
            tokio::time::sleep(answer.delay).await;
            Ok(response(answer))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(wire), service);
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a client went away");
    }
}

fn response(answer: Answer) -> Response<Full<Bytes>> {
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    let body = Full::new(Bytes::from(answer.body));
    response.body(body).unwrap_or_else(|_| Response::new(Full::default()))
}
