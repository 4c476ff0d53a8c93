//! Metrics for Prometheus: what the hub counts, and what this listener does.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use hearth_auth::ask;
use hearth_hub::Exposition;
use http::header;

use crate::{api::Api, error::ApiError, extract::OnHouse};

/// `GET /metrics`.
pub(crate) async fn text(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadMetrics>,
) -> Result<Response, ApiError> {
    let mut text = api.hub().metrics(grant).await?;
    api.counts().write(&mut text);
    Ok(([(header::CONTENT_TYPE, Exposition::CONTENT_TYPE)], text.into_text()).into_response())
}
