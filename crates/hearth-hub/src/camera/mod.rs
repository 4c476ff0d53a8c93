//! Cameras: one stream session, one recorder and one fan-out each, under one handle.

pub(crate) mod caught;
pub(crate) mod given;
pub(crate) mod handle;
pub(crate) mod live;
mod offer;
pub(crate) mod registry;
pub(crate) mod session;
pub(crate) mod state;
