//! `incident list|show|acknowledge|resolve`: what was noticed, and what becomes of it.

use hearth_model::{IncidentId, WallTime};
use serde_json::{Value, json};

use super::tell;
use crate::{
    arguments::IncidentCommand,
    client::Client,
    failure::Failure,
    output::{self, table, time},
};

const STRANGE: Failure = Failure::Broken("The hub sent something that is no incident.");

#[derive(serde::Deserialize)]
struct List {
    incidents: Vec<Value>,
}

#[derive(serde::Deserialize)]
struct Incident {
    id: IncidentId,
    title: String,
    severity: String,
    state: String,
    last_at: WallTime,
    count: u64,
    timeline: Vec<Line>,
}

#[derive(serde::Deserialize)]
struct Line {
    at: WallTime,
    step: String,
    who: Option<Who>,
    text: String,
}

#[derive(serde::Deserialize)]
struct Who {
    kind: String,
    name: Option<String>,
}

pub(crate) async fn run(
    client: &Client,
    command: IncidentCommand,
    json: bool,
) -> Result<(), Failure> {
    match command {
        IncidentCommand::List { all } => list(client, all, json).await,
        IncidentCommand::Show { incident } => show(&client.get(&path(incident, "")).await?, json),
        IncidentCommand::Acknowledge { incident } => {
            let done: Value = client.post(&path(incident, "/acknowledge"), &json!({})).await?;
            tell(json, &done, "You look into it; it is told no more.")
        }
        IncidentCommand::Resolve { incident, text } => {
            let body = json!({ "text": text });
            let done: Value = client.post(&path(incident, "/resolve"), &body).await?;
            tell(json, &done, "It is settled.")
        }
    }
}

fn path(incident: IncidentId, rest: &str) -> String {
    format!("/api/v1/incidents/{incident}{rest}")
}

async fn list(client: &Client, all: bool, json: bool) -> Result<(), Failure> {
    let list: List = client.get("/api/v1/incidents").await?;
    let is_wanted = |incident: &Value| all || incident.get("state") != Some(&json!("resolved"));
    let wanted: Vec<Value> = list.incidents.into_iter().filter(is_wanted).collect();
    if json {
        return Ok(output::json(&json!({ "incidents": wanted }))?);
    }
    if wanted.is_empty() {
        return Ok(output::line("Nothing waits.")?);
    }
    let mut rows = Vec::new();
    for incident in wanted {
        let incident: Incident = serde_json::from_value(incident).map_err(|_| STRANGE)?;
        rows.push(vec![
            time(incident.last_at),
            incident.severity,
            incident.state,
            incident.count.to_string(),
            incident.title,
            incident.id.to_string(),
        ]);
    }
    Ok(table(&["LAST", "SEVERITY", "STATE", "TIMES", "WHAT", "ID"], &rows)?)
}

fn show(incident: &Value, json: bool) -> Result<(), Failure> {
    if json {
        return Ok(output::json(incident)?);
    }
    let incident: Incident = serde_json::from_value(incident.clone()).map_err(|_| STRANGE)?;
    let Incident { title, severity, state, count, timeline, .. } = incident;
    output::line(&format!("{title}\n{severity}, {state}, {count} times"))?;
    for Line { at, step, who, text } in timeline {
        let who = who.map(|who| who.name.unwrap_or(who.kind)).unwrap_or_default();
        let line = format!("{}  {step:<12} {who:<12} {text}", time(at));
        output::line(line.trim_end())?;
    }
    Ok(())
}
