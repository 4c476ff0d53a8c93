//! Cameras: list, add, show, change, remove.

use axum::{Json, extract::State, response::IntoResponse};
use hearth_auth::ask;
use hearth_hub::{CameraPatch, CameraView, ErasedView, split_source};
use hearth_model::{
    CameraName, CameraSettings, CameraStatus, RecordMode, RecordSchedule, Transport,
};
use hearth_secret::SecretString;
use http::StatusCode;

use crate::{
    api::Api,
    error::ApiError,
    extract::{OnCamera, OnHouse, Sent},
};

/// All cameras.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct CameraList {
    cameras: Vec<CameraStatus>,
}

/// A camera to add.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCamera {
    /// Its name.
    name: CameraName,
    /// Where its stream comes from. A user name and password in it, before the host or as
    /// `password=` in path or query, go to the vault.
    #[schema(value_type = String)]
    url: SecretString,
    /// User name, if not in the URL.
    username: Option<String>,
    /// Password, if not in the URL.
    #[schema(value_type = Option<String>)]
    password: Option<SecretString>,
    /// When it records; `continuous` unless given.
    record: Option<RecordMode>,
    /// How RTP travels.
    transport: Option<Transport>,
    /// A smaller stream of the same picture for the eyes.
    #[schema(value_type = Option<String>)]
    sub_url: Option<SecretString>,
    /// Add it although it does not answer now.
    #[serde(default)]
    force: bool,
}

type Credentials = (String, SecretString);

/// Credentials given beside the URL.
fn credentials(
    username: Option<String>,
    password: Option<SecretString>,
) -> Result<Option<Credentials>, ApiError> {
    match (username, password) {
        (None, None) => Ok(None),
        (Some(username), password) => {
            Ok(Some((username, password.unwrap_or_else(|| SecretString::from("")))))
        }
        (None, Some(_)) => {
            Err(ApiError::bad_input("no_username", "A password needs a user name beside it."))
        }
    }
}

/// A camera that was added.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct AddedCamera {
    #[serde(flatten)]
    status: CameraStatus,
    /// Where the camera speaks RTSPS, if it did not send this stream to this account there; where it
    /// did, the camera was added so, and this is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    rtsps_url: Option<String>,
}

/// `GET /cameras`.
pub(crate) async fn list(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ListCameras>,
) -> Json<CameraList> {
    Json(CameraList { cameras: api.hub().cameras(&grant) })
}

/// `POST /cameras`.
pub(crate) async fn add(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageCameras>,
    Sent(new): Sent<NewCamera>,
) -> Result<impl IntoResponse, ApiError> {
    let mut account = credentials(new.username, new.password)?;
    let url = split_source(&new.url, &mut account)?;
    let mut settings = CameraSettings::new(new.name, url);
    let sub_url = new.sub_url.map(|url| split_source(&url, &mut account));
    settings.sub_url = sub_url.transpose()?;
    settings.transport = new.transport.unwrap_or_default();
    if let Some(mode) = new.record {
        settings.record = RecordSchedule::always(mode);
    }
    let camera = hearth_hub::NewCamera { settings, credentials: account };
    let (camera, unused_offer) = match new.force {
        true => (camera, None),
        false => {
            let probed = api.hub().probe_camera(&grant, camera).await?;
            (probed.camera, probed.unused_offer)
        }
    };
    let status = api.hub().add_camera(grant, camera).await?;
    let rtsps_url = unused_offer.map(|url| url.to_string());
    Ok((StatusCode::CREATED, Json(AddedCamera { status, rtsps_url })))
}

/// `GET /cameras/{camera}`.
pub(crate) async fn show(
    State(api): State<Api>,
    OnCamera(grant): OnCamera<ask::Live>,
) -> Result<Json<CameraView>, ApiError> {
    Ok(Json(api.hub().camera(grant).await?))
}

/// `PATCH /cameras/{camera}`.
pub(crate) async fn update(
    State(api): State<Api>,
    OnCamera(grant): OnCamera<ask::Configure>,
    Sent(patch): Sent<CameraPatch>,
) -> Result<Json<CameraView>, ApiError> {
    Ok(Json(api.hub().update_camera(grant, patch).await?))
}

/// `DELETE /cameras/{camera}`. Its footage goes with it, so a rule that lets somebody configure this
/// one camera is not enough.
pub(crate) async fn remove(
    State(api): State<Api>,
    OnHouse(_manage): OnHouse<ask::ManageCameras>,
    OnCamera(grant): OnCamera<ask::Configure>,
) -> Result<Json<ErasedView>, ApiError> {
    Ok(Json(api.hub().remove_camera(grant).await?))
}
