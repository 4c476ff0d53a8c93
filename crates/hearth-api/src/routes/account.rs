//! One's own account: sign-ins, password, authenticator app, passkeys.

use axum::{Json, extract::State, response::IntoResponse};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hearth_hub::{PASSKEY_TIMEOUT, PasskeyAttestation, PasskeyView, SecondFactorView};
use hearth_model::{PasskeyId, SessionId};
use hearth_secret::SecretString;
use http::StatusCode;
use serde_json::{Value, json};

use crate::{
    api::Api,
    error::ApiError,
    extract::{Named, OnAccount, OnSite, Sent, Visitor},
    routes::{
        session,
        user::{EndedSessions, SessionList},
    },
};

/// Another password for one's own account.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordChange {
    /// The one that is valid now.
    #[schema(value_type = String)]
    old: SecretString,
    /// The one that is to be valid.
    #[schema(value_type = String)]
    new: SecretString,
}

/// What an authenticator app needs. It is not shown again.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct Authenticator {
    /// To type: base32.
    secret: String,
    /// To show as a QR code.
    uri: String,
}

/// A code of the authenticator app.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Code {
    /// Six digits.
    #[schema(value_type = String)]
    code: SecretString,
}

/// Codes for the day when the authenticator app is lost. They are not shown again.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct RecoveryCodes {
    /// Each works once.
    recovery_codes: Vec<String>,
}

/// One's passkeys.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct PasskeyList {
    passkeys: Vec<PasskeyView>,
}

/// What the browser needs for a ceremony.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct PasskeyOptions {
    /// As `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON` takes
    /// it (WebAuthn Level 3, 5.1).
    #[schema(value_type = Object)]
    pub(crate) public_key: Value,
}

/// A new passkey.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPasskey {
    /// What to call it.
    name: String,
    /// As `PublicKeyCredential.toJSON` gives it.
    credential: Registration,
}

/// The browser's answer. It says more; nothing else of it is used.
#[derive(serde::Deserialize, utoipa::ToSchema)]
pub(crate) struct Registration {
    response: RegistrationResponse,
}

/// What the authenticator made.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RegistrationResponse {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    attestation_object: String,
}

/// Reads base64url, as browsers write it.
pub(crate) fn bytes(text: &str) -> Result<Vec<u8>, ApiError> {
    let unfit = |_| ApiError::bad_input("bad_passkey", "A field is not base64url.");
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(unfit)
}

/// `GET /account/sessions`.
pub(crate) async fn sessions(
    State(api): State<Api>,
    OnAccount(grant): OnAccount,
) -> Result<Json<SessionList>, ApiError> {
    Ok(Json(SessionList { sessions: api.hub().own_sessions(&grant).await? }))
}

/// `DELETE /account/sessions`: all but the one at hand.
pub(crate) async fn end_other_sessions(
    State(api): State<Api>,
    OnAccount(grant): OnAccount,
) -> Result<Json<EndedSessions>, ApiError> {
    Ok(Json(EndedSessions { ended: api.hub().end_other_sessions(&grant).await? }))
}

/// `DELETE /account/sessions/{session}`.
pub(crate) async fn end_session(
    State(api): State<Api>,
    OnAccount(grant): OnAccount,
    Named(session): Named<SessionId>,
) -> Result<StatusCode, ApiError> {
    api.hub().end_own_session(&grant, session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /account/password`.
pub(crate) async fn change_password(
    State(api): State<Api>,
    OnAccount(grant): OnAccount,
    Visitor(peer): Visitor,
    Sent(change): Sent<PasswordChange>,
) -> Result<impl IntoResponse, ApiError> {
    let signed_in = api.hub().change_password(&grant, change.old, change.new, &peer).await?;
    session::begin(StatusCode::OK, &signed_in)
}

/// `GET /account/totp`.
pub(crate) async fn second_factor(
    State(api): State<Api>,
    OnAccount(grant): OnAccount,
) -> Result<Json<SecondFactorView>, ApiError> {
    Ok(Json(api.hub().second_factor(&grant).await?))
}

/// `POST /account/totp`.
pub(crate) async fn begin_authenticator(
    State(api): State<Api>,
    OnAccount(grant): OnAccount,
) -> Result<impl IntoResponse, ApiError> {
    let new = api.hub().begin_authenticator(&grant).await?;
    let (secret, uri) = (new.secret.expose().clone(), new.uri.expose().clone());
    Ok((StatusCode::CREATED, Json(Authenticator { secret, uri })))
}

/// `POST /account/totp/confirm`.
pub(crate) async fn confirm_authenticator(
    State(api): State<Api>,
    OnAccount(grant): OnAccount,
    Sent(Code { code }): Sent<Code>,
) -> Result<Json<RecoveryCodes>, ApiError> {
    Ok(shown(&api.hub().confirm_authenticator(&grant, &code).await?))
}

/// `POST /account/recovery-codes`.
pub(crate) async fn new_recovery_codes(
    State(api): State<Api>,
    OnAccount(grant): OnAccount,
) -> Result<Json<RecoveryCodes>, ApiError> {
    Ok(shown(&api.hub().new_recovery_codes(&grant).await?))
}

fn shown(codes: &[SecretString]) -> Json<RecoveryCodes> {
    let recovery_codes = codes.iter().map(|code| code.expose().clone()).collect();
    Json(RecoveryCodes { recovery_codes })
}

/// `DELETE /account/totp`.
pub(crate) async fn remove_authenticator(
    State(api): State<Api>,
    OnAccount(grant): OnAccount,
) -> Result<StatusCode, ApiError> {
    api.hub().remove_authenticator(&grant).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /account/passkeys`.
pub(crate) async fn passkeys(
    State(api): State<Api>,
    OnAccount(grant): OnAccount,
) -> Result<Json<PasskeyList>, ApiError> {
    Ok(Json(PasskeyList { passkeys: api.hub().passkeys(&grant).await? }))
}

/// `POST /account/passkeys/begin`.
pub(crate) async fn begin_passkey(
    State(api): State<Api>,
    OnAccount(grant): OnAccount,
    OnSite(site): OnSite,
) -> Result<Json<PasskeyOptions>, ApiError> {
    let new = api.hub().begin_passkey(&grant).await?;
    let credential =
        |id: &Vec<u8>| json!({ "type": "public-key", "id": URL_SAFE_NO_PAD.encode(id) });
    let parameter = |algorithm: i32| json!({ "type": "public-key", "alg": algorithm });
    let public_key = json!({
        "rp": { "id": site.id, "name": "Hearthwatch" },
        "user": {
            "id": URL_SAFE_NO_PAD.encode(new.user.as_bytes()),
            "name": new.user_name,
            "displayName": new.user_name,
        },
        "challenge": new.challenge.to_text(),
        "pubKeyCredParams": new.algorithms.map(parameter),
        "timeout": timeout_ms(),
        "excludeCredentials": new.exclude.iter().map(credential).collect::<Vec<_>>(),
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": true,
            "userVerification": "required",
        },
        "attestation": "none",
    });
    Ok(Json(PasskeyOptions { public_key }))
}

/// Milliseconds, as the standard counts here.
pub(crate) fn timeout_ms() -> u64 {
    u64::try_from(PASSKEY_TIMEOUT.as_millis()).unwrap_or(u64::MAX)
}

/// `POST /account/passkeys/finish`.
pub(crate) async fn finish_passkey(
    State(api): State<Api>,
    OnAccount(grant): OnAccount,
    OnSite(site): OnSite,
    Sent(NewPasskey { name, credential }): Sent<NewPasskey>,
) -> Result<impl IntoResponse, ApiError> {
    let RegistrationResponse { client_data, attestation_object } = credential.response;
    let (client_data, attestation) = (bytes(&client_data)?, bytes(&attestation_object)?);
    let answer = PasskeyAttestation { client_data, attestation };
    let made = api.hub().finish_passkey(&grant, &site, &name, &answer).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// `DELETE /account/passkeys/{passkey}`.
pub(crate) async fn remove_passkey(
    State(api): State<Api>,
    OnAccount(grant): OnAccount,
    Named(passkey): Named<PasskeyId>,
) -> Result<StatusCode, ApiError> {
    api.hub().remove_passkey(&grant, passkey).await?;
    Ok(StatusCode::NO_CONTENT)
}
