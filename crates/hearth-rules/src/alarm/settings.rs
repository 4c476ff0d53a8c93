//! What an alarm watches, and how long it waits.

use std::collections::BTreeMap;

use hearth_model::{CameraId, DeviceId, Label};

use super::ModeChange;
use crate::{Mode, SIREN_SECONDS_MAX};

/// Longest exit or entry delay. Whoever needs longer to a keypad has the wrong place for it.
const DELAY_SECONDS_MAX: u32 = 600;

/// Sensors and cameras of one mode.
const WATCHES_MAX: usize = 256;

/// Changes of the mode in a week.
const CHANGES_MAX: usize = 64;

/// What can set an alarm off.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Sensor {
    /// A contact, a detector, a button.
    Device(DeviceId),
    /// A camera that sees something.
    Camera(CameraId),
}

/// How fast an alarm reacts to a sensor.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Reaction {
    /// After the entry delay: the way in for those who live here.
    Delayed,
    /// At once.
    Instant,
}

/// A sensor that is watched.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Watch {
    /// Which.
    pub sensor: Sensor,
    /// How fast.
    pub reaction: Reaction,
    /// What a camera has to see; empty means anything.
    #[serde(default)]
    pub labels: Vec<Label>,
}

/// One mode.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(deny_unknown_fields)]
pub struct ModeSettings {
    /// Time to leave, in seconds.
    pub exit_seconds: u32,
    /// Time to disarm after coming in, in seconds.
    pub entry_seconds: u32,
    /// What is watched.
    pub watches: Vec<Watch>,
}

/// An alarm.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(deny_unknown_fields)]
pub struct AlarmSettings {
    /// The armed modes of this house. One that is not here cannot be set.
    pub modes: BTreeMap<Mode, ModeSettings>,
    /// How long a siren sounds, in seconds; 0 is an alarm without one.
    pub siren_seconds: u32,
    /// When the mode changes by itself.
    #[serde(default)]
    pub schedule: Vec<ModeChange>,
}

/// Why settings are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Disarmed has no settings.
    #[error("nothing is watched while the house is disarmed")]
    Disarmed,
    /// A delay is too long.
    #[error("a delay is at most {DELAY_SECONDS_MAX} seconds")]
    Delay,
    /// A siren sounds too long.
    #[error("a siren sounds at most {SIREN_SECONDS_MAX} seconds")]
    Siren,
    /// Too many sensors.
    #[error("a mode watches at most {WATCHES_MAX} sensors")]
    Watches,
    /// Too many changes, or one to a mode that the house does not have.
    #[error("a schedule has at most {CHANGES_MAX} changes, each to a mode of this house")]
    Schedule,
    /// Presence breaks a limit, or is to arm a mode that the house does not have.
    #[error(
        "everybody is away for 5 to 240 minutes, by at most 32 devices; arming needs the mode away"
    )]
    Presence,
}

impl AlarmSettings {
    /// Checks all limits.
    ///
    /// # Errors
    /// What they break first.
    pub fn check(&self) -> Result<(), SettingsError> {
        if self.modes.contains_key(&Mode::Disarmed) {
            return Err(SettingsError::Disarmed);
        }
        for mode in self.modes.values() {
            if mode.exit_seconds.max(mode.entry_seconds) > DELAY_SECONDS_MAX {
                return Err(SettingsError::Delay);
            }
            if mode.watches.len() > WATCHES_MAX {
                return Err(SettingsError::Watches);
            }
        }
        if self.siren_seconds > SIREN_SECONDS_MAX {
            return Err(SettingsError::Siren);
        }
        let is_of_house = |change: &ModeChange| {
            change.days.len() <= 7
                && (change.mode == Mode::Disarmed || self.modes.contains_key(&change.mode))
        };
        if self.schedule.len() > CHANGES_MAX || !self.schedule.iter().all(is_of_house) {
            return Err(SettingsError::Schedule);
        }
        Ok(())
    }

    /// How a mode reacts to a sensor, if it does.
    pub(super) fn reaction(
        &self,
        mode: Mode,
        sensor: Sensor,
        label: Option<&Label>,
    ) -> Option<Reaction> {
        let settings = self.modes.get(&mode)?;
        let fits = |watch: &&Watch| {
            let is_label = label.is_some_and(|label| watch.labels.contains(label));
            watch.sensor == sensor && (watch.labels.is_empty() || is_label)
        };
        let fitting = settings.watches.iter().filter(fits).map(|watch| watch.reaction);
        // Named twice: the faster one counts.
        fitting
            .max_by_key(|reaction| *reaction == Reaction::Instant)
            .map(|reaction| if settings.entry_seconds == 0 { Reaction::Instant } else { reaction })
    }
}
