//! Why the eyes could not look at a picture.

use thiserror::Error;

use crate::{
    PhotoRefused, UndecodableReason,
    wire::{FacesFault, StillFault},
};

/// Why there is no still picture, or nobody looked for faces.
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
    /// The file is no photograph.
    #[error(transparent)]
    Photo(PhotoRefused),
    /// The product was built without a face model.
    #[error("there is no face model")]
    NoFaceModel,
    /// No object model is installed, or it was refused.
    #[error("there is no object model")]
    NoObjectModel,
    /// More people than are looked for: nobody can say where they all are.
    #[error("there are too many people in the picture")]
    TooManyPeople,
}

impl From<StillFault> for EyesError {
    fn from(fault: StillFault) -> Self {
        match fault {
            StillFault::Undecodable(reason) => Self::Undecodable(reason),
            StillFault::Damaged => Self::Damaged,
            StillFault::Timeout => Self::Timeout,
        }
    }
}

impl From<FacesFault> for EyesError {
    fn from(fault: FacesFault) -> Self {
        match fault {
            FacesFault::Still(fault) => fault.into(),
            FacesFault::Photo(refused) => Self::Photo(refused),
            FacesFault::NoModel => Self::NoFaceModel,
            FacesFault::NoObjectModel => Self::NoObjectModel,
            FacesFault::TooMany => Self::TooManyPeople,
        }
    }
}
