//! People who are known: their names and whether they agreed. Never a face, nor how it is described.

use hearth_auth::{Access, Action, ask};
use hearth_hub::{AuditClass, GroupName, PersonView};
use serde_json::{Value, json};

use crate::{
    failure::ToolError,
    tool::{Call, Output, Tool},
};

#[rustfmt::skip]
pub(crate) fn tools() -> Vec<Tool> {
    let manage = Access::House(Action::ManagePeople);
    vec![
        Tool::reads(
            "person_list",
            "List known people",
            manage,
            |call| Box::pin(list_all(call)),
            "Who may be recognised: name, groups, whether they agreed and until when, when they came last.",
        )
        .recorded_as(AuditClass::Person),
    ]
}

async fn list_all(call: Call) -> Result<Output, ToolError> {
    let grant = call.house::<ask::ManagePeople>()?;
    let people = call.hub.people(&grant).await?;
    let shown = |person| shown(person, &call.hub.groups_of_person(&grant, person.id));
    let people: Vec<Value> = people.iter().map(shown).collect();
    Output::named("people", &people)
}

/// Named one by one, so that nothing that is added to a person later gets out here by itself.
fn shown(person: &PersonView, groups: &[GroupName]) -> Value {
    json!({
        "id": person.id,
        "name": person.name,
        "state": person.state,
        "groups": groups,
        "expires_at": person.consent.as_ref().and_then(|consent| consent.expires_at),
        "visits": person.visits,
        "last_seen": person.last_seen,
    })
}
