//! Recorded footage: its timeline, and clips of it as one MP4 file served in ranges.

use std::{io, ops::Range};

use axum::{
    Json,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::{Stream, stream};
use hearth_auth::ask;
use hearth_hub::{ClipStream, ClipView, TimelineView};
use hearth_model::{CameraId, TimeRange, WallTime};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::{
    api::Api,
    error::ApiError,
    extract::{Asked, Named, OnCamera},
    gate::Caller,
    range::{Wanted, wanted},
};

/// Longest time that one clip or timeline may cover: 31 days, the longest month.
const RANGE_MICROS_MAX: i64 = 31 * 86_400 * 1_000_000;

/// From when to when.
#[derive(Clone, Copy, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Between {
    from: WallTime,
    to: WallTime,
    download: Option<u8>,
}

impl Between {
    fn range(self) -> Result<TimeRange, ApiError> {
        let range = TimeRange::new(self.from, self.to)
            .ok_or_else(|| ApiError::bad_input("bad_range", "`from` must be before `to`."))?;
        if range.micros() > RANGE_MICROS_MAX {
            return Err(ApiError::bad_input("range_too_long", "Ask for at most 31 days."));
        }
        Ok(range)
    }
}

/// `GET /cameras/{camera}/timeline`.
pub(crate) async fn timeline(
    State(api): State<Api>,
    OnCamera(grant): OnCamera<ask::Playback>,
    Asked(between): Asked<Between>,
) -> Result<Json<TimelineView>, ApiError> {
    Ok(Json(api.hub().timeline(grant, between.range()?).await?))
}

/// `GET /cameras/{camera}/clip`.
pub(crate) async fn describe(
    State(api): State<Api>,
    OnCamera(grant): OnCamera<ask::Playback>,
    Asked(between): Asked<Between>,
) -> Result<Json<ClipView>, ApiError> {
    Ok(Json(api.hub().clip(grant, between.range()?).await?.view()))
}

/// `GET /cameras/{camera}/clip.mp4`.
pub(crate) async fn play(
    State(api): State<Api>,
    Named(camera): Named<CameraId>,
    caller: Caller,
    Asked(between): Asked<Between>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (range, policy) = (between.range()?, api.hub().policy());
    let saves = between.download.is_some_and(|download| download != 0);
    let clip = if saves {
        let grant = policy.camera::<ask::Export>(&caller.principal, camera)?;
        api.hub().export(grant, range).await?
    } else {
        let grant = policy.camera::<ask::Playback>(&caller.principal, camera)?;
        api.hub().clip(grant, range).await?
    };
    let part = headers.get(header::RANGE).and_then(|range| range.to_str().ok());
    let mut response = answer(&clip, wanted(part, clip.bytes()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("video/mp4"));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if saves {
        headers.insert(header::CONTENT_DISPOSITION, attachment(between.from));
    }
    Ok(response)
}

fn answer(clip: &ClipStream, wanted: Wanted) -> Response {
    let length = clip.bytes();
    let (status, range) = match wanted {
        Wanted::Whole => (StatusCode::OK, 0..length),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Wanted::Nothing => {
            let there = [(header::CONTENT_RANGE, format!("bytes */{length}"))];
            return (StatusCode::RANGE_NOT_SATISFIABLE, there).into_response();
        }
    };
    let bytes = range.end.saturating_sub(range.start);
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_LENGTH, bytes.into());
    if status == StatusCode::PARTIAL_CONTENT {
        let text = format!("bytes {}-{}/{length}", range.start, range.end.saturating_sub(1));
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(header::CONTENT_RANGE, value);
        }
    }
    (status, headers, Body::from_stream(pieces(clip.clone(), range))).into_response()
}

/// The range, piece by piece as the reader takes them. If footage is erased meanwhile the answer
/// breaks off, which the reader notices by its length.
fn pieces(
    clip: ClipStream,
    range: Range<u64>,
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    stream::try_unfold((clip, range), |(clip, range)| async move {
        if range.is_empty() {
            return Ok(None);
        }
        let piece = clip.read_piece(range.clone()).await?;
        if piece.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let next = range.start.saturating_add(piece.len() as u64)..range.end;
        Ok(Some((piece, (clip, next))))
    })
}

/// A file name of digits and dashes only, whatever the camera is called.
fn attachment(from: WallTime) -> HeaderValue {
    let digits: String = from
        .to_string()
        .chars()
        .take_while(|c| *c != '.')
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    HeaderValue::try_from(format!("attachment; filename=\"hearthwatch-{digits}.mp4\""))
        .unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_clip_is_named_after_its_time() {
        let from = "2026-11-22T14:03:00.25Z".parse().expect("a time");
        assert_eq!(
            attachment(from),
            "attachment; filename=\"hearthwatch-2026-11-22T14-03-00.mp4\""
        );
        let strange = attachment(WallTime::from_micros(i64::MIN));
        assert!(strange.to_str().is_ok_and(|text| text.is_ascii()));
    }

    #[test]
    fn a_range_is_ordered_and_bounded() {
        let between = |from: i64, to: i64| {
            let time = WallTime::from_micros;
            Between { from: time(from), to: time(to), download: None }.range()
        };
        assert!(between(0, 1).is_ok());
        assert!(between(1, 1).is_err());
        assert!(between(0, RANGE_MICROS_MAX).is_ok());
        assert!(between(0, RANGE_MICROS_MAX + 1).is_err());
    }
}
