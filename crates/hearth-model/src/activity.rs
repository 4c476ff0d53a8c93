//! What the eyes look for, and where.

use std::fmt;

use crate::{Polygon, ZoneId};

/// What a tracked thing is, e.g. `person` or `car`: a class name of the installed detector, or
/// `motion` when no detector said what moved.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Label(String);

impl Label {
    /// Longer than any class name.
    pub const BYTES_MAX: usize = 40;

    /// Lower-case letters, digits, spaces, `-` and `_`; `None` for anything else.
    pub fn new(text: &str) -> Option<Self> {
        let fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || " -_".contains(c);
        let valid = !text.is_empty() && text.len() <= Self::BYTES_MAX && text.chars().all(fit);
        valid.then(|| Self(text.to_owned()))
    }

    /// Something moved, and nothing said what.
    pub fn motion() -> Self {
        Self("motion".to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Label {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).ok_or_else(|| serde::de::Error::custom("not a label"))
    }
}

/// Which way something goes that the eyes follow.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Towards the camera.
    Approaching,
    /// Away from the camera.
    Leaving,
    /// To the left in the picture.
    Left,
    /// To the right in the picture.
    Right,
}

/// An area of the picture that matters by itself.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    /// Its id.
    #[serde(default = "ZoneId::new")]
    pub id: ZoneId,
    /// What people call it.
    pub name: String,
    /// Its outline.
    pub outline: Polygon,
}

/// What the eyes do with one camera.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DetectionSettings {
    /// Whether the eyes look at this camera at all.
    pub enabled: bool,
    /// Look at every frame instead of letting the gate decide, e.g. for an entrance.
    pub always_decode: bool,
    /// Smallest moving part of the picture that counts, as a fraction of its area.
    pub area_min: f32,
    /// Lowest detector score that counts.
    pub score_min: f32,
    /// Labels that become events; empty means all.
    pub labels: Vec<Label>,
    /// Areas that matter; empty means the whole picture.
    pub zones: Vec<Zone>,
    /// Areas to ignore, e.g. a clock overlay or a busy road.
    pub masks: Vec<Polygon>,
    /// Whether this camera looks at a door: who comes there is a visit.
    pub visits: bool,
    /// Whether faces at that door are compared with those of people who agreed to it.
    pub faces: bool,
}

impl DetectionSettings {
    /// More zones or masks than a picture has places.
    pub const AREAS_MAX: usize = 32;

    /// Whether anybody's face is looked at.
    pub fn describes_faces(&self) -> bool {
        self.enabled && self.visits && self.faces
    }
}

impl Default for DetectionSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            always_decode: false,
            area_min: 0.002,
            score_min: 0.5,
            labels: Vec::new(),
            zones: Vec::new(),
            masks: Vec::new(),
            faces: false,
            visits: false,
        }
    }
}
