//! One shape for failures at the surfaces: a kind, and a message that may be shown.

/// What kind of failure it is. Surfaces map each kind once (HTTP status, exit code).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The request is not acceptable as it is.
    BadInput,
    /// Nobody is signed in.
    Unauthenticated,
    /// Signed in, but not allowed.
    Denied,
    /// No such thing, or not for this principal.
    NotFound,
    /// It conflicts with what is there.
    Conflict,
    /// Too much or too often.
    Limited,
    /// A device did not do what it should.
    Device,
    /// A device did not answer.
    DeviceSilent,
    /// A part of the hub is not there at the moment.
    Unavailable,
    /// A bug or a broken disk; the log has the detail.
    Internal,
}

/// A failure as it may leave the hub: no path, no secret, no source chain.
///
/// promise: T-02, D-11.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// The kind.
    pub kind: FaultKind,
    /// What happened and what to do next, for a person.
    pub message: String,
}

impl Fault {
    /// A failure with its public message.
    pub fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}
