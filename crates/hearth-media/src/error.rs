//! Why a parameter set could not be used.

use thiserror::Error;

/// What is wrong with codec parameters that a camera or a file gave.
///
/// Always the sender's fault, never a reason to end the process. Carries no bytes of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ParameterError {
    /// The data ends before the named thing is complete.
    #[error("{0} ends too early")]
    Truncated(&'static str),
    /// A field of the named thing has a value its standard forbids.
    #[error("{0} is malformed")]
    Malformed(&'static str),
    /// Valid perhaps, but nothing Hearthwatch handles.
    #[error("{0} is not supported")]
    Unsupported(&'static str),
    /// Larger, or more of them, than any real device sends.
    #[error("{0} is over its limit")]
    TooLarge(&'static str),
}
