//! `privacy show|on|off`: the house's privacy switch.

use serde_json::{Value, json};

use super::CameraList;
use crate::{arguments::measures::PrivacyCommand, client::Client, failure::Failure, output};

const PRIVACY: &str = "/api/v1/house/privacy";

pub(crate) async fn run(
    client: &Client,
    command: PrivacyCommand,
    json: bool,
) -> Result<(), Failure> {
    let answer: Value = match command {
        PrivacyCommand::Show => client.get(PRIVACY).await?,
        PrivacyCommand::On { until } => {
            client.put(PRIVACY, &json!({ "is_on": true, "until": until })).await?
        }
        PrivacyCommand::Off => client.put(PRIVACY, &json!({ "is_on": false })).await?,
    };
    if json {
        return Ok(output::json(&answer)?);
    }
    let text = match (answer["is_on"].as_bool(), answer["until"].as_str()) {
        (Some(true), Some(until)) => format!("Cameras are closed until {until}."),
        (Some(true), None) => "Cameras are closed.".to_owned(),
        _ => "Cameras are open.".to_owned(),
    };
    output::line(&text)?;
    let list: CameraList = client.get("/api/v1/cameras").await?;
    let name = |id: &Value| {
        let camera = list.cameras.iter().find(|one| Some(&*one.id.to_string()) == id.as_str());
        camera.map_or_else(|| "-".to_owned(), |camera| camera.name.to_string())
    };
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let row = |one: &Value| {
        vec![name(&one["camera"]), word(&one["how"]), word(&one["result"]), word(&one["reason"])]
    };
    let rows: Vec<Vec<String>> =
        answer["cameras"].as_array().into_iter().flatten().map(row).collect();
    if rows.is_empty() {
        return Ok(());
    }
    Ok(output::table(&["CAMERA", "BY", "RESULT", "REASON"], &rows)?)
}
