//! What people are told of.

use bytes::Bytes;
use hearth_model::{CameraId, RecipientId, Severity};

/// Longest correlation id.
const CORRELATION_BYTES_MAX: usize = 80;

/// What kind of matter it is; recipients choose among them.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum MatterKind {
    /// Somebody rang.
    Ring,
    /// A person was seen.
    Person,
    /// Somebody came to the door.
    Visit,
    /// Something is wrong with the security of the house.
    Incident,
    /// A camera's footage is missing.
    CameraSilent,
    /// A device passed a limit that somebody set.
    DeviceLimit,
    /// The security summary of a day.
    Summary,
    /// The alarm went off, or somebody tampers with something.
    Alarm,
    /// The house was armed or disarmed.
    Arming,
    /// A silent call for help. Nothing in the house shows that it was told.
    Duress,
    /// A rule of the house has something to tell.
    Rule,
    /// A face is like one on the watch list.
    WatchList,
}

impl MatterKind {
    const ALL: [(Self, &'static str, &'static str); 12] = [
        (Self::Ring, "ring", "Somebody rang"),
        (Self::Person, "person", "A person was seen"),
        (Self::Visit, "visit", "A visit"),
        (Self::Incident, "incident", "A security incident"),
        (Self::CameraSilent, "camera_silent", "Footage is missing"),
        (Self::DeviceLimit, "device_limit", "A limit was passed"),
        (Self::Summary, "summary", "The day's summary"),
        (Self::Alarm, "alarm", "The alarm"),
        (Self::Arming, "arming", "The alarm was set"),
        (Self::Duress, "duress", "A call for help"),
        (Self::Rule, "rule", "A rule of the house"),
        (Self::WatchList, "watch_list", "The watch list"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    /// What it is called where no name may be told.
    pub(super) fn plain(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.2)
    }

    /// Whether it is about the security of the house, and for those who may know of that.
    pub(super) fn is_of_security(self) -> bool {
        matches!(self, Self::Incident | Self::Summary | Self::WatchList)
    }
}

/// Something to tell people of.
#[derive(Clone)]
pub struct Matter {
    /// What kind.
    pub kind: MatterKind,
    /// How bad.
    pub severity: Severity,
    /// At which camera: who may not look back at it is not told.
    pub camera: Option<CameraId>,
    /// Whom alone; empty means whoever wants to know of such things.
    pub to: Vec<RecipientId>,
    /// In one line; may name somebody.
    pub title: String,
    /// More words; may name somebody.
    pub text: String,
    /// A JPEG of what was seen.
    pub picture: Option<Bytes>,
    /// Which matter: at most 80 letters, digits, `_`, `-`, `.` and `:`, an id and never a name. What
    /// comes with the same one replaces what was told before.
    pub correlation: String,
    /// Where in the dashboard to look closer, e.g. `/incidents/inc_..`.
    pub link: Option<String>,
}

impl std::fmt::Debug for Matter {
    /// Without words: they may name somebody (promise D-27).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Matter")
            .field("kind", &self.kind)
            .field("correlation", &self.correlation)
            .finish_non_exhaustive()
    }
}

/// Whether a text can be a correlation id.
pub(super) fn is_correlation(text: &str) -> bool {
    (1..=CORRELATION_BYTES_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// promise: D-27. What is logged of a matter holds no words of it.
    #[test]
    fn words_are_not_in_the_debug_form() {
        let matter = Matter {
            kind: MatterKind::Visit,
            severity: Severity::Info,
            camera: Some(CameraId::new()),
            to: Vec::new(),
            title: "Ben Example rings".to_owned(),
            text: "Ben Example, seen before".to_owned(),
            picture: Some(Bytes::from_static(b"\xff\xd8Ben")),
            correlation: "vis_1".to_owned(),
            link: Some("/people/Ben".to_owned()),
        };
        let shown = format!("{matter:?}");
        assert!(shown.contains("vis_1") && !shown.contains("Ben"), "{shown}");
    }
}
