//! `review`: pictures that people look at to correct the detector.

use http::Method;
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::{find_camera, tell};
use crate::{
    arguments::review::{ReviewCommand, ReviewExportArguments, ReviewListArguments},
    client::{Client, target},
    failure::Failure,
    output::{self, bytes},
    private_file::PrivateFile,
};

const REVIEW: &str = "/api/v1/review";

const CUT: Failure = Failure::Broken("The archive was cut off. The hub's log says why; try again.");

/// What stands at the end of a ZIP archive without a comment, and how many bytes it has.
const ZIP_END: &[u8] = b"PK\x05\x06";
const ZIP_END_BYTES: usize = 22;

pub(crate) async fn run(
    client: &Client,
    command: ReviewCommand,
    json: bool,
) -> Result<(), Failure> {
    match command {
        ReviewCommand::List(arguments) => list(client, arguments, json).await,
        ReviewCommand::Export(arguments) => export(client, arguments, json).await,
        ReviewCommand::Drift => drift(client, json).await,
    }
}

async fn list(client: &Client, wanted: ReviewListArguments, json: bool) -> Result<(), Failure> {
    let mut query = vec![("limit", wanted.limit.to_string())];
    query.extend(wanted.state.map(|state| ("state", state.word().to_owned())));
    if let Some(camera) = &wanted.camera {
        query.push(("camera", find_camera(client, camera).await?.id.to_string()));
    }
    let page: Value = client.get(&target(REVIEW, &query)).await?;
    if json {
        return Ok(output::json(&page)?);
    }
    let items = page["items"].as_array().cloned().unwrap_or_default();
    if items.is_empty() {
        let is_on = page["is_on"].as_bool().unwrap_or_default();
        let why = if is_on { "" } else { " Pictures to look at are switched off." };
        return Ok(output::line(&format!("There is nothing to look at.{why}"))?);
    }
    let rows: Vec<Vec<String>> = items
        .iter()
        .map(|item| {
            let keys = ["at", "camera", "reason", "state"];
            let mut row: Vec<String> = keys.iter().map(|key| text(item, key)).collect();
            row.push(labels(item));
            row.push(text(item, "id"));
            row
        })
        .collect();
    Ok(output::table(&["WHEN", "CAMERA", "WHY", "STATE", "WHAT", "ID"], &rows)?)
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or("-").to_owned()
}

fn labels(item: &Value) -> String {
    let boxes = item["boxes"].as_array().map_or(&[][..], Vec::as_slice);
    let labels: Vec<&str> = boxes.iter().filter_map(|one| one["label"].as_str()).collect();
    if labels.is_empty() { "nothing".to_owned() } else { labels.join(", ") }
}

async fn drift(client: &Client, json: bool) -> Result<(), Failure> {
    let list: Value = client.get(&format!("{REVIEW}/drift")).await?;
    if json {
        return Ok(output::json(&list)?);
    }
    let rows = list["rows"].as_array().cloned().unwrap_or_default();
    if rows.is_empty() {
        return Ok(output::line("The detector has said nothing yet.")?);
    }
    let number = |row: &Value, key: &str| format!("{:.2}", row[key].as_f64().unwrap_or_default());
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            vec![
                text(row, "camera"),
                text(row, "label"),
                row["samples"].to_string(),
                number(row, "mean"),
                number(row, "recent_mean"),
                text(row, "state"),
                text(row, "since"),
            ]
        })
        .collect();
    let head = ["CAMERA", "WHAT", "SAMPLES", "USUAL", "NEWEST", "STATE", "SINCE"];
    Ok(output::table(&head, &rows)?)
}

/// The hub makes the archive while it sends it and cannot say how long it will be: that it is whole is
/// seen by its end.
async fn export(client: &Client, wanted: ReviewExportArguments, json: bool) -> Result<(), Failure> {
    let query =
        [("format", wanted.format.word().to_owned()), ("state", wanted.state.word().to_owned())];
    let target = target(&format!("{REVIEW}/export"), &query);
    let response = client.open(Method::GET, &target, None).await?;
    let mut file = PrivateFile::begin(&wanted.output)?;
    let (mut body, mut written, mut end) = (response.into_body(), 0_u64, Vec::new());
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| CUT)?.into_data() else { continue };
        file.append(&data)?;
        written = written.saturating_add(data.len() as u64);
        end.extend_from_slice(&data);
        let before = end.len().saturating_sub(ZIP_END_BYTES);
        end.drain(..before);
    }
    if !end.starts_with(ZIP_END) {
        return Err(CUT);
    }
    file.keep()?;
    let name = wanted.output.display().to_string();
    let words = format!("{name}: {}", bytes(written));
    tell(json, &json!({ "file": name, "bytes": written }), &words)
}
