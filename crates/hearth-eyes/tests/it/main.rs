//! The eyes as the hub uses them, with a real worker process.

#![allow(clippy::panic, reason = "tests")]

mod faces;
mod looking;
mod rig;
mod sandbox;
mod survival;
