//! RTSP, SDP, RTP and RTCP as pure machines: no sockets, no clock.
//!
//! Bytes and times come in, frames and bytes to send come out. Everything read here was sent by a
//! device, so every parser is bounded and none of them panics.
//! Not here: sockets, TLS and the mapping to the hub's timeline (`hearth-stream`).

#![forbid(unsafe_code)]
// In a test, a panic with a message is the failure it reports.
#![cfg_attr(test, allow(clippy::panic))]

pub mod auth;
pub mod depacketize;
pub mod framing;
pub mod message;
pub mod receive;
pub mod rtcp;
pub mod rtp;
pub mod sdp;
pub mod session;
pub mod voice;
