//! The listener: TLS on TCP and the control socket, one router behind both.
//!
//! HTTP/1.1 only, said in ALPN: WebSockets and many small range requests gain nothing from HTTP/2,
//! and its limits would be a second set. Plain HTTP is never served on TCP: whoever tries is told
//! so in one line. Every connection has a place, deadlines and an end (see `limits`).
//! promise: D-12, D-15, D-19, V-08, T-10.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use hearth_hub::{Hub, NetworkConfig};
use tokio::{
    net::TcpListener,
    task::{JoinHandle, JoinSet},
    time::{sleep, timeout},
};

use crate::{
    acme::{Acme, AcmeSettings},
    api::Api,
    certificate::Certificate,
    control::{self, ControlError},
    limits::Limits,
    listener::{Door, Listener},
    route::router,
    slots::Slots,
    stop::{StopSender, stop},
    tls::{TlsError, acceptor},
};

/// After a failed `accept` (out of file descriptors), so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How often the certificate is looked at: changed files, or a self-signed one that soon ends. It
/// takes asking one file for its time.
const CERTIFICATE_CHECKED_EVERY: Duration = Duration::from_secs(60);

/// Where and how to listen.
pub struct ServerConfig {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Path of the control socket, if there is to be one.
    pub control: Option<PathBuf>,
    /// The certificate.
    pub certificate: Certificate,
    /// Who issues a better one, if somebody does.
    pub acme: Option<AcmeSettings>,
    /// Names, allowed sites, proxies and clients' authorities.
    pub network: NetworkConfig,
    /// Limits and deadlines.
    pub limits: Limits,
}

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The port is taken, or may not be used.
    #[error("cannot listen on {address}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The control socket.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// A running server. Dropping it without [`Server::shutdown`] leaves it running.
pub struct Server {
    address: SocketAddr,
    control: Option<PathBuf>,
    stop: StopSender,
    tasks: Vec<JoinHandle<()>>,
}

impl Server {
    /// Opens both listeners and starts serving.
    ///
    /// # Errors
    /// [`ServerError`] if an address or the socket is taken.
    pub async fn start(hub: Hub, config: ServerConfig) -> Result<Self, ServerError> {
        let ServerConfig { listen, control: path, certificate, acme, network, limits } = config;
        let failed = |source| ServerError::Listen { address: listen, source };
        let tcp = TcpListener::bind(listen).await.map_err(failed)?;
        let address = tcp.local_addr().map_err(failed)?;
        let unix = path.as_deref().map(control::bind).transpose()?;
        let certificate = Arc::new(certificate);
        let acceptor = acceptor(certificate.clone(), &network)?;

        let (stop, stopped) = stop();
        let api =
            Api::new(hub, address, network, certificate.clone(), limits.clone(), stopped.clone());
        let door = Door { router: router(api.clone()), limits, stop: stopped };
        let mut tasks = vec![
            tokio::spawn(serve(Listener::Network(tcp, acceptor), door.clone(), api.clone())),
            tokio::spawn(keep_certificate(certificate.clone(), api.clone())),
        ];
        if let Some(settings) = acme {
            tasks.push(tokio::spawn(Acme::open(settings).keep(certificate, api.clone())));
        }
        if let Some(unix) = unix {
            tasks.push(tokio::spawn(serve(Listener::Control(unix), door, api)));
        }
        Ok(Self { address, control: path, stop, tasks })
    }

    /// Where it listens, with the port that was taken.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Accepts nothing more, lets open requests end for [`Limits::shutdown`], then cuts them off.
    pub async fn shutdown(self) {
        self.stop.say();
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a listener failed");
            }
        }
        if let Some(path) = self.control
            && let Err(error) = std::fs::remove_file(path)
        {
            tracing::warn!(%error, "the control socket could not be removed");
        }
    }
}

/// Accepts until told to stop, then waits for the open connections, but not for ever.
async fn serve(listener: Listener, door: Door, api: Api) {
    let slots = Slots::new(door.limits.connections);
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(ended) = connections.join_next() => {
                note_panic(ended);
                continue;
            }
            () = door.stop.clone().heard() => break,
        };
        match accepted {
            Ok(arrival) => match slots.take(arrival.address(), places(&api, arrival.address())) {
                Some(slot) => {
                    connections.spawn(arrival.serve(slot, door.clone()));
                }
                None => tracing::debug!(peer = %arrival.address(), "too many connections"),
            },
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    let ended = async {
        while let Some(ended) = connections.join_next().await {
            note_panic(ended)
        }
    };
    // What is left after the deadline is cut off when the set is dropped.
    if timeout(door.limits.shutdown, ended).await.is_err() {
        tracing::info!("open connections were cut off");
    }
}

/// How many places one address may take: a trusted proxy all of them, for it brings many clients.
fn places(api: &Api, address: IpAddr) -> usize {
    let limits = api.limits();
    if api.proxies().trusts(address) { limits.connections } else { limits.connections_per_address }
}

/// A panic ends its own connection only; it is a bug, and the log must have it (promise D-18).
fn note_panic(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!("a connection's task panicked");
    }
}

/// Replaces the certificate in time, or takes over changed files.
async fn keep_certificate(certificate: Arc<Certificate>, api: Api) {
    loop {
        tokio::select! {
            () = sleep(CERTIFICATE_CHECKED_EVERY) => {}
            () = api.stop().heard() => return,
        }
        let (certificate, now) = (certificate.clone(), api.now());
        match tokio::task::spawn_blocking(move || certificate.refresh(now)).await {
            Ok(Ok(true)) => tracing::info!("the listener has a new certificate"),
            Ok(Ok(false)) => {}
            Ok(Err(error)) => tracing::error!(%error, "the certificate could not be renewed"),
            Err(error) => tracing::error!(%error, "the certificate check failed"),
        }
    }
}
