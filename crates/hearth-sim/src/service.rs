//! Something that answers HTTPS requests one by one, as devices and services do.
//!
//! Each connection carries one request. What is answered is decided elsewhere ([`Answering`]).

use std::{io, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
    time::sleep,
};

use crate::{
    certificate::{Certificate, CertificateError},
    http::{HttpRequest, read_request, respond},
    listening::Listening,
};

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
    listening: Listening,
}

impl Service {
    /// Starts on a port that the system chooses, with a certificate of its own.
    pub(crate) async fn start(answering: Arc<impl Answering>) -> Result<Self, ServiceError> {
        let serve = move |wire, certificate| connection(wire, certificate, Arc::clone(&answering));
        Ok(Self { listening: Listening::start(serve).await? })
    }

    /// The port.
    pub(crate) fn port(&self) -> u16 {
        self.listening.port()
    }

    /// SHA-256 of the certificate that is shown now, in hexadecimal.
    pub(crate) fn certificate_sha256(&self) -> String {
        self.listening.certificate_sha256()
    }

    /// Shows another certificate from now on.
    pub(crate) fn replace_certificate(&self) -> Result<(), ServiceError> {
        self.listening.replace_certificate()
    }
}

async fn connection(
    wire: TcpStream,
    certificate: Certificate,
    answering: Arc<impl Answering>,
) -> Option<()> {
    let mut wire = certificate.acceptor.accept(wire).await.ok()?;
    let request = read_request(&mut wire).await?;
    let mut reply = answering.answer(&request);
    if let Reply::Late(wait, late) = reply {
        sleep(wait).await;
        reply = *late;
    }
    // Whoever asked may have gone without waiting for the answer.
    send(&mut wire, reply).await.ok()
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
