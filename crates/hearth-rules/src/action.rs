//! What a rule does, as data. The hub carries it out and says what came of it.
//!
//! Addresses, passwords and templates of messages are not here: a rule names a channel that an
//! administrator set up, and cannot send anything elsewhere.

use hearth_model::{CameraId, ChannelId, DeviceId, RecipientId, Severity};

use crate::{Mode, Value};

/// One thing that a rule does.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = RuleAction)]
pub enum Action {
    /// Tells people.
    Notify {
        /// Whom; empty means everybody who wants to be told of such things.
        #[serde(default)]
        to: Vec<RecipientId>,
        /// How bad it is.
        severity: Severity,
        /// Whether a picture goes with it, where one is allowed.
        #[serde(default)]
        picture: bool,
        /// In which words; absent means the rule's name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// Records, unless the schedule says that nothing is to be recorded.
    Record {
        /// Which cameras; empty means where it happened.
        #[serde(default)]
        cameras: Vec<CameraId>,
        /// For how many seconds.
        seconds: u32,
    },
    /// Keeps the footage of where it happened from being erased.
    HoldClip {
        /// From how many seconds before.
        before_seconds: u32,
        /// To how many seconds after.
        after_seconds: u32,
        /// For how many days.
        days: u16,
    },
    /// Opens an incident that somebody has to look into.
    Alert {
        /// How bad.
        severity: Severity,
        /// In one line.
        title: String,
    },
    /// Sounds a siren, or silences it.
    Siren {
        /// Which devices; empty means all sirens.
        #[serde(default)]
        devices: Vec<DeviceId>,
        /// Sounds for so many seconds; 0 silences.
        seconds: u32,
    },
    /// Switches a plug or a light.
    Switch {
        /// Which.
        device: DeviceId,
        /// On or off.
        on: bool,
        /// And back after so many seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        for_seconds: Option<u32>,
    },
    /// Sets another control of a device.
    Set {
        /// Which device.
        device: DeviceId,
        /// Which control.
        control: String,
        /// To what.
        value: Value,
    },
    /// Turns a camera to a place that it knows.
    Preset {
        /// Which camera.
        camera: CameraId,
        /// Which place.
        preset: String,
    },
    /// Sets the privacy switch of the house.
    Privacy {
        /// On or off.
        on: bool,
        /// And back after so many seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        for_seconds: Option<u32>,
    },
    /// Sets the alarm.
    Arm {
        /// To what.
        mode: Mode,
    },
    /// Calls a web address that an administrator set up.
    Webhook {
        /// Which channel.
        channel: ChannelId,
    },
    /// Publishes at a broker that an administrator set up.
    Mqtt {
        /// Which channel.
        channel: ChannelId,
        /// Under which topic.
        topic: String,
        /// What.
        payload: String,
    },
    /// Writes it into the log.
    Log {
        /// In which words; absent means the rule's name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
}

/// Something in the house that is in one state at a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Thing {
    /// A control of a device.
    Control(DeviceId, String),
    /// Where a camera looks.
    View(CameraId),
    /// The privacy switch.
    Privacy,
    /// The alarm.
    Alarm,
    /// A siren; all of them without a device.
    Siren(Option<DeviceId>),
}

/// The control that a switch sets.
pub(crate) const POWER: &str = "power";

impl Action {
    /// What it sets, and to what, in words. One that only adds something sets nothing.
    pub(crate) fn settings(&self) -> Vec<(Thing, String)> {
        let on = |on: &bool| Value::Switch(*on).to_string();
        match self {
            Self::Switch { device, on: is_on, .. } => {
                vec![(Thing::Control(*device, POWER.to_owned()), on(is_on))]
            }
            Self::Set { device, control, value } => {
                vec![(Thing::Control(*device, control.clone()), value.to_string())]
            }
            Self::Preset { camera, preset } => vec![(Thing::View(*camera), preset.clone())],
            Self::Privacy { on: is_on, .. } => vec![(Thing::Privacy, on(is_on))],
            Self::Arm { mode } => vec![(Thing::Alarm, mode.name().to_owned())],
            Self::Siren { devices, seconds } => {
                let sounds = on(&(*seconds > 0));
                let things: Vec<_> = match devices.as_slice() {
                    [] => vec![Thing::Siren(None)],
                    some => some.iter().map(|device| Thing::Siren(Some(*device))).collect(),
                };
                things.into_iter().map(|thing| (thing, sounds.clone())).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What both set, to different values.
    pub(crate) fn opposed(&self, other: &Self) -> Option<Thing> {
        let others = other.settings();
        self.settings().into_iter().find_map(|(thing, value)| {
            let opposes = |(same, to): &(Thing, String)| same.is_same(&thing) && *to != value;
            others.iter().any(opposes).then_some(thing)
        })
    }

    /// What it is called in findings and histories.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Notify { .. } => "notify",
            Self::Record { .. } => "record",
            Self::HoldClip { .. } => "hold_clip",
            Self::Alert { .. } => "alert",
            Self::Siren { .. } => "siren",
            Self::Switch { .. } => "switch",
            Self::Set { .. } => "set",
            Self::Preset { .. } => "preset",
            Self::Privacy { .. } => "privacy",
            Self::Arm { .. } => "arm",
            Self::Webhook { .. } => "webhook",
            Self::Mqtt { .. } => "mqtt",
            Self::Log { .. } => "log",
        }
    }
}

impl Thing {
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Siren(one), Self::Siren(other)) => {
                one.is_none() || other.is_none() || one == other
            }
            (one, other) => one == other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_sets_one_thing_to_two_values_is_opposed() {
        let lamp = DeviceId::new();
        let switch = |device, on| Action::Switch { device, on, for_seconds: None };
        assert!(switch(lamp, true).opposed(&switch(lamp, false)).is_some());
        assert!(switch(lamp, true).opposed(&switch(lamp, true)).is_none());
        assert!(switch(lamp, true).opposed(&switch(DeviceId::new(), false)).is_none());
        let set =
            Action::Set { device: lamp, control: POWER.to_owned(), value: Value::Switch(false) };
        assert!(switch(lamp, true).opposed(&set).is_some());
        let siren = |devices, seconds| Action::Siren { devices, seconds };
        assert!(siren(vec![], 0).opposed(&siren(vec![lamp], 30)).is_some());
        assert!(siren(vec![], 10).opposed(&siren(vec![lamp], 30)).is_none());
    }
}
