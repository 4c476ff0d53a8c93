//! Pan and tilt.

use serde_json::{Value, json};

use super::{CameraCall, Request, Verb, request::set};
use crate::{Call, OutOfRange, Switch, call};

/// A turn by degrees, from where the camera looks now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    pan: i16,
    tilt: i16,
}

impl Turn {
    /// `pan` between -360 and 360, `tilt` between -180 and 180, not both zero.
    pub const fn degrees(pan: i16, tilt: i16) -> Result<Self, OutOfRange> {
        if pan < -360 || pan > 360 || tilt < -180 || tilt > 180 || (pan == 0 && tilt == 0) {
            return Err(OutOfRange::new("a turn", "within 360 degrees of pan and 180 of tilt"));
        }
        Ok(Self { pan, tilt })
    }
}

/// A direction of a single step: 0 clockwise, 180 counter-clockwise, 90 and 270 the other axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Direction(u16);

impl Direction {
    /// Between 0 and 359.
    pub const fn degrees(degrees: u16) -> Result<Self, OutOfRange> {
        if degrees < 360 {
            Ok(Self(degrees))
        } else {
            Err(OutOfRange::new("a direction", "between 0 and 359 degrees"))
        }
    }
}

/// Along which axis it patrols.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// From left to right and back.
    Horizontal,
    /// Up and down.
    Vertical,
}

/// What the motor can do, as the firmware describes it. Cameras without one refuse or leave it out.
pub fn capability() -> CameraCall<Value> {
    let body = json!({"name": ["capability"]});
    let request = Request::Single { verb: Verb::Get, module: "motor", body };
    Call::new(request, |answer| call::read_at(answer, &["motor", "capability"]))
}

/// Turns.
pub fn turn(turn: Turn) -> CameraCall<()> {
    let target = json!({"x_coord": turn.pan.to_string(), "y_coord": turn.tilt.to_string()});
    set("motorMove", json!({"motor": {"move": target}}))
}

/// Makes one step.
pub fn step(direction: Direction) -> CameraCall<()> {
    let step = json!({"direction": direction.0.to_string()});
    set("relativeMove", json!({"motor": {"movestep": step}}))
}

/// Finds the ends of both axes anew.
pub fn calibrate() -> CameraCall<()> {
    set("manualCalibrate", json!({"motor": {"manual_cali": ""}}))
}

/// Looks back and forth until stopped.
pub fn cruise(axis: Axis) -> CameraCall<()> {
    let axis = match axis {
        Axis::Horizontal => "x",
        Axis::Vertical => "y",
    };
    set("cruiseMove", json!({"motor": {"cruise": {"coord": axis}}}))
}

/// Stops looking back and forth.
pub fn stop_cruise() -> CameraCall<()> {
    set("cruiseStop", json!({"motor": {"cruise_stop": {}}}))
}

/// Turns the patrol along the presets on or off.
pub fn patrol(enabled: Switch) -> CameraCall<()> {
    set("setPatrolStatus", json!({"patrol": {"set_patrol_status": {"value": enabled.word()}}}))
}
