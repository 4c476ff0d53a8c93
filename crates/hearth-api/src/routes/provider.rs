//! The sign-in provider: set, asked, answered, and linked to one's own account.

use axum::{
    Json,
    extract::State,
    response::{AppendHeaders, IntoResponse},
};
use hearth_auth::ask;
use hearth_hub::{LinkView, NewProvider, ProviderQuestion, ProviderView};
use hearth_secret::SecretString;
use http::{StatusCode, header};

use crate::{
    api::Api,
    cookie,
    error::ApiError,
    extract::{Binding, OnAccount, OnHouse, OnOrigin, Sent, Visitor},
    routes::session,
};

/// Where the provider sends people back to, below the origin at which they asked.
const RETURN_PATH: &str = "/signin/return";

/// The provider at which people may sign in.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct ProviderBody {
    /// `null` if there is none.
    provider: Option<ProviderView>,
    /// What the provider must allow as redirect address, for the name under which this was asked.
    redirect_uri: String,
}

/// A provider to use.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewProviderBody {
    /// What people call it.
    name: String,
    /// Its address, as it writes it in its tokens.
    issuer: String,
    /// What it calls this hub.
    client_id: String,
    /// What this hub proves itself with. Never shown again.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    client_secret: Option<SecretString>,
    /// SHA-256 of its certificate, if no public authority signed it.
    #[serde(default)]
    certificate_sha256: Option<String>,
}

/// Where to go.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct QuestionBody {
    /// The provider's address with the question in it.
    address: String,
}

/// What the provider sent somebody back with.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderAnswer {
    /// Which question it answers.
    state: String,
    /// What to trade for the provider's word.
    #[schema(value_type = String)]
    code: SecretString,
}

/// One's own link.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct LinkBody {
    /// `null` if there is none.
    link: Option<LinkView>,
}

/// `GET /sign-in-provider`.
pub(crate) async fn show(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageUsers>,
    OnOrigin(origin): OnOrigin,
) -> Json<ProviderBody> {
    let provider = api.hub().provider(&grant);
    Json(ProviderBody { provider, redirect_uri: origin + RETURN_PATH })
}

/// `PUT /sign-in-provider`.
pub(crate) async fn set(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageUsers>,
    Sent(new): Sent<NewProviderBody>,
) -> Result<Json<ProviderView>, ApiError> {
    let NewProviderBody { name, issuer, client_id, client_secret, certificate_sha256 } = new;
    let certificate = certificate_sha256.map(|text| text.parse()).transpose();
    let certificate =
        certificate.map_err(|error| ApiError::bad_input("bad_fingerprint", format!("{error}.")))?;
    let new = NewProvider { name, issuer, client_id, client_secret, certificate };
    Ok(Json(api.hub().set_provider(&grant, new).await?))
}

/// `DELETE /sign-in-provider`.
pub(crate) async fn remove(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageUsers>,
) -> Result<StatusCode, ApiError> {
    api.hub().remove_provider(&grant).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /session/provider/begin`.
pub(crate) async fn begin_sign_in(
    State(api): State<Api>,
    Visitor(peer): Visitor,
    OnOrigin(origin): OnOrigin,
) -> Result<impl IntoResponse, ApiError> {
    sent_there(api.hub().begin_provider_sign_in(&(origin + RETURN_PATH), &peer).await?)
}

/// `POST /session/provider/finish`.
pub(crate) async fn finish_sign_in(
    State(api): State<Api>,
    Visitor(peer): Visitor,
    Binding(binding): Binding,
    Sent(ProviderAnswer { state, code }): Sent<ProviderAnswer>,
) -> Result<impl IntoResponse, ApiError> {
    let signed_in = api.hub().finish_provider_sign_in(&state, &code, &binding, &peer).await?;
    session::begin(StatusCode::OK, &signed_in)
}

/// `GET /account/provider`.
pub(crate) async fn link(
    State(api): State<Api>,
    OnAccount(grant): OnAccount,
) -> Result<Json<LinkBody>, ApiError> {
    Ok(Json(LinkBody { link: api.hub().own_link(&grant).await? }))
}

/// `POST /account/provider/begin`.
pub(crate) async fn begin_link(
    State(api): State<Api>,
    OnAccount(grant): OnAccount,
    Visitor(peer): Visitor,
    OnOrigin(origin): OnOrigin,
) -> Result<impl IntoResponse, ApiError> {
    sent_there(api.hub().begin_link(&grant, &(origin + RETURN_PATH), &peer).await?)
}

/// `POST /account/provider/finish`.
pub(crate) async fn finish_link(
    State(api): State<Api>,
    OnAccount(grant): OnAccount,
    Binding(binding): Binding,
    Sent(ProviderAnswer { state, code }): Sent<ProviderAnswer>,
) -> Result<Json<LinkView>, ApiError> {
    Ok(Json(api.hub().finish_link(&grant, &state, &code, &binding).await?))
}

/// `DELETE /account/provider`.
pub(crate) async fn unlink(
    State(api): State<Api>,
    OnAccount(grant): OnAccount,
) -> Result<StatusCode, ApiError> {
    api.hub().end_own_link(&grant).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The answer that sends a browser to the provider.
fn sent_there(question: ProviderQuestion) -> Result<impl IntoResponse + use<>, ApiError> {
    let kept = cookie::keep_asked(&question.binding);
    let kept = kept.ok_or_else(|| ApiError::bad_input("host_needed", "Begin again."))?;
    let headers = AppendHeaders([(header::SET_COOKIE, kept)]);
    Ok((headers, Json(QuestionBody { address: question.address })))
}
