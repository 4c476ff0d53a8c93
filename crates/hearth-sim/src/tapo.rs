//! Simulated Tapo and Kasa devices: cameras of every login generation, plugs, discovery.
//!
//! Written from the protocol descriptions alone and with other cryptography than the client
//! (`hearth-tapo`), so that a mistake does not agree with itself; independent clients run against
//! them as well (`tests/oracle`). All of them listen on 127.0.0.1 on ports the system chooses,
//! check what they are sent strictly, and misbehave on command ([`TapoFault`]).

mod camera;
mod cipher;
mod discovery;
mod fault;
mod http;
mod kasa_plug;
mod media;
mod plug;

pub use camera::{TapoCamera, TapoCameraSpec, TapoGeneration};
pub use discovery::TapoAnnouncer;
pub use fault::{Expiry, TapoFault};
pub use kasa_plug::KasaPlug;
pub use media::{TapoMedia, TapoMediaSpec};
pub use plug::{PlugLogin, TapoPlug, TapoPlugSpec};

/// Why a simulated device does not start.
#[derive(Debug, thiserror::Error)]
pub enum TapoSimError {
    /// No port to listen on.
    #[error("cannot listen on the loopback address")]
    Listen(#[from] std::io::Error),
    /// No certificate.
    #[error("a device has no certificate")]
    Certificate(#[from] crate::CertificateError),
}

/// Who may log in.
#[derive(Clone, Debug)]
pub struct TapoCredentials {
    /// The user name.
    pub username: String,
    /// The password.
    pub password: hearth_secret::SecretString,
}
