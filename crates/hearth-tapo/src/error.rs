//! What can go wrong with a device, always together with the device's name.

use crate::{AnswerError, Code, CodeClass, Fingerprint, Malformed, OutOfRange};

/// A failure of one device.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{device}: {failure}")]
pub struct TapoError {
    /// The device, as its owner or its address names it.
    pub device: String,
    /// What failed.
    #[source]
    pub failure: Failure,
}

/// What failed. None of it holds a password, token, nonce or body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No connection.
    #[error("cannot be reached ({0})")]
    Unreachable(String),
    /// No answer in time.
    #[error("no answer in time while {0}")]
    Timeout(&'static str),
    /// The connection broke before the answer was whole; whether the command was carried out is not known.
    #[error("the connection broke before the answer ({0})")]
    Broken(String),
    /// No agreement on encryption.
    #[error("no encrypted connection ({0})")]
    Tls(String),
    /// Not the certificate that was pinned: nothing is sent until somebody confirms the new one (K-01).
    #[error("shows another certificate than before: {shown} instead of {pinned}")]
    CertificateChanged {
        /// The one that was confirmed or first seen.
        pinned: Fingerprint,
        /// The one it shows now.
        shown: Fingerprint,
    },
    /// It offers less than it did before, as an attacker in between would (T-04).
    #[error("offers weaker protection than before ({0})")]
    Downgrade(&'static str),
    /// A protocol without real encryption to an address outside the house (K-04).
    #[error("its protocol is too weak for an address outside private networks")]
    PublicAddress,
    /// It does not accept the password. One attempt was made, and none will follow by itself.
    #[error("wrong user name or password")]
    WrongPassword,
    /// An earlier attempt failed; nothing is sent until the credentials are set again.
    #[error("no further login after a wrong password until it is entered again")]
    LoginStopped,
    /// Locked after too many failed logins.
    #[error("locked after too many failed logins{}", seconds(*.seconds_left))]
    Locked {
        /// Until it unlocks, where the device says so.
        seconds_left: Option<u32>,
    },
    /// It wants a login that is not implemented.
    #[error("wants a login that is not supported ({0})")]
    LoginUnsupported(&'static str),
    /// The session ended, and so did the one after it.
    #[error("ended the session twice")]
    SessionLost,
    /// It cannot do this.
    #[error("does not support {method}")]
    Unsupported {
        /// The command.
        method: String,
    },
    /// It did not do this.
    #[error("refused {method}: {code}")]
    Refused {
        /// The command.
        method: String,
        /// Its reason.
        code: Code,
    },
    /// An HTTP status other than success.
    #[error("answered with HTTP status {0}")]
    Status(u16),
    /// An answer that is not what the protocol says.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// A value that may not be sent.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
}

fn seconds(left: Option<u32>) -> String {
    left.map_or_else(String::new, |left| format!("; try again in {left} seconds"))
}

impl Failure {
    /// Puts the device's name to it.
    pub fn at(self, device: impl Into<String>) -> TapoError {
        TapoError { device: device.into(), failure: self }
    }

    /// What a code in answer to a command means.
    pub(crate) fn from_code(method: &str, code: Code) -> Self {
        match code.class() {
            CodeClass::SessionLost => Self::SessionLost,
            CodeClass::Blocked => Self::Locked { seconds_left: None },
            CodeClass::Unsupported => Self::Unsupported { method: method.to_owned() },
            _ => Self::Refused { method: method.to_owned(), code },
        }
    }
}

impl From<AnswerError> for Failure {
    fn from(error: AnswerError) -> Self {
        match error {
            AnswerError::Refused { method, code } => Self::from_code(&method, code),
            AnswerError::Malformed(malformed) => Self::Malformed(malformed),
        }
    }
}
