//! Why the eyes could not give a still picture.

use thiserror::Error;

use crate::UndecodableReason;

/// Why there is no still picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EyesError {
    /// No frame, the first one is not a key frame, or there is no video track.
    #[error("a still picture needs frames that begin with a key frame")]
    NoKeyFrame,
    /// More frames or bytes than [`Eyes::STILL_FRAMES_MAX`](crate::Eyes::STILL_FRAMES_MAX) or
    /// [`Eyes::STILL_BYTES_MAX`](crate::Eyes::STILL_BYTES_MAX).
    #[error("too much footage for one still picture")]
    TooLarge,
    /// Other stills are waiting already.
    #[error("too many still pictures are asked for at once")]
    Busy,
    /// The worker is being started again, or the eyes were shut down.
    #[error("the eyes are not running at the moment")]
    Down,
    /// The worker did not answer in time.
    #[error("the still picture took too long")]
    Timeout,
    /// The stream is of a kind that cannot be decoded.
    #[error("this stream cannot be decoded: {0}")]
    Undecodable(UndecodableReason),
    /// The decoder found the last frame broken.
    #[error("the frame is damaged")]
    Damaged,
}
