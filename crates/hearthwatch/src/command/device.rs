//! `device list|show|discover|add|set|do|remove|credentials|trust|schedule|limit`.

use hearth_secret::SecretString;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::{device_rule, find_camera, show, tell};
use crate::{
    arguments::device::{DeviceAddArguments, DeviceCommand},
    client::Client,
    failure::Failure,
    output,
};

const DEVICES: &str = "/api/v1/devices";

pub(crate) async fn run(
    client: &Client,
    command: DeviceCommand,
    password: Option<SecretString>,
    json: bool,
) -> Result<(), Failure> {
    match command {
        DeviceCommand::List => list(client, json).await,
        DeviceCommand::Show { device } => show(json, &find(client, &device).await?),
        DeviceCommand::Discover { addresses } => discover(client, &addresses, json).await,
        DeviceCommand::Add(arguments) => add(client, arguments, password, json).await,
        DeviceCommand::Set { device, control, value } => {
            let path = path_of(client, &device, &format!("/controls/{control}")).await?;
            let body = json!({ "value": value_of(&value) });
            let set: Value = client.put(&path, &body).await?;
            tell(json, &set, &format!("{device}: {control} is {value}."))
        }
        DeviceCommand::Do { device, action, arguments } => {
            let path = path_of(client, &device, &format!("/actions/{action}")).await?;
            let body = Value::Object(arguments_of(&arguments)?);
            client.tell(&path, &body).await?;
            tell(json, &json!({ "done": true }), &format!("{device}: {action} was done."))
        }
        DeviceCommand::Remove { device } => {
            client.delete(&path_of(client, &device, "").await?).await?;
            tell(json, &json!({ "removed": true }), &format!("{device} was removed."))
        }
        DeviceCommand::Credentials { device, username, .. } => {
            let path = path_of(client, &device, "/credentials").await?;
            let body = Account { username: &username, password: exposed(&password) };
            let device: Value = client.put_secret(&path, &body).await?;
            show(json, &device)
        }
        DeviceCommand::Trust { device, fingerprint } => {
            let path = path_of(client, &device, "/certificate").await?;
            let body = json!({ "fingerprint": fingerprint });
            show(json, &client.post::<Value>(&path, &body).await?)
        }
        DeviceCommand::Room { room, value } => {
            switch_room(client, &room, value == "on", json).await
        }
        DeviceCommand::Schedule(command) => device_rule::schedule(client, command, json).await,
        DeviceCommand::Limit(command) => device_rule::limit(client, command, json).await,
    }
}

/// User name and, only borrowed, password.
#[derive(serde::Serialize)]
struct Account<'a> {
    username: &'a str,
    password: Option<&'a str>,
}

/// A device and, only borrowed, its password.
#[derive(serde::Serialize)]
struct WithPassword<'a> {
    #[serde(flatten)]
    device: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
}

fn exposed(password: &Option<SecretString>) -> Option<&str> {
    password.as_ref().map(|password| password.expose().as_str())
}

async fn all(client: &Client) -> Result<Vec<Value>, Failure> {
    let list: Value = client.get(DEVICES).await?;
    Ok(list["devices"].as_array().cloned().unwrap_or_default())
}

/// The device of that name or id.
async fn find(client: &Client, named: &str) -> Result<Value, Failure> {
    let is_it = |device: &Value| device["name"] == named || device["id"] == named;
    all(client).await?.into_iter().find(is_it).ok_or_else(|| Failure::Refused {
        code: "no_such_device".to_owned(),
        message: format!("There is no device called {named:?}. See: hearthwatch device list"),
    })
}

pub(super) async fn path_of(client: &Client, named: &str, rest: &str) -> Result<String, Failure> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_/".contains(c);
    if !rest.chars().all(is_plain) {
        let text = "Controls and actions are words; see: hearthwatch device show DEVICE";
        return Err(Failure::Usage(text.to_owned()));
    }
    let device = find(client, named).await?;
    Ok(format!("{DEVICES}/{}{rest}", device["id"].as_str().unwrap_or_default()))
}

async fn list(client: &Client, json: bool) -> Result<(), Failure> {
    let devices = all(client).await?;
    if json {
        return Ok(output::json(&json!({ "devices": devices }))?);
    }
    if devices.is_empty() {
        let text = "No device yet. Look for some: hearthwatch device discover";
        return Ok(output::line(text)?);
    }
    let rows: Vec<Vec<String>> = devices
        .iter()
        .map(|device| {
            let state = match device["reason"].as_str() {
                Some(reason) => format!("{}: {reason}", text(device, "state")),
                None => text(device, "state"),
            };
            let safe = if device["is_insecure"] == true { "INSECURE" } else { "-" };
            ["name", "room", "family"]
                .map(|key| text(device, key))
                .into_iter()
                .chain([state, safe.to_owned()])
                .collect()
        })
        .collect();
    Ok(output::table(&["NAME", "ROOM", "FAMILY", "STATE", "CONTROL"], &rows)?)
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or("-").to_owned()
}

async fn discover(client: &Client, addresses: &[String], json: bool) -> Result<(), Failure> {
    let body = json!({ "addresses": addresses });
    let target = format!("{DEVICES}/discover");
    let answer: Value = client.post(&target, &body).await?;
    if json {
        return Ok(output::json(&answer)?);
    }
    let found = answer["found"].as_array().cloned().unwrap_or_default();
    for failed in answer["failed"].as_array().into_iter().flatten() {
        eprintln!("hearthwatch: {}: {}", text(failed, "what"), text(failed, "reason"));
    }
    if found.is_empty() {
        return Ok(output::line("No device answered.")?);
    }
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|one| {
            ["address", "family", "model", "name", "mac", "known_as"]
                .map(|key| text(one, key))
                .into()
        })
        .collect();
    Ok(output::table(&["ADDRESS", "FAMILY", "MODEL", "NAME", "MAC", "KNOWN AS"], &rows)?)
}

async fn add(
    client: &Client,
    arguments: DeviceAddArguments,
    password: Option<SecretString>,
    json: bool,
) -> Result<(), Failure> {
    let camera = match &arguments.camera {
        Some(named) => Some(find_camera(client, named).await?.id),
        None => None,
    };
    let body = json!({
        "name": arguments.name,
        "family": arguments.family,
        "address": arguments.address,
        "room": arguments.room,
        "camera": camera,
        "username": arguments.username,
        "fingerprint": arguments.fingerprint,
    });
    let body = WithPassword { device: &body, password: exposed(&password) };
    let device: Value = client.post_secret(DEVICES, &body).await?;
    let words = match (device["is_insecure"].as_bool(), device["fingerprint"].as_str()) {
        (Some(true), _) => "It is INSECURE: others in the network could command it.".to_owned(),
        (_, Some(fingerprint)) => format!("Pinned to {fingerprint}."),
        _ => String::new(),
    };
    tell(json, &device, format!("{} was added. {words}", text(&device, "name")).trim_end())
}

/// Fails if one of the devices did not acknowledge.
async fn switch_room(client: &Client, room: &str, is_on: bool, json: bool) -> Result<(), Failure> {
    let answer: Value = client.post(&commands_of(room), &json!({ "power": is_on })).await?;
    let results = answer["results"].as_array().cloned().unwrap_or_default();
    if json {
        output::json(&answer)?;
    } else {
        let row = |one: &Value| {
            let result = if one["done"] == true { "done" } else { "failed" };
            vec![text(one, "name"), result.to_owned(), text(one, "reason")]
        };
        let rows: Vec<Vec<String>> = results.iter().map(row).collect();
        output::table(&["DEVICE", "RESULT", "REASON"], &rows)?;
    }
    match results.iter().all(|one| one["done"] == true) {
        true => Ok(()),
        false => Err(Failure::Broken("not every device acknowledged it")),
    }
}

/// Where a room is commanded: its name is one part of a path, whatever it holds.
fn commands_of(room: &str) -> String {
    format!("/api/v1/rooms/{}/commands", utf8_percent_encode(room, NON_ALPHANUMERIC))
}

/// `on` and `off` are switches, numbers are numbers, the rest are words.
pub(super) fn value_of(text: &str) -> Value {
    match text {
        "on" | "true" => Value::Bool(true),
        "off" | "false" => Value::Bool(false),
        text => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => json!(number),
            _ => json!(text),
        },
    }
}

pub(super) fn arguments_of(texts: &[String]) -> Result<Map<String, Value>, Failure> {
    let pairs = texts.iter().map(|text| {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| Failure::Usage("Arguments are like pan=10.".to_owned()))?;
        Ok((name.to_owned(), value_of(value)))
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_one_part_of_a_path() {
        let path = commands_of("Hall/../x \u{fc}");
        assert_eq!(path, "/api/v1/rooms/Hall%2F%2E%2E%2Fx%20%C3%BC/commands");
    }

    #[test]
    fn values_are_switches_numbers_or_words() {
        assert_eq!(value_of("on"), json!(true));
        assert_eq!(value_of("40"), json!(40.0));
        assert_eq!(value_of("auto"), json!("auto"));
        assert_eq!(value_of("NaN"), json!("NaN"));
        let arguments = arguments_of(&["pan=10".to_owned(), "direction=left".to_owned()]);
        let arguments = Value::Object(arguments.expect("pairs"));
        assert_eq!(arguments, json!({"pan": 10.0, "direction": "left"}));
        assert!(arguments_of(&["pan".to_owned()]).is_err());
    }
}
