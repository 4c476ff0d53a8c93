//! Accounts, for those who manage them.

use axum::{Json, extract::State, response::IntoResponse};
use hearth_auth::{CameraAccess, ask};
use hearth_hub::{MadeUser, SessionInfo, UserPatch, UserView};
use hearth_model::{Role, SessionId, UserId, WallTime};
use hearth_secret::SecretString;
use http::StatusCode;

use crate::{
    api::Api,
    error::ApiError,
    extract::{AsOwner, Named, NamedWithin, OnHouse, Sent},
};

/// All accounts.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct UserList {
    users: Vec<UserView>,
}

/// An account to make.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUser {
    /// What it signs in with.
    name: String,
    /// What it may do.
    role: Role,
    /// Its password; without it one is made, which must be changed at the first sign-in. Services
    /// have none.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    password: Option<SecretString>,
    /// When it ends by itself; guests end after a week unless this says otherwise.
    #[serde(default)]
    expires_at: Option<WallTime>,
    /// What it may do with single cameras.
    #[serde(default)]
    camera_access: CameraAccess,
}

/// Another password for an account.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordReset {
    /// The new password; without it one is made, which must be changed at the first sign-in.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    password: Option<SecretString>,
    /// Remove the authenticator app and the passkeys too, because they are lost.
    #[serde(default)]
    remove_second_factors: bool,
}

/// An account, with the password that was made for it.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct MadeUserBody {
    user: UserView,
    /// Only if nobody chose one. It is not shown again.
    password: Option<String>,
}

/// Sign-ins of one account.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct SessionList {
    pub(crate) sessions: Vec<SessionInfo>,
}

/// How many sign-ins ended.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct EndedSessions {
    pub(crate) ended: u64,
}

fn made(made: MadeUser) -> Json<MadeUserBody> {
    let password = made.password.map(|password| password.expose().clone());
    Json(MadeUserBody { user: made.user, password })
}

/// `GET /users`.
pub(crate) async fn list(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageUsers>,
) -> Result<Json<UserList>, ApiError> {
    Ok(Json(UserList { users: api.hub().users(&grant).await? }))
}

/// `POST /users`.
pub(crate) async fn add(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageUsers>,
    Sent(new): Sent<NewUser>,
) -> Result<impl IntoResponse, ApiError> {
    let new = hearth_hub::NewUser {
        name: new.name,
        role: new.role,
        password: new.password,
        expires_at: new.expires_at,
        camera_access: new.camera_access,
    };
    Ok((StatusCode::CREATED, made(api.hub().add_user(&grant, new).await?)))
}

/// `GET /users/{user}`.
pub(crate) async fn show(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageUsers>,
    Named(user): Named<UserId>,
) -> Result<Json<UserView>, ApiError> {
    Ok(Json(api.hub().user(&grant, user).await?))
}

/// `PATCH /users/{user}`.
pub(crate) async fn update(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageUsers>,
    Named(user): Named<UserId>,
    Sent(patch): Sent<UserPatch>,
) -> Result<Json<UserView>, ApiError> {
    Ok(Json(api.hub().change_user(&grant, user, patch).await?))
}

/// `DELETE /users/{user}`.
pub(crate) async fn remove(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageUsers>,
    Named(user): Named<UserId>,
) -> Result<StatusCode, ApiError> {
    api.hub().remove_user(&grant, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /users/{user}/password`.
pub(crate) async fn reset_password(
    State(api): State<Api>,
    AsOwner(grant): AsOwner,
    Named(user): Named<UserId>,
    Sent(reset): Sent<PasswordReset>,
) -> Result<Json<MadeUserBody>, ApiError> {
    let PasswordReset { password, remove_second_factors } = reset;
    Ok(made(api.hub().reset_password(&grant, user, password, remove_second_factors).await?))
}

/// `GET /users/{user}/sessions`.
pub(crate) async fn sessions(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageUsers>,
    Named(user): Named<UserId>,
) -> Result<Json<SessionList>, ApiError> {
    Ok(Json(SessionList { sessions: api.hub().sessions_of(&grant, user).await? }))
}

/// `DELETE /users/{user}/sessions`.
pub(crate) async fn end_sessions(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageUsers>,
    Named(user): Named<UserId>,
) -> Result<Json<EndedSessions>, ApiError> {
    Ok(Json(EndedSessions { ended: api.hub().end_sessions_of(&grant, user, None).await? }))
}

/// `DELETE /users/{user}/sessions/{session}`.
pub(crate) async fn end_session(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageUsers>,
    NamedWithin(user, session): NamedWithin<UserId, SessionId>,
) -> Result<StatusCode, ApiError> {
    api.hub().end_sessions_of(&grant, user, Some(session)).await?;
    Ok(StatusCode::NO_CONTENT)
}
