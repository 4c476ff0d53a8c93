//! People who agreed to be known: consent, samples, export, erasure; and what is done with faces.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use hearth_auth::ask;
use hearth_hub::{
    EnrolmentRefused, ErasedPerson, FacePatch, FacesView, GroupView, NewConsent, NewGroup,
    OfferedFace, PersonDetail, PersonExport, PersonName, PersonPatch, PersonView, SampleFrom,
    SampleView, StrangerView,
};
use hearth_model::{CameraId, GroupId, PersonId, SampleId, VisitId, WallTime};
use http::{StatusCode, header};

use crate::{
    api::Api,
    error::ApiError,
    extract::{Asked, Named, NamedWithin, OnHouse, Photo, Sent},
};

/// Everybody who is known.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct PersonList {
    people: Vec<PersonView>,
}

/// What goes with a person beside what is theirs.
#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Erasing {
    footage: bool,
}

/// Groups of people, in the order they were made.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct GroupList {
    groups: Vec<GroupView>,
}

/// Strangers who came more than once.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct StrangerList {
    visitors: Vec<StrangerView>,
}

/// Somebody to be known.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPerson {
    /// What they are called.
    name: PersonName,
    /// What they agreed to.
    #[serde(default)]
    consent: Option<NewConsent>,
}

/// Which face of the picture.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    pub(super) face: Option<usize>,
}

/// A sample from a camera.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FromCamera {
    /// Which.
    camera: CameraId,
    /// When; without it, now.
    #[serde(default)]
    at: Option<WallTime>,
    /// Which face, if there are several.
    #[serde(default)]
    face: Option<usize>,
}

/// A sample from a visit.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FromVisit {
    /// Which.
    pub(super) visit: VisitId,
    /// Which face of it.
    pub(super) face: usize,
}

/// A refused sample: the usual error, and the faces that were found.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct RefusedSample {
    #[serde(flatten)]
    error: crate::error::ErrorBody,
    faces: Vec<OfferedFace>,
}

/// `GET /faces`.
pub(crate) async fn faces(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ListCameras>,
) -> Json<FacesView> {
    Json(api.hub().faces(&grant))
}

/// `PATCH /faces`.
pub(crate) async fn set_faces(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    Sent(patch): Sent<FacePatch>,
) -> Result<Json<FacesView>, ApiError> {
    Ok(Json(api.hub().set_faces(&grant, patch).await?))
}

/// `GET /people`.
pub(crate) async fn list(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
) -> Result<Json<PersonList>, ApiError> {
    Ok(Json(PersonList { people: api.hub().people(&grant).await? }))
}

/// `GET /people/unknown`.
pub(crate) async fn strangers(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
) -> Json<StrangerList> {
    Json(StrangerList { visitors: api.hub().strangers(&grant).await })
}

/// `GET /people/groups`.
pub(crate) async fn groups(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
) -> Json<GroupList> {
    Json(GroupList { groups: api.hub().person_groups(&grant) })
}

/// `POST /people/groups`.
pub(crate) async fn add_group(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    Sent(new): Sent<NewGroup>,
) -> Result<(StatusCode, Json<GroupView>), ApiError> {
    Ok((StatusCode::CREATED, Json(api.hub().add_person_group(&grant, new).await?)))
}

/// `PUT /people/groups/{group}`.
pub(crate) async fn change_group(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    Named(group): Named<GroupId>,
    Sent(new): Sent<NewGroup>,
) -> Result<Json<GroupView>, ApiError> {
    Ok(Json(api.hub().change_person_group(&grant, group, new).await?))
}

/// `DELETE /people/groups/{group}`.
pub(crate) async fn remove_group(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    Named(group): Named<GroupId>,
) -> Result<StatusCode, ApiError> {
    api.hub().remove_person_group(&grant, group).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /people/unknown/{visitor}/ignore`.
pub(crate) async fn ignore_stranger(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    Named(visitor): Named<u64>,
) -> Result<StatusCode, ApiError> {
    api.hub().ignore_stranger(&grant, visitor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /people/unknown/{visitor}/split`.
pub(crate) async fn split_stranger(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    Named(visitor): Named<u64>,
) -> Result<StatusCode, ApiError> {
    api.hub().split_stranger(&grant, visitor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /people`.
pub(crate) async fn add(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    Sent(NewPerson { name, consent }): Sent<NewPerson>,
) -> Result<(StatusCode, Json<PersonView>), ApiError> {
    Ok((StatusCode::CREATED, Json(api.hub().add_person(&grant, name, consent).await?)))
}

/// `GET /people/{person}`.
pub(crate) async fn show(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    Named(person): Named<PersonId>,
) -> Result<Json<PersonDetail>, ApiError> {
    Ok(Json(api.hub().person(&grant, person).await?))
}

/// `PATCH /people/{person}`.
pub(crate) async fn update(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    Named(person): Named<PersonId>,
    Sent(patch): Sent<PersonPatch>,
) -> Result<Json<PersonView>, ApiError> {
    Ok(Json(api.hub().update_person(&grant, person, patch).await?))
}

/// `DELETE /people/{person}`.
pub(crate) async fn erase(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    Named(person): Named<PersonId>,
    Asked(Erasing { footage }): Asked<Erasing>,
) -> Result<Json<ErasedPerson>, ApiError> {
    Ok(Json(api.hub().erase_person(&grant, person, footage).await?))
}

/// `GET /people/{person}/export`.
pub(crate) async fn export(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    Named(person): Named<PersonId>,
) -> Result<([(header::HeaderName, &'static str); 1], Json<PersonExport>), ApiError> {
    let export = api.hub().export_person(&grant, person).await?;
    Ok(([(header::CONTENT_DISPOSITION, "attachment; filename=\"person.json\"")], Json(export)))
}

/// `PUT /people/{person}/consent`.
pub(crate) async fn set_consent(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    Named(person): Named<PersonId>,
    Sent(consent): Sent<NewConsent>,
) -> Result<Json<PersonView>, ApiError> {
    Ok(Json(api.hub().set_consent(&grant, person, consent).await?))
}

/// `DELETE /people/{person}/consent`.
pub(crate) async fn withdraw_consent(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    Named(person): Named<PersonId>,
) -> Result<Json<PersonView>, ApiError> {
    Ok(Json(api.hub().withdraw_consent(&grant, person).await?))
}

/// `POST /people/{person}/samples`: the body is a photograph.
pub(crate) async fn add_photo(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    Named(person): Named<PersonId>,
    Asked(Which { face }): Asked<Which>,
    Photo(file): Photo,
) -> Result<Response, ApiError> {
    sampled(api.hub().add_sample(&grant, person, SampleFrom::Photo(file), face).await)
}

/// `POST /people/{person}/samples/camera`.
pub(crate) async fn add_from_camera(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    Named(person): Named<PersonId>,
    Sent(FromCamera { camera, at, face }): Sent<FromCamera>,
) -> Result<Response, ApiError> {
    sampled(api.hub().add_sample(&grant, person, SampleFrom::Camera(camera, at), face).await)
}

/// `POST /people/{person}/samples/visit`.
pub(crate) async fn add_from_visit(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    Named(person): Named<PersonId>,
    Sent(FromVisit { visit, face }): Sent<FromVisit>,
) -> Result<Response, ApiError> {
    sampled(api.hub().add_sample(&grant, person, SampleFrom::Visit(visit, face), None).await)
}

/// `DELETE /people/{person}/samples/{sample}`, and the same for rejections.
pub(crate) async fn remove_sample(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    NamedWithin(person, sample): NamedWithin<PersonId, SampleId>,
) -> Result<StatusCode, ApiError> {
    api.hub().remove_sample(&grant, person, sample).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /people/{person}/samples/{sample}/picture.jpg`.
pub(crate) async fn sample_picture(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManagePeople>,
    NamedWithin(person, sample): NamedWithin<PersonId, SampleId>,
) -> Result<Response, ApiError> {
    let jpeg = api.hub().sample_picture(&grant, person, sample).await?;
    Ok(([(header::CONTENT_TYPE, "image/jpeg")], jpeg).into_response())
}

fn sampled(added: Result<SampleView, EnrolmentRefused>) -> Result<Response, ApiError> {
    match added {
        Ok(sample) => Ok((StatusCode::CREATED, Json(sample)).into_response()),
        Err(refused) => refused_picture(refused),
    }
}

/// Why a face was not taken, with those that were found.
pub(super) fn refused_picture(refused: EnrolmentRefused) -> Result<Response, ApiError> {
    match refused {
        EnrolmentRefused::UseCase(error) => Err(error.into()),
        EnrolmentRefused::Picture { code, message, faces } => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            let error = ApiError::new(status, code, message).into_body();
            Ok((status, Json(RefusedSample { error, faces })).into_response())
        }
    }
}
