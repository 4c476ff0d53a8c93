//! Visits: who came to a door.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use hearth_auth::ask;
use hearth_hub::{RejectedFace, VisitFilter, VisitPage, VisitPatch, VisitView};
use hearth_model::{CameraId, PersonId, VisitId, VisitState, VisitTrigger};
use http::{StatusCode, header};

use crate::{
    api::Api,
    error::ApiError,
    extract::{Asked, Named, NamedWithin, OnCamera, OnHouse, Sent},
};

/// Visits of one page, unless somebody asks for more or fewer.
const PAGE: u32 = 50;

/// Which visits.
#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Which {
    state: Option<VisitState>,
    camera: Option<CameraId>,
    person: Option<PersonId>,
    unknown: bool,
    kept: bool,
    before: Option<String>,
    limit: Option<u32>,
}

/// `GET /visits`.
pub(crate) async fn list(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadEvents>,
    Asked(which): Asked<Which>,
) -> Result<Json<VisitPage>, ApiError> {
    let before = which.before.as_deref().map(str::parse).transpose();
    let before = before.map_err(|_| {
        ApiError::bad_input("bad_cursor", "`before` is the `next` of the page before.")
    })?;
    let Which { state, camera, person, unknown, kept, limit, .. } = which;
    let limit = limit.unwrap_or(PAGE);
    let filter = VisitFilter { state, camera, person, unknown, kept, from: None, before, limit };
    Ok(Json(api.hub().visits(&grant, filter).await?))
}

/// `GET /visits/{visit}`.
pub(crate) async fn show(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadEvents>,
    Named(visit): Named<VisitId>,
) -> Result<Json<VisitView>, ApiError> {
    Ok(Json(api.hub().visit(&grant, visit).await?))
}

/// `PATCH /visits/{visit}`.
pub(crate) async fn update(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadEvents>,
    Named(visit): Named<VisitId>,
    Sent(patch): Sent<VisitPatch>,
) -> Result<Json<VisitView>, ApiError> {
    Ok(Json(api.hub().update_visit(&grant, visit, patch).await?))
}

/// `DELETE /visits/{visit}`.
pub(crate) async fn remove(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageHolds>,
    Named(visit): Named<VisitId>,
) -> Result<StatusCode, ApiError> {
    api.hub().remove_visit(&grant, visit).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /visits/{visit}/picture.jpg`.
pub(crate) async fn picture(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadEvents>,
    Named(visit): Named<VisitId>,
) -> Result<Response, ApiError> {
    let jpeg = api.hub().visit_picture(&grant, visit, None).await?;
    Ok(([(header::CONTENT_TYPE, "image/jpeg")], jpeg).into_response())
}

/// `GET /visits/{visit}/faces/{face}/picture.jpg`.
pub(crate) async fn face_picture(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadEvents>,
    NamedWithin(visit, face): NamedWithin<VisitId, usize>,
) -> Result<Response, ApiError> {
    let jpeg = api.hub().visit_picture(&grant, visit, Some(face)).await?;
    Ok(([(header::CONTENT_TYPE, "image/jpeg")], jpeg).into_response())
}

/// `POST /visits/{visit}/faces/{face}/reject`.
pub(crate) async fn reject(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    NamedWithin(visit, face): NamedWithin<VisitId, usize>,
) -> Result<Json<RejectedFace>, ApiError> {
    Ok(Json(api.hub().reject_face(&grant, visit, face).await?))
}

/// `POST /cameras/{camera}/ring`.
pub(crate) async fn ring(
    State(api): State<Api>,
    OnCamera(grant): OnCamera<ask::Control>,
) -> Result<(StatusCode, Json<VisitView>), ApiError> {
    let visit = api.hub().ring(grant, VisitTrigger::Button).await?;
    Ok((StatusCode::ACCEPTED, Json(visit)))
}
