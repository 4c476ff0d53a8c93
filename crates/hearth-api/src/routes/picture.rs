//! Single pictures: now, at a time, as a slow moving picture, and key frames as they were recorded.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use hearth_auth::ask;
use hearth_hub::{KeyFrameView, Still, Viewing};
use hearth_media::VideoCodec;
use hearth_model::{CameraId, WallTime};
use http::{HeaderName, HeaderValue, header};
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::{
    api::Api,
    audit::From,
    error::ApiError,
    extract::{Asked, Named, OnCamera},
    gate::Caller,
};

/// When the picture shown was taken.
const FRAME_TIME: HeaderName = HeaderName::from_static("x-frame-time");

/// Pictures for browsers without media sources: a glance, not a movie.
const MJPEG_INTERVAL: Duration = Duration::from_secs(1);

const MJPEG_TYPE: &str = "multipart/x-mixed-replace; boundary=picture";

/// Which picture.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct At {
    at: Option<WallTime>,
}

/// Which key frame.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AtTime {
    at: WallTime,
}

/// `GET /cameras/{camera}/snapshot.jpg`: the newest picture, or with `at` a recorded one.
pub(crate) async fn snapshot(
    State(api): State<Api>,
    Named(camera): Named<CameraId>,
    caller: Caller,
    Asked(At { at }): Asked<At>,
) -> Result<Response, ApiError> {
    let policy = api.hub().policy();
    let still = match at {
        None => api.hub().still(policy.camera::<ask::Live>(&caller.principal, camera)?).await?,
        Some(at) => {
            let grant = policy.camera::<ask::Playback>(&caller.principal, camera)?;
            api.hub().snapshot(grant, at).await?
        }
    };
    Ok(([(header::CONTENT_TYPE, kind("image/jpeg")), (FRAME_TIME, text(still.at))], still.jpeg)
        .into_response())
}

/// `GET /cameras/{camera}/keyframe`.
pub(crate) async fn key_frame(
    State(api): State<Api>,
    OnCamera(grant): OnCamera<ask::Playback>,
    Asked(AtTime { at }): Asked<AtTime>,
) -> Result<Response, ApiError> {
    let KeyFrameView { at, video, data } = api.hub().key_frame(grant, at).await?;
    let content =
        if video.codec == VideoCodec::Mjpeg { "image/jpeg" } else { "application/octet-stream" };
    let headers = [
        (header::CONTENT_TYPE, kind(content)),
        (FRAME_TIME, text(at)),
        (HeaderName::from_static("x-codec"), text(&video.rfc6381)),
        (HeaderName::from_static("x-decoder-config"), text(STANDARD.encode(&video.config))),
        (HeaderName::from_static("x-width"), video.width.into()),
        (HeaderName::from_static("x-height"), video.height.into()),
    ];
    Ok((headers, data).into_response())
}

fn kind(content_type: &'static str) -> HeaderValue {
    HeaderValue::from_static(content_type)
}

/// Times, codecs and base64 are visible ASCII; anything else gives an empty value.
fn text(value: impl ToString) -> HeaderValue {
    HeaderValue::try_from(value.to_string()).unwrap_or(HeaderValue::from_static(""))
}

/// `GET /cameras/{camera}/live.mjpeg`.
pub(crate) async fn live_mjpeg(
    State(api): State<Api>,
    OnCamera(grant): OnCamera<ask::Live>,
    caller: Caller,
    From(from): From,
) -> Result<Response, ApiError> {
    let viewing = api.hub().watch(&grant, from)?;
    let over = caller.is_over(&api);
    let mut tick = interval(MJPEG_INTERVAL);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let watch = Watch { api, caller, camera: grant.camera(), tick, shown: None, _viewing: viewing };
    let pictures = watch.pictures().take_until(over).map(Ok::<_, Infallible>);
    Ok(([(header::CONTENT_TYPE, kind(MJPEG_TYPE))], Body::from_stream(pictures)).into_response())
}

/// Somebody who watches key frames.
struct Watch {
    api: Api,
    caller: Caller,
    camera: CameraId,
    tick: Interval,
    shown: Option<WallTime>,
    /// Everybody who may see the camera is told (promise T-21).
    _viewing: Viewing,
}

impl Watch {
    /// One part a new picture. It ends when the camera is gone or the permission is.
    fn pictures(self) -> impl Stream<Item = Bytes> + Send {
        stream::unfold(self, |mut watch| async move {
            let still = watch.next().await?;
            Some((part(&still), watch))
        })
    }

    async fn next(&mut self) -> Option<Still> {
        loop {
            self.tick.tick().await;
            let policy = self.api.hub().policy();
            let grant = policy.camera::<ask::Live>(&self.caller.principal, self.camera).ok()?;
            match self.api.hub().still(grant).await {
                Ok(still) if self.shown != Some(still.at) => {
                    self.shown = Some(still.at);
                    return Some(still);
                }
                Ok(_) => {}
                Err(error) if error.fault.kind == hearth_model::FaultKind::NotFound => return None,
                // Not live at the moment: the viewer keeps the last picture, and looks at the
                // state.
                Err(_) => {}
            }
        }
    }
}

fn part(still: &Still) -> Bytes {
    let head = format!(
        "--picture\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\nX-Frame-Time: {}\r\n\r\n",
        still.jpeg.len(),
        still.at
    );
    Bytes::from([head.as_bytes(), &still.jpeg, b"\r\n"].concat())
}
