//! What an alarm tells, and what it refuses.

use hearth_model::{DeviceId, RuleId, WallTime};

use super::Sensor;
use crate::Mode;

/// Why a transition happened.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlarmCause {
    /// Somebody who is signed in.
    Person(String),
    /// Somebody's PIN.
    Pin(String),
    /// The schedule of modes.
    Schedule,
    /// A rule.
    Rule(RuleId),
    /// A sensor or a camera.
    Sensor(Sensor),
    /// A device that is tampered with.
    Tamper(DeviceId),
    /// A delay or the time of a siren was over.
    Time,
    /// Everybody has been away for long enough.
    Presence,
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlarmChange {
    /// There is time to leave.
    Arming {
        /// What will be set.
        mode: Mode,
        /// When.
        until: WallTime,
        /// What does not answer or is open, and was accepted.
        not_ready: Vec<String>,
    },
    /// The house is armed.
    Armed {
        /// How.
        mode: Mode,
        /// What does not answer or is open, and was accepted.
        not_ready: Vec<String>,
    },
    /// The house is disarmed.
    Disarmed,
    /// Somebody came in, and has time to disarm.
    EntryDelay {
        /// Until when.
        until: WallTime,
    },
    /// The alarm went off.
    Triggered,
    /// Sirens are to sound.
    SirenOn {
        /// Until when at most.
        until: WallTime,
    },
    /// Sirens are to be silent.
    SirenOff,
    /// Somebody looks into it.
    Acknowledged,
    /// It was for nothing.
    FalseAlarm,
    /// Somebody tampers with a device.
    Tampered,
    /// Somebody needs help and must not be seen to ask for it. Always secret.
    SilentAlarm,
    /// A wrong PIN.
    PinRefused {
        /// How many more may be.
        left: u8,
    },
    /// Too many wrong PINs.
    PinLocked {
        /// Until when none is looked at.
        until: WallTime,
    },
    /// The schedule did not set the mode.
    ScheduleMissed {
        /// Which.
        mode: Mode,
        /// When it was due.
        due: WallTime,
        /// Why not.
        reason: AlarmRefused,
    },
}

/// Something changed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct AlarmEvent {
    /// When.
    pub at: WallTime,
    /// What.
    pub change: AlarmChange,
    /// Why.
    pub cause: AlarmCause,
    /// Whether nothing in the house may show it: no page, no sound, no log that is open there.
    pub is_secret: bool,
}

/// Why an input is refused.
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    thiserror::Error,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AlarmRefused {
    /// The house does not have this mode.
    #[error("this house has no such mode")]
    NoSuchMode,
    /// Something does not answer or is open.
    #[error("not everything is ready")]
    NotReady(Vec<String>),
    /// Only a person ends an alarm.
    #[error("an alarm is under way; only a person ends it")]
    UnderWay,
    /// The PIN is wrong.
    #[error("the PIN is wrong")]
    PinWrong {
        /// How many more may be.
        left: u8,
    },
    /// Too many wrong PINs.
    #[error("too many wrong PINs")]
    PinLocked {
        /// Until when none is looked at.
        until: WallTime,
    },
    /// It was due too long ago.
    #[error("it was due too long ago")]
    Late,
}
