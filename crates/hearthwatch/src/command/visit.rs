//! `visit`: who came to the door.

use serde_json::{Value, json};

use super::{find_camera, path_of, show, tell};
use crate::{arguments::VisitCommand, client::Client, failure::Failure, output};

const VISITS: &str = "/api/v1/visits";

pub(crate) async fn run(client: &Client, command: VisitCommand, json: bool) -> Result<(), Failure> {
    match command {
        VisitCommand::List { unknown, limit } => list(client, unknown, limit, json).await,
        VisitCommand::Show { visit } => {
            show(json, &client.get(&format!("{VISITS}/{visit}")).await?)
        }
        VisitCommand::Seen { visit } => {
            let body = json!({ "state": "seen" });
            let seen: Value = client.patch(&format!("{VISITS}/{visit}"), &body).await?;
            tell(json, &seen, "The visit is marked as seen.")
        }
        VisitCommand::Ring { camera } => {
            let camera = find_camera(client, &camera).await?;
            let visit: Value = client.post(&path_of(camera.id, "/ring"), &json!({})).await?;
            tell(json, &visit, &format!("It rings at {}.", camera.name))
        }
    }
}

async fn list(client: &Client, unknown: bool, limit: u32, json: bool) -> Result<(), Failure> {
    let page: Value = client.get(&format!("{VISITS}?unknown={unknown}&limit={limit}")).await?;
    if json {
        return Ok(output::json(&page)?);
    }
    let visits = page["visits"].as_array().cloned().unwrap_or_default();
    if visits.is_empty() {
        return Ok(output::line("Nobody came.")?);
    }
    let text = |visit: &Value, key: &str| visit[key].as_str().unwrap_or("-").to_owned();
    let rows: Vec<Vec<String>> = visits
        .iter()
        .map(|visit| {
            let keys = ["started_at", "camera_name", "trigger", "state"];
            let mut row: Vec<String> = keys.iter().map(|key| text(visit, key)).collect();
            row.push(who(visit));
            row.push(text(visit, "id"));
            row
        })
        .collect();
    Ok(output::table(&["WHEN", "CAMERA", "WHY", "STATE", "WHO", "ID"], &rows)?)
}

/// Who came, as far as it is known.
fn who(visit: &Value) -> String {
    let faces = visit["faces"].as_array().cloned().unwrap_or_default();
    let mut names: Vec<&str> = faces.iter().filter_map(|face| face["name"].as_str()).collect();
    match visit["who"].as_str() {
        Some("no_face") => return "no face seen".to_owned(),
        Some("not_checked") => return "faces were not checked".to_owned(),
        Some("unknown") => names.push("somebody unknown"),
        _ => {}
    }
    names.join(", ")
}
