//! Live pictures and sound over a WebSocket.
//!
//! Texts are JSON and say what comes; binary messages are segments for the browser's media source,
//! or JPEG pictures. The hub's feed skips for viewers that are too slow; one that takes nothing at
//! all is dropped here. Memory is bounded: one message is being sent, the feed's queue holds the
//! rest.
//! promise: D-19, T-10, T-21.

use std::time::Duration;

use axum::{
    extract::{
        State, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket, close_code},
    },
    response::Response,
};
use bytes::Bytes;
use hearth_auth::ask;
use hearth_hub::{LiveFeed, LiveItem};
use hearth_model::{CameraState, StateReason};
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::{
    api::Api,
    audit::{From, LastingAccess},
    error::ApiError,
    extract::OnCamera,
    gate::Caller,
    limits::VIEWER_MESSAGE_BYTES_MAX,
};

/// What a text message says.
#[derive(serde::Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Said<'a> {
    Init { mime: &'a str, width: Option<u16>, height: Option<u16>, wall_offset_us: i64 },
    Skipped { frames: u64 },
    State { state: CameraState, reason: Option<StateReason>, message: Option<&'static str> },
}

/// Why a viewer's connection ends.
enum End {
    /// The camera was removed, the sign-in ended, or the hub stops.
    Ours(&'static str),
    /// The viewer left, broke the connection, or took nothing for too long.
    Theirs,
}

/// `GET /cameras/{camera}/live`.
pub(crate) async fn web_socket(
    State(api): State<Api>,
    OnCamera(grant): OnCamera<ask::Live>,
    caller: Caller,
    From(from): From,
    access: LastingAccess,
    upgrade: WebSocketUpgrade,
) -> Result<Response, ApiError> {
    let feed = api.hub().live(grant, from).await?;
    let upgrade =
        upgrade.max_message_size(VIEWER_MESSAGE_BYTES_MAX).max_frame_size(VIEWER_MESSAGE_BYTES_MAX);
    Ok(upgrade.on_upgrade(move |socket| async move {
        show(api, caller, feed, socket).await;
        // Until here it went on.
        drop(access);
    }))
}

async fn show(api: Api, caller: Caller, mut feed: LiveFeed, mut socket: WebSocket) {
    let deadline = api.limits().stalled_write;
    if let End::Ours(reason) = pump(&api, &caller, &mut feed, &mut socket).await {
        let close = CloseFrame { code: close_code::AWAY, reason: reason.into() };
        // Whether the goodbye arrives makes no difference: the connection is dropped either way.
        drop(timeout(deadline, socket.send(Message::Close(Some(close)))).await);
    }
}

async fn pump(api: &Api, caller: &Caller, feed: &mut LiveFeed, socket: &mut WebSocket) -> End {
    let deadline = api.limits().stalled_write;
    let mut heartbeat = interval(api.limits().heartbeat);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    heartbeat.reset();
    // A viewer that is there has answered the ping before the last one.
    let mut unanswered = 0;
    let over = caller.is_over(api);
    tokio::pin!(over);
    loop {
        let sent = tokio::select! {
            item = feed.next() => match item {
                Some(item) => send(socket, item, deadline).await,
                None => return End::Ours("the camera is gone"),
            },
            said = socket.recv() => match said {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return End::Theirs,
                Some(Ok(_)) => {
                    unanswered = 0;
                    Ok(())
                }
            },
            _ = heartbeat.tick() => {
                unanswered += 1;
                if unanswered > 2 {
                    return End::Theirs;
                }
                put(socket, Message::Ping(Bytes::new()), deadline).await
            }
            () = &mut over => return End::Ours("the sign-in ended, or the hub stops"),
        };
        if sent.is_err() {
            return End::Theirs;
        }
    }
}

/// The viewer cannot be reached any more.
struct Lost;

async fn send(socket: &mut WebSocket, item: LiveItem, deadline: Duration) -> Result<(), Lost> {
    match item {
        LiveItem::Init { parameters, init, mime, wall_offset_us } => {
            let size = parameters.video.as_ref().map(|video| (video.width, video.height));
            let (width, height) = size.unzip();
            say(socket, &Said::Init { mime: &mime, width, height, wall_offset_us }, deadline)
                .await?;
            if init.is_empty() {
                return Ok(());
            }
            put(socket, Message::Binary(init), deadline).await
        }
        LiveItem::Fragment { bytes, .. } | LiveItem::Jpeg(bytes) => {
            put(socket, Message::Binary(bytes), deadline).await
        }
        LiveItem::Skipped { units } => {
            say(socket, &Said::Skipped { frames: units }, deadline).await
        }
        LiveItem::State { state, reason } => {
            let message = reason.map(StateReason::message);
            say(socket, &Said::State { state, reason, message }, deadline).await
        }
    }
}

async fn say(socket: &mut WebSocket, said: &Said<'_>, deadline: Duration) -> Result<(), Lost> {
    let text = serde_json::to_string(said).map_err(|_| Lost)?;
    put(socket, Message::Text(text.into()), deadline).await
}

async fn put(socket: &mut WebSocket, message: Message, deadline: Duration) -> Result<(), Lost> {
    match timeout(deadline, socket.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(Lost),
    }
}
