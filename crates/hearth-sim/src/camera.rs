//! One camera: its streams, its port, and what is wrong with it.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
    task::JoinSet,
};

use crate::{
    CameraSpec, Fault, Protocol, certificate::Certificate, chance::Chance, fault::Conditions,
    hearing::Hearing, http::serve_mjpeg, lock::Lock, rtsp::Connection, stream::Stream,
};

/// Clients of one camera at the same time. Real cameras take 4 to 10; load tests take more.
const CLIENTS_MAX: usize = 64;
/// Time for a TLS handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Pause before the port is tried again that somebody else took while it was closed.
const REBIND_PAUSE: Duration = Duration::from_millis(50);
/// Clients that may wait to be accepted.
const BACKLOG: u32 = 64;

/// What the connections of a camera share.
#[derive(Debug)]
pub(crate) struct CameraState {
    spec: CameraSpec,
    conditions: watch::Sender<Conditions>,
    main: Arc<Stream>,
    sub: Option<Arc<Stream>>,
    certificate: Mutex<Option<Certificate>>,
    lock: Lock,
    hearing: Hearing,
}

impl CameraState {
    /// A camera that works.
    pub(crate) fn new(
        spec: CameraSpec,
        main: Arc<Stream>,
        sub: Option<Arc<Stream>>,
        certificate: Option<Certificate>,
        nonce: u64,
    ) -> Self {
        let certificate = Mutex::new(certificate);
        let lock = Lock::new(spec.access, &spec.username, &spec.password, nonce);
        let (conditions, hearing) = (watch::Sender::default(), Hearing::default());
        Self { spec, conditions, main, sub, certificate, lock, hearing }
    }

    /// Whether a request may pass now.
    pub(crate) fn opens(&self, method: &str, uri: &str, authorization: Option<&str>) -> bool {
        let opens = self.lock.opens_to(uri) || self.lock.opens(method, authorization);
        opens && !self.conditions.borrow().wrong_password
    }

    /// The values of `WWW-Authenticate` for those that may not.
    pub(crate) fn challenges(&self) -> Vec<String> {
        self.lock.challenges()
    }

    /// What it is made of.
    pub(crate) fn spec(&self) -> &CameraSpec {
        &self.spec
    }

    /// What is wrong with it, now and later.
    pub(crate) fn conditions(&self) -> watch::Receiver<Conditions> {
        self.conditions.subscribe()
    }

    /// What was said to it.
    pub(crate) fn hearing(&self) -> &Hearing {
        &self.hearing
    }

    /// Its main stream.
    pub(crate) fn main(&self) -> &Arc<Stream> {
        &self.main
    }

    /// Its second stream.
    pub(crate) fn sub(&self) -> Option<&Arc<Stream>> {
        self.sub.as_ref()
    }

    /// The stream at a path.
    pub(crate) fn stream(&self, path: &str) -> Option<Arc<Stream>> {
        match path {
            "/main" => Some(Arc::clone(&self.main)),
            "/sub" => self.sub.clone(),
            _ => None,
        }
    }

    /// The certificate it shows at the moment.
    pub(crate) fn certificate(&self) -> Option<Certificate> {
        self.certificate.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Shows another certificate from now on.
    pub(crate) fn replace_certificate(&self, certificate: Certificate) {
        *self.certificate.lock().unwrap_or_else(PoisonError::into_inner) = Some(certificate);
    }

    /// Lets a fault strike.
    pub(crate) fn strike(&self, fault: &Fault) {
        self.conditions.send_modify(|conditions| *conditions = conditions.after(fault));
    }

    /// Lets one fault end, and only that one.
    pub(crate) fn relieve(&self, fault: &Fault) {
        self.conditions.send_modify(|conditions| *conditions = conditions.without(fault));
    }

    /// Accepts clients for as long as it is polled; closes and opens the port as faults want it.
    pub(crate) async fn serve(self: Arc<Self>, listener: TcpListener, seed: u64) {
        let Ok(address) = listener.local_addr() else { return };
        let mut listener = Some(listener);
        let mut chance = Chance::new(seed);
        let mut conditions = self.conditions();
        let mut clients = JoinSet::new();
        loop {
            let now = *conditions.borrow_and_update();
            if now.refused {
                listener = None;
                if conditions.changed().await.is_err() {
                    return;
                }
                continue;
            }
            let Some(open) = &listener else {
                listener = reopen(address);
                if listener.is_none() {
                    tokio::time::sleep(REBIND_PAUSE).await;
                }
                continue;
            };
            tokio::select! {
                biased;
                _ = conditions.changed() => {}
                accepted = open.accept(), if !now.half_open && clients.len() < CLIENTS_MAX => {
                    if let Ok((wire, peer)) = accepted {
                        clients.spawn(Arc::clone(&self).client(wire, peer, chance.next()));
                    }
                }
                _ = clients.join_next(), if !clients.is_empty() => {}
            }
        }
    }

    async fn client(self: Arc<Self>, wire: TcpStream, peer: SocketAddr, seed: u64) {
        // Without it small packets wait for the acknowledgement of others; if it fails, they do.
        let _slower = wire.set_nodelay(true);
        match self.spec.protocol {
            Protocol::Rtsp => Connection::new(wire, peer, self, seed).run().await,
            Protocol::Mjpeg => serve_mjpeg(wire, self, seed).await,
            Protocol::Rtsps => {
                let Some(certificate) = self.certificate() else { return };
                let handshake = certificate.acceptor.accept(wire);
                match tokio::time::timeout(HANDSHAKE_TIMEOUT, handshake).await {
                    Ok(Ok(wire)) => Connection::new(wire, peer, self, seed).run().await,
                    Ok(Err(error)) => tracing::debug!(%error, "TLS handshake failed"),
                    Err(_) => tracing::debug!("TLS handshake took too long"),
                }
            }
        }
    }
}

fn reopen(address: SocketAddr) -> Option<TcpListener> {
    let socket = TcpSocket::new_v4().ok()?;
    socket.set_reuseaddr(true).ok()?;
    socket.bind(address).ok()?;
    socket.listen(BACKLOG).ok()
}
