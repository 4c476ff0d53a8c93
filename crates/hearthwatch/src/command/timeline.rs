//! `timeline`: what there is of one camera over a time.

use std::time::{SystemTime, UNIX_EPOCH};

use hearth_model::WallTime;
use serde_json::Value;

use super::{find_camera, path_of};
use crate::{
    arguments::TimelineArguments,
    client::{Client, target},
    failure::Failure,
    output::{self, duration, table, time},
};

const DAY_MICROS: i64 = 86_400_000_000;

#[derive(serde::Deserialize)]
struct Shown {
    spans: Vec<Part>,
    gaps: Vec<Part>,
    activities: Vec<Part>,
}

/// A span, a gap or an activity: all have an extent in time.
#[derive(serde::Deserialize)]
struct Part {
    from: WallTime,
    to: Option<WallTime>,
    cause: Option<String>,
    label: Option<String>,
}

pub(crate) async fn run(
    client: &Client,
    arguments: TimelineArguments,
    json: bool,
) -> Result<(), Failure> {
    let camera = find_camera(client, &arguments.camera).await?;
    let to = arguments.to.unwrap_or_else(now);
    let from = arguments.from.unwrap_or_else(|| to.plus_micros(-DAY_MICROS));
    let query = [("from", from.to_string()), ("to", to.to_string())];
    let timeline: Value = client.get(&target(&path_of(camera.id, "/timeline"), &query)).await?;
    if json {
        return Ok(output::json(&timeline)?);
    }
    let shown: Shown = serde_json::from_value(timeline)
        .map_err(|_| Failure::Broken("The hub sent something that is no timeline."))?;
    let mut rows = Vec::new();
    for (kind, parts) in
        [("footage", shown.spans), ("gap", shown.gaps), ("activity", shown.activities)]
    {
        rows.extend(parts.into_iter().map(|part| (part.from, row(kind, part))));
    }
    if rows.is_empty() {
        return Ok(output::line("Nothing was recorded in this time.")?);
    }
    rows.sort_by_key(|(from, _)| *from);
    let rows: Vec<_> = rows.into_iter().map(|(_, row)| row).collect();
    Ok(table(&["FROM", "TO", "LENGTH", "WHAT", "DETAIL"], &rows)?)
}

fn row(kind: &str, part: Part) -> Vec<String> {
    let length = part.to.map(|to| duration(to.micros_since(part.from) as f64 / 1e6));
    vec![
        time(part.from),
        part.to.map_or_else(|| "goes on".to_owned(), time),
        length.unwrap_or_default(),
        kind.to_owned(),
        part.cause.or(part.label).unwrap_or_default(),
    ]
}

fn now() -> WallTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    WallTime::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
