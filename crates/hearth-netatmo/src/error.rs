//! Why something was not done.

use std::time::Duration;

/// Why something was not done. Holds no secret and no part of an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The caller's value is not valid; nothing was sent.
    #[error("{0}")]
    Input(&'static str),
    /// The address of a service is not an HTTPS origin; nothing was sent.
    #[error("Netatmo is spoken to over https only")]
    NotHttps,
    /// Netatmo does not accept user name or password. For a while nothing is tried any more, so
    /// that the account is not locked.
    #[error("Netatmo does not accept the user name or password")]
    Login,
    /// Netatmo refuses although signing in anew worked.
    #[error("Netatmo refuses this account access")]
    Forbidden,
    /// The owner's grant for weather stations is missing, expired or was withdrawn.
    #[error("the grant for this application is missing or not valid any more")]
    Grant,
    /// Netatmo asked for rest, or the own limit is reached; nothing was sent.
    #[error("Netatmo wants to be asked again in {} s", .retry_after.as_secs().max(1))]
    RateLimited {
        /// How long to wait.
        retry_after: Duration,
    },
    /// Netatmo answers with an error of its own.
    #[error("Netatmo answered with HTTP status {status}{}", code_text(*.code))]
    Vendor {
        /// HTTP status.
        status: u16,
        /// Its own code, if it said one.
        code: Option<i64>,
    },
    /// The account has no home, or not this one.
    #[error("there is no such home in this account")]
    NoSuchHome,
    /// The home has no such room.
    #[error("there is no such room in this home")]
    NoSuchRoom,
    /// The room measures no temperature, so there is nothing to correct.
    #[error("the room measures no temperature")]
    NotMeasured,
    /// The answer is none.
    #[error("Netatmo's answer makes no sense: {0}")]
    Malformed(&'static str),
    /// No answer came.
    #[error("{0}")]
    Connection(#[from] hearth_http::Error),
    /// The grant cannot be kept, and the old one is used up.
    #[error("the new grant could not be stored: {0}")]
    Store(String),
}

fn code_text(code: Option<i64>) -> String {
    code.map_or_else(String::new, |code| format!(", code {code}"))
}

impl Error {
    /// One word for logs and programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Input(_) => "input",
            Self::NotHttps => "not_https",
            Self::Login => "login",
            Self::Forbidden => "forbidden",
            Self::Grant => "grant",
            Self::RateLimited { .. } => "rate_limited",
            Self::Vendor { .. } => "vendor",
            Self::NoSuchHome => "no_such_home",
            Self::NoSuchRoom => "no_such_room",
            Self::NotMeasured => "not_measured",
            Self::Malformed(_) => "malformed",
            Self::Connection(hearth_http::Error::TimedOut) => "timed_out",
            Self::Connection(_) => "unreachable",
            Self::Store(_) => "store",
        }
    }
}
