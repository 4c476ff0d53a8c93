//! The eyes as the hub uses them, with a real worker process.

mod looking;
mod rig;
mod sandbox;
mod survival;
