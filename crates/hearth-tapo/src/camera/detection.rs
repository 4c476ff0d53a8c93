//! What the camera itself looks and listens for.

use serde_json::{Value, json};

use super::{CameraCall, Request, request::set};
use crate::{Call, Level, Malformed, OutOfRange, Percent, Switch, call};

/// Something that the camera can notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detector {
    /// Anything that moves.
    Motion,
    /// A person.
    Person,
    /// A vehicle.
    Vehicle,
    /// A pet.
    Pet,
    /// A parcel.
    Package,
    /// A dog's bark.
    Bark,
    /// A cat's meow.
    Meow,
    /// Breaking glass.
    Glass,
    /// A crying baby.
    BabyCry,
    /// Somebody covers or turns the camera.
    Tamper,
    /// Somebody crosses a line.
    LineCrossing,
}

/// How a detector's sensitivity is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scale {
    /// A number and a word.
    Both,
    /// A number in quotes.
    Number,
    /// A word.
    Word,
    /// It has none.
    None,
}

struct Wire {
    get: &'static str,
    set: &'static str,
    module: &'static str,
    section: &'static str,
    scale: Scale,
}

impl Detector {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Motion,
        Self::Person,
        Self::Vehicle,
        Self::Pet,
        Self::Package,
        Self::Bark,
        Self::Meow,
        Self::Glass,
        Self::BabyCry,
        Self::Tamper,
        Self::LineCrossing,
    ];

    fn wire(self) -> Wire {
        use Scale::{Both, None, Number, Word};
        let (get, set, module, section, scale) = match self {
            Self::Motion => {
                ("getDetectionConfig", "setDetectionConfig", "motion_detection", "motion_det", Both)
            }
            Self::Person => (
                "getPersonDetectionConfig",
                "setPersonDetectionConfig",
                "people_detection",
                "detection",
                Number,
            ),
            Self::Vehicle => (
                "getVehicleDetectionConfig",
                "setVehicleDetectionConfig",
                "vehicle_detection",
                "detection",
                Number,
            ),
            Self::Pet => (
                "getPetDetectionConfig",
                "setPetDetectionConfig",
                "pet_detection",
                "detection",
                Number,
            ),
            Self::Package => (
                "getPackageDetectionConfig",
                "setPackageDetectionConfig",
                "package_detection",
                "detection",
                Number,
            ),
            Self::Bark => (
                "getBarkDetectionConfig",
                "setBarkDetectionConfig",
                "bark_detection",
                "detection",
                Number,
            ),
            Self::Meow => (
                "getMeowDetectionConfig",
                "setMeowDetectionConfig",
                "meow_detection",
                "detection",
                Number,
            ),
            Self::Glass => (
                "getGlassDetectionConfig",
                "setGlassDetectionConfig",
                "glass_detection",
                "detection",
                Number,
            ),
            Self::BabyCry => ("getBCDConfig", "setBCDConfig", "sound_detection", "bcd", Word),
            Self::Tamper => (
                "getTamperDetectionConfig",
                "setTamperDetectionConfig",
                "tamper_detection",
                "tamper_det",
                Word,
            ),
            Self::LineCrossing => (
                "getLinecrossingDetectionConfig",
                "setLinecrossingDetectionConfig",
                "linecrossing_detection",
                "detection",
                None,
            ),
        };
        Wire { get, set, module, section, scale }
    }
}

/// The state of a detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Detection {
    /// Whether it looks.
    pub enabled: Switch,
    /// How easily it reports; a word of the camera as the percentage it stands for.
    pub sensitivity: Option<Percent>,
}

impl Detection {
    /// Reads the value that is set in this scale; some firmware shows another, older one beside it.
    fn read(section: &Value, scale: Scale) -> Result<Self, Malformed> {
        let enabled = call::read_at(section, &["enabled"])?;
        let keys = match scale {
            Scale::Both => ["digital_sensitivity", "sensitivity"],
            Scale::Number | Scale::Word | Scale::None => ["sensitivity", "digital_sensitivity"],
        };
        let sensitivity = keys.into_iter().filter_map(|key| section.get(key)).find_map(|value| {
            let number = call::read::<Percent>(value).ok();
            number.or_else(|| call::read::<Level>(value).ok().map(Level::percent))
        });
        Ok(Self { enabled, sensitivity })
    }
}

/// How a detector is set.
pub fn status(detector: Detector) -> CameraCall<Detection> {
    let Wire { get, module, section, scale, .. } = detector.wire();
    let params = json!({module: {"name": [section]}});
    Call::new(Request::Entry { method: get, params }, move |result| {
        Detection::read(call::at(result, &[module, section])?, scale)
    })
}

/// Sets a detector. Without a sensitivity it keeps the one it has.
pub fn configure(
    detector: Detector,
    enabled: Switch,
    sensitivity: Option<Percent>,
) -> Result<CameraCall<()>, OutOfRange> {
    let Wire { set: method, module, section, scale, .. } = detector.wire();
    let mut settings = json!({"enabled": enabled.word()});
    match (sensitivity, scale) {
        (None, _) => {}
        (Some(_), Scale::None) => {
            return Err(OutOfRange::new("line crossing", "set without a sensitivity"));
        }
        (Some(percent), _) if percent.get() == 0 && detector == Detector::Package => {
            return Err(OutOfRange::new("the sensitivity for parcels", "between 1 and 100"));
        }
        (Some(percent), Scale::Both) => {
            settings["digital_sensitivity"] = json!(percent.get().to_string());
            settings["sensitivity"] = json!(Level::of(percent).word());
        }
        (Some(percent), Scale::Number) => {
            settings["sensitivity"] = json!(percent.get().to_string());
        }
        (Some(percent), Scale::Word) => {
            settings["sensitivity"] = json!(Level::of(percent).word());
        }
    }
    Ok(set(method, json!({module: {section: settings}})))
}
