//! `alarm show|arm|disarm|panic|acknowledge|setup|pins|set-pin|remove-pin`: the alarm of the house.

use std::path::Path;

use hearth_secret::SecretString;
use serde_json::{Value, json};

use super::{read_json_file, tell};
use crate::{
    arguments::alarm::AlarmCommand,
    client::{Client, target},
    failure::Failure,
    output,
};

const ALARM: &str = "/api/v1/alarm";
const SETUP: &str = "/api/v1/alarm/setup";
const PINS: &str = "/api/v1/alarm/pins";

/// A PIN and another for when somebody is forced to disarm.
#[derive(Default)]
pub(crate) struct PinsGiven {
    pub(crate) pin: Option<SecretString>,
    pub(crate) duress_pin: Option<SecretString>,
}

#[derive(serde::Serialize)]
struct PinBody<'a> {
    pin: &'a str,
    purpose: &'static str,
}

#[derive(serde::Serialize)]
struct NewPin<'a> {
    holder: &'a str,
    pin: &'a str,
    duress_pin: Option<&'a str>,
}

pub(crate) async fn run(
    client: &Client,
    command: AlarmCommand,
    given: PinsGiven,
    json: bool,
) -> Result<(), Failure> {
    match command {
        AlarmCommand::Show => show(&client.get(ALARM).await?, json),
        AlarmCommand::Arm { mode, anyway } => {
            let body = json!({ "mode": mode.name(), "anyway": anyway });
            show(&client.put("/api/v1/alarm/mode", &body).await?, json)
        }
        AlarmCommand::Disarm { false_alarm, .. } => {
            show(&disarm(client, given.pin.as_ref(), false_alarm).await?, json)
        }
        AlarmCommand::Panic { silent } => {
            client.tell("/api/v1/alarm/panic", &json!({ "silent": silent })).await?;
            tell(json, &json!({ "called": true }), "Done.")
        }
        AlarmCommand::Acknowledge => {
            show(&client.post("/api/v1/alarm/acknowledge", &json!({})).await?, json)
        }
        AlarmCommand::Setup { file: None } => {
            let setup: Value = client.get(SETUP).await?;
            Ok(output::json(&setup)?)
        }
        AlarmCommand::Setup { file: Some(file) } => set_up(client, &file, json).await,
        AlarmCommand::Pins => list(&client.get(PINS).await?, json),
        AlarmCommand::SetPin { holder, .. } => {
            let body = NewPin {
                holder: &holder,
                pin: given.pin.as_ref().map_or("", |pin| pin.expose()),
                duress_pin: given.duress_pin.as_ref().map(|pin| pin.expose().as_str()),
            };
            list(&client.put_secret(PINS, &body).await?, json)
        }
        AlarmCommand::RemovePin { holder } => {
            client.delete(&target(PINS, &[("holder", holder.clone())])).await?;
            tell(json, &json!({ "removed": holder }), "Removed.")
        }
    }
}

async fn disarm(
    client: &Client,
    pin: Option<&SecretString>,
    false_alarm: bool,
) -> Result<Value, Failure> {
    let Some(pin) = pin else {
        return client.put("/api/v1/alarm/mode", &json!({ "mode": "disarmed" })).await;
    };
    let purpose = if false_alarm { "false_alarm" } else { "disarm" };
    client.post_secret("/api/v1/alarm/pin", &PinBody { pin: pin.expose(), purpose }).await
}

async fn set_up(client: &Client, file: &Path, json: bool) -> Result<(), Failure> {
    let setup: Value = client.put(SETUP, &read_json_file(file)?).await?;
    tell(json, &setup, "Set up.")
}

fn show(alarm: &Value, json: bool) -> Result<(), Failure> {
    if json {
        return Ok(output::json(alarm)?);
    }
    let word = |key: &str| alarm[key].as_str().unwrap_or_default();
    let text = match word("state") {
        "disarmed" => "The house is disarmed.".to_owned(),
        "arming" => format!("The house will be armed for {} at {}.", word("mode"), word("until")),
        "armed" => format!("The house is armed for {}.", word("mode")),
        "entering" => format!("Somebody came in. Disarm until {}.", word("until")),
        _ => "ALARM. It goes on until somebody disarms.".to_owned(),
    };
    output::line(&text)?;
    let rows: Vec<Vec<String>> = alarm["modes"].as_array().into_iter().flatten().map(row).collect();
    Ok(output::table(&["MODE", "EXIT", "ENTRY", "WATCHED", "NOT READY"], &rows)?)
}

fn row(mode: &Value) -> Vec<String> {
    let seconds = |key: &str| format!("{} s", mode[key]);
    let not_ready = mode["not_ready"].as_array().into_iter().flatten();
    let not_ready: Vec<&str> = not_ready.filter_map(Value::as_str).collect();
    vec![
        mode["mode"].as_str().unwrap_or("-").to_owned(),
        seconds("exit_seconds"),
        seconds("entry_seconds"),
        mode["watches"].to_string(),
        if not_ready.is_empty() { "-".to_owned() } else { not_ready.join("; ") },
    ]
}

fn list(pins: &Value, json: bool) -> Result<(), Failure> {
    if json {
        return Ok(output::json(pins)?);
    }
    let row = |pin: &Value| {
        let duress = if pin["has_duress_pin"] == true { "yes" } else { "no" };
        vec![pin["holder"].as_str().unwrap_or("-").to_owned(), duress.to_owned()]
    };
    let rows: Vec<Vec<String>> = pins["pins"].as_array().into_iter().flatten().map(row).collect();
    Ok(output::table(&["HOLDER", "FOR DURESS"], &rows)?)
}
