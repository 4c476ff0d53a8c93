//! Something that answers HTTPS requests one by one, as devices and services do.
//!
//! Each connection carries one request. What is answered is decided elsewhere ([`Answering`]).

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
    time::sleep,
};

use crate::{
    certificate::{Certificate, CertificateError},
    http::{HttpRequest, read_request, respond},
};

/// Requests at the same time; more wait.
const CONNECTIONS_MAX: usize = 64;

/// Why a simulated device or service does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// No port to listen on.
    #[error("cannot listen on the loopback address")]
    Listen(#[source] io::Error),
    /// No certificate.
    #[error("there is no certificate")]
    Certificate(#[from] CertificateError),
}

/// What comes back.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// An answer: status line, headers, body.
    Http(&'static str, Vec<(&'static str, String)>, String),
    /// Nothing, for as long as the client waits.
    Silence,
    /// An answer that lets whoever asked wait.
    Late(Duration, Box<Reply>),
    /// The head of an answer and a part of its body.
    CutShort,
}

impl Reply {
    /// An answer in JSON.
    pub(crate) fn json(status: &'static str, body: &serde_json::Value) -> Self {
        let headers = vec![("Content-Type", "application/json".to_owned())];
        Self::Http(status, headers, body.to_string())
    }
}

/// Decides what is answered.
pub(crate) trait Answering: Send + Sync + 'static {
    /// The answer to one request. Called for requests in the order in which they are whole.
    fn answer(&self, request: &HttpRequest) -> Reply;
}

/// A running service on a port of 127.0.0.1. Dropping it stops it.
#[derive(Debug)]
pub(crate) struct Service {
    address: SocketAddr,
    certificate: Arc<Mutex<Certificate>>,
    task: JoinHandle<()>,
}

impl Service {
    /// Starts on a port that the system chooses, with a certificate of its own.
    pub(crate) async fn start(answering: Arc<impl Answering>) -> Result<Self, ServiceError> {
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = TcpListener::bind(any_port).await.map_err(ServiceError::Listen)?;
        let address = listener.local_addr().map_err(ServiceError::Listen)?;
        let certificate = Arc::new(Mutex::new(Certificate::generate()?));
        let task = tokio::spawn(serve(listener, Arc::clone(&certificate), answering));
        Ok(Self { address, certificate, task })
    }

    /// The port.
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// SHA-256 of the certificate that is shown now, in hexadecimal.
    pub(crate) fn certificate_sha256(&self) -> String {
        self.certificate.lock().unwrap_or_else(PoisonError::into_inner).sha256.clone()
    }

    /// Shows another certificate from now on.
    pub(crate) fn replace_certificate(&self) -> Result<(), ServiceError> {
        let made = Certificate::generate()?;
        *self.certificate.lock().unwrap_or_else(PoisonError::into_inner) = made;
        Ok(())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    listener: TcpListener,
    certificate: Arc<Mutex<Certificate>>,
    answering: Arc<impl Answering>,
) {
    let mut connections = JoinSet::new();
    loop {
        if connections.len() >= CONNECTIONS_MAX {
            connections.join_next().await;
        }
        if let Ok((wire, _)) = listener.accept().await {
            let certificate = certificate.lock().unwrap_or_else(PoisonError::into_inner).clone();
            connections.spawn(connection(wire, certificate, Arc::clone(&answering)));
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(wire: TcpStream, certificate: Certificate, answering: Arc<impl Answering>) {
    let Ok(mut wire) = certificate.acceptor.accept(wire).await else { return };
    let Some(request) = read_request(&mut wire).await else { return };
    let mut reply = answering.answer(&request);
    if let Reply::Late(wait, late) = reply {
        sleep(wait).await;
        reply = *late;
    }
    // Whoever asked may have gone without waiting for the answer.
    let _gone = send(&mut wire, reply).await;
}

async fn send(wire: &mut (impl AsyncRead + AsyncWrite + Unpin), reply: Reply) -> io::Result<()> {
    match reply {
        Reply::Http(status, headers, body) => {
            let headers: Vec<(&str, &str)> =
                headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            respond(wire, status, &headers, &body).await
        }
        Reply::CutShort => {
            wire.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{").await?;
            wire.shutdown().await
        }
        // One that is late was waited for already.
        Reply::Silence | Reply::Late(..) => {
            let mut rest = Vec::new();
            wire.read_to_end(&mut rest).await.map(|_| ())
        }
    }
}
