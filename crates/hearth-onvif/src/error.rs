//! Why an answer is not one, and why there is none.

use crate::{
    ProofError,
    random::NoRandomness,
    soap::{Fault, FaultKind, Service},
    xml::XmlError,
};

/// Why an answer of a device cannot be used. Pure: nothing here comes from sockets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// It is not XML, or more of it than is read.
    #[error("the device's answer cannot be read: {0}")]
    Xml(#[from] XmlError),
    /// It is no SOAP envelope with a body.
    #[error("the device's answer is not SOAP")]
    NotSoap,
    /// It is the answer to something else.
    #[error("the device answered something that was not asked")]
    Unexpected,
    /// It lacks something that the standard demands.
    #[error("the device's answer lacks {0}")]
    Missing(&'static str),
    /// Something in it is not what the standard says.
    #[error("{0} in the device's answer is malformed or out of range")]
    Malformed(&'static str),
    /// It points to another host, or to something that is not fetched over the network.
    #[error("the device's answer points to another host; it was not followed")]
    ForeignUrl,
    /// The device says no.
    #[error("the device refuses: {0}")]
    Fault(Fault),
}

/// Why a device did not do what was asked. Holds no password, no header and no body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No answer: not reached, too late, not encrypted as expected.
    #[error(transparent)]
    Http(#[from] hearth_http::Error),
    /// No proof that the device takes.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// An answer that is none, or a fault.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// The device has no such service.
    #[error("the device offers no {0} service")]
    NotOffered(Service),
    /// An HTTP status without more.
    #[error("the device answered with HTTP status {0}")]
    Status(u16),
    /// What came from a snapshot address is no JPEG.
    #[error("the device sent something that is no JPEG picture")]
    NotAPicture,
    /// The user name holds characters that cannot be sent.
    #[error("the user name holds characters that cannot be sent")]
    UnfitAccount,
    /// See [`NoRandomness`].
    #[error(transparent)]
    Random(#[from] NoRandomness),
}

impl Error {
    fn fault(&self) -> Option<FaultKind> {
        match self {
            Self::Answer(AnswerError::Fault(fault)) => Some(fault.kind),
            _ => None,
        }
    }

    /// Whether a proof was missing, wrong or not enough.
    pub fn is_not_authorized(&self) -> bool {
        matches!(self, Self::Proof(_) | Self::Status(401))
            || self.fault() == Some(FaultKind::NotAuthorized)
    }

    /// Whether the device cannot do it at all.
    pub fn is_not_supported(&self) -> bool {
        matches!(self, Self::NotOffered(_) | Self::Status(404 | 405 | 501))
            || self.fault() == Some(FaultKind::NotSupported)
    }

    /// Whether what it was about is gone, e.g. a subscription that ran out.
    pub fn is_gone(&self) -> bool {
        self.fault() == Some(FaultKind::Gone)
    }

    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Http(hearth_http::Error::TimedOut) => "timed_out",
            Self::Http(hearth_http::Error::CertificateChanged { .. }) => "certificate_changed",
            Self::Http(hearth_http::Error::Address(_)) => "address_not_allowed",
            Self::Http(_) => "unreachable",
            Self::Proof(ProofError::NoAccount) => "no_account",
            Self::Proof(ProofError::WrongPassword) => "wrong_password",
            Self::Proof(ProofError::Forbidden) => "forbidden",
            Self::Proof(ProofError::Unsupported) => "unsupported_authentication",
            Self::Proof(ProofError::Downgrade) => "authentication_downgrade",
            Self::Answer(AnswerError::Fault(_)) if self.is_not_supported() => "not_supported",
            Self::Answer(AnswerError::Fault(_)) => "fault",
            Self::Answer(AnswerError::ForeignUrl) => "foreign_url",
            Self::Answer(_) => "malformed_answer",
            Self::NotOffered(_) => "not_supported",
            Self::Status(_) => "http_status",
            Self::NotAPicture => "not_a_picture",
            Self::UnfitAccount => "unfit_account",
            Self::Random(_) => "no_randomness",
        }
    }
}
