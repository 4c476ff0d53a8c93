//! Every query on a real SQLite file in a directory of its own.

use hearth_auth::{CameraAccess, PasswordHash, User, UserName};
use hearth_media::MediaTime;
use hearth_model::{
    CameraId, CameraName, CameraSettings, Event, EventBody, Label, Rect, Role, SegmentId,
    TimeRange, UserId, WallTime,
};
use hearth_secret::Key512;
use tempfile::TempDir;

use crate::{Segment, SegmentChange, SegmentKind, SegmentState, Store};

mod backup;
mod camera;
mod concurrency;
mod damage;
mod device;
mod event;
mod footage;
mod group;
mod identity;
mod notification;
mod people;
mod plan;
mod reply;
mod retention;
mod review;
mod rule;
mod sealing;
mod search;
mod session;
mod snapshot;
mod upgrade;
mod watched;

/// The key of all databases here.
pub(crate) fn key() -> Key512 {
    Key512::new(std::array::from_fn(|n| n as u8))
}

/// An open database that disappears with the test.
pub(crate) struct House {
    pub(crate) store: Store,
    pub(crate) folder: TempDir,
}

impl House {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("index.db");
        let store = Store::open(&path, &key()).await.expect("a new database");
        Self { store, folder }
    }
}

/// Seconds after a fixed time.
pub(crate) fn at(seconds: i64) -> WallTime {
    WallTime::from_micros(1_790_000_000_000_000 + seconds * 1_000_000)
}

pub(crate) fn range(from: i64, to: i64) -> TimeRange {
    TimeRange::new(at(from), at(to)).expect("from is before to")
}

pub(crate) fn settings(name: &str) -> CameraSettings {
    let url = "rtsp://10.0.0.5/stream1".parse().expect("a URL");
    CameraSettings::new(CameraName::new(name).expect("a name"), url)
}

pub(crate) fn user(name: &str) -> User {
    // Of "x", with the smallest parameters, so that tests do not hash.
    let hash = "$argon2id$v=19$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg\
                $9hVX0oECtCyCJSEVCdVXXOMIbyT3vFQkDZUVLmsqOjk";
    User {
        id: UserId::new(),
        name: UserName::new(name).expect("a name"),
        role: Role::Operator,
        password: PasswordHash::parse(hash).expect("a hash"),
        created_at: at(0),
        disabled_at: None,
        expires_at: None,
        must_change_password: false,
        camera_access: CameraAccess::default(),
    }
}

/// A closed segment of a thousand bytes.
pub(crate) fn segment(camera: CameraId, from: i64, to: i64) -> Segment {
    // The stream's timeline is a minute behind the wall clock here, so that they cannot be mixed up.
    let media = |seconds| MediaTime::from_micros(at(seconds - 60).as_micros());
    Segment {
        id: SegmentId::new(),
        camera,
        start: media(from),
        end: media(to),
        wall_start: at(from),
        bytes: 1000,
        state: SegmentState::Closed,
        kind: SegmentKind::Continuous,
        fragments: 5,
        has_audio: true,
    }
}

pub(crate) fn puts(segments: &[Segment]) -> Vec<SegmentChange> {
    segments.iter().copied().map(SegmentChange::Put).collect()
}

pub(crate) fn label(text: &str) -> Label {
    Label::new(text).expect("a label")
}

pub(crate) fn noticed(camera: CameraId, seconds: i64, what: &str) -> Event {
    let body = EventBody::ActivityNoticed {
        camera,
        label: label(what),
        score: 0.5,
        area: Rect { x: 0.1, y: 0.1, w: 0.5, h: 0.5 },
        zones: Vec::new(),
    };
    Event::new(at(seconds), body)
}

pub(crate) fn ended(noticed: &Event, seconds: i64, what: &str) -> Event {
    let body = EventBody::ActivityEnded {
        camera: noticed.body.camera().expect("about a camera"),
        activity: noticed.id,
        label: label(what),
        score: 0.75,
        thumbnail: true,
    };
    Event::new(at(seconds), body)
}
