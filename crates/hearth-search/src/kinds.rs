//! How people speak of kinds of facts.

use hearth_model::EventKind;

/// Facts that only say more of another one; a list without them says as much.
pub const NOISE: [EventKind; 4] = [
    EventKind::ActivityRecognized,
    EventKind::ActivityEnded,
    EventKind::VisitChanged,
    EventKind::VisitEnded,
];

/// Phrases, folded, and what they ask for.
pub(crate) const PHRASES: &[(&[&str], &[EventKind])] = &[
    (&["activity", "activities"], &[EventKind::ActivityNoticed]),
    (&["ring", "rings", "rang", "ringing", "doorbell", "bell"], &[EventKind::Ring]),
    (&["visit", "visits", "visitor", "visitors"], &[EventKind::VisitBegan]),
    (
        &["offline", "went offline", "connection lost", "camera state", "disconnected"],
        &[EventKind::CameraStateChanged],
    ),
    (
        &["recording stopped", "stopped recording", "recording gap", "recording gaps"],
        &[EventKind::RecordingStopped],
    ),
    (&["recording resumed"], &[EventKind::RecordingResumed]),
    (
        &["incident", "incidents", "alert", "alerts"],
        &[EventKind::IncidentOpened, EventKind::IncidentEscalated],
    ),
    (&["alarm", "alarms", "armed", "disarmed"], &[EventKind::AlarmChanged]),
    (&["rule", "rules", "rule ran"], &[EventKind::RuleRan]),
    (&["sign in", "sign ins", "signed in", "logins", "login"], &[EventKind::SignedIn]),
    (
        &["failed sign in", "failed sign ins", "failed login", "failed logins"],
        &[EventKind::SignInFailed],
    ),
    (&["privacy"], &[EventKind::HousePrivacyChanged]),
    (&["switched", "device command", "device commands"], &[EventKind::DeviceControlChanged]),
    (
        &["missed schedule", "missed schedules", "schedule missed"],
        &[EventKind::DeviceScheduleMissed],
    ),
    (&["limit reached", "limits reached"], &[EventKind::DeviceLimitReached]),
    (&["device state", "unreachable"], &[EventKind::DeviceStateChanged]),
    (&["erased", "space reclaimed"], &[EventKind::SpaceReclaimed]),
    (&["clock stepped"], &[EventKind::ClockStepped]),
    (&["camera added", "cameras added"], &[EventKind::CameraAdded]),
    (&["camera removed", "cameras removed"], &[EventKind::CameraRemoved]),
];

/// One and several of a kind, for a sentence.
pub(crate) fn noun(kinds: &[EventKind]) -> (&'static str, &'static str) {
    match kinds {
        [EventKind::Ring] => ("ring", "rings"),
        [EventKind::VisitBegan] => ("visit", "visits"),
        [EventKind::IncidentOpened, ..] => ("incident", "incidents"),
        [EventKind::AlarmChanged] => ("change of the alarm", "changes of the alarm"),
        [EventKind::RuleRan] => ("run of a rule", "runs of rules"),
        [EventKind::SignedIn] => ("sign-in", "sign-ins"),
        [EventKind::SignInFailed] => ("failed sign-in", "failed sign-ins"),
        [EventKind::CameraStateChanged] => ("change of a camera", "changes of cameras"),
        [EventKind::RecordingStopped] => ("gap in the recording", "gaps in the recording"),
        [EventKind::DeviceControlChanged] => ("command to a device", "commands to devices"),
        [EventKind::ActivityNoticed] => ("activity", "activities"),
        _ => ("event", "events"),
    }
}
