//! Who came to a door.

use hearth_auth::{Access, Action, ask};
use hearth_hub::{AuditClass, VisitCursor, VisitFilter, VisitPatch};
use hearth_model::VisitState;

use crate::{
    failure::ToolError,
    parameter::{Kind, Parameter, Usual, may, needs},
    tool::{Call, Effect, Output, Tool},
};

/// Visits of an answer unless somebody asks for more.
const VISITS_USUAL: Usual = Usual::Integer(20);

/// Most visits of an answer.
const VISITS_MAX: i64 = 100;

#[rustfmt::skip]
pub(crate) fn tools() -> Vec<Tool> {
    let read = Access::House(Action::ReadEvents);
    vec![
        Tool::reads("visit_search", "Who came to the door", read, |call| Box::pin(search(call)),
            "Visits at doors, newest first: when, who if known, what became of it. `next` continues as `before`.")
            .takes(&[
                may("camera", Kind::Text(64), "Only at this camera, by name or id."),
                may("state", Kind::Word(states), "Only in this state."),
                may("person", Kind::Text(64), "Only with the person of this id."),
                may("unknown", Kind::Flag, "Only with somebody unknown.").usually(Usual::Flag(false)),
                may("before", Kind::Text(128), ""),
                may("limit", Kind::Integer(1, VISITS_MAX), "").usually(VISITS_USUAL),
            ]),
        Tool::reads("visit_show", "Show a visit", read, |call| Box::pin(show(call)),
            "One visit with its picture, if one is kept.")
            .takes(&[VISIT]),
        Tool::reads("visit_acknowledge", "Acknowledge a visit", read, |call| Box::pin(acknowledge(call)),
            "Marks a visit as seen or answered, or keeps it beyond its time.")
            .takes(&[
                VISIT,
                may("state", Kind::Word(marks), "`seen` if there is neither this nor `keep`."),
                may("keep", Kind::Flag, "Whether it stays beyond its time."),
            ])
            .with_effect(Effect::Sets, AuditClass::Control),
    ]
}

const VISIT: Parameter = needs("visit", Kind::Text(64), "Id of the visit.");

/// What somebody may mark a visit as.
fn marks() -> Vec<&'static str> {
    vec!["new", "seen", "answered"]
}

/// States with their words.
const STATES: [(VisitState, &str); 4] = [
    (VisitState::New, "new"),
    (VisitState::Seen, "seen"),
    (VisitState::Answered, "answered"),
    (VisitState::Missed, "missed"),
];

fn states() -> Vec<&'static str> {
    STATES.iter().map(|row| row.1).collect()
}

/// The state of that word.
fn state(word: &str) -> Option<VisitState> {
    STATES.iter().find(|row| row.1 == word).map(|row| row.0)
}

async fn search(call: Call) -> Result<Output, ToolError> {
    let grant = call.house::<ask::ReadEvents>()?;
    let arguments = &call.arguments;
    let before = arguments.text("before").map(|text| {
        text.parse::<VisitCursor>()
            .map_err(|_| ToolError::bad_arguments("`before` is no `next` of a page."))
    });
    let person = arguments.text("person").map(|_| call.id("person"));
    let filter = VisitFilter {
        state: arguments.word("state").and_then(state),
        camera: call.camera_id()?,
        person: person.transpose()?,
        unknown: arguments.flag("unknown") == Some(true),
        kept: false,
        from: None,
        before: before.transpose()?,
        limit: arguments.limit(),
    };
    Output::of(&call.hub.visits(&grant, filter).await?)
}

async fn show(call: Call) -> Result<Output, ToolError> {
    let grant = call.house::<ask::ReadEvents>()?;
    let visit = call.hub.visit(&grant, call.id("visit")?).await?;
    let picture = if visit.picture {
        // It may be erased in this moment; the visit is shown without it then.
        call.hub.visit_picture(&grant, visit.id, None).await.ok()
    } else {
        None
    };
    Ok(Output::of(&visit)?.showing(picture))
}

async fn acknowledge(call: Call) -> Result<Output, ToolError> {
    let grant = call.house::<ask::ReadEvents>()?;
    let (marked, kept) = (call.arguments.word("state"), call.arguments.flag("keep"));
    let patch = VisitPatch {
        state: marked.or(kept.is_none().then_some("seen")).and_then(state),
        kept,
        note: None,
    };
    Output::of(&call.hub.update_visit(&grant, call.id("visit")?, patch).await?)
}
