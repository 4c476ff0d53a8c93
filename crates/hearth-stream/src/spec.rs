//! What a source needs to know before it connects.

use hearth_media::MediaTime;
use hearth_model::{AddressPolicy, SourceUrl, Transport};
use hearth_secret::SecretString;

/// The hub's timeline: see [`MediaTime`].
pub trait Timeline: Send + Sync {
    /// The time now. Must never go back.
    fn now(&self) -> MediaTime;
}

impl std::fmt::Debug for dyn Timeline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "timeline at {:?}", self.now())
    }
}

/// User name and password of a camera account.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The user name.
    pub username: String,
    /// The password; it stays inside its wrapper until a digest or header is computed from it.
    pub password: SecretString,
}

/// Which stream to open, and how.
#[derive(Clone, Debug)]
pub struct SourceSpec {
    /// Where it is. Holds no credentials.
    pub url: SourceUrl,
    /// The account, if the camera has one.
    pub credentials: Option<Credentials>,
    /// How RTP travels (RTSP only; inside TLS it is always TCP).
    pub transport: Transport,
    /// SHA-256 of the certificate that is accepted; `None` accepts any and reports which it was, so
    /// that the caller can pin it (trust on first use; promises T-08, K-01).
    pub certificate_pin: Option<[u8; 32]>,
    /// Where its URL may lead. A file is on this machine.
    pub addresses: AddressPolicy,
}
