//! A simulated ONVIF device: it answers, moves, notices things, and misbehaves on command.
//!
//! It shares nothing with the client that it tests: requests are read by a scanner of its own, and
//! answers are written as the standard's examples have them. Everything is on 127.0.0.1 and says
//! that it is simulated.

mod answer;
mod device;
mod discovery;
mod door;
mod event;
mod imaging;
mod media;
mod ptz;
mod scan;
mod server;
mod spec;
mod state;

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use tokio::{
    net::{TcpListener, UdpSocket},
    task::JoinSet,
};

use crate::{CertificateError, certificate::Certificate};
use state::State;

pub use event::OnvifEvent;
pub use spec::{OnvifAccess, OnvifFault, OnvifSpec};
pub use state::{Proven, Seen};

/// Why a device does not start.
#[derive(Debug, thiserror::Error)]
pub enum OnvifError {
    /// No port to listen on.
    #[error("cannot listen on the loopback address")]
    Listen(#[from] std::io::Error),
    /// No certificate.
    #[error("the device has no certificate")]
    Certificate(#[from] CertificateError),
    /// No picture.
    #[error("the device has no picture to show")]
    Picture,
}

/// A running device. Dropping it stops everything.
#[derive(Debug)]
pub struct OnvifDevice {
    state: Arc<State>,
    discovery: SocketAddr,
    tasks: JoinSet<()>,
}

impl OnvifDevice {
    /// Starts a device on ports of 127.0.0.1 that the system chooses.
    ///
    /// Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// See [`OnvifError`].
    pub async fn start(spec: OnvifSpec) -> Result<Self, OnvifError> {
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = TcpListener::bind(any_port).await?;
        let socket = UdpSocket::bind(any_port).await?;
        let discovery = socket.local_addr()?;
        let certificate = if spec.encrypted { Some(Certificate::generate()?) } else { None };
        let port = listener.local_addr()?.port();
        let random = getrandom::u64().unwrap_or(0x5EED);
        let picture = media::picture().ok_or(OnvifError::Picture)?;
        let state = Arc::new(State::new(spec, port, certificate, picture, random));
        let mut tasks = JoinSet::new();
        tasks.spawn(server::serve(listener, Arc::clone(&state)));
        tasks.spawn(discovery::serve(socket, Arc::clone(&state)));
        Ok(Self { state, discovery, tasks })
    }

    /// The address of its device service.
    pub fn url(&self) -> String {
        self.state.own_url("device_service")
    }

    /// Where it listens for probes.
    pub fn discovery(&self) -> SocketAddr {
        self.discovery
    }

    /// SHA-256 of its certificate in hexadecimal, if it has one.
    pub fn certificate_sha256(&self) -> Option<String> {
        self.state.certificate.as_ref().map(|certificate| certificate.sha256.clone())
    }

    /// Makes something go wrong, or well again.
    pub fn fault(&self, fault: OnvifFault) {
        self.state.strike(fault);
    }

    /// Makes the device notice something, and tell whoever subscribed.
    pub fn notice(&self, event: OnvifEvent) {
        self.state.notice(event);
    }

    /// What was asked so far, the oldest first.
    pub fn seen(&self) -> Vec<Seen> {
        self.state.seen()
    }

    /// Where it points: pan, tilt, zoom.
    pub fn position(&self) -> (f32, f32, f32) {
        self.state.position()
    }

    /// How many live subscriptions there are.
    pub fn subscriptions(&self) -> usize {
        self.state.subscriptions()
    }

    /// Stops everything and waits until all ports are closed.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}
