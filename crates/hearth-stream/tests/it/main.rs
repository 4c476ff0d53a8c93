//! Sources against servers: scripted ones, GStreamer's, and the simulated house.

mod gst;
mod mjpeg;
mod replay;
mod scripted;
mod simulated;
mod support;
