//! What somebody should look into.

use hearth_auth::{Access, Action, ask};
use hearth_hub::{AuditClass, IncidentQuery, IncidentState};

use crate::{
    failure::ToolError,
    parameter::{Kind, Parameter, Usual, may, needs},
    tool::{Call, Effect, Output, Tool},
};

/// Incidents of an answer unless somebody asks for more.
const INCIDENTS_USUAL: Usual = Usual::Integer(20);

/// Most incidents of an answer; each has a timeline.
const INCIDENTS_MAX: i64 = 100;

const INCIDENT: Parameter = needs("incident", Kind::Text(64), "Id of the incident.");

#[rustfmt::skip]
pub(crate) fn tools() -> Vec<Tool> {
    let read = Access::House(Action::ReadIncidents);
    vec![
        Tool::reads(
            "incident_list",
            "List incidents",
            read,
            |call| Box::pin(list_all(call)),
            "What somebody should look into, newest first, with its timeline.",
        )
        .takes(&[
            may("state", Kind::Word(states), "Only in this state."),
            may("limit", Kind::Integer(1, INCIDENTS_MAX), "").usually(INCIDENTS_USUAL),
        ]),
        Tool::reads(
            "incident_show",
            "Show an incident",
            read,
            |call| Box::pin(show(call)),
            "One incident with its timeline.",
        )
        .takes(&[INCIDENT]),
        Tool::reads(
            "incident_acknowledge",
            "Acknowledge an incident",
            Access::House(Action::ManageIncidents),
            |call| Box::pin(acknowledge(call)),
            "Says that somebody looks into it: it is told no more.",
        )
        .takes(&[INCIDENT])
        .with_effect(Effect::Sets, AuditClass::Configure),
    ]
}

/// States with their words.
const STATES: [(IncidentState, &str); 3] = [
    (IncidentState::Open, "open"),
    (IncidentState::Acknowledged, "acknowledged"),
    (IncidentState::Resolved, "resolved"),
];

fn states() -> Vec<&'static str> {
    STATES.iter().map(|row| row.1).collect()
}

async fn list_all(call: Call) -> Result<Output, ToolError> {
    let word = call.arguments.word("state");
    let state = STATES.iter().find(|row| Some(row.1) == word).map(|row| row.0);
    let query = IncidentQuery { state, ..IncidentQuery::default() };
    let mut incidents = call.hub.incidents(&call.house::<ask::ReadIncidents>()?, &query);
    incidents.truncate(call.arguments.limit() as usize);
    Output::named("incidents", &incidents)
}

async fn show(call: Call) -> Result<Output, ToolError> {
    Output::of(&call.hub.incident(&call.house::<ask::ReadIncidents>()?, call.id("incident")?)?)
}

async fn acknowledge(call: Call) -> Result<Output, ToolError> {
    let grant = call.house::<ask::ManageIncidents>()?;
    Output::of(&call.hub.acknowledge_incident(&grant, call.id("incident")?).await?)
}
