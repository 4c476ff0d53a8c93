//! Asking about the house, and what was unusual in it.

use hearth_auth::{Access, Action, ask};
use hearth_hub::{Direction, NewQuestion};
use serde_json::json;

use crate::{
    failure::ToolError,
    parameter::{Kind, Usual, may, needs},
    tool::{Call, Output, Tool},
};

/// Most similar events of an answer.
const SIMILAR_MAX: i64 = 50;

/// Shown unless somebody asks for more.
const SIMILAR_USUAL: Usual = Usual::Integer(10);

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
                may("direction", Kind::Word(directions), "").usually(Usual::Word("both")),
                may("limit", Kind::Integer(1, SIMILAR_MAX), "").usually(SIMILAR_USUAL),
            ]),
        Tool::reads("insight_list", "List what was unusual", read, |call| Box::pin(insights(call)),
            "What was unusual in the last 24 hours, by counts of four weeks.")
            .heavy(),
    ]
}

/// Directions with their words.
const DIRECTIONS: [(Direction, &str); 3] =
    [(Direction::Both, "both"), (Direction::Later, "later"), (Direction::Earlier, "earlier")];

fn directions() -> Vec<&'static str> {
    DIRECTIONS.iter().map(|row| row.1).collect()
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
    let word = call.arguments.word("direction");
    let direction = DIRECTIONS.iter().find(|row| Some(row.1) == word);
    let direction = direction.map_or(Direction::Both, |row| row.0);
    let limit = call.arguments.limit() as usize;
    let event = call.id("event")?;
    let items = call.hub.similar_events(&grant, event, limit, direction).await?;
    Output::of(&json!({ "items": items }))
}

async fn insights(call: Call) -> Result<Output, ToolError> {
    let grant = call.house::<ask::ReadEvents>()?;
    Output::of(&call.hub.insights(&grant).await?)
}
