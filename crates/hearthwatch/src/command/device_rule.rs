//! `device schedule|limit list|add|remove`.

use serde_json::{Value, json};

use super::{
    device::{path_of, value_of},
    tell,
};
use crate::{
    arguments::device_rule::{LimitAddArguments, LimitCommand, ScheduleCommand},
    client::Client,
    failure::Failure,
    output,
};

pub(crate) async fn schedule(
    client: &Client,
    command: ScheduleCommand,
    json: bool,
) -> Result<(), Failure> {
    match command {
        ScheduleCommand::List { device } => {
            let listed: Value = client.get(&path_of(client, &device, "/schedules").await?).await?;
            let row = |one: &Value| {
                let days: Vec<&str> = one["days"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .collect();
                let set = format!("{} = {}", plain(&one["control"]), plain(&one["value"]));
                vec![plain(&one["id"]), plain(&one["at"]), days.join(","), set, state(one)]
            };
            list(json, &listed, "schedules", &["ID", "AT", "DAYS", "SETS", "STATE"], row)
        }
        ScheduleCommand::Add { device, at, control, value, days } => {
            let body = json!({
                "at": at, "days": days, "control": control, "value": value_of(&value), "is_on": true,
            });
            let path = path_of(client, &device, "/schedules").await?;
            let made: Value = client.post(&path, &body).await?;
            let text = format!("{device}: {control} is set to {value} at {at} from now on.");
            tell(json, &made, &text)
        }
        ScheduleCommand::Remove { device, schedule } => {
            remove(client, &device, &format!("/schedules/{schedule}"), json).await
        }
    }
}

pub(crate) async fn limit(
    client: &Client,
    command: LimitCommand,
    json: bool,
) -> Result<(), Failure> {
    match command {
        LimitCommand::List { device } => {
            let listed: Value = client.get(&path_of(client, &device, "/limits").await?).await?;
            let row = |one: &Value| {
                let edge = match (one["above"].as_f64(), one["below"].as_f64()) {
                    (Some(above), _) => format!("above {above}"),
                    (None, below) => format!("below {}", below.unwrap_or_default()),
                };
                let lasts = format!("{} s", plain(&one["for_seconds"]));
                let then = plain(&one["then"]);
                vec![plain(&one["id"]), plain(&one["reading"]), edge, lasts, then, state(one)]
            };
            let head = ["ID", "READING", "LIMIT", "FOR", "THEN", "STATE"];
            list(json, &listed, "limits", &head, row)
        }
        LimitCommand::Add(arguments) => {
            let path = path_of(client, &arguments.device, "/limits").await?;
            let made: Value = client.post(&path, &body_of(&arguments)).await?;
            let text = format!("{}: {} is watched.", arguments.device, arguments.reading);
            tell(json, &made, &text)
        }
        LimitCommand::Remove { device, limit } => {
            remove(client, &device, &format!("/limits/{limit}"), json).await
        }
    }
}

/// The side that is not there must be absent.
fn body_of(arguments: &LimitAddArguments) -> Value {
    let (side, edge) = match (arguments.above, arguments.below) {
        (Some(above), _) => ("above", above),
        (None, below) => ("below", below.unwrap_or_default()),
    };
    json!({
        "reading": arguments.reading,
        side: edge,
        "for_seconds": arguments.for_seconds,
        "then": if arguments.turn_off { "turn_off" } else { "event" },
        "is_on": true,
    })
}

fn list(
    json: bool,
    listed: &Value,
    name: &str,
    head: &[&str],
    row: impl Fn(&Value) -> Vec<String>,
) -> Result<(), Failure> {
    if json {
        return Ok(output::json(listed)?);
    }
    let rows: Vec<Vec<String>> = listed[name].as_array().into_iter().flatten().map(row).collect();
    if rows.is_empty() {
        return Ok(output::line(&format!("No {name} yet."))?);
    }
    Ok(output::table(head, &rows)?)
}

async fn remove(client: &Client, device: &str, rest: &str, json: bool) -> Result<(), Failure> {
    client.delete(&path_of(client, device, rest).await?).await?;
    tell(json, &json!({ "removed": true }), "It was removed.")
}

fn state(one: &Value) -> String {
    if one["is_on"] == true { "on" } else { "off" }.to_owned()
}

/// Without the quotes of JSON.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_has_one_side() {
        let arguments = LimitAddArguments {
            device: "Heater".to_owned(),
            reading: "power".to_owned(),
            above: None,
            below: Some(-2.5),
            for_seconds: 60,
            turn_off: true,
        };
        let expected = json!({"reading": "power", "below": -2.5, "for_seconds": 60,
            "then": "turn_off", "is_on": true});
        assert_eq!(body_of(&arguments), expected);
    }
}
