//! Why there is no answer.

use std::net::IpAddr;

use crate::Fingerprint;

/// Why there is no answer. Never holds a URL, a header or a body: those carry tokens.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The request cannot be sent as it is.
    #[error("the request is not valid: {0}")]
    Request(&'static str),
    /// The URL says `http:`, and the caller did not ask for that.
    #[error("plain HTTP is refused; use https")]
    PlainHttp,
    /// The address is outside of what the caller allows.
    #[error("the address {0} is not allowed here")]
    Address(IpAddr),
    /// No connection.
    #[error("the peer cannot be reached: {0}")]
    Unreachable(String),
    /// The deadline passed.
    #[error("the peer did not answer in time")]
    TimedOut,
    /// No agreement on keys, for example because the peer offers obsolete ciphers only.
    #[error("no encrypted connection: {0}")]
    Handshake(String),
    /// No public authority vouches for the certificate, or not for this name, or not any more.
    #[error("the certificate is not trusted: {0}")]
    Untrusted(String),
    /// The peer shows another certificate than the pinned one: it was reset or replaced, or
    /// somebody sits in between.
    #[error("the certificate changed from {pinned} to {seen}")]
    CertificateChanged {
        /// What was expected.
        pinned: Fingerprint,
        /// What came.
        seen: Fingerprint,
    },
    /// The connection ended before the answer did.
    #[error("the connection ended before the answer did")]
    Closed,
    /// The head or body is larger than allowed.
    #[error("the answer is too large")]
    TooLarge,
    /// The answer is not HTTP.
    #[error("the answer is not HTTP")]
    Malformed,
}
