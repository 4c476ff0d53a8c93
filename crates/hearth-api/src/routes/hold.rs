//! Holds: footage protected from retention.

use axum::{Json, extract::State, response::IntoResponse};
use hearth_auth::ask;
use hearth_hub::HoldView;
use hearth_model::{CameraId, HoldId, TimeRange, WallTime};
use http::StatusCode;

use crate::{
    api::Api,
    error::ApiError,
    extract::{Named, OnHouse, Sent},
};

/// All holds.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct HoldList {
    holds: Vec<HoldView>,
}

/// Footage to protect.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewHold {
    /// Whose footage.
    camera: CameraId,
    /// From when.
    from: WallTime,
    /// Until when.
    to: WallTime,
    /// Why.
    reason: String,
    /// When the protection itself ends; without it, when it is removed.
    until: Option<WallTime>,
}

/// `GET /holds`.
pub(crate) async fn list(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageHolds>,
) -> Result<Json<HoldList>, ApiError> {
    Ok(Json(HoldList { holds: api.hub().holds(grant).await? }))
}

/// `POST /holds`.
pub(crate) async fn add(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageHolds>,
    Sent(new): Sent<NewHold>,
) -> Result<impl IntoResponse, ApiError> {
    let range = TimeRange::new(new.from, new.to)
        .ok_or_else(|| ApiError::bad_input("bad_range", "`from` must be before `to`."))?;
    let hold =
        hearth_hub::NewHold { camera: new.camera, range, reason: new.reason, until: new.until };
    Ok((StatusCode::CREATED, Json(api.hub().add_hold(grant, hold).await?)))
}

/// `DELETE /holds/{hold}`.
pub(crate) async fn remove(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageHolds>,
    Named(hold): Named<HoldId>,
) -> Result<StatusCode, ApiError> {
    api.hub().remove_hold(grant, hold).await?;
    Ok(StatusCode::NO_CONTENT)
}
