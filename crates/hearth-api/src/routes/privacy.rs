//! The house's privacy switch.

use axum::{Json, extract::State};
use hearth_auth::ask;
use hearth_hub::PrivacyView;
use hearth_model::WallTime;

use crate::{
    api::Api,
    error::ApiError,
    extract::{OnHouse, Sent},
};

/// How it is to stand.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PrivacyBody {
    /// Whether cameras are closed.
    is_on: bool,
    /// When they are opened again by themselves.
    until: Option<WallTime>,
}

/// `GET /house/privacy`.
pub(crate) async fn show(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadDevices>,
) -> Json<PrivacyView> {
    Json(api.hub().privacy(&grant))
}

/// `PUT /house/privacy`.
pub(crate) async fn set(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ControlDevices>,
    Sent(PrivacyBody { is_on, until }): Sent<PrivacyBody>,
) -> Result<Json<PrivacyView>, ApiError> {
    Ok(Json(api.hub().set_privacy(grant, is_on, until).await?))
}
