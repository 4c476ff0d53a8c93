//! Liveness, readiness and the API's own description. promise: V-11.

use axum::response::IntoResponse;
use http::header;

use crate::openapi::openapi_json;

/// The process serves.
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// The listener opens only after the hub has started, so whoever gets an answer gets this one.
pub(crate) async fn ready() -> &'static str {
    "ready\n"
}

/// The OpenAPI document.
pub(crate) async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], openapi_json())
}
