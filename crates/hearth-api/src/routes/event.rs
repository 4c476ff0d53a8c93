//! What happened: listed, as it happens, and the picture kept with it.

use std::{convert::Infallible, str::FromStr, time::Duration};

use axum::{
    Json,
    extract::State,
    response::{
        IntoResponse, Response,
        sse::{self, KeepAlive, Sse},
    },
};
use futures_util::{Stream, StreamExt, stream};
use hearth_auth::ask;
use hearth_hub::{DescriptionView, EventFeed, EventPage, EventQuery, FeedItem};
use hearth_model::{CameraId, CameraStatus, EventId, EventKind, Label, Severity, WallTime};
use http::{HeaderMap, header};

use crate::{
    api::Api,
    error::ApiError,
    extract::{Asked, Named, OnHouse},
    gate::Caller,
    headers::NO_STORE,
};

/// Events of one page.
const PAGE_MAX: u32 = 1000;

/// Kinds in one filter; there are fewer.
const KINDS_MAX: usize = 64;

/// What a browser that lost the stream waits before it asks again.
const RETRY: Duration = Duration::from_secs(1);

/// Which events.
#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Which {
    kind: Option<String>,
    camera: Option<CameraId>,
    label: Option<Label>,
    from: Option<WallTime>,
    to: Option<WallTime>,
    before: Option<String>,
    limit: Option<u32>,
}

/// From where to follow, and what.
#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Followed {
    after: Option<u64>,
    kind: Option<String>,
    camera: Option<CameraId>,
    label: Option<Label>,
    severity: Option<Severity>,
}

/// What of a stream is told: everything, or only facts that fit.
#[derive(Default)]
struct Filter {
    kinds: Vec<EventKind>,
    camera: Option<CameraId>,
    label: Option<Label>,
    severity: Option<Severity>,
}

impl Filter {
    fn is_all(&self) -> bool {
        let Self { kinds, camera, label, severity } = self;
        kinds.is_empty() && camera.is_none() && label.is_none() && severity.is_none()
    }

    /// How cameras fare and what devices measure is for those who follow everything.
    fn lets_through(&self, item: &FeedItem) -> bool {
        match item {
            FeedItem::Event(event) => {
                (self.kinds.is_empty() || self.kinds.contains(&event.kind))
                    && self.camera.is_none_or(|camera| event.camera == Some(camera))
                    && self.label.as_ref().is_none_or(|label| event.label.as_ref() == Some(label))
                    && self.severity.is_none_or(|least| event.severity >= least)
            }
            FeedItem::Gone => true,
            FeedItem::Status(_) | FeedItem::Readings(_) => self.is_all(),
        }
    }
}

impl Which {
    fn query(self) -> Result<EventQuery, ApiError> {
        let limit = self.limit.unwrap_or(0);
        if limit > PAGE_MAX {
            let text = format!("Ask for at most {PAGE_MAX} events.");
            return Err(ApiError::bad_input("limit_too_large", text));
        }
        Ok(EventQuery {
            kinds: kinds(self.kind.as_deref().unwrap_or_default())?,
            camera: self.camera,
            label: self.label,
            from: self.from,
            to: self.to,
            before: self.before,
            limit,
        })
    }
}

/// Names of kinds, separated by commas.
fn kinds(text: &str) -> Result<Vec<EventKind>, ApiError> {
    let unknown =
        || ApiError::bad_input("unknown_kind", "`kind` names a kind that does not exist.");
    let names: Vec<&str> =
        text.split(',').filter(|name| !name.is_empty()).take(KINDS_MAX).collect();
    names.into_iter().map(|name| EventKind::from_name(name).ok_or_else(unknown)).collect()
}

/// `GET /events`.
pub(crate) async fn list(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadEvents>,
    Asked(which): Asked<Which>,
) -> Result<Json<EventPage>, ApiError> {
    Ok(Json(api.hub().events(grant, which.query()?).await?))
}

/// `GET /events/{event}/thumbnail.jpg`.
pub(crate) async fn thumbnail(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadEvents>,
    Named(event): Named<EventId>,
) -> Result<Response, ApiError> {
    let picture = api.hub().thumbnail(grant, event).await?;
    Ok(([(header::CONTENT_TYPE, "image/jpeg")], picture).into_response())
}

/// `POST /events/{event}/description`.
pub(crate) async fn describe(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadEvents>,
    Named(event): Named<EventId>,
) -> Result<Json<DescriptionView>, ApiError> {
    Ok(Json(api.hub().describe_event(grant, event).await?))
}

/// `GET /events/stream`.
pub(crate) async fn stream(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadEvents>,
    caller: Caller,
    Asked(followed): Asked<Followed>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Followed { after, kind, camera, label, severity } = followed;
    let kinds = kinds(kind.as_deref().unwrap_or_default())?;
    let filter = Filter { kinds, camera, label, severity };
    let after = last_event_id(&headers).or(after);
    let feed = api.hub().follow(grant, after).await?;
    let told = told(feed, filter).take_until(caller.is_over(&api));
    let mut response = Sse::new(told.map(Ok::<_, Infallible>))
        .keep_alive(KeepAlive::new().interval(api.limits().heartbeat))
        .into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, NO_STORE);
    Ok(response)
}

/// What a browser sends when it comes back; a text that is no number is no place to resume.
fn last_event_id(headers: &HeaderMap) -> Option<u64> {
    let text = headers.get("last-event-id")?.to_str().ok()?;
    u64::from_str(text.trim()).ok()
}

/// One message an item, until the hub stops.
fn told(feed: EventFeed, filter: Filter) -> impl Stream<Item = sse::Event> + Send {
    stream::unfold((feed, filter), |(mut feed, filter)| async move {
        loop {
            let item = feed.next().await?;
            if filter.lets_through(&item) {
                return Some((message(&item), (feed, filter)));
            }
        }
    })
}

fn message(item: &FeedItem) -> sse::Event {
    #[derive(serde::Serialize)]
    struct Status<'a> {
        cameras: &'a [CameraStatus],
    }
    let empty = sse::Event::default().retry(RETRY);
    let (event, told) = match item {
        FeedItem::Event(event) => {
            (empty.clone().id(event.seq.to_string()).event("event"), json(event))
        }
        FeedItem::Status(cameras) => (empty.clone().event("status"), json(&Status { cameras })),
        FeedItem::Readings(measured) => (empty.clone().event("device_reading"), json(&**measured)),
        FeedItem::Gone => (empty.clone().event("gone"), Some("{}".to_owned())),
    };
    // These types are plain data, so JSON can always say them.
    event.data(told.unwrap_or_default())
}

fn json(value: &impl serde::Serialize) -> Option<String> {
    serde_json::to_string(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_lets_through_only_what_fits_and_that_something_was_lost() {
        let status = FeedItem::Status(Vec::new());
        assert!(Filter::default().lets_through(&status));
        let filters = [
            Filter { kinds: vec![EventKind::Ring], ..Filter::default() },
            Filter { camera: Some(CameraId::new()), ..Filter::default() },
            Filter { label: Label::new("dog"), ..Filter::default() },
            Filter { severity: Some(Severity::Critical), ..Filter::default() },
        ];
        for filter in filters {
            assert!(!filter.lets_through(&status));
            assert!(filter.lets_through(&FeedItem::Gone));
        }
    }

    #[test]
    fn kinds_are_read_by_name() {
        let read = kinds("activity_noticed,signed_in").expect("known");
        assert_eq!(read, [EventKind::ActivityNoticed, EventKind::SignedIn]);
        assert!(kinds("").expect("all").is_empty());
        assert!(kinds("activity_noticed,nonsense").is_err());
    }

    #[test]
    fn only_a_number_is_a_place_to_resume() {
        let id = |text| {
            last_event_id(&HeaderMap::from_iter([(
                header::HeaderName::from_static("last-event-id"),
                header::HeaderValue::from_static(text),
            )]))
        };
        assert_eq!(id("42"), Some(42));
        assert_eq!(id("x"), None);
        assert_eq!(id("-1"), None);
    }
}
