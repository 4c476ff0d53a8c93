//! A tool that did not do what was asked: a stable code for programs, words for whoever asked.

use std::time::Duration;

use hearth_auth::{Denied, Throttled};
use hearth_hub::UseCaseError;
use hearth_model::FaultKind;

/// Why a tool did nothing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ToolError {
    /// Does not change between versions; the same as in the REST API where the hub refused.
    pub(crate) code: &'static str,
    /// What happened and what to do next.
    pub(crate) message: String,
    /// Whether the message may repeat what somebody else wrote, e.g. a device the names of its
    /// settings.
    pub(crate) quotes: bool,
    /// Whether whoever asked may not do it, as opposed to that it did not work.
    pub(crate) is_refusal: bool,
    /// When trying again makes sense.
    pub(crate) retry_after: Option<Duration>,
}

impl ToolError {
    /// In the hub's own words.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, message, quotes: false, is_refusal: false, retry_after: None }
    }

    /// Whoever asked may not do it.
    pub(crate) fn refusal(code: &'static str, message: impl Into<String>) -> Self {
        Self { is_refusal: true, ..Self::new(code, message) }
    }

    pub(crate) fn bad_arguments(message: impl Into<String>) -> Self {
        Self::new("bad_arguments", message)
    }

    /// How many whole seconds to wait: rounded up, whoever waits as told must not come too early.
    pub(crate) fn seconds(&self) -> Option<u64> {
        let wait = self.retry_after?;
        Some(wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)))
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new("not_found", format!("There is no such {what}."))
    }
}

impl From<UseCaseError> for ToolError {
    fn from(error: UseCaseError) -> Self {
        // Refusals of these kinds can name what a device offers or what somebody typed.
        let quotes = matches!(
            error.fault.kind,
            FaultKind::BadInput | FaultKind::Conflict | FaultKind::Device | FaultKind::DeviceSilent
        );
        let kind = error.fault.kind;
        let is_refusal = matches!(kind, FaultKind::Denied | FaultKind::Unauthenticated);
        let (code, message, retry_after) = (error.code, error.fault.message, error.retry_after);
        Self { code, message, quotes, is_refusal, retry_after }
    }
}

impl From<Denied> for ToolError {
    fn from(denied: Denied) -> Self {
        UseCaseError::from(denied).into()
    }
}

impl From<Throttled> for ToolError {
    fn from(throttled: Throttled) -> Self {
        let text = "Too many calls. Wait as long as it says, then go on.";
        let retry_after = Some(throttled.retry_after);
        Self { retry_after, ..Self::refusal("too_many_requests", text) }
    }
}
