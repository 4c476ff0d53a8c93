//! The watch list: people a house looks out for, and faces that wait for a person to look at them.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use hearth_auth::ask;
use hearth_hub::{
    EnrolmentRefused, NewWatched, VisitView, WatchListSettings, WatchListView, WatchedFrom,
    WatchedView,
};
use hearth_model::{SampleId, VisitId, WatchedId};
use http::{StatusCode, header};

use super::person::{FromVisit, Which, refused_picture};
use crate::{
    api::Api,
    error::ApiError,
    extract::{Asked, Named, NamedWithin, OnHouse, Photo, Sent},
};

/// What a person says of a face that waits.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WatchReview {
    /// Whether it is the one on the watch list.
    is_them: bool,
}

/// `GET /watch-list`.
pub(crate) async fn show(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
) -> Result<Json<WatchListView>, ApiError> {
    Ok(Json(api.hub().watch_list(&grant).await?))
}

/// `PUT /watch-list/settings`.
pub(crate) async fn set(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    Sent(settings): Sent<WatchListSettings>,
) -> Result<Json<WatchListView>, ApiError> {
    Ok(Json(api.hub().set_watch_list(&grant, settings).await?))
}

/// `POST /watch-list/import`.
pub(crate) async fn import(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
) -> Result<(StatusCode, Json<WatchListView>), ApiError> {
    Ok((StatusCode::ACCEPTED, Json(api.hub().import_watch_list(&grant).await?)))
}

/// `DELETE /watch-list/import`.
pub(crate) async fn forget_published(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
) -> Result<Json<WatchListView>, ApiError> {
    Ok(Json(api.hub().forget_published(&grant).await?))
}

/// `POST /watch-list/people`.
pub(crate) async fn add(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    Sent(new): Sent<NewWatched>,
) -> Result<(StatusCode, Json<WatchedView>), ApiError> {
    Ok((StatusCode::CREATED, Json(api.hub().add_watched(&grant, new).await?)))
}

/// `PUT /watch-list/people/{watched}`.
pub(crate) async fn change(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    Named(watched): Named<WatchedId>,
    Sent(new): Sent<NewWatched>,
) -> Result<Json<WatchedView>, ApiError> {
    Ok(Json(api.hub().change_watched(&grant, watched, new).await?))
}

/// `DELETE /watch-list/people/{watched}`.
pub(crate) async fn remove(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    Named(watched): Named<WatchedId>,
) -> Result<StatusCode, ApiError> {
    api.hub().remove_watched(&grant, watched).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /watch-list/people/{watched}/faces`: the body is a photograph.
pub(crate) async fn add_photo(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    Named(watched): Named<WatchedId>,
    Asked(Which { face }): Asked<Which>,
    Photo(file): Photo,
) -> Result<Response, ApiError> {
    added(api.hub().add_watched_face(&grant, watched, WatchedFrom::Photo(file), face).await)
}

/// `POST /watch-list/people/{watched}/faces/visit`.
pub(crate) async fn add_from_visit(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    Named(watched): Named<WatchedId>,
    Sent(FromVisit { visit, face }): Sent<FromVisit>,
) -> Result<Response, ApiError> {
    let from = WatchedFrom::Visit(visit, face);
    added(api.hub().add_watched_face(&grant, watched, from, None).await)
}

/// `DELETE /watch-list/people/{watched}/faces/{sample}`.
pub(crate) async fn remove_face(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    NamedWithin(watched, face): NamedWithin<WatchedId, SampleId>,
) -> Result<StatusCode, ApiError> {
    api.hub().remove_watched_face(&grant, watched, face).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /watch-list/people/{watched}/faces/{sample}/picture.jpg`.
pub(crate) async fn face_picture(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    NamedWithin(watched, face): NamedWithin<WatchedId, SampleId>,
) -> Result<Response, ApiError> {
    let jpeg = api.hub().watched_picture(&grant, watched, face).await?;
    Ok(([(header::CONTENT_TYPE, "image/jpeg")], jpeg).into_response())
}

/// `GET /visits/{visit}/faces/{face}/waiting.jpg`.
pub(crate) async fn waiting_face(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    NamedWithin(visit, face): NamedWithin<VisitId, usize>,
) -> Result<Response, ApiError> {
    let jpeg = api.hub().waiting_face(&grant, visit, face).await?;
    Ok(([(header::CONTENT_TYPE, "image/jpeg")], jpeg).into_response())
}

/// `POST /visits/{visit}/faces/{face}/watch`.
pub(crate) async fn review(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    NamedWithin(visit, face): NamedWithin<VisitId, usize>,
    Sent(WatchReview { is_them }): Sent<WatchReview>,
) -> Result<Json<VisitView>, ApiError> {
    Ok(Json(api.hub().review_watch_match(&grant, visit, face, is_them).await?))
}

fn added(added: Result<WatchedView, EnrolmentRefused>) -> Result<Response, ApiError> {
    match added {
        Ok(person) => Ok((StatusCode::CREATED, Json(person)).into_response()),
        Err(refused) => refused_picture(refused),
    }
}
