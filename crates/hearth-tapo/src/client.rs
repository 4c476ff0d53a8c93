//! The sockets: connects, logs in, sends calls, and keeps the deadlines.
//!
//! No protocol decision is made here; those are in the machines. What is here: one request at
//! a time for each device, one login again when a session ends, none after a wrong password, and
//! certificates and strengths compared with what the caller remembers ([`TrustStore`]).
//! A stuck device costs its own callers [`CALL_TIMEOUT`] and nobody else anything (T-10).

mod address;
mod camera;
mod discover;
mod gate;
mod http;
mod media;
mod plug;
mod secure_stream;
mod static_rsa;
mod trust;

use std::time::Duration;

pub use address::is_private;
pub use camera::{CameraClient, CameraSpec};
pub use discover::{DiscoveryPorts, Found, discover};
pub use media::{MediaClient, MediaSpec};
pub use plug::{Language, PlugClient, PlugProtocol, PlugSpec};
pub use trust::{MemoryTrust, TrustStore};

use crate::{
    Failure,
    transport::{LoginError, SessionError},
};

/// A name server of the house answers within milliseconds.
pub const RESOLVE_TIMEOUT: Duration = Duration::from_secs(5);
/// Covers a lost SYN or two (1 s, 3 s).
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Cameras need up to 2 s for an RSA handshake.
pub const TLS_TIMEOUT: Duration = Duration::from_secs(8);
/// Other clients wait 5 to 10 s for an answer.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// A call with connection, login and one login again.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(45);

impl From<LoginError> for Failure {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::Credentials => Self::WrongPassword,
            LoginError::Locked { seconds_left } => Self::Locked { seconds_left },
            LoginError::Unsupported(what) => Self::LoginUnsupported(what),
            LoginError::Downgrade(what) => Self::Downgrade(what),
            LoginError::Refused(code) => Self::Refused { method: "login".to_owned(), code },
            LoginError::Status(status) => Self::Status(status),
            LoginError::Malformed(malformed) => Self::Malformed(malformed),
        }
    }
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Lost => Self::SessionLost,
            SessionError::Locked { seconds_left } => Self::Locked { seconds_left },
            SessionError::Refused(code) => Self::from_code("the request", code),
            SessionError::Status(status) => Self::Status(status),
            SessionError::Malformed(malformed) => Self::Malformed(malformed),
        }
    }
}

/// Bytes that nobody can predict.
fn random<const LENGTH: usize>() -> Result<[u8; LENGTH], Failure> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes)
        .map_err(|_| Failure::Unreachable("the system has no randomness".to_owned()))?;
    Ok(bytes)
}
