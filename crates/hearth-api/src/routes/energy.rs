//! What plugs use, what that costs, and how warm rooms are.

use axum::{Json, extract::State};
use hearth_auth::ask;
use hearth_hub::{ClimateView, EnergyStep, EnergyView, Tariff};
use hearth_model::WallTime;
use http::StatusCode;

use crate::{
    api::Api,
    error::ApiError,
    extract::{Asked, OnHouse, Sent},
};

/// Which time.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Span {
    from: WallTime,
    to: WallTime,
}

/// Which time, and how finely.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Steps {
    from: WallTime,
    to: WallTime,
    #[serde(default)]
    step: EnergyStep,
}

/// What energy costs; null for nobody knows.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
pub(crate) struct TariffBody(Option<Tariff>);

/// `GET /energy`.
pub(crate) async fn energy(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadDevices>,
    Asked(Steps { from, to, step }): Asked<Steps>,
) -> Result<Json<EnergyView>, ApiError> {
    Ok(Json(api.hub().energy(grant, from, to, step).await?))
}

/// `PUT /energy/tariff`.
pub(crate) async fn set_tariff(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageCameras>,
    Sent(TariffBody(tariff)): Sent<TariffBody>,
) -> Result<StatusCode, ApiError> {
    api.hub().set_tariff(grant, tariff).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /climate`.
pub(crate) async fn climate(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadDevices>,
    Asked(Span { from, to }): Asked<Span>,
) -> Result<Json<ClimateView>, ApiError> {
    Ok(Json(api.hub().climate(grant, from, to).await?))
}
