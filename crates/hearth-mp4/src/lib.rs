//! Fragmented and standard MP4: write fragments, index them, read files, serve any range.
//!
//! Pure: frames and bytes go in, bytes and values come out; the only input and output is through
//! [`ReadAt`] and the `Read + Seek` of [`Reader`].
//!
//! - [`init_segment`] and [`FragmentBuilder`] write what a recorder stores and a browser plays.
//! - [`SegmentIndex`] knows where each sample of a stored segment is.
//! - [`Clip`] lays any time range over several segments out as one standard MP4 file, without
//!   reading a byte of them.
//! - [`Reader`] turns an MP4 file back into frames.
//!
//! Invariants: what is written keeps the presentation times of pictures (to a tick of 1/90,000 s)
//! and those of sound within 40 ms; decoding times only ever grow within a fragment and within a
//! clip. Whatever is read is bounded and never panics.
//! Not here: encryption (`hearth-vault`), files (`hearth-recorder`), codecs (`hearth-media`).

#![forbid(unsafe_code)]

mod clip;
mod error;
mod fragment;
mod index;
mod init;
mod parse;
mod reader;
mod sample;
mod write;

pub use clip::{Clip, ClipSpan, Piece};
pub use error::Mp4Error;
pub use fragment::{Fragment, FragmentBuilder, cut_allowed, fragment, live_fragment};
pub use index::{FragmentEntry, ReadAt, SegmentIndex};
pub use init::init_segment;
pub use reader::Reader;
pub use sample::{Sample, VIDEO_TIMESCALE, audio_timescale};
