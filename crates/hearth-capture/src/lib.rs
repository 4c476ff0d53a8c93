//! What hangs on this machine itself: USB cameras, buttons, contacts, lamps, sensors.
//!
//! Hardware stands behind [`gpio::InputLine`], [`gpio::OutputLine`] and the root of a sysfs tree
//! (promise D-22), so everything here runs without any; `hearth-sim` has simulated ones. What decides
//! is pure and knows no clock: [`debounce`], [`lamp`], the parsers in [`sensor`], [`yuyv`].
//!
//! Invariants: a line of a GPIO chip is used only after it was claimed by its number, and released
//! when its owner is dropped (promise D-21); every wait on hardware has a deadline.
//! Not here: what a press means (`hearth-hub`), cameras on the network (`hearth-stream`).

#![forbid(unsafe_code)]

pub mod board;
pub mod camera;
pub mod debounce;
mod error;
pub mod gpio;
pub mod lamp;
pub mod sensor;
mod watch;
pub mod yuyv;

pub use error::CaptureError;
pub use watch::{LampKeeper, LineWatch};
