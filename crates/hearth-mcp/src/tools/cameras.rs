//! Cameras: which there are, how they fare, what they show.

use hearth_auth::{Access, Action, ask};
use hearth_hub::{AuditClass, CameraPatch, CameraView};
use hearth_model::{CameraSettings, Retention};
use serde_json::json;

use crate::{
    arguments::Arguments,
    failure::ToolError,
    parameter::{Kind, may},
    tool::{CAMERA, Call, Effect, Output, Tool},
};

/// Fields of a camera that are the hub's own: why it is not live, in a word and in a sentence.
const OWN: &[&str] = &["reason", "message"];

/// Footage is kept for ten years at most.
const KEEP_DAYS_MAX: i64 = 3_650;

#[rustfmt::skip]
pub(crate) fn tools() -> Vec<Tool> {
    let live = Access::Camera(Action::Live);
    let list = Access::House(Action::ListCameras);
    vec![
        Tool::reads("camera_list", "List cameras", list, |call| Box::pin(list_all(call)),
            "The cameras you may see, with state, why one is not live, what is recorded, and counts.")
            .says(OWN),
        Tool::reads("camera_status", "Show a camera", live, |call| Box::pin(status(call)),
            "One camera in full: state, settings, footage.")
            .takes(&[CAMERA]).says(OWN),
        Tool::reads("camera_snapshot", "Look through a camera", live, |call| Box::pin(snapshot(call)),
            "A picture of a camera: now, or of a recorded instant. `at` says when it was taken.")
            .takes(&[CAMERA, may("at", Kind::Time, "A recorded instant; leave out for now.")])
            .heavy(),
        Tool::reads("camera_stream", "Find a camera's live stream", live, |call| Box::pin(stream(call)),
            "Where a program with the same rights watches a camera live, below the hub's own address.")
            .takes(&[CAMERA]),
        Tool::reads("camera_configure", "Change a camera's settings", Access::Camera(Action::Configure),
            |call| Box::pin(configure(call)),
            "What is recorded and noticed. What is left out stays. Takes the right to see the camera too.")
            .takes(&[
                CAMERA,
                may("record", Kind::Word(modes), "The usual mode; exceptions by weekday stay."),
                may("pre_roll_seconds", roll(CameraSettings::PRE_ROLL_SECONDS_MAX), ""),
                may("post_roll_seconds", roll(CameraSettings::POST_ROLL_SECONDS_MAX), ""),
                may("keep_days", Kind::Integer(1, KEEP_DAYS_MAX), "How long footage stays."),
                may("detection", Kind::Flag, "Whether it is looked at what the camera shows."),
                may("area_min", Kind::Number(0.0, 1.0), "Least moving part of the picture that counts."),
                may("score_min", Kind::Number(0.0, 1.0), "Least certainty that counts."),
                may("is_door", Kind::Flag, "Whether who comes there is a visit."),
            ])
            .with_effect(Effect::Sets, AuditClass::Configure).says(OWN),
    ]
}

async fn list_all(call: Call) -> Result<Output, ToolError> {
    Output::named("cameras", &call.hub.cameras(&call.house::<ask::ListCameras>()?))
}

async fn status(call: Call) -> Result<Output, ToolError> {
    shown(&call.hub.camera(call.camera::<ask::Live>()?).await?)
}

/// Without where the stream comes from: in the addresses of some makers stands the password, and an
/// assistant sees the camera through the hub.
fn shown(camera: &CameraView) -> Result<Output, ToolError> {
    let mut output = Output::of(camera)?;
    if let Some(settings) = output.view["settings"].as_object_mut() {
        settings.retain(|name, _| !["url", "sub_url"].contains(&name.as_str()));
    }
    Ok(output)
}

async fn snapshot(call: Call) -> Result<Output, ToolError> {
    let still = match call.arguments.time("at") {
        None => call.hub.still(call.camera::<ask::Live>()?).await?,
        // What was recorded takes the right to look back.
        Some(at) => call.hub.snapshot(call.camera::<ask::Playback>()?, at).await?,
    };
    Ok(Output::named("at", &still.at)?.showing(Some(still.jpeg)))
}

async fn stream(call: Call) -> Result<Output, ToolError> {
    let camera = call.camera::<ask::Live>()?.camera();
    let at = |end: &str| json!({ "url": format!("/api/v1/cameras/{camera}/{end}") });
    Output::of(&json!({ "web_socket": at("live"), "mjpeg": at("live.mjpeg") }))
}

/// How a camera records.
const MODES: [&str; 3] = ["continuous", "event", "off"];

fn modes() -> Vec<&'static str> {
    MODES.to_vec()
}

fn roll(seconds_max: u16) -> Kind {
    Kind::Integer(0, i64::from(seconds_max))
}

async fn configure(call: Call) -> Result<Output, ToolError> {
    let grant = call.camera::<ask::Configure>()?;
    // A part of a setting is changed, so the rest of it has to be known.
    let now = call.hub.camera(call.camera::<ask::Live>()?).await?.settings;
    shown(&call.hub.update_camera(grant, patch(&call.arguments, now)?).await?)
}

fn patch(arguments: &Arguments, now: CameraSettings) -> Result<CameraPatch, ToolError> {
    let seconds = |name| arguments.integer(name).and_then(|seconds| u16::try_from(seconds).ok());
    let mode = arguments.word("record").map(str::parse).transpose();
    let mode = mode.map_err(|_| ToolError::bad_arguments("`record` is no such mode."))?;
    let mut record = now.record;
    record.usual = mode.unwrap_or(record.usual);
    let mut detection = now.detection;
    detection.enabled = arguments.flag("detection").unwrap_or(detection.enabled);
    detection.visits = arguments.flag("is_door").unwrap_or(detection.visits);
    // Fractions: what is lost of them does not matter.
    let fraction = |name| arguments.number(name).map(|number| number as f32);
    detection.area_min = fraction("area_min").unwrap_or(detection.area_min);
    detection.score_min = fraction("score_min").unwrap_or(detection.score_min);
    let days = arguments.integer("keep_days").and_then(|days| u32::try_from(days).ok());
    let retention = Retention { days_max: days.or(now.retention.days_max), ..now.retention };
    Ok(CameraPatch {
        record: Some(record),
        pre_roll_seconds: seconds("pre_roll_seconds"),
        post_roll_seconds: seconds("post_roll_seconds"),
        retention: Some(retention),
        detection: Some(detection),
        ..CameraPatch::default()
    })
}
