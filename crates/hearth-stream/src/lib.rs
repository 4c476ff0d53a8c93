//! Cameras in: RTSP, MJPEG, cameras of this machine and file replay become frames on one timeline.
//! One way leads back: [`speak`] says something through a camera's loudspeaker.
//!
//! A shell around the pure machines of `hearth-rtsp`: sockets, TLS, clocks and deadlines are here,
//! protocol decisions are there. One [`Source`] is one session with one camera; it never
//! reconnects by itself: the camera supervisor does, at the pace that [`Backoff`] sets.
//!
//! Invariants: every wait has a deadline; every buffer has a limit; credentials never appear in an
//! error, a log line or a URL (promises V-24, K-07).
//! Not here: what a supervisor does after an error (`hearth-hub`), containers (`hearth-mp4`).

#![forbid(unsafe_code)]

mod backoff;
mod certificate;
mod connection;
mod error;
mod local;
mod mjpeg;
mod offer;
mod replay;
mod rtsp;
mod source;
mod speak;
mod spec;
mod timeline_map;
mod watch;

pub use backoff::Backoff;
pub use connection::dial;
pub use error::SourceError;
pub use offer::{OFFER_PORTS_MAX, OFFER_TIMEOUT, rtsps_offer};
pub use source::{Source, SourceStats, connect};
pub use speak::{SpeakError, speak};
pub use spec::{Credentials, SourceSpec, Timeline};

/// Unpredictable bytes, for nonces and the like.
fn random_bytes() -> Result<[u8; 16], SourceError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        SourceError::new(hearth_model::StateReason::Internal, format!("no randomness: {error}"))
    })?;
    Ok(bytes)
}
