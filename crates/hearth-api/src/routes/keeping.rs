//! Keys and backups: what the house is lost without. Changing them is for the owner, on the control
//! socket; the use cases see to that.

use axum::{
    Json,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use futures_util::stream;
use hearth_auth::ask;
use hearth_hub::{BackupMedia, KeysView, NewBackup, NewKey};
use hearth_model::WallTime;
use hearth_secret::SecretString;
use http::{HeaderValue, StatusCode, header};

use crate::{
    api::Api,
    error::ApiError,
    extract::{OnHouse, Sent},
};

/// By which a backup is said to be kept.
const BACKUP_ID: &str = "x-backup-id";

/// About how large a backup will be; 0 if that is not known.
const BACKUP_BYTES: &str = "x-backup-bytes";

/// How to renew keys.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rotation {
    /// Also replace the key in the key file, so that copies of it become worthless.
    #[serde(default)]
    renew_key_file: bool,
}

/// How to make a recovery key.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRecoveryKey {
    /// Replace the one there is.
    #[serde(default)]
    replace: bool,
}

/// A recovery key, shown once.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct RecoveryKeyBody {
    /// To be written down.
    recovery_key: String,
}

/// What opens the vault from now on: one of the two.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unlock {
    /// A passphrase.
    #[schema(value_type = Option<String>)]
    passphrase: Option<SecretString>,
    /// Path of a key file outside the data directory.
    key_file: Option<String>,
}

/// Which footage goes into a backup.
#[derive(Clone, Copy, Default, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Media {
    /// None: index, keys and settings.
    #[default]
    None,
    /// What is protected from retention.
    Held,
    /// All there is.
    All,
    /// What lies between `from` and `to`.
    Range,
}

/// A backup to be made.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BackupBody {
    /// Which footage.
    #[serde(default)]
    media: Media,
    /// First instant of a range.
    from: Option<WallTime>,
    /// First instant after a range.
    to: Option<WallTime>,
    /// What opens it; without it, only the recovery key does.
    #[schema(value_type = Option<String>)]
    passphrase: Option<SecretString>,
}

/// A backup that arrived.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BackupKept {
    /// From the header `x-backup-id`.
    id: String,
}

/// `GET /keys`.
pub(crate) async fn show(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::Maintain>,
) -> Result<Json<KeysView>, ApiError> {
    Ok(Json(api.hub().keys(grant).await?))
}

/// `POST /keys/rotate`.
pub(crate) async fn rotate(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::Maintain>,
    Sent(rotation): Sent<Rotation>,
) -> Result<Json<KeysView>, ApiError> {
    Ok(Json(api.hub().rotate_keys(grant, rotation.renew_key_file).await?))
}

/// `POST /keys/recovery`.
pub(crate) async fn make_recovery(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::Maintain>,
    Sent(new): Sent<NewRecoveryKey>,
) -> Result<impl IntoResponse, ApiError> {
    let key = api.hub().make_recovery_key(grant, new.replace).await?;
    Ok((StatusCode::CREATED, Json(RecoveryKeyBody { recovery_key: key.expose().clone() })))
}

/// `POST /keys/unlock`.
pub(crate) async fn set(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::Maintain>,
    Sent(unlock): Sent<Unlock>,
) -> Result<Json<KeysView>, ApiError> {
    let key = match (unlock.passphrase, unlock.key_file) {
        (Some(passphrase), None) => NewKey::Passphrase(passphrase),
        (None, Some(path)) => NewKey::KeyFile(path.into()),
        _ => {
            let message = "Give either `passphrase` or `key_file`.";
            return Err(ApiError::bad_input("bad_body", message));
        }
    };
    Ok(Json(api.hub().set_key(grant, key).await?))
}

/// `POST /backup`.
pub(crate) async fn backup(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::Maintain>,
    Sent(body): Sent<BackupBody>,
) -> Result<Response, ApiError> {
    let media = match (body.media, body.from, body.to) {
        (Media::None, None, None) => BackupMedia::None,
        (Media::Held, None, None) => BackupMedia::Held,
        (Media::All, None, None) => BackupMedia::All,
        (Media::Range, Some(from), Some(to)) => BackupMedia::Range { from, to },
        _ => {
            let message = "`from` and `to` belong to `range`, and only to it.";
            return Err(ApiError::bad_input("bad_range", message));
        }
    };
    let made = api.hub().backup(grant, NewBackup { media, passphrase: body.passphrase }).await?;
    let id = HeaderValue::try_from(made.id());
    let bytes = HeaderValue::from(made.bytes_expected());
    // One that fails breaks the answer off, so that nobody takes a part for the whole.
    let pieces = stream::unfold(made, |mut made| async move { Some((made.next().await?, made)) });
    let mut response = Body::from_stream(pieces).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(BACKUP_BYTES, bytes);
    headers.extend(id.ok().map(|id| (http::HeaderName::from_static(BACKUP_ID), id)));
    Ok(response)
}

/// `POST /backup/kept`.
pub(crate) async fn backup_kept(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::Maintain>,
    Sent(kept): Sent<BackupKept>,
) -> Result<StatusCode, ApiError> {
    api.hub().backup_kept(grant, &kept.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
