//! What there is in a house, by id and by name: what rules can speak of.

use std::collections::{BTreeMap, BTreeSet};

use hearth_model::{CameraId, ChannelId, DeviceId, GroupId, Label, PersonId, RecipientId, ZoneId};

/// Who belongs to which group.
pub type Groups = BTreeMap<GroupId, BTreeSet<PersonId>>;

/// What a device is to a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceKind {
    /// Something that is switched on and off.
    Plug,
    /// A light.
    Light,
    /// A siren.
    Siren,
    /// A contact, a detector of motion, a button.
    Sensor,
    /// Anything else.
    Other,
}

/// A camera of the house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownCamera {
    /// Which.
    pub id: CameraId,
    /// What it is called.
    pub name: String,
    /// Its zones.
    pub zones: Vec<(ZoneId, String)>,
    /// The places it can turn to.
    pub presets: Vec<String>,
}

/// A device of the house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownDevice {
    /// Which.
    pub id: DeviceId,
    /// What it is called.
    pub name: String,
    /// What it is.
    pub kind: DeviceKind,
    /// What can be set.
    pub controls: Vec<String>,
    /// What it measures.
    pub readings: Vec<String>,
}

/// A group of people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownGroup {
    /// Which.
    pub id: GroupId,
    /// What it is called.
    pub name: String,
    /// Who belongs to it.
    pub members: BTreeSet<PersonId>,
}

/// Everything that rules can speak of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Cameras.
    pub cameras: Vec<KnownCamera>,
    /// Devices.
    pub devices: Vec<KnownDevice>,
    /// People who agreed to be known.
    pub people: Vec<(PersonId, String)>,
    /// Groups of them.
    pub groups: Vec<KnownGroup>,
    /// Who can be told.
    pub recipients: Vec<(RecipientId, String)>,
    /// Channels that can be called or published by.
    pub channels: Vec<(ChannelId, String)>,
    /// What the installed detector can tell apart; empty without one.
    pub labels: Vec<Label>,
}

impl Known {
    /// Who belongs to which group.
    pub fn group_members(&self) -> Groups {
        self.groups.iter().map(|group| (group.id, group.members.clone())).collect()
    }

    /// A camera.
    pub fn camera(&self, id: CameraId) -> Option<&KnownCamera> {
        self.cameras.iter().find(|camera| camera.id == id)
    }

    /// A device.
    pub fn device(&self, id: DeviceId) -> Option<&KnownDevice> {
        self.devices.iter().find(|device| device.id == id)
    }
}
