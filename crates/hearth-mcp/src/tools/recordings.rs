//! Recordings: what there is of a time, clips of it, and holds that protect it.

use hearth_auth::{Access, Action, ask};
use hearth_hub::{AuditClass, ClipView, NewHold};
use hearth_model::{CameraId, TimeRange};
use serde_json::json;

use crate::{
    failure::ToolError,
    parameter::{FROM, Kind, TO, may, needs},
    tool::{CAMERA, Call, Effect, Output, Tool},
};

/// Longest reason for a hold, in characters.
const REASON_MAX: usize = 200;

#[rustfmt::skip]
pub(crate) fn tools() -> Vec<Tool> {
    let playback = Access::Camera(Action::Playback);
    let holds = Access::House(Action::ManageHolds);
    vec![
        Tool::reads("recording_timeline", "Show what is recorded", playback,
            |call| Box::pin(timeline(call)),
            "Footage of a camera over a time (32 days at most), holes with their cause, and what was noticed.")
            .takes(&[CAMERA, FROM, TO]),
        Tool::reads("recording_clip", "Find a clip", playback, |call| Box::pin(clip(call)),
            "What a clip of a time will be, and where a program with the same rights plays it.")
            .takes(&[CAMERA, FROM, TO]).heavy(),
        Tool::reads("recording_export", "Take a clip out of the house", Access::Camera(Action::Export),
            |call| Box::pin(export(call)),
            "Where footage of a time is downloaded as an MP4 file, by a program with the same rights.")
            .takes(&[CAMERA, FROM, TO]).with_effect(Effect::Exports, AuditClass::Export).heavy(),
        Tool::reads("hold_list", "List protected footage", holds, |call| Box::pin(list_holds(call)),
            "Footage that stays although its time is over, with the reason."),
        Tool::reads("hold_add", "Protect footage", holds, |call| Box::pin(add_hold(call)),
            "Keeps footage of a time until somebody ends the hold.")
            .takes(&[
                CAMERA, FROM, TO,
                needs("reason", Kind::Text(REASON_MAX), "Why, for people."),
                may("until", Kind::Time, "When the hold ends by itself."),
            ])
            .with_effect(Effect::Acts, AuditClass::Configure),
        Tool::reads("hold_remove", "End a protection", holds, |call| Box::pin(remove_hold(call)),
            "Ends a hold; retention may erase the footage then.")
            .takes(&[needs("hold", Kind::Text(64), "Id of the hold.")])
            .with_effect(Effect::Acts, AuditClass::Configure),
    ]
}

async fn timeline(call: Call) -> Result<Output, ToolError> {
    let (grant, range) = (call.camera::<ask::Playback>()?, call.arguments.range()?);
    Output::of(&call.hub.timeline(grant, range).await?)
}

async fn clip(call: Call) -> Result<Output, ToolError> {
    let (grant, range) = (call.camera::<ask::Playback>()?, call.arguments.range()?);
    let camera = grant.camera();
    found(camera, range, "", &call.hub.clip(grant, range).await?.view())
}

async fn export(call: Call) -> Result<Output, ToolError> {
    let (grant, range) = (call.camera::<ask::Export>()?, call.arguments.range()?);
    let camera = grant.camera();
    found(camera, range, "&download=1", &call.hub.export(grant, range).await?.view())
}

fn found(
    camera: CameraId,
    range: TimeRange,
    more: &str,
    clip: &ClipView,
) -> Result<Output, ToolError> {
    let (from, to) = (range.from(), range.to());
    let url = format!("/api/v1/cameras/{camera}/clip.mp4?from={from}&to={to}{more}");
    Output::of(&json!({ "clip": clip, "url": url }))
}

async fn list_holds(call: Call) -> Result<Output, ToolError> {
    Output::named("holds", &call.hub.holds(call.house::<ask::ManageHolds>()?).await?)
}

async fn add_hold(call: Call) -> Result<Output, ToolError> {
    let (grant, arguments) = (call.house::<ask::ManageHolds>()?, &call.arguments);
    let camera = call.camera_id()?.ok_or_else(|| ToolError::not_found("camera"))?;
    let (range, until) = (arguments.range()?, arguments.time("until"));
    let reason = arguments.text("reason").unwrap_or_default().to_owned();
    let hold = call.hub.add_hold(grant, NewHold { camera, range, reason, until }).await?;
    Output::of(&hold)
}

async fn remove_hold(call: Call) -> Result<Output, ToolError> {
    call.hub.remove_hold(call.house::<ask::ManageHolds>()?, call.id("hold")?).await?;
    Ok(Output::done())
}
