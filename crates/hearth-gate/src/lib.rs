//! Decides from sizes and key frames whether a stream is worth decoding.
//!
//! Pure: access units and looks at pictures go in with their times, decisions come out. One
//! [`Gate`] a camera; one [`Budget`] for all of them. Three things wake a camera: access units that
//! grow, a key frame that differs from the learned scene, and the camera's own word. What woke it is
//! verified on decoded pictures; a camera without change sleeps again after two seconds.
//!
//! The size statistic stays at picture level on purpose: it sees how many bytes a whole access unit
//! has and never looks inside.
//! Not here: decoding (`hearth-eyes`), what moved (`hearth-vision`).

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::panic, clippy::let_underscore_must_use, reason = "tests"))]

mod budget;
mod gate;
mod key;
mod raise;
mod size;

pub use budget::{Budget, Need};
pub use gate::{AccessUnit, Cause, Decision, Gate, GateCounters};
