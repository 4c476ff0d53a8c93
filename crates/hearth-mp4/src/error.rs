//! Why something could not be written, planned or read.

use std::io;

use hearth_media::ParameterError;
use thiserror::Error;

/// What went wrong in a container. Carries no bytes and no names of the input.
#[derive(Debug, Error)]
pub enum Mp4Error {
    /// There is no track, or no frame, to write.
    #[error("nothing to write")]
    Empty,
    /// A frame belongs to a track that the parameters do not have.
    #[error("a frame belongs to no track")]
    NoSuchTrack,
    /// More or larger than the format or a limit of this crate allows.
    #[error("{0} is over its limit")]
    TooLarge(&'static str),
    /// Nothing that can be shown is in the time range.
    #[error("no footage in the time range")]
    NoFootage,
    /// The input ends before the named thing is complete.
    #[error("{0} ends too early")]
    Truncated(&'static str),
    /// The input breaks its standard in the named thing.
    #[error("{0} is malformed")]
    Malformed(&'static str),
    /// Valid perhaps, but nothing Hearthwatch handles.
    #[error("{0} is not supported")]
    Unsupported(&'static str),
    /// Codec parameters in the input cannot be used.
    #[error("codec parameters cannot be used")]
    Parameters(#[from] ParameterError),
    /// The input could not be read.
    #[error("reading failed")]
    Read(#[from] io::Error),
}
