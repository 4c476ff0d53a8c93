//! Whether a login may be tried: never again by itself after a wrong password, and not while the
//! device is locked, because every try costs one of few.
//!
//! Pure: the time is an argument.

use std::time::{Duration, Instant};

use crate::Failure;

/// Assumed where a device does not say: what was seen at most is 1800 s.
const LOCK_DEFAULT: Duration = Duration::from_secs(1_800);
/// A device that claims more is not believed for longer than this.
const LOCK_MAX: Duration = Duration::from_secs(86_400);

/// The state of one device's login.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Gate {
    /// It may be tried.
    #[default]
    Open,
    /// The password was wrong.
    Stopped,
    /// The device is locked.
    LockedUntil(Instant),
}

impl Gate {
    /// Whether a login may be tried now.
    pub(super) fn check(self, now: Instant) -> Result<(), Failure> {
        match self {
            Self::Open => Ok(()),
            Self::Stopped => Err(Failure::LoginStopped),
            Self::LockedUntil(end) => match end.checked_duration_since(now) {
                None | Some(Duration::ZERO) => Ok(()),
                Some(left) => {
                    let seconds = u32::try_from(left.as_secs()).unwrap_or(u32::MAX);
                    Err(Failure::Locked { seconds_left: Some(seconds.max(1)) })
                }
            },
        }
    }

    /// The state after a failed login.
    pub(super) fn after(self, failure: &Failure, now: Instant) -> Self {
        match failure {
            Failure::WrongPassword => Self::Stopped,
            Failure::Locked { seconds_left } => {
                let seconds = seconds_left.map(u64::from).map(Duration::from_secs);
                Self::LockedUntil(now + seconds.unwrap_or(LOCK_DEFAULT).min(LOCK_MAX))
            }
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_password_stops_logins_for_good() {
        let now = Instant::now();
        let gate = Gate::default().after(&Failure::WrongPassword, now);
        let much_later = now + Duration::from_secs(1_000_000);
        assert_eq!(gate.check(much_later), Err(Failure::LoginStopped));
    }

    #[test]
    fn a_lock_is_waited_for_as_long_as_the_device_says() {
        let now = Instant::now();
        let gate = Gate::default().after(&Failure::Locked { seconds_left: Some(30) }, now);
        let half = now + Duration::from_secs(15);
        assert_eq!(gate.check(half), Err(Failure::Locked { seconds_left: Some(15) }));
        assert_eq!(gate.check(now + Duration::from_secs(30)), Ok(()));
        let endless = Gate::default().after(&Failure::Locked { seconds_left: Some(u32::MAX) }, now);
        assert_eq!(endless.check(now + LOCK_MAX), Ok(()));
    }

    #[test]
    fn other_failures_do_not_stop_logins() {
        let now = Instant::now();
        let gate = Gate::default().after(&Failure::Timeout("logging in"), now);
        assert_eq!(gate.check(now), Ok(()));
    }
}
