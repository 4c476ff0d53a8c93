//! Motion, detector boxes, tracking, ways, zones, masks and the drift of scores: arithmetic, nothing else.
//!
//! Pure: pictures, tensors and times go in, boxes come out; no clock, no thread, no file. All input
//! that a model or a camera made is checked: broken numbers are left out, never a panic.
//! Not here: decoding and running a model (`hearth-eyes`), when to look at all (`hearth-gate`).

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::panic, clippy::let_underscore_must_use, reason = "tests"))]

mod background;
mod coco;
mod course;
mod drift;
mod grid;
mod letterbox;
mod motion;
mod nms;
mod region;
mod sharpness;
mod tracker;
mod yolox;
mod zone;

pub use background::{Background, Change};
pub use coco::coco_label;
pub use drift::{DRIFT_SAMPLES_MIN, Drift, DriftShift, DriftState};
pub use grid::{Grid, GridSize, Luma};
pub use letterbox::Letterbox;
pub use motion::{Motion, MotionBox, MotionReport};
pub use nms::suppress_overlaps;
pub use region::{PixelRegion, motion_region};
pub use sharpness::sharpness;
pub use tracker::{Sighting, Track, TrackId, Tracker, TrackerOutput};
pub use yolox::{Detection, TensorError, YoloxHead};
pub use zone::{Mask, ZoneRule};
