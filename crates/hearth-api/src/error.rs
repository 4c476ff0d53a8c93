//! The one shape of a failed request: a status, a stable code, a text for people, an id for the
//! log.
//!
//! promise: T-02, D-11. What leaves is written here or is a fault's public message; details go to
//! the log under the same id. No path, source chain or request content is ever in an answer.

use std::time::Duration;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use hearth_auth::{Denied, Throttled};
use hearth_hub::UseCaseError;
use hearth_model::FaultKind;
use http::{HeaderValue, StatusCode, header};

/// A failed request.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    retry_after: Option<Duration>,
}

/// The body of every failed request.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct ErrorBody {
    error: ErrorText,
}

/// What failed.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct ErrorText {
    /// For programs; does not change between versions.
    code: &'static str,
    /// For people: what happened and what to do next.
    message: String,
    /// Under which the log has the detail.
    id: String,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after: None }
    }

    /// Something in the request is not acceptable.
    pub(crate) fn bad_input(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// Nobody is signed in.
    pub(crate) fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not_signed_in", "Sign in first.")
    }

    /// The host that was asked for is not this one.
    pub(crate) fn wrong_host() -> Self {
        Self::new(
            StatusCode::MISDIRECTED_REQUEST,
            "wrong_host",
            "The hub is not known by this name. Add it to `names` under [network] in \
             hearthwatch.toml.",
        )
    }

    /// There is no such address.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is nothing at this address.")
    }
}

/// The one table from kinds of failure to statuses.
fn status_of(kind: FaultKind) -> StatusCode {
    match kind {
        FaultKind::BadInput => StatusCode::BAD_REQUEST,
        FaultKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        FaultKind::Denied => StatusCode::FORBIDDEN,
        FaultKind::NotFound => StatusCode::NOT_FOUND,
        FaultKind::Conflict => StatusCode::CONFLICT,
        FaultKind::Limited => StatusCode::TOO_MANY_REQUESTS,
        FaultKind::Device => StatusCode::BAD_GATEWAY,
        FaultKind::DeviceSilent => StatusCode::GATEWAY_TIMEOUT,
        FaultKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        FaultKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl From<Denied> for ApiError {
    fn from(denied: Denied) -> Self {
        UseCaseError::from(denied).into()
    }
}

impl From<Throttled> for ApiError {
    fn from(throttled: Throttled) -> Self {
        let text = "Too many requests. Wait a moment and try again.";
        let error = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", text);
        Self { retry_after: Some(throttled.retry_after), ..error }
    }
}

impl From<UseCaseError> for ApiError {
    fn from(error: UseCaseError) -> Self {
        let status = status_of(error.fault.kind);
        Self {
            status,
            code: error.code,
            message: error.fault.message,
            retry_after: error.retry_after,
        }
    }
}

/// 64 random bits: an id says nothing about how many errors there were.
fn random_id() -> String {
    let mut bytes = [0; 8];
    // Without randomness the error still has to be answered; the log line is found by its time.
    aws_lc_rs::rand::fill(&mut bytes).unwrap_or_default();
    format!("err_{:016x}", u64::from_be_bytes(bytes))
}

impl ApiError {
    /// The body of the answer, for those that say more than that; the log has its id.
    pub(crate) fn into_body(self) -> ErrorBody {
        let id = random_id();
        // Refusals may quote what was sent, so only their code goes to the log (promise K-07).
        if self.status.is_server_error() {
            tracing::warn!(error.id = id, error.code = self.code, error = self.message, "failed");
        } else {
            tracing::debug!(error.id = id, error.code = self.code, "refused");
        }
        ErrorBody { error: ErrorText { code: self.code, message: self.message, id } }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, retry_after) = (self.status, self.retry_after);
        let mut response = (status, Json(self.into_body())).into_response();
        if let Some(wait) = retry_after {
            // Rounded up: whoever waits as told must not come too early.
            let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
