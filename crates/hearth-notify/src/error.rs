//! What became of an attempt that delivered nothing.

use std::time::Duration;

/// Why a message was not delivered. The texts are for people who manage the house: no secret, no
/// address of a recipient, nothing of what a service answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// It may work later.
    #[error("{reason}")]
    TryAgain {
        /// Why.
        reason: &'static str,
        /// How long the service asked to wait.
        after: Option<Duration>,
    },
    /// This message, or anything to this recipient, will never be taken.
    #[error("{reason}")]
    NeverAgain {
        /// Why.
        reason: &'static str,
        /// Whether the recipient itself is gone, e.g. a browser that dropped its subscription.
        recipient_is_gone: bool,
    },
    /// Somebody has to set the channel or the recipient right.
    #[error("{reason}")]
    Misconfigured {
        /// Why.
        reason: &'static str,
    },
}

impl DeliveryError {
    /// The name of the kind, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TryAgain { .. } => "try_again",
            Self::NeverAgain { .. } => "never_again",
            Self::Misconfigured { .. } => "misconfigured",
        }
    }

    pub(crate) const fn try_again(reason: &'static str) -> Self {
        Self::TryAgain { reason, after: None }
    }

    pub(crate) const fn never_again(reason: &'static str) -> Self {
        Self::NeverAgain { reason, recipient_is_gone: false }
    }

    pub(crate) const fn misconfigured(reason: &'static str) -> Self {
        Self::Misconfigured { reason }
    }
}

impl From<hearth_http::Error> for DeliveryError {
    fn from(error: hearth_http::Error) -> Self {
        use hearth_http::Error;
        match error {
            Error::Request(_) => Self::misconfigured("The address of the service is not valid."),
            Error::PlainHttp => Self::misconfigured("The service must be reached over https."),
            Error::Address(_) => Self::misconfigured(
                "The service is in a network that this channel may not reach. Allow the house's network if it is yours.",
            ),
            Error::Untrusted(_) => Self::misconfigured(
                "The service's certificate is not trusted. If it signed it itself, give its SHA-256.",
            ),
            Error::CertificateChanged { .. } => Self::misconfigured(
                "The service shows another certificate than the one that was given.",
            ),
            Error::Handshake(_) => Self::try_again("No encrypted connection came about."),
            Error::Unreachable(_) => Self::try_again("The service cannot be reached."),
            Error::TimedOut => Self::try_again("The service does not answer in time."),
            Error::Closed => Self::try_again("The connection ended before the answer did."),
            Error::TooLarge | Error::Malformed => {
                Self::try_again("The service's answer is not understood.")
            }
        }
    }
}
