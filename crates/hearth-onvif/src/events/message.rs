//! Notifications: when, what about, from where, with which data (ONVIF Core, 9.5).

use hearth_model::WallTime;
use serde::Serialize;

use super::Meaning;
use crate::{
    AnswerError,
    device::date_time,
    xml::{Element, line},
};

/// Real messages have some five.
const ITEMS_MAX: usize = 64;

/// A name with a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// Its name.
    pub name: String,
    /// Its value as text.
    pub value: String,
}

/// Why a message about a lasting property was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PropertyOperation {
    /// It tells how things are; nothing happened.
    Initialized,
    /// It changed.
    Changed,
    /// It is gone.
    Deleted,
}

/// Something that a device told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notification {
    /// When, by the device's clock.
    pub at: Option<WallTime>,
    /// The topic as it came, e.g. `tns1:RuleEngine/CellMotionDetector/Motion`.
    pub topic: String,
    /// Whether it is news; `None` for what is no lasting property.
    pub operation: Option<PropertyOperation>,
    /// From where: video source, rule, input.
    pub source: Vec<Item>,
    /// How things are.
    pub data: Vec<Item>,
    /// What that means.
    pub meaning: Meaning,
}

impl Notification {
    /// Reads an element `NotificationMessage`.
    ///
    /// # Errors
    /// If it has no topic.
    pub(super) fn read(element: &Element) -> Result<Self, AnswerError> {
        let topic = line(element.need(&["Topic"])?.text());
        let message = element.at(&["Message", "Message"]);
        let items = |name: &str| {
            let inside = message.and_then(|message| message.child(name));
            let items = inside.into_iter().flat_map(|inside| inside.all("SimpleItem"));
            items.take(ITEMS_MAX).filter_map(item).collect::<Vec<Item>>()
        };
        let operation = message.and_then(|message| message.attribute("PropertyOperation"));
        let data = items("Data");
        Ok(Self {
            at: message.and_then(|message| message.attribute("UtcTime")).and_then(date_time),
            operation: match operation {
                Some("Initialized") => Some(PropertyOperation::Initialized),
                Some("Changed") => Some(PropertyOperation::Changed),
                Some("Deleted") => Some(PropertyOperation::Deleted),
                _ => None,
            },
            source: items("Source"),
            meaning: Meaning::of(&topic, &data),
            topic,
            data,
        })
    }
}

fn item(element: &Element) -> Option<Item> {
    let name = line(element.attribute("Name")?);
    Some(Item { name, value: line(element.attribute("Value")?) })
}
