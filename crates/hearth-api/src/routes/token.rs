//! Tokens for programs, and the access tokens made from them.

use axum::{Json, extract::State, response::IntoResponse};
use hearth_auth::{Network, TokenName, TokenScope, ask};
use hearth_hub::{AccessTokens, MadeToken, TokenView};
use hearth_model::{TokenId, UserId, WallTime};
use hearth_secret::SecretString;
use http::StatusCode;

use crate::{
    api::Api,
    error::ApiError,
    extract::{Named, OnHouse, Sent, Visitor},
};

/// Tokens.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct TokenList {
    tokens: Vec<TokenView>,
}

/// A token to make.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    /// What to call it.
    #[schema(value_type = String)]
    name: TokenName,
    /// Whose it is; one's own unless given. Another's takes the right to manage accounts.
    #[serde(default)]
    user: Option<UserId>,
    /// What it is for.
    scope: TokenScope,
    /// From where it may be used, e.g. `192.168.1.0/24`; from anywhere unless given.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    networks: Vec<Network>,
    /// When it ends; in 90 days unless given, in a year at the latest.
    #[serde(default)]
    expires_at: Option<WallTime>,
}

/// A token with its secret.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct MadeTokenBody {
    token: TokenView,
    /// For the program, as `Authorization: Bearer`. It is not shown again.
    secret: String,
}

/// What is traded for an access token: exactly one of the two.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trade {
    /// A program's token.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    api_token: Option<SecretString>,
    /// The newest refresh token.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    refresh_token: Option<SecretString>,
}

/// An access token, named as RFC 6749, 5.1 does.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct AccessBody {
    /// For `Authorization: Bearer`.
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// Seconds.
    expires_in: u64,
    /// For the next access token; it works once.
    refresh_token: String,
    /// When no refresh token works any more and the program's token is needed again.
    refresh_expires_at: WallTime,
}

/// What to revoke.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Revocation {
    /// A refresh token or an access token.
    #[schema(value_type = String)]
    token: SecretString,
}

fn made(made: MadeToken) -> Json<MadeTokenBody> {
    Json(MadeTokenBody { token: made.token, secret: made.secret.expose().clone() })
}

/// `GET /tokens`.
pub(crate) async fn list(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageTokens>,
) -> Result<Json<TokenList>, ApiError> {
    Ok(Json(TokenList { tokens: api.hub().tokens(&grant).await? }))
}

/// `POST /tokens`.
pub(crate) async fn add(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageTokens>,
    Sent(new): Sent<NewToken>,
) -> Result<impl IntoResponse, ApiError> {
    let new = hearth_hub::NewToken {
        name: new.name,
        user: new.user,
        scope: new.scope,
        networks: new.networks,
        expires_at: new.expires_at,
    };
    Ok((StatusCode::CREATED, made(api.hub().add_token(&grant, new).await?)))
}

/// `POST /tokens/{token}/rotate`.
pub(crate) async fn rotate(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageTokens>,
    Named(token): Named<TokenId>,
) -> Result<Json<MadeTokenBody>, ApiError> {
    Ok(made(api.hub().rotate_token(&grant, token).await?))
}

/// `DELETE /tokens/{token}`.
pub(crate) async fn remove(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageTokens>,
    Named(token): Named<TokenId>,
) -> Result<StatusCode, ApiError> {
    api.hub().remove_token(&grant, token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /token`.
pub(crate) async fn trade(
    State(api): State<Api>,
    Visitor(peer): Visitor,
    Sent(trade): Sent<Trade>,
) -> Result<Json<AccessBody>, ApiError> {
    let tokens = match (&trade.api_token, &trade.refresh_token) {
        (Some(token), None) => api.hub().access_by_token(token, &peer).await?,
        (None, Some(refresh)) => api.hub().access_by_refresh(refresh, &peer).await?,
        _ => {
            let text = "Send either `api_token` or `refresh_token`.";
            return Err(ApiError::bad_input("bad_body", text));
        }
    };
    let AccessTokens { access, expires_in, refresh, refresh_expires_at } = tokens;
    Ok(Json(AccessBody {
        access_token: access.expose().clone(),
        token_type: "Bearer",
        expires_in: expires_in.as_secs(),
        refresh_token: refresh.expose().clone(),
        refresh_expires_at,
    }))
}

/// `POST /token/revoke`.
pub(crate) async fn revoke(
    State(api): State<Api>,
    Sent(Revocation { token }): Sent<Revocation>,
) -> Result<StatusCode, ApiError> {
    api.hub().revoke_access(&token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /.well-known/jwks.json`.
pub(crate) async fn keys(State(api): State<Api>) -> Json<serde_json::Value> {
    Json(api.hub().published_keys())
}
