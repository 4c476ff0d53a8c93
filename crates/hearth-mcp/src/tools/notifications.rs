//! Who is told, and whether a message gets there.

use hearth_auth::{Access, Action, ask};
use hearth_hub::{AuditClass, DeliveryQuery, RecipientView};
use hearth_model::IncidentId;
use serde_json::{Value, json};

use crate::{
    failure::ToolError,
    parameter::{Kind, Usual, may, needs},
    tool::{Call, Effect, Output, Tool},
};

/// Deliveries of an answer unless somebody asks for more.
const DELIVERIES_USUAL: Usual = Usual::Integer(20);

/// Most deliveries of an answer.
const DELIVERIES_MAX: i64 = 100;

#[rustfmt::skip]
pub(crate) fn tools() -> Vec<Tool> {
    let manage = Access::House(Action::ManageNotifications);
    vec![
        Tool::reads("recipient_list", "List who is told", manage, |call| Box::pin(list_all(call)),
            "Who is told what happens, by which kind of channel, and how much waits. Never an address."),
        Tool::reads("notification_list", "List what was told", Access::House(Action::ManageIncidents),
            |call| Box::pin(deliveries(call)),
            "What was told to whom and what became of it, newest first. Never what it said.")
            .takes(&[
                may("incident", Kind::Text(64), "Only of this incident, by its id."),
                may("limit", Kind::Integer(1, DELIVERIES_MAX), "").usually(DELIVERIES_USUAL),
            ]),
        Tool::reads("notification_test", "Send a test message", manage, |call| Box::pin(test(call)),
            "Sends a recipient a fixed text at once; says whether the service took it and how long that took.")
            .takes(&[needs("recipient", Kind::Text(64), "Id of the recipient.")])
            .with_effect(Effect::Acts, AuditClass::Configure).heavy(),
    ]
}

async fn list_all(call: Call) -> Result<Output, ToolError> {
    let recipients = call.hub.recipients(&call.house::<ask::ManageNotifications>()?).await?;
    let recipients: Vec<Value> = recipients.iter().map(shown).collect();
    Output::named("recipients", &recipients)
}

/// Without addresses, chats and topics: whoever knows a topic can send to it.
fn shown(recipient: &RecipientView) -> Value {
    json!({
        "id": recipient.id,
        "name": recipient.name,
        "channel": recipient.channel,
        "channel_kind": recipient.channel_kind,
        "enabled": recipient.enabled,
        "waiting": recipient.waiting,
    })
}

async fn deliveries(call: Call) -> Result<Output, ToolError> {
    let grant = call.house::<ask::ManageIncidents>()?;
    let matter = match call.arguments.text("incident") {
        Some(_) => Some(call.id::<IncidentId>("incident")?.to_string()),
        None => None,
    };
    let limit = Some(call.arguments.limit());
    let query = DeliveryQuery { matter, limit, ..DeliveryQuery::default() };
    Output::named("deliveries", &call.hub.deliveries(&grant, query).await?.deliveries)
}

async fn test(call: Call) -> Result<Output, ToolError> {
    let grant = call.house::<ask::ManageNotifications>()?;
    Output::of(&call.hub.test_notification(&grant, call.id("recipient")?).await?)
}
