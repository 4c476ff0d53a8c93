//! Rooms: one command for all switches in one of them.

use axum::{Json, extract::State};
use hearth_auth::ask;
use hearth_hub::{DeviceName, RoomResult};

use crate::{
    api::Api,
    error::ApiError,
    extract::{Named, OnHouse, Sent},
};

/// What every switch is to be set to.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoomCommand {
    /// On or off.
    power: bool,
}

/// What became of each.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct RoomResults {
    results: Vec<RoomResult>,
}

/// `POST /rooms/{room}/commands`.
pub(crate) async fn command(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ControlDevices>,
    Named(room): Named<String>,
    Sent(RoomCommand { power }): Sent<RoomCommand>,
) -> Result<Json<RoomResults>, ApiError> {
    let room = DeviceName::new(&room).ok_or_else(ApiError::not_found)?;
    let results = api.hub().switch_room(grant, &room, power).await?;
    Ok(Json(RoomResults { results }))
}
