//! Welcome, first account, sign-in by password or passkey, and sign-out.

use axum::{Json, extract::State, response::IntoResponse};
use hearth_auth::Principal;
use hearth_hub::{PasskeyAssertion, SessionView, SignedIn};
use hearth_model::{Role, UserId, WallTime};
use hearth_secret::SecretString;
use http::{StatusCode, header};

use crate::{
    api::Api,
    cookie,
    error::ApiError,
    extract::{AsOwner, OnAccount, OnSite, Sent, Visitor},
    gate::Caller,
    routes::account::{PasskeyOptions, bytes, timeout_ms},
};

/// What anybody may know before signing in.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct WelcomeView {
    #[serde(flatten)]
    welcome: hearth_hub::Welcome,
    /// SHA-256 of the listener's certificate, to compare with what the terminal printed.
    certificate_sha256: String,
    /// What the provider is called at which people may sign in too, if there is one.
    sign_in_provider: Option<String>,
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
    /// The authenticator app's code, or a recovery code, once `second_factor_needed` was answered.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    code: Option<SecretString>,
}

/// One's password once more.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proof {
    #[schema(value_type = String)]
    password: SecretString,
}

/// A sign-in by passkey.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasskeySignIn {
    /// As `PublicKeyCredential.toJSON` gives it.
    credential: Assertion,
}

/// The browser's answer. It says more; nothing else of it is used.
#[derive(serde::Deserialize, utoipa::ToSchema)]
pub(crate) struct Assertion {
    #[serde(rename = "rawId")]
    raw_id: String,
    response: AssertionResponse,
}

/// What the authenticator signed.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssertionResponse {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    authenticator_data: String,
    signature: String,
}

/// A claim code that was made anew.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct ClaimCode {
    /// As the terminal shows it.
    code: String,
    /// When it is void.
    expires_at: WallTime,
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
    /// Somebody else chose the password: nothing but changing it works.
    must_change_password: bool,
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
            must_change_password: session.must_change_password,
        })
    }
}

/// `GET /welcome`.
pub(crate) async fn welcome(State(api): State<Api>) -> Json<WelcomeView> {
    let welcome = api.hub().welcome();
    let sign_in_provider = api.hub().provider_name();
    Json(WelcomeView { welcome, certificate_sha256: api.fingerprint(), sign_in_provider })
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
    let SignIn { name, password, code } = sign_in;
    let signed_in = api.hub().sign_in_with(&name, password, code.as_ref(), &peer).await?;
    begin(StatusCode::OK, &signed_in)
}

/// `POST /session/passkey/begin`.
pub(crate) async fn begin_passkey(
    State(api): State<Api>,
    Visitor(peer): Visitor,
    OnSite(site): OnSite,
) -> Result<Json<PasskeyOptions>, ApiError> {
    let challenge = api.hub().begin_passkey_sign_in(&peer)?;
    let public_key = serde_json::json!({
        "challenge": challenge.to_text(),
        "timeout": timeout_ms(),
        "rpId": site.id,
        // The authenticator knows its accounts; asking for a name would tell which there are.
        "allowCredentials": [],
        "userVerification": "required",
    });
    Ok(Json(PasskeyOptions { public_key }))
}

/// `POST /session/passkey/finish`.
pub(crate) async fn finish_passkey(
    State(api): State<Api>,
    Visitor(peer): Visitor,
    OnSite(site): OnSite,
    Sent(PasskeySignIn { credential }): Sent<PasskeySignIn>,
) -> Result<impl IntoResponse, ApiError> {
    let AssertionResponse { client_data, authenticator_data, signature } = credential.response;
    let answer = PasskeyAssertion {
        credential: bytes(&credential.raw_id)?,
        client_data: bytes(&client_data)?,
        authenticator_data: bytes(&authenticator_data)?,
        signature: bytes(&signature)?,
    };
    let signed_in = api.hub().finish_passkey_sign_in(&site, &answer, &peer).await?;
    begin(StatusCode::OK, &signed_in)
}

/// `POST /session/confirm`.
pub(crate) async fn confirm(
    State(api): State<Api>,
    OnAccount(grant): OnAccount,
    Visitor(peer): Visitor,
    Sent(Proof { password }): Sent<Proof>,
) -> Result<StatusCode, ApiError> {
    api.hub().prove(&grant, password, &peer).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /claim/renew`.
pub(crate) async fn renew_claim(
    State(api): State<Api>,
    AsOwner(grant): AsOwner,
) -> Result<Json<ClaimCode>, ApiError> {
    let renewed = api.hub().renew_claim_code(&grant)?;
    let code = renewed.code.expose().clone();
    Ok(Json(ClaimCode { code, expires_at: renewed.expires_at }))
}

/// The answer that begins a sign-in: its cookie, and what the page needs to know.
pub(crate) fn begin(
    status: StatusCode,
    signed_in: &SignedIn,
) -> Result<impl IntoResponse + use<>, ApiError> {
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
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie::withdraw())]))
}
