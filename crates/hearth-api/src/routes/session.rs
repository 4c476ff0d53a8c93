//! Welcome, first account, sign-in and sign-out.

use axum::{Json, extract::State, response::IntoResponse};
use hearth_auth::Principal;
use hearth_hub::{SessionView, SignedIn};
use hearth_model::{Role, UserId, WallTime};
use hearth_secret::SecretString;
use http::{StatusCode, header};

use crate::{
    api::Api,
    cookie,
    error::ApiError,
    extract::{Sent, Visitor},
    gate::Caller,
};

/// What anybody may know before signing in.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct WelcomeView {
    #[serde(flatten)]
    welcome: hearth_hub::Welcome,
    /// SHA-256 of the listener's certificate, to compare with what the terminal printed.
    certificate_sha256: String,
}

/// The first account.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Claim {
    /// As printed on the terminal.
    code: String,
    /// Name of the account.
    name: String,
    /// Its password.
    #[schema(value_type = String)]
    password: SecretString,
}

/// A sign-in.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    /// Name of the account.
    name: String,
    /// Its password.
    #[schema(value_type = String)]
    password: SecretString,
}

/// Who is signed in, and for how long.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct SessionBody {
    user: SessionUser,
    /// Send it as `X-CSRF-Token` with every change.
    csrf: String,
    /// The sign-in ends after so many seconds without a request.
    idle_seconds: u64,
    /// When it ends in any case.
    expires_at: WallTime,
}

/// Whose sign-in it is.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct SessionUser {
    id: UserId,
    name: String,
    role: Role,
}

impl SessionBody {
    /// `None` for the control socket's owner, who never signed in.
    fn of(session: &SessionView) -> Option<Self> {
        let Principal::User { user, name, role, .. } = &session.principal else { return None };
        Some(Self {
            user: SessionUser { id: *user, name: name.as_str().to_owned(), role: *role },
            csrf: session.csrf.to_text().expose().clone(),
            idle_seconds: session.idle.as_secs(),
            expires_at: session.expires_at,
        })
    }
}

/// `GET /welcome`.
pub(crate) async fn welcome(State(api): State<Api>) -> Json<WelcomeView> {
    let welcome = api.hub().welcome();
    Json(WelcomeView { welcome, certificate_sha256: api.fingerprint() })
}

/// `POST /claim`.
pub(crate) async fn claim(
    State(api): State<Api>,
    Visitor(peer): Visitor,
    Sent(claim): Sent<Claim>,
) -> Result<impl IntoResponse, ApiError> {
    let signed_in = api.hub().claim(&claim.code, &claim.name, claim.password, &peer).await?;
    begin(StatusCode::CREATED, &signed_in)
}

/// `POST /session`.
pub(crate) async fn sign_in(
    State(api): State<Api>,
    Visitor(peer): Visitor,
    Sent(sign_in): Sent<SignIn>,
) -> Result<impl IntoResponse, ApiError> {
    let signed_in = api.hub().sign_in(&sign_in.name, sign_in.password, &peer).await?;
    begin(StatusCode::OK, &signed_in)
}

fn begin(status: StatusCode, signed_in: &SignedIn) -> Result<impl IntoResponse + use<>, ApiError> {
    let body = SessionBody::of(&signed_in.session).ok_or_else(no_session)?;
    let cookie = cookie::grant(&signed_in.token).ok_or_else(no_session)?;
    Ok((status, [(header::SET_COOKIE, cookie)], Json(body)))
}

fn no_session() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "no_session", "This connection needs no sign-in.")
}

/// `GET /session`.
pub(crate) async fn show(caller: Caller) -> Result<Json<SessionBody>, ApiError> {
    let session = caller.session.as_deref().and_then(SessionBody::of);
    session.map(Json).ok_or_else(no_session)
}

/// `DELETE /session`.
pub(crate) async fn sign_out(
    State(api): State<Api>,
    caller: Caller,
) -> Result<impl IntoResponse, ApiError> {
    api.hub().sign_out(&caller.principal).await?;
    if let Principal::User { session, .. } = &caller.principal {
        api.sign_outs().tell(*session);
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie::withdraw())]))
}
