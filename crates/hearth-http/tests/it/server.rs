//! A server that answers each connection with given bytes.

use std::{net::SocketAddr, sync::Arc};

use hearth_http::Fingerprint;
use rustls::ServerConfig;
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc,
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

/// How a connection ends after the answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Close,
    /// Stays open and silent.
    Silence,
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) certificate: Option<Fingerprint>,
    requests: mpsc::Receiver<String>,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn plain(answer: impl Into<Vec<u8>>, end: End) -> Self {
        Self::start(answer.into(), end, None).await
    }

    pub(crate) async fn encrypted(answer: impl Into<Vec<u8>>, end: End) -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("made");
        let fingerprint = Fingerprint::of(made.cert.der());
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .expect("a certificate");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Self::start(answer.into(), end, Some((acceptor, fingerprint))).await
    }

    async fn start(answer: Vec<u8>, end: End, tls: Option<(TlsAcceptor, Fingerprint)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let certificate = tls.as_ref().map(|(_, fingerprint)| *fingerprint);
        let (tx, requests) = mpsc::channel(16);
        let task = tokio::spawn(async move {
            while let Ok((wire, _)) = listener.accept().await {
                match &tls {
                    None => serve(wire, &answer, end, &tx).await,
                    Some((acceptor, _)) => {
                        if let Ok(wire) = acceptor.accept(wire).await {
                            serve(wire, &answer, end, &tx).await;
                        }
                    }
                }
            }
        });
        Self { address, certificate, requests, task }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        let scheme = if self.certificate.is_some() { "https" } else { "http" };
        format!("{scheme}://{}{path}", self.address)
    }

    /// What was asked so far, in bytes as text.
    pub(crate) fn asked(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.requests.try_recv().ok()).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    mut wire: impl AsyncRead + AsyncWrite + Unpin,
    answer: &[u8],
    end: End,
    tx: &mpsc::Sender<String>,
) {
    let mut request = Vec::new();
    while !is_whole(&request) {
        match wire.read_buf(&mut request).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
    tx.send(String::from_utf8_lossy(&request).into_owned()).await.ok();
    wire.write_all(answer).await.ok();
    wire.flush().await.ok();
    if end == End::Silence {
        // Until the client has enough of it.
        wire.read_to_end(&mut request).await.ok();
    }
    wire.shutdown().await.ok();
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    length.is_none_or(|length| length.parse() == Ok(body.len()))
}
