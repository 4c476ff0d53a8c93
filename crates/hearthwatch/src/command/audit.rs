//! `audit`: who did what, oldest first; with `--follow` also what is recorded from then on, with
//! `--export` all of it as a file.

use std::time::Duration;

use hearth_model::WallTime;
use http::Method;
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::{find_camera, tell};
use crate::{
    arguments::AuditArguments,
    client::{Client, target},
    failure::Failure,
    output::{self, time},
    private_file::PrivateFile,
};

/// Between two looks at what is new.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Entries asked for at once while following.
const PAGE: u32 = 1_000;

const STRANGE: Failure = Failure::Broken("The hub sent something that is no audit entry.");

#[derive(serde::Deserialize)]
struct Page {
    entries: Vec<Value>,
    next: Option<u64>,
}

/// What people are shown of an entry.
#[derive(serde::Deserialize)]
struct Shown {
    seq: u64,
    at: WallTime,
    category: String,
    action: String,
    who: Who,
    from: String,
    what: std::collections::BTreeMap<String, String>,
    result: String,
    detail: Option<String>,
    duration_ms: Option<u64>,
}

#[derive(serde::Deserialize)]
struct Who {
    kind: String,
    name: Option<String>,
}

type Query = Vec<(&'static str, String)>;

pub(crate) async fn run(
    client: &Client,
    arguments: AuditArguments,
    json: bool,
) -> Result<(), Failure> {
    let filter = filter(client, &arguments).await?;
    if let Some(path) = &arguments.export {
        return export(client, &filter, path, json).await;
    }
    let mut query = filter.clone();
    query.push(("limit", arguments.limit.to_string()));
    let page: Page = client.get(&target("/api/v1/audit", &query)).await?;
    let newest = print_all(page.entries, json)?;
    if arguments.follow { follow(client, &filter, newest, json).await } else { Ok(()) }
}

async fn filter(client: &Client, arguments: &AuditArguments) -> Result<Query, Failure> {
    let camera = match &arguments.camera {
        Some(named) => Some(find_camera(client, named).await?.id.to_string()),
        None => None,
    };
    let optional = [
        ("category", arguments.category.clone()),
        ("who", arguments.who.clone()),
        ("camera", camera),
        ("from", arguments.from.map(|from| from.to_string())),
        ("to", arguments.to.map(|to| to.to_string())),
    ];
    Ok(optional.into_iter().filter_map(|(name, value)| Some((name, value?))).collect())
}

/// Prints entries that came newest first; says the newest number.
fn print_all(newest_first: Vec<Value>, json: bool) -> Result<u64, Failure> {
    let mut newest = 0;
    for entry in newest_first.iter().rev() {
        newest = newest.max(entry.get("seq").and_then(Value::as_u64).unwrap_or(0));
        print(entry, json)?;
    }
    Ok(newest)
}

async fn follow(
    client: &Client,
    filter: &Query,
    mut newest: u64,
    json: bool,
) -> Result<(), Failure> {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let mut new = Vec::new();
        let mut before = None;
        loop {
            let mut query = filter.clone();
            query.push(("after", newest.to_string()));
            query.push(("limit", PAGE.to_string()));
            query.extend(before.map(|before: u64| ("before", before.to_string())));
            let page: Page = client.get(&target("/api/v1/audit", &query)).await?;
            new.extend(page.entries);
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        newest = newest.max(print_all(new, json)?);
    }
}

async fn export(
    client: &Client,
    filter: &Query,
    path: &std::path::Path,
    json: bool,
) -> Result<(), Failure> {
    let response = client.open(Method::GET, &target("/api/v1/audit/export", filter), None).await?;
    let mut file = PrivateFile::begin(path)?;
    let (mut body, mut lines) = (response.into_body(), 0_usize);
    while let Some(frame) = body.frame().await {
        let cut = Failure::Broken("The export was cut off. The hub's log says why; try again.");
        let Ok(data) = frame.map_err(|_| cut)?.into_data() else { continue };
        lines += data.iter().filter(|byte| **byte == b'\n').count();
        file.append(&data)?;
    }
    file.keep()?;
    let name = path.display().to_string();
    tell(json, &json!({ "file": name, "entries": lines }), &format!("{name}: {lines} entries"))
}

fn print(entry: &Value, json: bool) -> Result<(), Failure> {
    if json {
        return Ok(output::json(entry)?);
    }
    let shown: Shown = serde_json::from_value(entry.clone()).map_err(|_| STRANGE)?;
    let who = shown.who.name.unwrap_or(shown.who.kind);
    let mut words: Vec<String> =
        shown.what.iter().map(|(kind, id)| format!("{kind}={id}")).collect();
    words.extend(shown.duration_ms.map(|millis| format!("{millis} ms")));
    words.extend(shown.detail);
    let line = format!(
        "{:>6}  {}  {:<14} {:<6} {:<12} {:<15} {} {}",
        shown.seq,
        time(shown.at),
        shown.category,
        shown.result,
        who,
        shown.from,
        shown.action,
        words.join(" ")
    );
    Ok(output::line(line.trim_end())?)
}
