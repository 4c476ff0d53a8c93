//! Why a command was not carried out.

use hearth_http::Fingerprint;

/// Why a command was not carried out. Holds no secret and no part of an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No answer came.
    #[error("{0}")]
    Connection(hearth_http::Error),
    /// The camera shows another certificate than the pinned one. Nothing was sent, and nothing is
    /// sent any more until somebody looked at the camera and pins the new one.
    #[error("the camera's certificate changed from {pinned} to {seen}; control stopped")]
    CertificateChanged {
        /// What was expected.
        pinned: Fingerprint,
        /// What came.
        seen: Fingerprint,
    },
    /// The camera does not accept the credentials.
    #[error("the camera does not accept the user name or password")]
    Unauthorized,
    /// The camera's model or firmware does not know the command.
    #[error("the camera does not know {command}")]
    Unsupported {
        /// Module and method.
        command: String,
    },
    /// The camera knows the command and refuses it.
    #[error("the camera refused {command} with code {code}")]
    Refused {
        /// Module and method.
        command: String,
        /// Its `err_code`.
        code: i64,
    },
    /// The camera answers with an HTTP status of failure and nothing more.
    #[error("the camera answered with HTTP status {0}")]
    Status(u16),
    /// The answer is none.
    #[error("the camera's answer makes no sense: {0}")]
    Malformed(&'static str),
    /// This machine has no randomness.
    #[error("no randomness")]
    Random,
}

impl From<hearth_http::Error> for Error {
    fn from(error: hearth_http::Error) -> Self {
        match error {
            hearth_http::Error::CertificateChanged { pinned, seen } => {
                Self::CertificateChanged { pinned, seen }
            }
            error => Self::Connection(error),
        }
    }
}

impl Error {
    /// One word for logs and programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Connection(hearth_http::Error::TimedOut) => "timed_out",
            Self::Connection(hearth_http::Error::Address(_)) => "address_not_private",
            Self::Connection(_) => "unreachable",
            Self::CertificateChanged { .. } => "certificate_changed",
            Self::Unauthorized => "unauthorized",
            Self::Unsupported { .. } => "unsupported",
            Self::Refused { .. } => "refused",
            Self::Status(_) => "http_status",
            Self::Malformed(_) => "malformed",
            Self::Random => "random",
        }
    }
}
