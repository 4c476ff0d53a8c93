//! What people decide about AI assistants, and the door for them: the Model Context Protocol's streamable HTTP (revision 2025-11-25,
//! "Transports"). What is said is in `hearth-mcp`; here is only how it travels.
//!
//! The gate has checked host, origin and token like for every route. Each message is one request
//! with one answer as JSON.

use std::convert::Infallible;

use axum::{
    Json,
    extract::State,
    response::{
        IntoResponse, Response,
        sse::{self, KeepAlive, Sse},
    },
};
use futures_util::{StreamExt, stream};
use hearth_auth::ask;
use hearth_hub::{Answer, AssistantsView};
use hearth_mcp::{Asking, PROTOCOL_VERSIONS, Refusal, Reply, ToolView};
use hearth_model::ApprovalId;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::Value;

use crate::{
    api::Api,
    audit::From,
    error::ApiError,
    extract::{Asked, Named, OnHouse, Sent},
    gate::Caller,
    headers::NO_STORE,
};

/// Names the session that a message belongs to.
const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");

/// Names the revision of the protocol.
const VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");

/// What of a session is chosen when it begins.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mode {
    mode: Option<ModeName>,
}

/// It can only be narrowed: to tools that look.
#[derive(Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum ModeName {
    Read,
}

/// Assistants, and the tools that there are for them.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct AssistantBody {
    #[serde(flatten)]
    assistants: AssistantsView,
    tools: Vec<ToolView>,
}

/// What a person says.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerBody {
    answer: Answer,
}

/// Whether assistants are to be refused.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PauseBody {
    is_paused: bool,
}

/// `GET /assistant`.
pub(crate) async fn show(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageTokens>,
) -> Result<Json<AssistantBody>, ApiError> {
    let assistants = api.hub().assistants(&grant).await?;
    Ok(Json(AssistantBody { assistants, tools: api.mcp().tools() }))
}

/// `POST /assistant/approvals/{approval}`.
pub(crate) async fn answer(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageTokens>,
    Named(approval): Named<ApprovalId>,
    Sent(AnswerBody { answer }): Sent<AnswerBody>,
) -> Result<StatusCode, ApiError> {
    api.hub().answer_assistant(&grant, approval, answer)?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /assistant/pause`.
pub(crate) async fn pause(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageUsers>,
    Sent(PauseBody { is_paused }): Sent<PauseBody>,
) -> Result<StatusCode, ApiError> {
    api.hub().pause_assistants(&grant, is_paused).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /llms.txt`: in short what assistants can do here.
pub(crate) async fn in_short() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], hearth_mcp::llms_txt())
}

/// `GET /docs/mcp.md`: the same at length.
pub(crate) async fn reference() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], hearth_mcp::reference())
}

/// `POST /mcp`: one message.
pub(crate) async fn message(
    State(api): State<Api>,
    caller: Caller,
    From(from): From,
    headers: HeaderMap,
    Asked(Mode { mode }): Asked<Mode>,
    Sent(message): Sent<Value>,
) -> Result<Response, ApiError> {
    check_version(&headers)?;
    let asking = Asking { principal: caller.principal, from };
    let (session, read_only) = (session(&headers), mode == Some(ModeName::Read));
    let reply = api.mcp().message(&asking, session, read_only, message).await;
    Ok(match reply {
        Ok(Reply::Accepted) => StatusCode::ACCEPTED.into_response(),
        Ok(Reply::Answer(answer)) => Json(answer).into_response(),
        Ok(Reply::Begun { answer, session }) => {
            let mut response = Json(answer).into_response();
            // It is made of hexadecimal digits.
            if let Ok(id) = HeaderValue::from_str(&session) {
                response.headers_mut().insert(SESSION, id);
            }
            response
        }
        Err(Refusal::Malformed(answer)) => (StatusCode::BAD_REQUEST, Json(answer)).into_response(),
        Err(refusal) => return Err(refused(&refusal)),
    })
}

/// `GET /mcp`: what the client is told without asking.
pub(crate) async fn listen(
    State(api): State<Api>,
    caller: Caller,
    From(from): From,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    check_version(&headers)?;
    let asking = Asking { principal: caller.principal.clone(), from };
    let feed = api.mcp().listen(&asking, session(&headers)).await;
    let feed = feed.map_err(|refusal| refused(&refusal))?;
    let told = stream::unfold(feed, |mut feed| async move {
        let message = feed.next().await?.to_string();
        Some((Ok::<_, Infallible>(sse::Event::default().data(message)), feed))
    });
    let mut response = Sse::new(told.take_until(caller.is_over(&api)))
        .keep_alive(KeepAlive::new().interval(api.limits().heartbeat))
        .into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, NO_STORE);
    Ok(response)
}

/// `DELETE /mcp`: the client says goodbye.
pub(crate) async fn end(
    State(api): State<Api>,
    caller: Caller,
    From(from): From,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    let asking = Asking { principal: caller.principal, from };
    api.mcp().end(&asking, session(&headers)).map_err(|refusal| refused(&refusal))?;
    Ok(StatusCode::NO_CONTENT)
}

fn session(headers: &HeaderMap) -> Option<&str> {
    headers.get(SESSION)?.to_str().ok()
}

fn check_version(headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(version) = headers.get(VERSION) else { return Ok(()) };
    if PROTOCOL_VERSIONS.iter().any(|spoken| version == spoken) {
        return Ok(());
    }
    let text = format!("The revisions spoken here are {}.", PROTOCOL_VERSIONS.join(" and "));
    Err(ApiError::bad_input("bad_protocol_version", text))
}

fn refused(refusal: &Refusal) -> ApiError {
    match refusal {
        Refusal::NoSession | Refusal::Malformed(_) => {
            let text = "The message names no session. Begin with `initialize`.";
            ApiError::bad_input("no_session", text)
        }
        Refusal::SessionOver => {
            let text = "This session is over. Begin a new one with `initialize`.";
            ApiError::new(StatusCode::NOT_FOUND, "session_over", text)
        }
        Refusal::TooManySessions => {
            let text = "Too many assistants are connected. End one, or wait.";
            ApiError::new(StatusCode::TOO_MANY_REQUESTS, "too_many_sessions", text)
        }
    }
}
