//! Asking about the house, and what was unusual in it.

use hearth_auth::{Access, Action, ask};
use hearth_hub::{Direction, NewQuestion};
use serde_json::json;

use crate::{
    failure::ToolError,
    parameter::{Kind, may, needs},
    tool::{Call, Output, Tool},
};

/// Most similar events of an answer.
const SIMILAR_MAX: i64 = 50;

/// Shown unless somebody asks for more.
const SIMILAR_USUAL: u32 = 10;

#[rustfmt::skip]
pub(crate) fn tools() -> Vec<Tool> {
    let read = Access::House(Action::ReadEvents);
    vec![
        Tool::reads("ask", "Ask about the house", read, |call| Box::pin(question(call)),
            "Answers what, when, which camera, how many, who, first, last, longest, more or less, is it on: counted by the hub, with evidence. `conversation` goes on.")
            .takes(&[
                needs("question", Kind::Text(300), "In English, e.g. `How many people were at the front door yesterday?`"),
                may("conversation", Kind::Text(64), "Of the answer before."),
            ])
            .says(&["conversation"]),
        Tool::reads("similar_events", "Find similar events", read, |call| Box::pin(similar(call)),
            "Activities most like one, in order of time, with why.")
            .takes(&[
                needs("event", Kind::Text(64), "Id of an activity."),
                may("direction", Kind::Word(|| vec!["both", "later", "earlier"]), "Both unless given."),
                may("limit", Kind::Integer(1, SIMILAR_MAX), "10 unless given."),
            ]),
        Tool::reads("insight_list", "List what was unusual", read, |call| Box::pin(insights(call)),
            "What was unusual in the last 24 hours, by counts of four weeks.")
            .heavy(),
    ]
}

async fn question(call: Call) -> Result<Output, ToolError> {
    let grant = call.house::<ask::ReadEvents>()?;
    let text = call.arguments.text("question").unwrap_or_default().to_owned();
    let conversation = call.arguments.text("conversation").map(str::parse).transpose();
    let conversation = conversation.map_err(|_| ToolError::not_found("conversation"))?;
    Output::of(&call.hub.ask(&grant, NewQuestion { text, conversation }).await?)
}

async fn similar(call: Call) -> Result<Output, ToolError> {
    let grant = call.house::<ask::ReadEvents>()?;
    let direction = match call.arguments.word("direction") {
        Some("later") => Direction::Later,
        Some("earlier") => Direction::Earlier,
        _ => Direction::Both,
    };
    let limit = call.arguments.limit(SIMILAR_USUAL) as usize;
    let event = call.id("event")?;
    let items = call.hub.similar_events(&grant, event, limit, direction).await?;
    Output::of(&json!({ "items": items }))
}

async fn insights(call: Call) -> Result<Output, ToolError> {
    let grant = call.house::<ask::ReadEvents>()?;
    Output::of(&call.hub.insights(&grant).await?)
}
