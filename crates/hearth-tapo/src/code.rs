//! The error codes of devices, and what to do about each.
//!
//! Devices answer HTTP 200 and hide failures in `error_code`. Source: the code tables that two
//! independent clients agree on.

use std::fmt;

/// An `error_code` of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Code(pub i32);

/// What a code asks the client to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeClass {
    /// Done.
    Success,
    /// The session is over: log in again and repeat.
    SessionLost,
    /// The password or user name is wrong: stop.
    Credentials,
    /// Too many failed logins: stop until the device says otherwise.
    Blocked,
    /// This device cannot do it.
    Unsupported,
    /// It can, but not now: the motor moves, too many clients, privacy mode is on.
    Busy,
    /// The storage is missing or unusable.
    Storage,
    /// Anything else.
    Failed,
}

impl Code {
    /// Done.
    pub const SUCCESS: Self = Self(0);
    /// The session expired; also the wrapper around "log in first".
    pub const SESSION_EXPIRED: Self = Self(-40401);
    /// A challenge in the first step of a login, "wrong hash" in the second.
    pub const CHALLENGE: Self = Self(-40413);
    /// No account of this name.
    pub const BAD_USERNAME: Self = Self(-40411);
    /// No account of this name, on devices with the encrypted channel.
    pub const UNKNOWN_USERNAME: Self = Self(-60502);
    /// Locked after too many failed logins.
    pub const BLOCKED: Self = Self(-40404);
    /// The device wants another login: TPAP.
    pub const MISSING_PARAMETERS: Self = Self(-40211);
    /// A TPAP login that the device does not believe.
    pub const TPAP_REFUSED: Self = Self(-40418);
    /// Wrong login of a plug.
    pub const LOGIN_FAILED: Self = Self(-1501);
    /// The AES session of a plug is over.
    pub const SESSION_TIMEOUT: Self = Self(9999);
    /// The device does not know the method.
    pub const UNSUPPORTED_METHOD: Self = Self(-40106);

    /// What to do.
    pub fn class(self) -> CodeClass {
        match self.0 {
            0 => CodeClass::Success,
            -40401 | -40421 | 9999 => CodeClass::SessionLost,
            -40411 | -40412 | -40413 | -40414 | -40418 | -60502 | -1501 | 1111 | 1100 | 1003
            | -1005 | -60506 => CodeClass::Credentials,
            -40404 | -40408 => CodeClass::Blocked,
            -40105 | -40106 | -40210 | -1002 | -10008 | -1702 | -80101 | -72101 | -64336 => {
                CodeClass::Unsupported
            }
            -64303 | -64304 | -64305 | -64306 | -64324 | -40109 | -52405 | -52407 | -52411
            | -52417 | -52419 | -52435 => CodeClass::Busy,
            -71114 | -71115 | -52409 | -52422 | -1104 => CodeClass::Storage,
            _ => CodeClass::Failed,
        }
    }

    /// A few words for people.
    pub fn meaning(self) -> &'static str {
        match self.0 {
            0 => "done",
            9999 | -40401 | -40421 => "the session expired",
            -40411 | -60502 => "unknown user name",
            -40413 | -1501 | -40418 => "wrong user name or password",
            -40412 => "HomeKit login failed",
            -40414 => "the local password is needed",
            -60506 => "the old password is wrong",
            -40404 | -40408 => "locked after too many failed logins",
            -40405 => "the device was never set up",
            -40105 | -40106 | -40210 | -1002 | -10008 => "the device does not know this command",
            -40101 | -40209 | -1008 => "the device did not accept a value",
            -40109 => "the same command twice within a second",
            -64302 | -64321 => "no such preset",
            -64303 => "the motor is busy",
            -64304 => "the end of the motor's range",
            -64305 => "not while the camera moves",
            -64306 => "no room for another preset",
            -64324 => "not while privacy mode is on",
            -71103..=-71101 => "no identity for searching recordings",
            -71105 => "the search failed",
            -71114 | -52409 | -1104 => "no storage card",
            -71115 => "the storage card is being read in",
            -52422 => "the storage card cannot be used",
            -52405 | -52407 | -52419 => "too many clients",
            -52411 => "somebody else is talking",
            -52417 | -52435 => "somebody else is watching recordings",
            -80101 => "encryption is not supported",
            -90404 => "not enough battery",
            -1802 => "no room for another schedule",
            -1803 => "the schedule overlaps another",
            _ => "the device reports a failure",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.meaning(), self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_shown_with_its_meaning_and_its_number() {
        assert_eq!(Code(-64303).to_string(), "the motor is busy (-64303)");
        assert_eq!(Code(-123).to_string(), "the device reports a failure (-123)");
    }

    #[test]
    fn codes_that_end_a_session_are_told_from_those_that_end_the_login() {
        assert_eq!(Code::SESSION_EXPIRED.class(), CodeClass::SessionLost);
        assert_eq!(Code::CHALLENGE.class(), CodeClass::Credentials);
        assert_eq!(Code::BLOCKED.class(), CodeClass::Blocked);
        assert_eq!(Code::SUCCESS.class(), CodeClass::Success);
    }
}
