//! Speaking with whoever stands at a door, over a WebSocket.
//!
//! Binary messages are codes of mu-law (ITU-T G.711), 8,000 a second, as they are spoken; texts are JSON
//! and say how far it came. Whoever is done closes the connection, or says so with an empty message to
//! be told what came of it.

use axum::{
    extract::{
        State, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket, close_code},
    },
    response::Response,
};
use hearth_auth::{CameraGrant, ask};
use hearth_hub::{Talk, TalkEnd, TalkState, Talked, UseCaseError};
use hearth_model::VisitId;
use tokio::time::timeout;

use crate::{
    api::Api, audit::LastingAccess, extract::OnCamera, gate::Caller,
    limits::SPOKEN_MESSAGE_BYTES_MAX,
};

/// What a text message says.
#[derive(serde::Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Said {
    /// The camera is being asked; what is spoken is kept for a moment.
    Connecting,
    /// What is spoken is heard.
    Listening,
    /// It is over.
    Over { reason: Reason, visit: Option<VisitId> },
    /// The camera did not take it.
    Failed { code: &'static str, message: String },
}

/// Why it is over.
#[derive(serde::Serialize)]
#[serde(rename_all = "snake_case")]
enum Reason {
    Done,
    Quiet,
    TooLong,
}

impl From<TalkState> for Said {
    fn from(state: TalkState) -> Self {
        match state {
            TalkState::Connecting => Self::Connecting,
            TalkState::Listening => Self::Listening,
            TalkState::Over(Ok(Talked { end, visit })) => {
                let reason = match end {
                    TalkEnd::Done => Reason::Done,
                    TalkEnd::Quiet => Reason::Quiet,
                    TalkEnd::TooLong => Reason::TooLong,
                };
                Self::Over { reason, visit }
            }
            TalkState::Over(Err(error)) => Self::of(error),
        }
    }
}

impl Said {
    fn of(error: UseCaseError) -> Self {
        Self::Failed { code: error.code, message: error.fault.message }
    }

    fn is_last(&self) -> bool {
        matches!(self, Self::Over { .. } | Self::Failed { .. })
    }
}

/// `GET /cameras/{camera}/talk`.
pub(crate) async fn web_socket(
    State(api): State<Api>,
    OnCamera(grant): OnCamera<ask::Control>,
    caller: Caller,
    access: LastingAccess,
    upgrade: WebSocketUpgrade,
) -> Response {
    let upgrade =
        upgrade.max_message_size(SPOKEN_MESSAGE_BYTES_MAX).max_frame_size(SPOKEN_MESSAGE_BYTES_MAX);
    upgrade.on_upgrade(move |socket| async move {
        serve(&api, &caller, grant, socket).await;
        // Until here it went on.
        drop(access);
    })
}

/// A page learns from messages why it cannot speak: of a refused upgrade it is told nothing.
async fn serve(
    api: &Api,
    caller: &Caller,
    grant: CameraGrant<ask::Control>,
    mut socket: WebSocket,
) {
    let last = match api.hub().talk(grant) {
        Ok(talk) => carry(api, caller, talk, &mut socket).await,
        Err(error) => Some(Said::of(error)),
    };
    let Some(last) = last else { return };
    if say(api, &mut socket, &last).await.is_ok() {
        let close = CloseFrame { code: close_code::NORMAL, reason: "".into() };
        // Whether the goodbye arrives makes no difference: the connection is dropped either way.
        drop(timeout(api.limits().stalled_write, socket.send(Message::Close(Some(close)))).await);
    }
}

/// Carries what is spoken to the camera; answers what is left to say, if anybody is there.
async fn carry(api: &Api, caller: &Caller, mut talk: Talk, socket: &mut WebSocket) -> Option<Said> {
    let over = caller.is_over(api);
    tokio::pin!(over);
    let mut state = talk.state();
    loop {
        let said = Said::from(state);
        if said.is_last() {
            return Some(said);
        }
        say(api, socket, &said).await.ok()?;
        state = loop {
            tokio::select! {
                state = talk.changed() => break state,
                heard = socket.recv() => match heard {
                    Some(Ok(Message::Binary(codes))) if codes.is_empty() => {
                        return Some(Said::from(TalkState::Over(talk.done().await)));
                    }
                    Some(Ok(Message::Binary(codes))) => talk.hear(&codes),
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                    Some(Ok(_)) => {}
                },
                // The sign-in ended, or the hub stops.
                () = &mut over => return None,
            }
        };
    }
}

/// Whoever speaks cannot be reached any more.
struct Lost;

async fn say(api: &Api, socket: &mut WebSocket, said: &Said) -> Result<(), Lost> {
    let text = serde_json::to_string(said).map_err(|_| Lost)?;
    match timeout(api.limits().stalled_write, socket.send(Message::Text(text.into()))).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(Lost),
    }
}
