//! `hold add|list|remove`: footage protected from retention.

use hearth_model::{CameraId, HoldId, WallTime};
use serde_json::{Value, json};

use super::{CameraList, find_camera, tell};
use crate::{
    arguments::{HoldAddArguments, HoldCommand},
    client::Client,
    failure::Failure,
    output::{self, table, time},
};

#[derive(serde::Deserialize)]
struct List {
    holds: Vec<Hold>,
}

#[derive(serde::Deserialize)]
struct Hold {
    id: HoldId,
    camera: CameraId,
    from: WallTime,
    to: WallTime,
    reason: String,
    until: Option<WallTime>,
}

pub(crate) async fn run(client: &Client, command: HoldCommand, json: bool) -> Result<(), Failure> {
    match command {
        HoldCommand::Add(arguments) => add(client, arguments, json).await,
        HoldCommand::List => list(client, json).await,
        HoldCommand::Remove { hold } => {
            client.delete(&format!("/api/v1/holds/{hold}")).await?;
            tell(json, &json!({ "removed": hold }), "The protection has ended.")
        }
    }
}

async fn add(client: &Client, arguments: HoldAddArguments, json: bool) -> Result<(), Failure> {
    if arguments.from >= arguments.to {
        return Err(Failure::Usage("--from must be before --to.".to_owned()));
    }
    let camera = find_camera(client, &arguments.camera).await?;
    let body = json!({
        "camera": camera.id,
        "from": arguments.from,
        "to": arguments.to,
        "reason": arguments.reason,
        "until": arguments.until,
    });
    let hold: Value = client.post("/api/v1/holds", &body).await?;
    let id = hold.get("id").and_then(Value::as_str).unwrap_or_default();
    tell(json, &hold, &format!("Protected as {id}."))
}

async fn list(client: &Client, json: bool) -> Result<(), Failure> {
    let list: Value = client.get("/api/v1/holds").await?;
    if json {
        return Ok(output::json(&list)?);
    }
    let list: List = serde_json::from_value(list)
        .map_err(|_| Failure::Broken("The hub sent something that is no list of holds."))?;
    if list.holds.is_empty() {
        return Ok(output::line("Nothing is protected.")?);
    }
    let cameras: CameraList = client.get("/api/v1/cameras").await?;
    let name = |id: CameraId| {
        let camera = cameras.cameras.iter().find(|camera| camera.id == id);
        camera.map_or_else(|| id.to_string(), |camera| camera.name.to_string())
    };
    let rows: Vec<Vec<String>> = list
        .holds
        .into_iter()
        .map(|hold| {
            let until = hold.until.map_or_else(|| "removed".to_owned(), time);
            vec![
                name(hold.camera),
                time(hold.from),
                time(hold.to),
                until,
                hold.reason,
                hold.id.to_string(),
            ]
        })
        .collect();
    Ok(table(&["CAMERA", "FROM", "TO", "KEPT UNTIL", "REASON", "ID"], &rows)?)
}
