//! What a rule waits for: a tree of tests.
//!
//! Tests are of two kinds. Some look at what happens, and are true in that moment only. Others look
//! at how things stand, and hold for a while. Pure data; `engine` judges it.

use hearth_model::{CameraId, DeviceId, Direction, EventKind, GroupId, Label, PersonId, ZoneId};

use crate::{Hours, Mode, Value, comparison::Comparison};

/// A tree of tests.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// All of them; at least one.
    #[schema(no_recursion)]
    All(Vec<Condition>),
    /// One of them; at least one.
    #[schema(no_recursion)]
    Any(Vec<Condition>),
    /// Not this. What is not known is not its opposite either.
    #[schema(no_recursion)]
    Not(Box<Condition>),
    /// This happens now.
    Happens(Happens),
    /// This happens now, and with it often enough.
    Count(Count),
    /// This has not happened for a while. Counted from when the rule came into force at the earliest.
    Absent(Absent),
    /// Something of this sort is there, and has been for a while.
    Stays(Stays),
    /// The alarm is set so.
    Mode(ModeIs),
    /// It is such a time.
    Hours(Hours),
    /// A control of a device is set so.
    Device(DeviceIs),
    /// What a device measures is above or below something.
    Reading(ReadingIs),
}

/// What happens. A list is one of its entries, an empty one anything; all that is given must fit.
#[derive(
    Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(deny_unknown_fields, default)]
pub struct Happens {
    /// Kinds of facts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<EventKind>,
    /// At these cameras.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cameras: Vec<CameraId>,
    /// What was seen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Label>,
    /// In which zones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<ZoneId>,
    /// Lowest confidence, 0 to 100 percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence_min: Option<u8>,
    /// Highest confidence, 0 to 100 percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence_max: Option<u8>,
    /// Who it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<WhoIs>,
    /// Which way it goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// About these devices.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<DeviceId>,
    /// What a device noticed, e.g. `tamper`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub what: Vec<String>,
    /// Further details of the fact; all must fit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<DetailIs>,
}

/// A detail of a fact, compared with something.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DetailIs {
    /// Which, e.g. `reason`.
    pub detail: String,
    /// How it must be.
    pub is: Comparison,
}

/// Who somebody is, in a rule.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhoIs {
    /// One of these.
    People(Vec<PersonId>),
    /// Somebody of a group.
    Group(GroupId),
    /// Anybody who is known.
    Known,
    /// A face was seen well, and it is nobody's who is known.
    Stranger,
    /// No face was seen well enough to tell.
    FaceHidden,
}

/// Often enough within a time.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// What is counted.
    pub of: Happens,
    /// How often at least, 2 to 100.
    pub at_least: u16,
    /// Within how many seconds.
    pub within_seconds: u32,
}

/// Not for a while.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Absent {
    /// What does not happen.
    pub of: Happens,
    /// For how many seconds.
    pub for_seconds: u32,
}

/// There for a while.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Stays {
    /// What is there; without kinds, because an activity is what stays.
    pub of: Happens,
    /// For how many seconds.
    pub for_seconds: u32,
}

/// The alarm is set to one of these.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ModeIs {
    /// At least one.
    pub is: Vec<Mode>,
}

/// A control of a device is set so.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceIs {
    /// Which device.
    pub device: DeviceId,
    /// Which control, e.g. `power`.
    pub control: String,
    /// To what.
    pub is: Value,
}

/// What a device measures is beyond something. Both bounds together are a range.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadingIs {
    /// Which device.
    pub device: DeviceId,
    /// What is measured, e.g. `temperature`.
    pub reading: String,
    /// More than this, in the reading's own unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<f64>,
    /// Less than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<f64>,
}

impl Condition {
    /// The parts of a group; none for a test.
    pub fn parts(&self) -> &[Self] {
        match self {
            Self::All(parts) | Self::Any(parts) => parts,
            Self::Not(part) => std::slice::from_ref(part),
            _ => &[],
        }
    }

    /// Its tests from left to right, which is how they are numbered.
    pub fn tests(&self) -> Vec<&Self> {
        match self {
            Self::All(_) | Self::Any(_) | Self::Not(_) => {
                self.parts().iter().flat_map(Self::tests).collect()
            }
            test => vec![test],
        }
    }

    /// What a test looks for among what happens.
    pub fn happens(&self) -> Option<&Happens> {
        match self {
            Self::Happens(of)
            | Self::Count(Count { of, .. })
            | Self::Absent(Absent { of, .. })
            | Self::Stays(Stays { of, .. }) => Some(of),
            _ => None,
        }
    }

    /// What each of its tests has to be, so that it speaks for the condition.
    pub(crate) fn polarities(&self) -> Vec<bool> {
        fn collect(condition: &Condition, is: bool, all: &mut Vec<bool>) {
            match condition {
                Condition::All(parts) | Condition::Any(parts) => {
                    parts.iter().for_each(|part| collect(part, is, all));
                }
                Condition::Not(part) => collect(part, !is, all),
                _ => all.push(is),
            }
        }
        let mut all = Vec::new();
        collect(self, true, &mut all);
        all
    }

    /// Whether it can be true in a moment only; otherwise it can hold for a while.
    pub fn is_momentary(&self) -> bool {
        match self {
            Self::Happens(_) | Self::Count(_) => true,
            Self::All(parts) => parts.iter().any(Self::is_momentary),
            Self::Any(parts) => parts.iter().all(Self::is_momentary),
            Self::Not(part) => part.negation_is_momentary(),
            _ => false,
        }
    }

    /// The same of its opposite: all and any change places.
    fn negation_is_momentary(&self) -> bool {
        match self {
            Self::Happens(_) | Self::Count(_) => true,
            Self::All(parts) => parts.iter().all(Self::negation_is_momentary),
            Self::Any(parts) => parts.iter().any(Self::negation_is_momentary),
            Self::Not(part) => part.is_momentary(),
            _ => false,
        }
    }
}
