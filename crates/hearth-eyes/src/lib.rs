//! The sandboxed worker that decodes and looks, and the supervisor's side of its pipe.
//!
//! Two halves of one crate. In the hub, [`Eyes`] starts a child process of the same binary, hands
//! it encoded frames through bounded queues and turns its answers into [`EyesReport`]s. In the
//! child, [`worker_main`] locks itself in (no file, no network, no new process), then decodes and
//! looks. Invariants: [`EyesFeed::offer`] never blocks, so recording never waits for the eyes; the
//! child holds no key, no credential and no camera id; each side checks what the other says.
//! Not here: when a stream is worth decoding (`hearth-gate`), arithmetic on pictures
//! (`hearth-vision`), what happens with an activity (`hearth-hub`).

#![cfg_attr(test, allow(clippy::panic, clippy::let_underscore_must_use, reason = "tests"))]

mod config;
mod error;
mod eyes;
mod face;
mod feed;
mod photo;
mod report;
mod supervisor;
#[cfg(test)]
mod test_media;
mod wiped;
mod wire;
mod worker;
mod yunet;

pub use config::{EyesConfig, Model};
pub use error::EyesError;
pub use eyes::{AnonymousStill, Eyes, EyesStatus, Jpeg, SandboxStatus, SeenThing, StillWish};
pub use face::{FacesIn, SeenFace};
pub use feed::EyesFeed;
pub use photo::{PHOTO_BYTES_MAX, PhotoRefused, read_photo};
pub use report::{CameraCounters, EyesReport, StopCause, UndecodableReason};
pub use worker::worker_main;
#[doc(hidden)]
pub use worker::{WorkerHooks, worker_main_with};
pub use yunet::{FaceDetectorRefused, Yunet};
