//! What topics mean. Vendors name the same thing differently; each row is a name seen in public
//! documentation of ONVIF or of a vendor.

use serde::Serialize;

use super::Item;
use crate::xml::element::boolean;

/// What happened, as far as it is known. `active` is `false` when it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Meaning {
    /// Something moves.
    Motion {
        /// Begun or over.
        active: bool,
    },
    /// The device believes that it sees a person.
    Person {
        /// Begun or over.
        active: bool,
    },
    /// The device believes that it sees a vehicle.
    Vehicle {
        /// Begun or over.
        active: bool,
    },
    /// The device believes that it sees an animal.
    Animal {
        /// Begun or over.
        active: bool,
    },
    /// Somebody pressed the doorbell; `false` when the button is let go.
    DoorbellPress {
        /// Pressed or let go.
        active: bool,
    },
    /// A contact at the device.
    DigitalInput {
        /// Closed or open, as the device sees it.
        active: bool,
    },
    /// The device was moved, covered or blinded.
    Tamper {
        /// Begun or over.
        active: bool,
    },
    /// Something else: the topic tells.
    Other,
}

/// The end of a topic's path, the data item that tells, and what it means. The first row that fits
/// counts, so longer paths stand before shorter ones.
type Row = (&'static str, Option<&'static str>, fn(bool) -> Meaning);

const TABLE: [Row; 26] = [
    ("TPSmartEventDetector/TPSmartEvent", Some("IsPeople"), |active| Meaning::Person { active }),
    ("TPSmartEventDetector/TPSmartEvent", Some("IsVehicle"), |active| Meaning::Vehicle { active }),
    ("TPSmartEventDetector/TPSmartEvent", Some("IsPet"), |active| Meaning::Animal { active }),
    ("PeopleDetector/People", Some("IsPeople"), |active| Meaning::Person { active }),
    ("MyRuleDetector/PeopleDetect", None, |active| Meaning::Person { active }),
    ("MyRuleDetector/FaceDetect", None, |active| Meaning::Person { active }),
    ("IVA/HumanShapeDetect", None, |active| Meaning::Person { active }),
    ("MyRuleDetector/HumanShapeDetect", None, |active| Meaning::Person { active }),
    ("ObjectDetector/HumanShapeDetect", None, |active| Meaning::Person { active }),
    ("MyRuleDetector/VehicleDetect", None, |active| Meaning::Vehicle { active }),
    ("MyRuleDetector/DogCatDetect", None, |active| Meaning::Animal { active }),
    ("MyRuleDetector/Visitor", None, |active| Meaning::DoorbellPress { active }),
    ("Doorbell/Pressed", None, |active| Meaning::DoorbellPress { active }),
    ("CallButton/Pressed", None, |active| Meaning::DoorbellPress { active }),
    ("Trigger/DigitalInput", None, |active| Meaning::DigitalInput { active }),
    ("TamperDetector/Tamper", None, |active| Meaning::Tamper { active }),
    ("GlobalSceneChange/ImagingService", None, |active| Meaning::Tamper { active }),
    ("GlobalSceneChange/AnalyticsService", None, |active| Meaning::Tamper { active }),
    ("ImageTooBlurry/ImagingService", None, |active| Meaning::Tamper { active }),
    ("ImageTooDark/ImagingService", None, |active| Meaning::Tamper { active }),
    ("Tampering/Alarm", None, |active| Meaning::Tamper { active }),
    ("CellMotionDetector/Motion", None, |active| Meaning::Motion { active }),
    ("MotionRegionDetector/Motion", None, |active| Meaning::Motion { active }),
    ("VideoSource/MotionAlarm", None, |active| Meaning::Motion { active }),
    ("VideoAnalytics/Motion", None, |active| Meaning::Motion { active }),
    ("FieldDetector/ObjectsInside", None, |active| Meaning::Motion { active }),
];

impl Meaning {
    /// What a topic with its data means.
    pub(super) fn of(topic: &str, data: &[Item]) -> Self {
        let plain = without_prefixes(topic);
        let fits = |path: &str| {
            plain
                .strip_suffix(path)
                .is_some_and(|before| before.is_empty() || before.ends_with('/'))
        };
        let active = |name: Option<&str>| match name {
            Some(name) => data.iter().find(|item| item.name == name).and_then(Item::boolean),
            // Exactly one truth is told, whatever its name: IsMotion, State, LogicalState.
            None => data.iter().find_map(Item::boolean),
        };
        TABLE
            .iter()
            .filter(|row| fits(row.0))
            .find_map(|row| active(row.1).map(row.2))
            .unwrap_or(Self::Other)
    }
}

impl Item {
    fn boolean(&self) -> Option<bool> {
        boolean(&self.value)
    }
}

/// `tns1:RuleEngine/tnsvendor:Detector/Motion` without the prefixes.
fn without_prefixes(topic: &str) -> String {
    let names = topic.split('/').map(|part| part.rsplit(':').next().unwrap_or(part));
    names.collect::<Vec<_>>().join("/")
}
