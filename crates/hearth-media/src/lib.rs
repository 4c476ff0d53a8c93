//! Words of encoded media: codec parameters, frames and bitstream parsing.
//!
//! Pure: bytes go in, values come out. Everything here reads what a camera sent, so every parser is
//! bounded and none of them panics.
//! Not here: transport (`hearth-rtsp`), containers (`hearth-mp4`), pixels (`hearth-eyes`).

#![forbid(unsafe_code)]

pub mod aac;
mod bits;
mod decoder_feed;
mod error;
mod frame;
pub mod g711;
pub mod h264;
pub mod h265;
pub mod jpeg;
pub mod nal;
mod parameters;
mod picture;
pub mod speech;
mod time;

pub use decoder_feed::annex_b_stream;
pub use error::ParameterError;
pub use frame::{Frame, StreamItem, TrackKind};
pub use parameters::{AudioCodec, AudioParameters, StreamParameters, VideoCodec, VideoParameters};
pub use picture::PictureKind;
pub use time::MediaTime;
