//! What is noticed in what happens: five detectors, each pure over times and observations given to
//! it (promise D-28). They see, remember a bounded amount, and say a [`Finding`]; what becomes of it
//! is the incident's matter.

mod changed_files;
mod connections;
mod failed_sign_ins;
mod resources;
mod unusual_places;
mod unusual_times;

use hearth_model::Severity;

pub use changed_files::{ChangedFiles, FileStamp};
pub use connections::UnexpectedConnections;
pub use failed_sign_ins::FailedSignIns;
pub use resources::{ResourceUse, ResourceWatch};
pub use unusual_places::UnusualPlaces;
pub use unusual_times::UnusualTimes;

/// What kind of thing an incident is about.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum IncidentKind {
    /// Somebody tries passwords.
    FailedSignIns,
    /// An account is used at a time at which it never is.
    UnusualTime,
    /// An account is used from a network it was never used from.
    UnusualPlace,
    /// The hub uses more memory, processor, files or disk than it does.
    ResourceUse,
    /// The hub is connected to somebody it has no business with.
    UnexpectedConnection,
    /// A file that only the hub or its owner changes was changed.
    ChangedFile,
    /// The audit log was altered, cut, or could not be written.
    AuditLog,
    /// A device shows another certificate, or less protection, than before.
    ChangedDevice,
    /// The alarm of the house went off, or cannot be relied on.
    Alarm,
    /// A rule of the house wants somebody to look into something.
    Rule,
    /// The detector is lastingly more or less sure of what it sees than it was.
    DetectorDrift,
    /// A person says that somebody on the watch list came.
    WatchList,
}

impl IncidentKind {
    /// Whether it is about what happens in and around the house, and not about the hub: those that
    /// come together are one incident, seen by several cameras and sensors.
    pub const fn is_safety(self) -> bool {
        matches!(self, Self::Alarm | Self::Rule | Self::WatchList)
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FailedSignIns => "failed_sign_ins",
            Self::UnusualTime => "unusual_time",
            Self::UnusualPlace => "unusual_place",
            Self::ResourceUse => "resource_use",
            Self::UnexpectedConnection => "unexpected_connection",
            Self::ChangedFile => "changed_file",
            Self::AuditLog => "audit_log",
            Self::ChangedDevice => "changed_device",
            Self::Alarm => "alarm",
            Self::Rule => "rule",
            Self::DetectorDrift => "detector_drift",
            Self::WatchList => "watch_list",
        }
    }
}

/// Something that a person should look into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing.
    pub kind: IncidentKind,
    /// How bad.
    pub severity: Severity,
    /// What it is about: findings of the same kind and subject belong to one incident.
    pub subject: String,
    /// In one line.
    pub title: String,
    /// What was seen, and what to do.
    pub detail: String,
}

#[cfg(test)]
mod tests;
