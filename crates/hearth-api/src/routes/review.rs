//! Pictures that people look at to correct the detector, and how sure it is.

use axum::{
    Json,
    body::Body,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use hearth_auth::ask;
use hearth_hub::{
    DatasetFormat, DriftRow, ReviewChange, ReviewFilter, ReviewItem, ReviewPage, ReviewQuery,
    ReviewSettings, ReviewSettingsView,
};
use hearth_model::{CameraId, EventId, Label, ReviewId, ReviewReason, ReviewState};

use crate::{
    api::Api,
    error::ApiError,
    extract::{Asked, Named, OnHouse, Sent},
};

/// Pictures on a page unless asked otherwise.
const PAGE: u32 = 50;

/// Which pictures.
#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Which {
    state: Option<ReviewState>,
    camera: Option<CameraId>,
    label: Option<Label>,
    reason: Option<ReviewReason>,
    before: Option<String>,
    limit: Option<u32>,
}

/// Which archive.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhichArchive {
    format: DatasetFormat,
    state: Option<ReviewState>,
}

/// What an activity really was.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Correction {
    /// This; null if nothing was there.
    label: Option<Label>,
}

/// How sure the detector is, by camera and label.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct DriftList {
    rows: Vec<DriftRow>,
}

/// `GET /review`.
pub(crate) async fn list(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadEvents>,
    Asked(which): Asked<Which>,
) -> Result<Json<ReviewPage>, ApiError> {
    let before = which.before.as_deref().map(str::parse).transpose();
    let before = before.map_err(|_| {
        ApiError::bad_input("bad_cursor", "`before` is the `next` of the page before.")
    })?;
    let Which { state, camera, label, reason, limit, .. } = which;
    let limit = limit.unwrap_or(PAGE);
    let filter = ReviewFilter { state, camera, reason, before, limit };
    Ok(Json(api.hub().reviews(&grant, ReviewQuery { filter, label }).await?))
}

/// `GET /review/{review}/picture.jpg`.
pub(crate) async fn picture(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadEvents>,
    Named(review): Named<ReviewId>,
) -> Result<Response, ApiError> {
    let jpeg = api.hub().review_picture(&grant, review).await?;
    Ok(([(header::CONTENT_TYPE, "image/jpeg")], jpeg).into_response())
}

/// `PUT /review/{review}`.
pub(crate) async fn update(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadEvents>,
    Named(review): Named<ReviewId>,
    Sent(change): Sent<ReviewChange>,
) -> Result<Json<ReviewItem>, ApiError> {
    Ok(Json(api.hub().update_review(&grant, review, change).await?))
}

/// `DELETE /review/{review}`.
pub(crate) async fn remove(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadEvents>,
    Named(review): Named<ReviewId>,
) -> Result<StatusCode, ApiError> {
    api.hub().remove_review(&grant, review).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /events/{event}/correct`.
pub(crate) async fn correct(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadEvents>,
    Named(event): Named<EventId>,
    Sent(Correction { label }): Sent<Correction>,
) -> Result<(StatusCode, Json<ReviewItem>), ApiError> {
    let item = api.hub().correct_event(&grant, event, label).await?;
    Ok((StatusCode::ACCEPTED, Json(item)))
}

/// `GET /review/export`.
pub(crate) async fn export(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadEvents>,
    Asked(WhichArchive { format, state }): Asked<WhichArchive>,
) -> Result<Response, ApiError> {
    let state = state.unwrap_or(ReviewState::Done);
    let archive = api.hub().export_reviews(&grant, format, state).await?;
    let pieces = stream::unfold(archive, |mut archive| async move {
        let piece = archive.next().await?;
        Some((piece, archive))
    });
    let name = match format {
        DatasetFormat::Coco => "attachment; filename=\"hearthwatch-review-coco.zip\"",
        DatasetFormat::Yolo => "attachment; filename=\"hearthwatch-review-yolo.zip\"",
    };
    let headers = [(header::CONTENT_TYPE, "application/zip"), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

/// `GET /review/settings`.
pub(crate) async fn settings(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadEvents>,
) -> Json<ReviewSettingsView> {
    Json(api.hub().review_settings(&grant))
}

/// `PUT /review/settings`.
pub(crate) async fn set_settings(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageCameras>,
    Sent(settings): Sent<ReviewSettings>,
) -> Result<Json<ReviewSettingsView>, ApiError> {
    Ok(Json(api.hub().set_review_settings(&grant, settings).await?))
}

/// `GET /review/drift`.
pub(crate) async fn drift(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadEvents>,
) -> Json<DriftList> {
    Json(DriftList { rows: api.hub().drift(&grant) })
}
