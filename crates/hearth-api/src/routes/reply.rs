//! Quick replies: what the house says through a camera's loudspeaker.

use axum::{Json, extract::State};
use hearth_auth::ask;
use hearth_hub::{ReplyView, SpokenView};
use hearth_model::{CameraId, ReplyId};
use http::StatusCode;

use crate::{
    api::Api,
    error::ApiError,
    extract::{Asked, Named, NamedWithin, OnCamera, OnHouse, SoundFile},
};

/// Everything that can be said, in the order it was made.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct ReplyList {
    replies: Vec<ReplyView>,
}

/// What goes with the file.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct New {
    name: String,
}

/// `GET /replies`.
pub(crate) async fn list(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ListCameras>,
) -> Result<Json<ReplyList>, ApiError> {
    Ok(Json(ReplyList { replies: api.hub().replies(&grant).await? }))
}

/// `POST /replies`: the body is a WAV file.
pub(crate) async fn add(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageCameras>,
    Asked(New { name }): Asked<New>,
    SoundFile(file): SoundFile,
) -> Result<(StatusCode, Json<ReplyView>), ApiError> {
    let added = api.hub().add_reply(&grant, &name, file).await?;
    Ok((StatusCode::CREATED, Json(added)))
}

/// `DELETE /replies/{reply}`.
pub(crate) async fn remove(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageCameras>,
    Named(reply): Named<ReplyId>,
) -> Result<StatusCode, ApiError> {
    api.hub().remove_reply(&grant, reply).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /cameras/{camera}/replies/{reply}`: says it, and answers when the camera has taken all of it.
pub(crate) async fn say(
    State(api): State<Api>,
    OnCamera(grant): OnCamera<ask::Control>,
    NamedWithin(_, reply): NamedWithin<CameraId, ReplyId>,
) -> Result<Json<SpokenView>, ApiError> {
    Ok(Json(api.hub().say_reply(grant, reply).await?))
}
