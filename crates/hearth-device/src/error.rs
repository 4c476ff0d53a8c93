//! Why a device did not do what was asked, in one vocabulary for all families.

use crate::Fingerprint;

/// Why a device did not do what was asked. Holds no password, token or part of an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// No connection.
    #[error("the device cannot be reached ({0})")]
    Unreachable(&'static str),
    /// No answer in time.
    #[error("the device did not answer in time")]
    Timeout,
    /// The address is none that devices may have.
    #[error("this address is not used for devices")]
    AddressRefused,
    /// It does not accept user name or password, or wants one and none is known. One attempt was
    /// made, and none follows until they are entered again (promise N-06).
    #[error("the device refuses the user name or password")]
    WrongPassword,
    /// It locked itself after too many failed logins of somebody.
    #[error("the device is locked after too many failed logins")]
    LockedOut {
        /// Until it unlocks, where it says so.
        seconds_left: Option<u32>,
    },
    /// Not the certificate that was pinned; nothing was sent (promise K-01).
    #[error("the device shows another certificate than before")]
    CertificateChanged {
        /// The one that was seen first or confirmed.
        pinned: Fingerprint,
        /// The one it shows now.
        shown: Fingerprint,
    },
    /// It offers less protection than before, as an attacker in between would (promise T-04).
    #[error("the device offers weaker protection than before")]
    Downgrade,
    /// What it said is not the protocol (promise K-03).
    #[error("the device's answer makes no sense")]
    Malformed,
    /// It cannot do that, or wants something that is not supported.
    #[error("the device does not support this")]
    Unsupported,
    /// It can, and did not.
    #[error("the device refused ({0})")]
    Refused(String),
    /// It asked for rest.
    #[error("the device wants to be asked less often")]
    Busy,
    /// It has no such control.
    #[error("the device has no such control")]
    NoSuchControl,
    /// A value that may not be sent; nothing was (promise K-02).
    #[error("{0}")]
    OutOfRange(String),
    /// Nothing is sent until a person acts: this is why.
    #[error("nothing is sent until somebody acts: {0}")]
    Stopped(Box<DeviceError>),
    /// Something on this machine does not do what it should.
    #[error("{0}")]
    Hardware(&'static str),
    /// The part of the hub that speaks to it failed, and is made anew (promise D-18).
    #[error("its driver failed")]
    Crashed,
    /// It is being removed.
    #[error("the device is not looked after any more")]
    Gone,
}

impl DeviceError {
    /// Why, behind [`DeviceError::Stopped`].
    pub fn cause(&self) -> &Self {
        match self {
            Self::Stopped(cause) => cause.cause(),
            other => other,
        }
    }

    /// What happened and what to do about it, for a person.
    pub fn advice(&self) -> String {
        match self.cause() {
            Self::Unreachable(_) | Self::Timeout => {
                "The device does not answer. Check its power, network and address.".to_owned()
            }
            Self::AddressRefused => {
                "Devices are controlled in private networks only. One on the hub's own machine is \
                 added there, with `hearthwatch device add`."
                    .to_owned()
            }
            Self::WrongPassword => {
                "The device refuses the user name or password. It was tried once; enter it again."
                    .to_owned()
            }
            Self::LockedOut { seconds_left } => {
                let wait = seconds_left.map_or_else(
                    || "half an hour".to_owned(),
                    |seconds| format!("{} minutes", seconds.div_ceil(60)),
                );
                format!(
                    "The device is locked after too many failed logins. Wait {wait}, then enter \
                     the password again."
                )
            }
            Self::CertificateChanged { .. } => {
                "The device shows another certificate than before. If it was reset or replaced, \
                 confirm the new one; if not, somebody may sit in between. Nothing is sent."
                    .to_owned()
            }
            Self::Downgrade => {
                "The device offers weaker protection than before, as somebody in between would. If \
                 its firmware was changed, remove it and add it again. Nothing is sent."
                    .to_owned()
            }
            Self::Hardware(what) => format!("It does not work: {what}."),
            Self::Crashed => {
                "The part of the hub that speaks to the device failed, and was started again."
                    .to_owned()
            }
            Self::Malformed => {
                "The device says something that makes no sense. Check its family.".to_owned()
            }
            Self::Unsupported => "The device does not support this.".to_owned(),
            Self::Busy => "The device wants to be asked less often. Wait a moment.".to_owned(),
            Self::NoSuchControl => "The device has no such control.".to_owned(),
            Self::Gone => "The device is not looked after any more.".to_owned(),
            Self::Refused(what) => format!("The device refused: {what}."),
            Self::OutOfRange(what) => format!("Not possible: {what}."),
            // Never the innermost.
            Self::Stopped(_) => "Nothing is sent until somebody acts.".to_owned(),
        }
    }

    /// Whether asking again by itself would only do harm: a person has to act.
    pub fn needs_person(&self) -> bool {
        matches!(
            self.cause(),
            Self::WrongPassword
                | Self::LockedOut { .. }
                | Self::CertificateChanged { .. }
                | Self::Downgrade
                | Self::AddressRefused
        )
    }

    /// Whether the device was asked and did not do this one thing, and is well otherwise.
    pub fn is_about_the_command(&self) -> bool {
        matches!(
            self,
            Self::Unsupported | Self::Refused(_) | Self::NoSuchControl | Self::OutOfRange(_)
        )
    }
}

/// From plugs and Tapo cameras.
impl From<hearth_tapo::TapoError> for DeviceError {
    fn from(error: hearth_tapo::TapoError) -> Self {
        error.failure.into()
    }
}

impl From<hearth_tapo::Failure> for DeviceError {
    fn from(failure: hearth_tapo::Failure) -> Self {
        use hearth_tapo::Failure;
        match failure {
            Failure::Unreachable(_) => Self::Unreachable("no connection"),
            Failure::Timeout(_) => Self::Timeout,
            Failure::Broken(_) => Self::Unreachable("the connection broke"),
            Failure::Tls(_) => Self::Unreachable("no encrypted connection"),
            Failure::CertificateChanged { pinned, shown } => Self::CertificateChanged {
                pinned: Fingerprint(pinned.0),
                shown: Fingerprint(shown.0),
            },
            Failure::Downgrade(_) => Self::Downgrade,
            Failure::PublicAddress => Self::AddressRefused,
            Failure::WrongPassword | Failure::LoginStopped => Self::WrongPassword,
            Failure::Locked { seconds_left } => Self::LockedOut { seconds_left },
            Failure::LoginUnsupported(_) | Failure::Unsupported { .. } => Self::Unsupported,
            Failure::SessionLost => Self::Refused("it ended the session twice".to_owned()),
            Failure::Refused { code, .. } => Self::Refused(code.to_string()),
            Failure::Status(status) => Self::Refused(format!("HTTP status {status}")),
            Failure::Malformed(_) => Self::Malformed,
            Failure::OutOfRange(refused) => refused.into(),
        }
    }
}

impl From<hearth_tapo::OutOfRange> for DeviceError {
    fn from(refused: hearth_tapo::OutOfRange) -> Self {
        Self::OutOfRange(refused.to_string())
    }
}

/// From the HTTP client under the other families.
impl From<hearth_http::Error> for DeviceError {
    fn from(error: hearth_http::Error) -> Self {
        use hearth_http::Error;
        match error {
            Error::Unreachable(_) => Self::Unreachable("no connection"),
            Error::Closed => Self::Unreachable("the connection broke"),
            Error::TimedOut => Self::Timeout,
            Error::Handshake(_) | Error::Untrusted(_) => {
                Self::Unreachable("no encrypted connection")
            }
            Error::CertificateChanged { pinned, seen } => {
                Self::CertificateChanged { pinned, shown: seen }
            }
            Error::Address(_) | Error::PlainHttp => Self::AddressRefused,
            Error::Request(what) => Self::OutOfRange(what.to_owned()),
            Error::TooLarge | Error::Malformed => Self::Malformed,
        }
    }
}

/// From Kasa cameras.
impl From<hearth_kasa::Error> for DeviceError {
    fn from(error: hearth_kasa::Error) -> Self {
        use hearth_kasa::Error;
        match error {
            Error::Connection(error) => error.into(),
            Error::CertificateChanged { pinned, seen } => {
                Self::CertificateChanged { pinned, shown: seen }
            }
            Error::Unauthorized => Self::WrongPassword,
            Error::Unsupported { .. } => Self::Unsupported,
            Error::Refused { code, .. } => Self::Refused(format!("code {code}")),
            Error::Status(status) => Self::Refused(format!("HTTP status {status}")),
            Error::Malformed(_) => Self::Malformed,
            Error::Random => Self::Unreachable("the system has no randomness"),
        }
    }
}

impl From<hearth_kasa::OutOfRange> for DeviceError {
    fn from(refused: hearth_kasa::OutOfRange) -> Self {
        Self::OutOfRange(refused.to_string())
    }
}

/// From ONVIF devices.
impl From<hearth_onvif::Error> for DeviceError {
    fn from(error: hearth_onvif::Error) -> Self {
        use hearth_onvif::{AnswerError, Error, ProofError, soap::FaultKind};
        match error {
            Error::Http(error) => error.into(),
            Error::Proof(ProofError::NoAccount | ProofError::WrongPassword) => Self::WrongPassword,
            Error::Proof(ProofError::Forbidden) => {
                Self::Refused("the account may not do this".to_owned())
            }
            Error::Proof(ProofError::Unsupported) => Self::Unsupported,
            Error::Proof(ProofError::Downgrade) => Self::Downgrade,
            Error::Answer(AnswerError::Fault(fault)) => match fault.kind {
                FaultKind::NotAuthorized => Self::WrongPassword,
                FaultKind::NotSupported => Self::Unsupported,
                _ => Self::Refused("it reports a fault".to_owned()),
            },
            Error::Answer(_) | Error::NotAPicture => Self::Malformed,
            Error::NotOffered(_) => Self::Unsupported,
            Error::Status(401) => Self::WrongPassword,
            Error::Status(status) => Self::Refused(format!("HTTP status {status}")),
            Error::UnfitAccount => {
                Self::OutOfRange("the user name holds characters that cannot be sent".to_owned())
            }
            Error::Random(_) => Self::Unreachable("the system has no randomness"),
        }
    }
}

/// From Netatmo.
impl From<hearth_netatmo::Error> for DeviceError {
    fn from(error: hearth_netatmo::Error) -> Self {
        use hearth_netatmo::Error;
        match error {
            Error::Connection(error) => error.into(),
            Error::Input(what) => Self::OutOfRange(what.to_owned()),
            Error::NotHttps => Self::AddressRefused,
            Error::Login | Error::Grant => Self::WrongPassword,
            Error::Forbidden => Self::Refused("the account may not do this".to_owned()),
            Error::RateLimited { .. } => Self::Busy,
            Error::Vendor { status, .. } => Self::Refused(format!("HTTP status {status}")),
            Error::NoSuchHome => Self::OutOfRange("the account has no such home".to_owned()),
            Error::NoSuchRoom => Self::OutOfRange("the home has no such room".to_owned()),
            Error::NotMeasured => Self::Refused("the room measures no temperature".to_owned()),
            Error::Malformed(_) => Self::Malformed,
            Error::Store(_) => Self::Unreachable("its session cannot be kept"),
        }
    }
}
