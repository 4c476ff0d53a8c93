//! Every limit of the listener, with its reason. Pure data.
//!
//! [`Limits::default`] is what a house runs with; tests shorten deadlines instead of sleeping.
//! promise: D-19.

use std::time::Duration;

use crate::rate::Rates;

/// Bytes of one request body unless a route says otherwise: the largest ordinary body, a camera's
/// settings with 32 zones and 32 masks, is below 40 KiB.
pub(crate) const BODY_BYTES_MAX: usize = 64 * 1024;

/// Bytes of a body that holds a name and a password.
pub(crate) const BODY_BYTES_SIGN_IN_MAX: usize = 4 * 1024;

/// Bytes of a body with a passkey's answer: 8 KiB of attestation in base64 and what goes with it.
pub(crate) const BODY_BYTES_PASSKEY_MAX: usize = 32 * 1024;

/// Bytes of a photograph of a face: what phones make, with room.
pub(crate) const BODY_BYTES_PHOTO_MAX: usize = 16 * 1024 * 1024;

/// Bytes of a sound file: what may be said, at the highest rate that is read.
pub(crate) const BODY_BYTES_SOUND_MAX: usize = 4 * 1024 * 1024;

/// Bytes of a request head. Cookies and a long query fit four times.
pub(crate) const HEAD_BYTES_MAX: usize = 32 * 1024;

/// Header lines of a request; browsers send about 20.
pub(crate) const HEADERS_MAX: usize = 64;

/// Bytes of one WebSocket message from a viewer. Viewers have nothing to say but pongs and a close.
pub(crate) const VIEWER_MESSAGE_BYTES_MAX: usize = 4 * 1024;

/// Bytes of one WebSocket message from somebody who speaks: half a second of sound, of which a tenth
/// is usual.
pub(crate) const SPOKEN_MESSAGE_BYTES_MAX: usize = 4 * 1024;

/// Limits and deadlines of one listener.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Open connections. A household of ten browsers with nine tiles each stays below 200.
    pub connections: usize,
    /// Open connections from one address (one /64 for IPv6): a page with 16 tiles, its events and
    /// six requests, in four tabs.
    pub connections_per_address: usize,
    /// Until the first bytes and the TLS handshake are through. A handshake takes two round trips.
    pub handshake: Duration,
    /// Until a request's head has arrived, counted from the connection's last answer: it ends slow
    /// senders and idle connections alike. Browsers open a new connection without being noticed.
    pub head: Duration,
    /// Until an ordinary request has been read, worked on and answered. Routes that stream are free
    /// of it; [`Limits::stalled_write`] ends those that nobody reads.
    pub request: Duration,
    /// A peer that takes no byte for this long while there are some to send is dropped.
    pub stalled_write: Duration,
    /// Between two pings on an idle WebSocket, and between two comments on an idle event stream.
    pub heartbeat: Duration,
    /// Until open requests are cut off at shutdown.
    pub shutdown: Duration,
    /// How often somebody may ask.
    pub rates: Rates,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 512,
            connections_per_address: 96,
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(20),
            request: Duration::from_secs(30),
            stalled_write: Duration::from_secs(20),
            heartbeat: Duration::from_secs(15),
            shutdown: Duration::from_secs(5),
            rates: Rates::default(),
        }
    }
}
