//! Why a session could not be set up, or ended.

use hearth_model::StateReason;

use crate::{
    auth::AuthError, depacketize::DepacketizeError, framing::FramingError, message::Method,
    sdp::SdpError,
};

/// Who can do something about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The person who set the camera up: password, path, codec.
    Settings,
    /// The camera broke the protocol.
    Device,
    /// It may pass: the camera is busy, rebooting or gone.
    Circumstances,
}

/// Why a session ended. Shows no credentials, no URL and no body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The account could not be proved.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// The byte stream is not RTSP.
    #[error(transparent)]
    Framing(#[from] FramingError),
    /// The session description cannot be used.
    #[error(transparent)]
    Description(SdpError),
    /// The stream's parameters cannot be used.
    #[error(transparent)]
    Depacketize(#[from] DepacketizeError),
    /// None of the media can be recorded.
    #[error("none of the camera's codecs can be recorded: {encodings}")]
    UnsupportedCodec {
        /// Their names, shortened and without control characters.
        encodings: String,
    },
    /// The camera has no loudspeaker, or none that takes G.711.
    #[error("the camera has no loudspeaker that can be spoken to")]
    NoSpeaker,
    /// So much waits to be sent that it would not be heard in time.
    #[error("the camera does not take what is said to it")]
    Stuck,
    /// The camera refused a request.
    #[error("the camera answered {} with status {status}", .method.as_str())]
    Refused {
        /// Which request.
        method: Method,
        /// Its status code.
        status: u16,
    },
    /// An answer did not come in time.
    #[error("no answer to {} within {} s", .method.as_str(), super::ClientSession::ANSWER_MICROS_MAX / 1_000_000)]
    NoAnswer {
        /// To which request.
        method: Method,
    },
    /// The camera sent us to another host, to an unencrypted place, or nowhere.
    #[error("the camera redirects to another host or to no valid place")]
    BadRedirect,
    /// The camera ended the session.
    #[error("the camera ended the session")]
    EndedByCamera,
    /// An answer makes no sense.
    #[error("{0}")]
    Malformed(&'static str),
}

impl SessionError {
    pub(super) fn refused(method: Method, status: u16) -> Self {
        Self::Refused { method, status }
    }

    /// The code for people and programs.
    pub fn reason(&self) -> StateReason {
        use hearth_media::ParameterError;
        match self {
            Self::Auth(AuthError::NoCredentials | AuthError::Rejected) => {
                StateReason::WrongPassword
            }
            Self::Auth(AuthError::PasswordInClear) => StateReason::PasswordInClear,
            Self::UnsupportedCodec { .. }
            | Self::NoSpeaker
            | Self::Depacketize(DepacketizeError::Parameters(ParameterError::Unsupported(_))) => {
                StateReason::UnsupportedCodec
            }
            Self::Refused { status, .. } => match status {
                403 => StateReason::WrongPassword,
                404 | 410 | 454 => StateReason::NoSuchStream,
                406 | 415 => StateReason::UnsupportedCodec,
                _ => StateReason::Refused,
            },
            Self::NoAnswer { .. } | Self::Stuck => StateReason::Unreachable,
            Self::EndedByCamera => StateReason::Closed,
            Self::Auth(AuthError::Unsupported | AuthError::Downgrade)
            | Self::Framing(_)
            | Self::Description(_)
            | Self::Depacketize(_)
            | Self::BadRedirect
            | Self::Malformed(_) => StateReason::Malformed,
        }
    }

    /// Who can do something about it.
    pub fn blame(&self) -> Blame {
        match self.reason() {
            StateReason::WrongPassword
            | StateReason::PasswordInClear
            | StateReason::NoSuchStream
            | StateReason::UnsupportedCodec => Blame::Settings,
            StateReason::Malformed => Blame::Device,
            _ => Blame::Circumstances,
        }
    }
}
