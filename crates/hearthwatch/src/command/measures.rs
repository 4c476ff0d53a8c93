//! `energy` and `climate`: what devices measured.

use std::time::{SystemTime, UNIX_EPOCH};

use hearth_model::WallTime;
use serde_json::Value;

use crate::{
    arguments::measures::{ClimateArguments, EnergyArguments},
    client::Client,
    failure::Failure,
    output,
};

/// A week, if nobody says from when.
const ENERGY_DAYS: i64 = 7;

pub(crate) async fn energy(
    client: &Client,
    arguments: EnergyArguments,
    json: bool,
) -> Result<(), Failure> {
    let to = arguments.to.unwrap_or_else(now);
    let from =
        arguments.from.unwrap_or_else(|| to.plus_micros(-ENERGY_DAYS * WallTime::MICROS_A_DAY));
    let step = arguments.step.name();
    let target = format!("/api/v1/energy?from={from}&to={to}&step={step}");
    let answer: Value = client.get(&target).await?;
    if json {
        return Ok(output::json(&answer)?);
    }
    let names = names(client).await?;
    let currency = answer["tariff"]["currency"].as_str().unwrap_or_default();
    let row = |plug: &Value| {
        let buckets = plug["buckets"].as_array().into_iter().flatten();
        let used = buckets.filter_map(|one| one["wh"].as_f64()).reduce(|a, b| a + b);
        let kwh = used.map(|wh| wh / 1_000.0);
        vec![
            name_of(&names, &plug["device"]),
            shown(plug["power_watts"].as_f64(), 1, "W"),
            shown(plug["today_wh"].as_f64(), 0, "Wh"),
            shown(kwh, 3, "kWh"),
            shown(plug["cost"].as_f64(), 2, currency),
            plug["history"].as_str().unwrap_or("-").to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> =
        answer["plugs"].as_array().into_iter().flatten().map(row).collect();
    if rows.is_empty() {
        return Ok(output::line("No plug yet.")?);
    }
    Ok(output::table(&["PLUG", "NOW", "TODAY", "USED", "COST", "HISTORY"], &rows)?)
}

pub(crate) async fn climate(
    client: &Client,
    arguments: ClimateArguments,
    json: bool,
) -> Result<(), Failure> {
    let to = arguments.to.unwrap_or_else(now);
    let from = arguments.from.unwrap_or_else(|| to.plus_micros(-WallTime::MICROS_A_DAY));
    let answer: Value = client.get(&format!("/api/v1/climate?from={from}&to={to}")).await?;
    if json {
        return Ok(output::json(&answer)?);
    }
    let row = |room: &Value| {
        let points: Vec<f64> =
            room["points"].as_array().into_iter().flatten().filter_map(celsius).collect();
        vec![
            room["name"].as_str().unwrap_or("-").to_owned(),
            shown(room["temperature"].as_f64(), 1, "°C"),
            shown(room["set_point"].as_f64(), 1, "°C"),
            shown(points.iter().copied().reduce(f64::min), 1, "°C"),
            shown(points.iter().copied().reduce(f64::max), 1, "°C"),
            room["history"].as_str().unwrap_or("-").to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> =
        answer["rooms"].as_array().into_iter().flatten().map(row).collect();
    if rows.is_empty() {
        return Ok(output::line("Nothing measures a temperature yet.")?);
    }
    Ok(output::table(&["ROOM", "NOW", "WANTED", "LEAST", "MOST", "HISTORY"], &rows)?)
}

fn celsius(point: &Value) -> Option<f64> {
    point["celsius"].as_f64()
}

fn now() -> WallTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    WallTime::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// Ids of devices with their names.
async fn names(client: &Client) -> Result<Vec<(Value, String)>, Failure> {
    let listed: Value = client.get("/api/v1/devices").await?;
    let devices = listed["devices"].as_array().into_iter().flatten();
    let named = |one: &Value| (one["id"].clone(), one["name"].as_str().unwrap_or("-").to_owned());
    Ok(devices.map(named).collect())
}

fn name_of(names: &[(Value, String)], id: &Value) -> String {
    names.iter().find(|row| row.0 == *id).map_or_else(|| "-".to_owned(), |row| row.1.clone())
}

/// A number with its unit; a dash for what nobody said.
fn shown(value: Option<f64>, digits: usize, unit: &str) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$} {unit}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_said_is_a_dash_and_not_a_zero() {
        assert_eq!(shown(None, 1, "W"), "-");
        assert_eq!(shown(Some(0.0), 1, "W"), "0.0 W");
        assert_eq!(shown(Some(1.2345), 3, "kWh"), "1.234 kWh");
    }
}
