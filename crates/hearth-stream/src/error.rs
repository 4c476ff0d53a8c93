//! Why a source ended.

use hearth_model::StateReason;

/// Why a source could not be opened, or ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason:?}: {detail}")]
pub struct SourceError {
    /// The code that decides what people see and whether trying again makes sense.
    pub reason: StateReason,
    /// For the log: what was being done and what came instead. Never credentials, never a body.
    pub detail: String,
}

impl SourceError {
    /// An error with its detail for the log.
    pub fn new(reason: StateReason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }
}
