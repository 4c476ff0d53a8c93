//! What the engine is told: what happens, how things stand, and that time went on.

use std::collections::BTreeMap;

use hearth_model::{
    CameraId, DeviceId, Direction, Event, EventBody, EventId, EventKind, Label, PersonId, WallTime,
    ZoneId,
};

use crate::{Mode, Value};

/// The standing of a device that answers, as facts name it.
const ANSWERING: &str = "answering";

/// Something the engine is told.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Fact {
    /// The recorded fact behind it, so that a person can look it up.
    pub event: Option<EventId>,
    /// When it was so.
    pub at: WallTime,
    /// What.
    pub body: FactBody,
}

/// What is told.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum FactBody {
    /// Something happened.
    Happened(Box<Happening>),
    /// A device measured something. A value that is no number is passed over.
    Reading {
        /// Which device.
        device: DeviceId,
        /// What, e.g. `temperature`.
        reading: String,
        /// How much.
        value: f64,
    },
    /// A control of a device is set so.
    Control {
        /// Which device.
        device: DeviceId,
        /// Which control.
        control: String,
        /// To what.
        value: Value,
    },
    /// A device does not answer: nothing is known of it any more.
    Silent {
        /// Which device.
        device: DeviceId,
    },
    /// The alarm is set so.
    Mode(Mode),
    /// Time went on. Told at least once a second, or what depends on time alone is late.
    Tick,
}

/// What happened, with all that is known of it.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Happening {
    /// What kind of fact.
    pub kind: EventKind,
    /// At which camera.
    pub camera: Option<CameraId>,
    /// What was seen.
    pub label: Option<Label>,
    /// How sure, 0 to 1.
    pub score: Option<f32>,
    /// In which zones.
    pub zones: Vec<ZoneId>,
    /// Who it was; absent if nobody looked.
    pub who: Option<Who>,
    /// Which ways it goes; empty if it is not known.
    #[serde(default)]
    pub directions: Vec<Direction>,
    /// About which device.
    pub device: Option<DeviceId>,
    /// What a device noticed.
    pub what: Option<String>,
    /// The activity that began, goes on or ended.
    pub activity: Option<EventId>,
    /// Everything else.
    pub details: BTreeMap<String, String>,
}

/// Who somebody was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Who {
    /// Somebody who agreed to be known.
    Person(PersonId),
    /// A face was seen well, and it is nobody's who is known.
    Stranger,
    /// No face was seen well enough to tell.
    FaceHidden,
}

impl Happening {
    /// Something of a kind, of which nothing else is known.
    pub fn of(kind: EventKind) -> Self {
        Self {
            kind,
            camera: None,
            label: None,
            score: None,
            zones: Vec::new(),
            who: None,
            directions: Vec::new(),
            device: None,
            what: None,
            activity: None,
            details: BTreeMap::new(),
        }
    }
}

impl Fact {
    /// Time went on.
    pub fn tick(at: WallTime) -> Self {
        Self { event: None, at, body: FactBody::Tick }
    }

    /// What a recorded fact tells, in the order in which the engine is to be told: first how things
    /// stand, then what happened. Who somebody was is not in it; the hub adds that to a visit.
    pub fn of_event(event: &Event) -> Vec<Self> {
        let fact = |body| Self { event: Some(event.id), at: event.at, body };
        let standing = match &event.body {
            EventBody::DeviceControlChanged { device, control, value: Some(value), .. } => {
                let (device, control, value) = (*device, control.clone(), Value::told(value));
                Some(FactBody::Control { device, control, value })
            }
            EventBody::DeviceStateChanged { device, state, .. } if state != ANSWERING => {
                Some(FactBody::Silent { device: *device })
            }
            EventBody::DeviceRemoved { device, .. } => Some(FactBody::Silent { device: *device }),
            _ => None,
        };
        let happened = FactBody::Happened(Box::new(happening(event)));
        standing.into_iter().chain([happened]).map(fact).collect()
    }
}

/// Details are taken from the JSON of the fact, so that a new kind of fact has them too.
fn happening(event: &Event) -> Happening {
    let body = &event.body;
    let mut happening = Happening {
        camera: body.camera().or(body.camera_of_device()),
        label: body.label().cloned(),
        score: body.score(),
        details: details(body),
        ..Happening::of(body.kind())
    };
    match body {
        EventBody::ActivityNoticed { zones, .. } => {
            happening.zones.clone_from(zones);
            happening.activity = Some(event.id);
        }
        EventBody::ActivityRecognized { zones, directions, activity, .. } => {
            happening.zones.clone_from(zones);
            happening.directions.clone_from(directions);
            happening.activity = Some(*activity);
        }
        EventBody::ActivityEnded { activity, .. } => happening.activity = Some(*activity),
        EventBody::DeviceNoticed { device, what, .. } => {
            (happening.device, happening.what) = (Some(*device), Some(what.clone()));
        }
        EventBody::DeviceAdded { device, .. }
        | EventBody::DeviceRemoved { device, .. }
        | EventBody::DeviceStateChanged { device, .. }
        | EventBody::DeviceControlChanged { device, .. }
        | EventBody::DeviceScheduleMissed { device, .. }
        | EventBody::DeviceLimitReached { device, .. } => happening.device = Some(*device),
        EventBody::Ring { device, .. } => happening.device = *device,
        _ => {}
    }
    happening
}

fn details(body: &EventBody) -> BTreeMap<String, String> {
    let Ok(serde_json::Value::Object(members)) = serde_json::to_value(body) else {
        return BTreeMap::new();
    };
    let text = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Bool(is) => Some(is.to_string()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    members.into_iter().filter_map(|(key, value)| Some((key, text(value)?))).collect()
}
