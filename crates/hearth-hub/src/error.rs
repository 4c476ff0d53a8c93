//! Failures of use cases: a fault for people, a code for programs, sometimes a time to wait.

use std::time::Duration;

use hearth_auth::Denied;
use hearth_model::{Fault, FaultKind};

/// Result of a use case.
pub type Result<T> = std::result::Result<T, UseCaseError>;

/// An error as a sentence for people.
pub(crate) fn sentence(error: &dyn std::error::Error) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).chain(['.']).collect()
}

/// Why a use case failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct UseCaseError {
    /// Kind and public message.
    pub fault: Fault,
    /// Stable code that programs can branch on.
    pub code: &'static str,
    /// When trying again makes sense.
    pub retry_after: Option<Duration>,
}

impl UseCaseError {
    pub(crate) fn new(kind: FaultKind, code: &'static str, message: impl Into<String>) -> Self {
        Self { fault: Fault::new(kind, message), code, retry_after: None }
    }

    pub(crate) fn bad_input(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(FaultKind::BadInput, code, message)
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(FaultKind::NotFound, "not_found", format!("There is no such {what}."))
    }

    pub(crate) fn unavailable(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(FaultKind::Unavailable, code, message)
    }

    /// Logs the detail and hides it (promise T-02).
    pub(crate) fn internal(error: &dyn std::error::Error) -> Self {
        tracing::error!(error = %Chain(error), "a use case failed");
        Self::new(
            FaultKind::Internal,
            "internal",
            "Something in the hub failed. The log has the detail.",
        )
    }
}

impl From<Denied> for UseCaseError {
    fn from(denied: Denied) -> Self {
        let code = match denied {
            Denied::SignedOut => "signed_out",
            Denied::Forbidden { .. } => "denied",
            Denied::NotAPerson => "not_a_person",
            Denied::NotOwner => "not_owner",
        };
        Self { fault: denied.into(), code, retry_after: None }
    }
}

/// An error with all its causes, for the log.
pub struct Chain<'a>(pub &'a dyn std::error::Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}
