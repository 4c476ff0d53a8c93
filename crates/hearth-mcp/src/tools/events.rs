//! What happened.

use hearth_auth::{Access, Action, ask};
use hearth_hub::{EventQuery, SearchQuery};
use hearth_model::{EventKind, Label};
use serde_json::json;

use crate::{
    failure::ToolError,
    parameter::{Kind, Usual, may, needs},
    tool::{Call, Output, Tool},
};

/// Events of an answer unless somebody asks for more: what a model reads at a glance.
const EVENTS_USUAL: Usual = Usual::Integer(50);

/// Most events of an answer.
const EVENTS_MAX: i64 = 200;

/// What happened so long before and after an event is shown with it.
const AROUND_MICROS: i64 = 120 * 1_000_000;

/// Most events shown around one.
const AROUND_MAX: u32 = 20;

#[rustfmt::skip]
pub(crate) fn tools() -> Vec<Tool> {
    let read = Access::House(Action::ReadEvents);
    vec![
        Tool::reads("event_search", "Search what happened", read, |call| Box::pin(search(call)),
            "What happened, newest first. `next` continues a listing as `before`.")
            .takes(&[
                may("words", Kind::Text(300), "Cameras, things seen, people, devices, times, words of texts; all must fit."),
                may("camera", Kind::Text(64), "Only this camera, by name or id."),
                may("kinds", Kind::Words(kinds), "Only these kinds."),
                may("label", Kind::Text(Label::BYTES_MAX), "Only what was seen, e.g. `person`."),
                may("from", Kind::Time, "Not before."),
                may("to", Kind::Time, "Before."),
                may("before", Kind::Text(128), ""),
                may("limit", Kind::Integer(1, EVENTS_MAX), "").usually(EVENTS_USUAL),
            ]),
        Tool::reads("event_explain", "Explain an event", read, |call| Box::pin(explain(call)),
            "One event with its picture, if there is one, and what happened at the same place two minutes around it.")
            .takes(&[needs("event", Kind::Text(64), "Id of the event.")])
            .heavy(),
    ]
}

fn kinds() -> Vec<&'static str> {
    EventKind::ALL.iter().map(|row| row.1).collect()
}

async fn search(call: Call) -> Result<Output, ToolError> {
    let grant = call.house::<ask::ReadEvents>()?;
    let arguments = &call.arguments;
    let label = arguments.text("label").map(|text| {
        Label::new(text).ok_or_else(|| ToolError::bad_arguments("`label` is no such word."))
    });
    let named = arguments.words("kinds").iter();
    if let Some(words) = arguments.text("words") {
        let query = SearchQuery {
            q: words.to_owned(),
            kinds: named.filter_map(|name| EventKind::from_name(name)).collect(),
            cameras: call.camera_id()?.into_iter().collect(),
            label: label.transpose()?,
            from: arguments.time("from"),
            to: arguments.time("to"),
            before: arguments.text("before").map(str::to_owned),
            limit: arguments.limit(),
            ..SearchQuery::default()
        };
        return Output::of(&call.hub.search(&grant, query).await?);
    }
    let query = EventQuery {
        kinds: named.filter_map(|name| EventKind::from_name(name)).collect(),
        camera: call.camera_id()?,
        label: label.transpose()?,
        from: arguments.time("from"),
        to: arguments.time("to"),
        before: arguments.text("before").map(str::to_owned),
        limit: arguments.limit(),
    };
    Output::of(&call.hub.events(grant, query).await?)
}

async fn explain(call: Call) -> Result<Output, ToolError> {
    let event = call.hub.event(call.house::<ask::ReadEvents>()?, call.id("event")?).await?;
    let query = EventQuery {
        camera: event.camera,
        from: Some(event.at.plus_micros(-AROUND_MICROS)),
        to: Some(event.end.unwrap_or(event.at).plus_micros(AROUND_MICROS)),
        limit: AROUND_MAX,
        ..EventQuery::default()
    };
    let around = call.hub.events(call.house::<ask::ReadEvents>()?, query).await?;
    let around: Vec<_> = around.events.into_iter().filter(|one| one.id != event.id).collect();
    let picture = if event.thumbnail {
        // It may be erased in this moment; the event is explained without it then.
        call.hub.thumbnail(call.house::<ask::ReadEvents>()?, event.id).await.ok()
    } else {
        None
    };
    Ok(Output::of(&json!({ "explained": event, "around": around }))?.showing(picture))
}
