//! One vocabulary of facts for bus, store, API and notifications.

use crate::{
    CameraId, CameraState, DeviceId, Direction, EventId, IncidentId, Label, Rect, RuleId,
    StateReason, VisitId, VisitTrigger, WallTime, ZoneId,
};

/// A fact: something that happened, in past tense, appended once.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// When it happened.
    pub at: WallTime,
    /// What happened.
    #[serde(flatten)]
    pub body: EventBody,
}

impl Event {
    /// A new fact.
    pub fn new(at: WallTime, body: EventBody) -> Self {
        Self { id: EventId::new(), at, body }
    }
}

/// Why nothing was recorded for a while.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum GapCause {
    /// The camera was not live.
    Camera,
    /// The disk was full, and nothing erasable was left.
    DiskFull,
    /// The disk refused to write.
    DiskError,
    /// The disk was too slow to keep up.
    DiskSlow,
    /// The hub was not running.
    HubDown,
    /// The key to this camera's footage is not available.
    Locked,
}

/// How much a fact wants attention.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth keeping.
    Info,
    /// Worth a look.
    Warning,
    /// Needs a person now.
    Critical,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventBody {
    /// Something moved, or a tracked object was recognised for what it is.
    ActivityNoticed {
        /// Where.
        camera: CameraId,
        /// What; `motion` without an object model.
        label: Label,
        /// How sure, 0 to 1; for plain motion the moving fraction of the picture.
        score: f32,
        /// Where in the picture.
        area: Rect,
        /// In which zones.
        zones: Vec<ZoneId>,
    },
    /// More became known of an activity noticed earlier: what it is, or much more surely; a zone that
    /// it entered; which way it goes.
    ActivityRecognized {
        /// Where.
        camera: CameraId,
        /// Which activity.
        activity: EventId,
        /// What it is.
        label: Label,
        /// How sure, 0 to 1.
        score: f32,
        /// Where in the picture.
        area: Rect,
        /// In which zones so far.
        zones: Vec<ZoneId>,
        /// Which way it goes, or went last: at most one across the picture, and one towards the
        /// camera or away from it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        directions: Vec<Direction>,
    },
    /// An activity noticed earlier is over.
    ActivityEnded {
        /// Where.
        camera: CameraId,
        /// Which activity.
        activity: EventId,
        /// What it was, best look.
        label: Label,
        /// How sure at best.
        score: f32,
        /// Whether a picture of it is kept.
        thumbnail: bool,
    },
    /// A camera was added.
    CameraAdded {
        /// Which.
        camera: CameraId,
    },
    /// A camera was removed and its keys destroyed.
    CameraRemoved {
        /// Which.
        camera: CameraId,
    },
    /// A camera changed state.
    CameraStateChanged {
        /// Which.
        camera: CameraId,
        /// The state now.
        state: CameraState,
        /// Why.
        reason: Option<StateReason>,
    },
    /// A camera sends other parameters than before, e.g. another picture size.
    StreamChanged {
        /// Which.
        camera: CameraId,
        /// Codec now.
        codec: String,
        /// Width now.
        width: u16,
        /// Height now.
        height: u16,
    },
    /// Footage that should be there is missing.
    RecordingStopped {
        /// Of which camera.
        camera: CameraId,
        /// Why.
        cause: GapCause,
    },
    /// Footage is being written again.
    RecordingResumed {
        /// Of which camera.
        camera: CameraId,
    },
    /// Old footage was erased to make room before its time.
    SpaceReclaimed {
        /// How many files.
        segments: u64,
        /// How many bytes.
        bytes: u64,
    },
    /// The eyes' worker died or hung.
    EyesStopped {
        /// Why, in words.
        cause: String,
    },
    /// The eyes look again.
    EyesStarted,
    /// The wall clock stepped.
    ClockStepped {
        /// By how much; positive means forward.
        micros: i64,
    },
    /// The index was damaged and has been rebuilt from the footage.
    IndexRebuilt {
        /// How many segments were found.
        segments: u64,
    },
    /// Somebody signed in.
    SignedIn {
        /// Under which name.
        user: String,
    },
    /// A sign-in failed.
    SignInFailed {
        /// From where.
        address: String,
    },
    /// Something happened that a person should look into.
    IncidentOpened {
        /// Which.
        incident: IncidentId,
        /// What it is about, e.g. `failed_sign_ins`.
        about: String,
        /// How bad.
        severity: Severity,
        /// In one line.
        title: String,
    },
    /// An incident waits for somebody to look into it, or became worse.
    IncidentEscalated {
        /// Which.
        incident: IncidentId,
        /// What it is about.
        about: String,
        /// How bad by now.
        severity: Severity,
        /// In one line.
        title: String,
    },
    /// Somebody looks into an incident.
    IncidentAcknowledged {
        /// Which.
        incident: IncidentId,
        /// Who.
        by: String,
    },
    /// An incident is settled.
    IncidentResolved {
        /// Which.
        incident: IncidentId,
        /// By whom.
        by: String,
    },
    /// The security summary of a day is there.
    SecuritySummaryMade {
        /// Which day, e.g. `2026-11-22`.
        day: String,
        /// Incidents opened on it.
        incidents: u64,
        /// Failed sign-ins.
        failed_sign_ins: u64,
        /// Requests that were refused.
        denied: u64,
    },
    /// A device was added.
    DeviceAdded {
        /// Which.
        device: DeviceId,
        /// What it is called.
        name: String,
        /// Whose camera it belongs to.
        camera: Option<CameraId>,
    },
    /// A device was removed and the key of its password destroyed.
    DeviceRemoved {
        /// Which.
        device: DeviceId,
        /// What it was called.
        name: String,
        /// Whose camera it belonged to.
        camera: Option<CameraId>,
    },
    /// A device fares otherwise than before.
    DeviceStateChanged {
        /// Which.
        device: DeviceId,
        /// What it is called.
        name: String,
        /// Whose camera it belongs to.
        camera: Option<CameraId>,
        /// How it fares, e.g. `unreachable`.
        state: String,
        /// Why, for a person.
        reason: Option<String>,
        /// Whether a person has to do something about it.
        needs_person: bool,
    },
    /// A device acknowledged a command.
    DeviceControlChanged {
        /// Which.
        device: DeviceId,
        /// What it is called.
        name: String,
        /// Whose camera it belongs to.
        camera: Option<CameraId>,
        /// Which control.
        control: String,
        /// To what; absent for what was done and has no value.
        value: Option<String>,
        /// Who, or what: a person, a program, a schedule, a limit, the house's privacy switch.
        by: String,
    },
    /// Somebody came to a door.
    VisitBegan {
        /// Which visit.
        visit: VisitId,
        /// At which camera.
        camera: CameraId,
        /// Why somebody is taken to be there.
        trigger: VisitTrigger,
    },
    /// More became known of a visit, or somebody looked at it.
    VisitChanged {
        /// Which visit.
        visit: VisitId,
        /// At which camera.
        camera: CameraId,
    },
    /// A visit is over.
    VisitEnded {
        /// Which visit.
        visit: VisitId,
        /// At which camera.
        camera: CameraId,
    },
    /// A schedule was due, and the device was not set.
    DeviceScheduleMissed {
        /// Which device.
        device: DeviceId,
        /// What it is called.
        name: String,
        /// Whose camera it belongs to.
        camera: Option<CameraId>,
        /// Which control.
        control: String,
        /// To what it would have been set.
        value: String,
        /// When.
        due: WallTime,
        /// Why not, for a person.
        reason: String,
    },
    /// What a device measures stayed beyond a limit for as long as the limit waits.
    DeviceLimitReached {
        /// Which device.
        device: DeviceId,
        /// What it is called.
        name: String,
        /// Whose camera it belongs to.
        camera: Option<CameraId>,
        /// What is measured, e.g. `power`.
        reading: String,
        /// How much it was.
        value: f64,
        /// The limit.
        limit: f64,
        /// Whether the device acknowledged that it is off; absent if it was to be told only.
        turned_off: Option<bool>,
    },
    /// A device noticed something by itself; what its maker makes of it, not what the eyes see.
    DeviceNoticed {
        /// Which.
        device: DeviceId,
        /// What it is called.
        name: String,
        /// Whose camera it belongs to.
        camera: Option<CameraId>,
        /// What: `motion`, `person`, `vehicle`, `animal`, `contact` or `tamper`.
        what: String,
    },
    /// Somebody rang.
    Ring {
        /// At which camera, if the button belongs to one.
        camera: Option<CameraId>,
        /// The button or doorbell; absent for a button on a page.
        device: Option<DeviceId>,
        /// What that is called.
        name: String,
    },
    /// The house's privacy switch was set.
    HousePrivacyChanged {
        /// Whether cameras are closed.
        is_on: bool,
        /// Until when, if it ends by itself.
        until: Option<WallTime>,
        /// Who set it.
        by: String,
    },
    /// The alarm of the house is set otherwise, or noticed something.
    AlarmChanged {
        /// What, e.g. `armed` or `triggered`.
        change: String,
        /// How the house is armed, or will be, e.g. `away`.
        mode: String,
        /// Until when that lasts, if it ends by itself.
        until: Option<WallTime>,
        /// Who or what did it.
        by: String,
        /// How much it wants attention.
        severity: Severity,
    },
    /// A rule of the house did something.
    RuleRan {
        /// Which.
        rule: RuleId,
        /// What it is called.
        name: String,
        /// At which camera it happened.
        camera: Option<CameraId>,
        /// Whether everything it does was acknowledged.
        is_done: bool,
    },
}

/// The kinds of facts, as they are named in filters.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "documented at EventBody")]
pub enum EventKind {
    ActivityNoticed,
    ActivityRecognized,
    ActivityEnded,
    CameraAdded,
    CameraRemoved,
    CameraStateChanged,
    StreamChanged,
    RecordingStopped,
    RecordingResumed,
    SpaceReclaimed,
    EyesStopped,
    EyesStarted,
    ClockStepped,
    IndexRebuilt,
    SignedIn,
    SignInFailed,
    IncidentOpened,
    IncidentEscalated,
    IncidentAcknowledged,
    IncidentResolved,
    SecuritySummaryMade,
    DeviceAdded,
    DeviceRemoved,
    DeviceStateChanged,
    DeviceControlChanged,
    VisitBegan,
    VisitChanged,
    VisitEnded,
    DeviceScheduleMissed,
    DeviceLimitReached,
    DeviceNoticed,
    Ring,
    HousePrivacyChanged,
    AlarmChanged,
    RuleRan,
}

impl EventKind {
    /// All kinds with their names.
    pub const ALL: [(Self, &'static str); 35] = [
        (Self::ActivityNoticed, "activity_noticed"),
        (Self::ActivityRecognized, "activity_recognized"),
        (Self::ActivityEnded, "activity_ended"),
        (Self::CameraAdded, "camera_added"),
        (Self::CameraRemoved, "camera_removed"),
        (Self::CameraStateChanged, "camera_state_changed"),
        (Self::StreamChanged, "stream_changed"),
        (Self::RecordingStopped, "recording_stopped"),
        (Self::RecordingResumed, "recording_resumed"),
        (Self::SpaceReclaimed, "space_reclaimed"),
        (Self::EyesStopped, "eyes_stopped"),
        (Self::EyesStarted, "eyes_started"),
        (Self::ClockStepped, "clock_stepped"),
        (Self::IndexRebuilt, "index_rebuilt"),
        (Self::SignedIn, "signed_in"),
        (Self::SignInFailed, "sign_in_failed"),
        (Self::IncidentOpened, "incident_opened"),
        (Self::IncidentEscalated, "incident_escalated"),
        (Self::IncidentAcknowledged, "incident_acknowledged"),
        (Self::IncidentResolved, "incident_resolved"),
        (Self::SecuritySummaryMade, "security_summary_made"),
        (Self::DeviceAdded, "device_added"),
        (Self::DeviceRemoved, "device_removed"),
        (Self::DeviceStateChanged, "device_state_changed"),
        (Self::DeviceControlChanged, "device_control_changed"),
        (Self::VisitBegan, "visit_began"),
        (Self::VisitChanged, "visit_changed"),
        (Self::VisitEnded, "visit_ended"),
        (Self::DeviceScheduleMissed, "device_schedule_missed"),
        (Self::DeviceLimitReached, "device_limit_reached"),
        (Self::DeviceNoticed, "device_noticed"),
        (Self::Ring, "ring"),
        (Self::HousePrivacyChanged, "house_privacy_changed"),
        (Self::AlarmChanged, "alarm_changed"),
        (Self::RuleRan, "rule_ran"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|row| row.1 == name).map(|row| row.0)
    }
}

impl EventBody {
    /// Its kind.
    pub fn kind(&self) -> EventKind {
        match self {
            Self::ActivityNoticed { .. } => EventKind::ActivityNoticed,
            Self::ActivityRecognized { .. } => EventKind::ActivityRecognized,
            Self::ActivityEnded { .. } => EventKind::ActivityEnded,
            Self::CameraAdded { .. } => EventKind::CameraAdded,
            Self::CameraRemoved { .. } => EventKind::CameraRemoved,
            Self::CameraStateChanged { .. } => EventKind::CameraStateChanged,
            Self::StreamChanged { .. } => EventKind::StreamChanged,
            Self::RecordingStopped { .. } => EventKind::RecordingStopped,
            Self::RecordingResumed { .. } => EventKind::RecordingResumed,
            Self::SpaceReclaimed { .. } => EventKind::SpaceReclaimed,
            Self::EyesStopped { .. } => EventKind::EyesStopped,
            Self::EyesStarted => EventKind::EyesStarted,
            Self::ClockStepped { .. } => EventKind::ClockStepped,
            Self::IndexRebuilt { .. } => EventKind::IndexRebuilt,
            Self::SignedIn { .. } => EventKind::SignedIn,
            Self::SignInFailed { .. } => EventKind::SignInFailed,
            Self::IncidentOpened { .. } => EventKind::IncidentOpened,
            Self::IncidentEscalated { .. } => EventKind::IncidentEscalated,
            Self::IncidentAcknowledged { .. } => EventKind::IncidentAcknowledged,
            Self::IncidentResolved { .. } => EventKind::IncidentResolved,
            Self::SecuritySummaryMade { .. } => EventKind::SecuritySummaryMade,
            Self::DeviceAdded { .. } => EventKind::DeviceAdded,
            Self::DeviceRemoved { .. } => EventKind::DeviceRemoved,
            Self::DeviceStateChanged { .. } => EventKind::DeviceStateChanged,
            Self::DeviceControlChanged { .. } => EventKind::DeviceControlChanged,
            Self::VisitBegan { .. } => EventKind::VisitBegan,
            Self::VisitChanged { .. } => EventKind::VisitChanged,
            Self::VisitEnded { .. } => EventKind::VisitEnded,
            Self::DeviceScheduleMissed { .. } => EventKind::DeviceScheduleMissed,
            Self::DeviceLimitReached { .. } => EventKind::DeviceLimitReached,
            Self::DeviceNoticed { .. } => EventKind::DeviceNoticed,
            Self::Ring { .. } => EventKind::Ring,
            Self::HousePrivacyChanged { .. } => EventKind::HousePrivacyChanged,
            Self::AlarmChanged { .. } => EventKind::AlarmChanged,
            Self::RuleRan { .. } => EventKind::RuleRan,
        }
    }

    /// The camera it is about; `None` concerns the whole house.
    ///
    /// Who may not see the camera must not see the fact either (promise T-05).
    pub fn camera(&self) -> Option<CameraId> {
        match self {
            Self::ActivityNoticed { camera, .. }
            | Self::ActivityRecognized { camera, .. }
            | Self::ActivityEnded { camera, .. }
            | Self::CameraAdded { camera }
            | Self::CameraRemoved { camera }
            | Self::CameraStateChanged { camera, .. }
            | Self::StreamChanged { camera, .. }
            | Self::RecordingStopped { camera, .. }
            | Self::RecordingResumed { camera }
            | Self::VisitBegan { camera, .. }
            | Self::VisitChanged { camera, .. }
            | Self::VisitEnded { camera, .. } => Some(*camera),
            Self::Ring { camera, .. } | Self::RuleRan { camera, .. } => *camera,
            Self::SpaceReclaimed { .. }
            | Self::EyesStopped { .. }
            | Self::EyesStarted
            | Self::ClockStepped { .. }
            | Self::IndexRebuilt { .. }
            | Self::SignedIn { .. }
            | Self::SignInFailed { .. }
            | Self::IncidentOpened { .. }
            | Self::IncidentEscalated { .. }
            | Self::IncidentAcknowledged { .. }
            | Self::IncidentResolved { .. }
            | Self::SecuritySummaryMade { .. }
            | Self::DeviceAdded { .. }
            | Self::DeviceRemoved { .. }
            | Self::DeviceStateChanged { .. }
            | Self::DeviceControlChanged { .. }
            | Self::DeviceScheduleMissed { .. }
            | Self::DeviceLimitReached { .. }
            | Self::DeviceNoticed { .. }
            | Self::HousePrivacyChanged { .. }
            | Self::AlarmChanged { .. } => None,
        }
    }

    /// The camera whose device it is about. It is a fact of the house, and still not for those who
    /// may not see that camera (promise T-05).
    pub fn camera_of_device(&self) -> Option<CameraId> {
        match self {
            Self::DeviceAdded { camera, .. }
            | Self::DeviceRemoved { camera, .. }
            | Self::DeviceStateChanged { camera, .. }
            | Self::DeviceControlChanged { camera, .. }
            | Self::DeviceScheduleMissed { camera, .. }
            | Self::DeviceLimitReached { camera, .. }
            | Self::DeviceNoticed { camera, .. } => *camera,
            _ => None,
        }
    }

    /// What was seen, for facts about activity.
    pub fn label(&self) -> Option<&Label> {
        match self {
            Self::ActivityNoticed { label, .. }
            | Self::ActivityRecognized { label, .. }
            | Self::ActivityEnded { label, .. } => Some(label),
            _ => None,
        }
    }

    /// How sure, for facts about activity.
    pub fn score(&self) -> Option<f32> {
        match self {
            Self::ActivityNoticed { score, .. }
            | Self::ActivityRecognized { score, .. }
            | Self::ActivityEnded { score, .. } => Some(*score),
            _ => None,
        }
    }

    /// How much attention it wants.
    pub fn severity(&self) -> Severity {
        match self {
            // What should be off is still on.
            Self::RecordingStopped { .. }
            | Self::DeviceLimitReached { turned_off: Some(false), .. } => Severity::Critical,
            Self::IncidentOpened { severity, .. }
            | Self::IncidentEscalated { severity, .. }
            | Self::AlarmChanged { severity, .. } => *severity,
            Self::EyesStopped { .. }
            | Self::ClockStepped { .. }
            | Self::IndexRebuilt { .. }
            | Self::SpaceReclaimed { .. }
            | Self::SignInFailed { .. }
            | Self::DeviceScheduleMissed { .. }
            | Self::DeviceLimitReached { .. }
            | Self::RuleRan { is_done: false, .. }
            | Self::DeviceStateChanged { needs_person: true, .. } => Severity::Warning,
            Self::CameraStateChanged { reason: Some(reason), .. } => match reason {
                // Somebody wanted it so.
                StateReason::Privacy => Severity::Info,
                _ => Severity::Warning,
            },
            _ => Severity::Info,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_in_json_is_the_kind() {
        let body = EventBody::RecordingResumed { camera: CameraId::new() };
        let json =
            serde_json::to_value(Event::new(WallTime::from_micros(0), body.clone())).expect("json");
        assert_eq!(json["kind"], body.kind().name());
        let back: Event = serde_json::from_value(json).expect("an event");
        assert_eq!(back.body, body);
    }

    #[test]
    fn every_kind_is_found_by_its_name() {
        for (kind, name) in EventKind::ALL {
            assert_eq!(EventKind::from_name(name), Some(kind));
        }
    }
}
