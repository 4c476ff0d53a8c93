//! Sources against servers: scripted ones, GStreamer's, and the simulated house.

// In a test, a panic with a message is the failure it reports.
#![allow(clippy::panic)]

mod gst;
mod mjpeg;
mod replay;
mod scripted;
mod simulated;
mod speaking;
mod support;
