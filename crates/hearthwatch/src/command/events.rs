//! `events`: what happened, oldest first; with `--follow` also what happens from then on.

use hearth_model::{CameraId, WallTime};
use http::Method;
use serde_json::Value;

use super::find_camera;
use crate::{
    arguments::EventsArguments,
    client::{Client, Lines, target},
    failure::Failure,
    output::{self, time},
};

/// Events asked for at once.
const PAGE: u32 = 500;

/// What people are shown of an event.
#[derive(serde::Deserialize)]
struct Shown {
    seq: u64,
    at: WallTime,
    kind: String,
    camera: Option<CameraId>,
    camera_name: Option<String>,
    label: Option<String>,
    score: Option<f32>,
    #[serde(default)]
    detail: Detail,
}

/// What facts say beside label and score, as far as people want it on one line.
#[derive(Default, serde::Deserialize)]
struct Detail {
    state: Option<String>,
    reason: Option<String>,
    cause: Option<String>,
    user: Option<String>,
    address: Option<String>,
}

#[derive(serde::Deserialize)]
struct Page {
    events: Vec<Value>,
    next: Option<String>,
}

pub(crate) async fn run(
    client: &Client,
    arguments: EventsArguments,
    json: bool,
) -> Result<(), Failure> {
    let camera = match &arguments.camera {
        Some(named) => Some(find_camera(client, named).await?.id),
        None => None,
    };
    let past = list(client, &arguments, camera).await?;
    let mut newest = 0;
    for event in &past {
        newest = newest.max(seq(event));
        print(event, json)?;
    }
    if arguments.follow { follow(client, &arguments, camera, newest, json).await } else { Ok(()) }
}

/// The newest events that fit, oldest first.
async fn list(
    client: &Client,
    arguments: &EventsArguments,
    camera: Option<CameraId>,
) -> Result<Vec<Value>, Failure> {
    let mut newest_first = Vec::new();
    let mut before: Option<String> = None;
    loop {
        let missing =
            arguments.limit.saturating_sub(u32::try_from(newest_first.len()).unwrap_or(u32::MAX));
        let query = query(arguments, camera, before.as_deref(), missing.min(PAGE));
        let page: Page = client.get(&target("/api/v1/events", &query)).await?;
        newest_first.extend(page.events);
        before = page.next;
        if before.is_none() || missing <= PAGE {
            newest_first.reverse();
            return Ok(newest_first);
        }
    }
}

fn query(
    arguments: &EventsArguments,
    camera: Option<CameraId>,
    before: Option<&str>,
    limit: u32,
) -> Vec<(&'static str, String)> {
    let kinds: Vec<&str> = arguments.kind.iter().map(|kind| kind.name()).collect();
    let optional = [
        ("kind", (!kinds.is_empty()).then(|| kinds.join(","))),
        ("camera", camera.map(|camera| camera.to_string())),
        ("label", arguments.label.clone()),
        ("from", arguments.from.map(|from| from.to_string())),
        ("to", arguments.to.map(|to| to.to_string())),
        ("before", before.map(str::to_owned)),
        ("limit", Some(limit.to_string())),
    ];
    optional.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn seq(event: &Value) -> u64 {
    event.get("seq").and_then(Value::as_u64).unwrap_or(0)
}

/// Reads the event stream (WHATWG HTML, 9.2.6): of its fields only `event` and `data` matter here.
async fn follow(
    client: &Client,
    arguments: &EventsArguments,
    camera: Option<CameraId>,
    newest: u64,
    json: bool,
) -> Result<(), Failure> {
    let query = [("after", newest.to_string())];
    let query = if newest == 0 { &[][..] } else { &query };
    let response = client.open(Method::GET, &target("/api/v1/events/stream", query), None).await?;
    let mut lines = Lines::new(response);
    let mut is_event = false;
    while let Some(line) = lines.next().await? {
        if let Some(kind) = line.strip_prefix("event:") {
            is_event = kind.trim() == "event";
        } else if let Some(data) = line.strip_prefix("data:").filter(|_| is_event) {
            let event: Value = serde_json::from_str(data.trim())
                .map_err(|_| Failure::Broken("The hub sent something that is no event."))?;
            if fits(&event, arguments, camera) {
                print(&event, json)?;
            }
        }
    }
    Err(Failure::Broken("The hub has stopped."))
}

fn fits(event: &Value, arguments: &EventsArguments, camera: Option<CameraId>) -> bool {
    let Ok(shown) = serde_json::from_value::<Shown>(event.clone()) else { return false };
    (arguments.kind.is_empty() || arguments.kind.iter().any(|kind| kind.name() == shown.kind))
        && (camera.is_none() || shown.camera == camera)
        && (arguments.label.is_none() || shown.label == arguments.label)
        && arguments.from.is_none_or(|from| shown.at >= from)
        && arguments.to.is_none_or(|to| shown.at < to)
}

fn print(event: &Value, json: bool) -> Result<(), Failure> {
    if json {
        return Ok(output::json(event)?);
    }
    let Ok(shown) = serde_json::from_value::<Shown>(event.clone()) else {
        return Err(Failure::Broken("The hub sent something that is no event."));
    };
    let score = shown.score.map(|score| format!("{score:.2}"));
    let Detail { state, reason, cause, user, address } = shown.detail;
    let words = [shown.label, score, state, reason, cause, user, address];
    let words: Vec<String> = words.into_iter().flatten().collect();
    let line = format!(
        "{:>6}  {}  {:<22} {:<16} {}",
        shown.seq,
        time(shown.at),
        shown.kind,
        shown.camera_name.unwrap_or_default(),
        words.join(" ")
    );
    Ok(output::line(line.trim_end())?)
}
