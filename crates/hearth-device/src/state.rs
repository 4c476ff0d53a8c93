//! How a device fares, in words that are true.

use hearth_model::WallTime;

use crate::{Control, DeviceError, Look, Memory};

/// How a device fares.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum DeviceState {
    /// It answered the last time it was asked.
    Answering,
    /// It does not answer.
    Unreachable,
    /// It refused the password; nothing is sent until it is entered again.
    WrongPassword,
    /// It locked itself; nothing is sent until the password is entered again.
    LockedOut,
    /// It shows another certificate, or less protection, than before; nothing is sent until a
    /// person confirms it.
    CertificateChanged,
    /// It says things that are not the protocol.
    Malformed,
    /// It wants something that is not supported.
    Unsupported,
    /// Nobody asked yet.
    NotAskedYet,
}

impl DeviceState {
    /// What a failure says about a device.
    pub fn of(error: &DeviceError) -> Self {
        match error.cause() {
            DeviceError::WrongPassword => Self::WrongPassword,
            DeviceError::LockedOut { .. } => Self::LockedOut,
            DeviceError::CertificateChanged { .. } | DeviceError::Downgrade => {
                Self::CertificateChanged
            }
            DeviceError::Malformed | DeviceError::Crashed => Self::Malformed,
            DeviceError::Unsupported
            | DeviceError::NoSuchControl
            | DeviceError::OutOfRange(_)
            | DeviceError::AddressRefused => Self::Unsupported,
            DeviceError::Unreachable(_)
            | DeviceError::Hardware(_)
            | DeviceError::Timeout
            | DeviceError::Refused(_)
            | DeviceError::Busy
            | DeviceError::Stopped(_)
            | DeviceError::Gone => Self::Unreachable,
        }
    }
}

/// What is known about a device now.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// How it fares.
    pub state: DeviceState,
    /// Why it does not answer, and what it shows instead of its certificate.
    pub failure: Option<DeviceError>,
    /// Since when it is in this state.
    pub since: WallTime,
    /// When it last answered.
    pub answered_at: Option<WallTime>,
    /// What it said last, however long ago.
    pub look: Option<Look>,
    /// What it has shown so far; to be kept.
    pub memory: Memory,
}

impl Standing {
    /// Why it does not answer and what to do about it, for a person.
    pub fn reason(&self) -> Option<String> {
        self.failure.as_ref().map(DeviceError::advice)
    }

    pub(crate) fn new(since: WallTime, memory: Memory) -> Self {
        let state = DeviceState::NotAskedYet;
        Self { state, failure: None, since, answered_at: None, look: None, memory }
    }

    /// A control of the device, if it has one of that name.
    pub fn control(&self, key: &str) -> Option<&Control> {
        self.look.as_ref()?.controls.iter().find(|control| control.key == key)
    }

    pub(crate) fn enter(&mut self, state: DeviceState, now: WallTime) {
        if self.state != state {
            (self.state, self.since) = (state, now);
        }
    }

    /// Takes in what the device said. A control whose value it does not tell keeps the value that
    /// it acknowledged before.
    pub(crate) fn answered(&mut self, mut look: Look, now: WallTime) {
        for control in &mut look.controls {
            if control.value.is_some() {
                control.as_of = Some(now);
            } else if let Some(before) = self.control(&control.key) {
                control.value.clone_from(&before.value);
                control.as_of = before.as_of;
            }
        }
        for reading in &mut look.readings {
            // One that was measured earlier says so itself.
            reading.as_of = reading.as_of.or(Some(now));
        }
        self.look = Some(look);
        self.answered_at = Some(now);
        self.failure = None;
        self.enter(DeviceState::Answering, now);
    }
}
