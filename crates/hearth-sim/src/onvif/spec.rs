//! What a simulated device is like, and what can go wrong with it.

/// What a device wants to see before it does anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnvifAccess {
    /// Nothing.
    Open,
    /// WS-UsernameToken with a digest.
    UsernameToken,
    /// HTTP Digest with MD5.
    Digest,
    /// HTTP Digest with SHA-256, and with MD5 for clients that cannot.
    DigestSha256,
}

/// A simulated device.
#[derive(Clone, Debug)]
pub struct OnvifSpec {
    /// What it is called.
    pub name: String,
    /// What it asks for.
    pub access: OnvifAccess,
    /// Who may control it. Never a secret: it guards nothing.
    pub username: String,
    /// With which password. Never a secret: it guards nothing.
    pub password: String,
    /// Whether it serves HTTPS instead of HTTP.
    pub encrypted: bool,
    /// Whether it knows the second edition of the media service.
    pub has_media2: bool,
    /// Whether it can move.
    pub has_ptz: bool,
    /// Whether it tells subscriptions apart by a header, and not by their address.
    pub subscribes_by_header: bool,
    /// Seconds by which its clock is ahead.
    pub clock_ahead_seconds: i64,
    /// The stream that it names.
    pub stream_url: String,
}

impl OnvifSpec {
    /// A device with everything that asks for WS-UsernameToken.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            access: OnvifAccess::UsernameToken,
            username: "admin".to_owned(),
            password: format!("simulated-{name}"),
            encrypted: false,
            has_media2: true,
            has_ptz: true,
            subscribes_by_header: false,
            clock_ahead_seconds: 0,
            stream_url: "rtsp://127.0.0.1:8554/main".to_owned(),
        }
    }
}

/// A command to misbehave; all but [`OnvifFault::LoseSubscriptions`] last until
/// [`OnvifFault::Recover`].
#[derive(Clone, Debug, PartialEq)]
pub enum OnvifFault {
    /// Takes a new nonce for every request and calls the old one stale.
    StaleNonces,
    /// Takes a new nonce for every request and calls the password wrong.
    WrongNonces,
    /// Steps the clock.
    ClockAhead {
        /// By how much against the truth.
        seconds: i64,
    },
    /// Refuses everything with this code of the namespace `ter`.
    Refuse {
        /// E.g. `ActionNotSupported`.
        code: String,
    },
    /// Answers with XML that is cut in half.
    CutXml,
    /// Answers with entities that grow a thousandfold each.
    Bomb,
    /// Answers with elements nested a thousand deep.
    DeepXml,
    /// Answers with more than anybody should read.
    Flood,
    /// Never answers.
    Silent,
    /// Names services, streams, pictures and pull points on another machine.
    ForeignUrls {
        /// Which one.
        host: String,
    },
    /// Asks for the password in the clear.
    BasicOnly,
    /// No longer offers more than HTTP Digest with MD5.
    OnlyMd5,
    /// Forgets all subscriptions, once.
    LoseSubscriptions,
    /// Ends everything that goes wrong.
    Recover,
}
