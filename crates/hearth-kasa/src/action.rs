//! Actions: what happens once.

use serde_json::json;

use crate::{
    Detections, Direction, Position, PresetIndex, Snapshot, Speed, TimeSpan, command::command,
};

const PTZ: &str = "smartlife.cam.ipcamera.ptz";

/// Turns to a stored position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GoToPreset(pub PresetIndex);
command!(GoToPreset, PTZ, "set_run_to_preset", |me| json!({ "index": me.0.get() }), ());

/// Turns until [`Stop`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// Where to.
    pub direction: Direction,
    /// How fast.
    pub speed: Speed,
}
command!(
    Move,
    PTZ,
    "set_move",
    |me| json!({ "direction": me.direction, "speed": me.speed.get() }),
    ()
);

/// Where the camera looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadPosition;
command!(ReadPosition, PTZ, "get_position", |me| json!({}), Position);

/// Turns to a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GoToPosition(pub Position);
command!(GoToPosition, PTZ, "set_target", |me| json!({ "x": me.0.x, "y": me.0.y }), ());

/// Stops turning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop;
command!(Stop, PTZ, "set_stop", |me| json!({}), ());

/// Takes a picture; the answer says where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakeSnapshot;
command!(
    TakeSnapshot,
    "smartlife.cam.ipcamera.relay",
    "get_preview_snapshot",
    |me| json!({}),
    Snapshot
);

/// What the camera noticed within a span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadDetections(pub TimeSpan);
command!(
    ReadDetections,
    "smartlife.cam.ipcamera.vod",
    "get_detect_zone_list",
    |me| json!({ "start_time": me.0.start(), "end_time": me.0.end() }),
    Detections
);
