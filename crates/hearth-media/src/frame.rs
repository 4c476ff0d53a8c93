//! What a camera stream is made of once the transport is gone.

use std::sync::Arc;

use bytes::Bytes;

use crate::{MediaTime, StreamParameters};

/// Which of a stream's tracks a frame belongs to. A stream has at most one of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TrackKind {
    /// Pictures.
    Video,
    /// Sound.
    Audio,
}

/// One access unit of video, or one packet of audio.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Which track it belongs to.
    pub track: TrackKind,
    /// Presentation time. Video frames come in decoding order, so with B-frames this goes back and
    /// forth; it never goes below a time at which a frame was already cut off into a fragment.
    pub pts: MediaTime,
    /// Audio: its length in units of the sample rate, exactly. Video: `None`, the next frame tells.
    pub duration_samples: Option<u32>,
    /// Video: decoding can start here. Audio frames are always `true`.
    pub is_key: bool,
    /// Something was lost between the previous frame of this track and this one: a decoder must
    /// wait for the next key frame, a recorder keeps the frame and notes it.
    pub after_loss: bool,
    /// H.264 and H.265: NAL units with four-byte length prefixes, parameter sets left out.
    /// MJPEG: one JPEG image. AAC: one raw frame. Opus: one packet. G.711: one byte a sample.
    pub data: Bytes,
}

/// What a source yields.
#[derive(Clone, Debug)]
pub enum StreamItem {
    /// Comes before the first frame and again whenever a codec, size or parameter set changes;
    /// the next video frame after it is a key frame.
    Parameters(Arc<StreamParameters>),
    /// The next frame in decoding order.
    Frame(Frame),
}
