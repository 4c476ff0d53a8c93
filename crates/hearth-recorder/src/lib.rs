//! Segments on disk: write, commit, find, sweep, verify.
//!
//! A camera's frames are cut into fragments ([`cutter`]), appended to sealed files ([`segment`]) by
//! one thread a camera ([`writer`]), and noted in the index by one task ([`journal`]). The way from
//! frame to file shares no lock, queue or task with vision, viewers or the index: when any of those
//! stands still, footage is byte-identical, and what the index missed is found again ([`recover`]).
//!
//! Not here: transport (`hearth-stream`), boxes (`hearth-mp4`), keys (`hearth-vault`), rows
//! (`hearth-store`), and the decision when a camera should record (`hearth-hub`).

#![forbid(unsafe_code)]

mod backup;
mod camera;
mod clip;
mod coverage;
mod cutter;
mod erase;
mod error;
mod footage;
mod journal;
mod layout;
mod meta;
mod recorder;
mod recover;
mod segment;
mod space;
mod sweep;
mod verify;
mod writer;

pub use backup::{FootageChoice, FootageFile, segment_name};
pub use camera::{CameraRecorder, RecorderControl, RecorderCounters, WriteFault};
pub use clip::{ClipReader, ClipSpanView, READ_PIECE_BYTES_MAX};
pub use coverage::{CoverageChange, CoverageKeeper, CoverageState};
pub use erase::{Erased, ErasedRange};
pub use error::RecorderError;
pub use footage::{Footage, KeyFrame};
pub use layout::{Fresh, Layout, LayoutError};
pub use recorder::{Recorder, RecorderLimits};
pub use recover::{RebuildReport, Recovered, Survey};
pub use sweep::{SweepReport, SweepRule};
pub use verify::{VerifyProgress, VerifyReport};
