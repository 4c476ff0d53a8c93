//! Liveness, readiness and the API's own description. promise: V-11.

use axum::{Extension, extract::State, response::IntoResponse};
use http::{StatusCode, header};

use crate::{api::Api, gate::Caller, openapi::openapi_json};

/// The process serves.
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// Whether the hub can do its work now. What is wrong is told to those who are signed in only.
pub(crate) async fn ready(
    State(api): State<Api>,
    caller: Option<Extension<Caller>>,
) -> (StatusCode, String) {
    let seen = api.hub().readiness().await;
    let (status, word) = match seen.is_ready() {
        true => (StatusCode::OK, "ready"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "not ready"),
    };
    let mut text = format!("{word}\n");
    if caller.is_some() {
        let state = |ok: bool| if ok { "ok" } else { "failed" };
        let parts = [("index", seen.index), ("vault", seen.vault), ("disk", seen.disk)];
        for (name, ok) in parts {
            text.push_str(&format!("{name} {}\n", state(ok)));
        }
        text.push_str(&format!("writers stuck: {}\n", seen.writers_stuck));
    }
    (status, text)
}

/// The OpenAPI document.
pub(crate) async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], openapi_json())
}
