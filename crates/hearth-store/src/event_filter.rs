//! Which events are asked for, and how the question is split so that an index answers it.
//!
//! Pure. A database cannot both pick from several kinds or cameras and read in order of time without
//! sorting everything that fits. So a question becomes lanes, each of one kind, one camera or one
//! label and in order by its own index, which are then merged.

use std::fmt;
use std::str::FromStr;

use hearth_model::{CameraId, EventKind, Label, WallTime};

/// Most events in one answer.
pub const EVENTS_PER_PAGE_MAX: u32 = 500;

// A lane costs some microseconds to merge, and the statement must be compiled. A question with more
// of them is asked by kind alone and sifted: somebody who may see so many cameras finds most events
// among theirs.
const LANES_MAX: usize = 64;

/// A place in the list of events, which is ordered by time and then by number, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventCursor {
    /// When the last event shown happened.
    pub at: WallTime,
    /// Its number.
    pub seq: i64,
}

/// Why a text is not a cursor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor from an earlier answer")]
pub struct EventCursorError;

impl fmt::Display for EventCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.at.as_micros(), self.seq)
    }
}

impl FromStr for EventCursor {
    type Err = EventCursorError;

    fn from_str(text: &str) -> Result<Self, EventCursorError> {
        let (at, seq) = text.split_once('_').ok_or(EventCursorError)?;
        let at = at.parse().map_err(|_| EventCursorError)?;
        let seq = seq.parse().map_err(|_| EventCursorError)?;
        Ok(Self { at: WallTime::from_micros(at), seq })
    }
}

/// Which events are asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct EventFilter {
    /// Only these kinds; empty asks for all.
    pub kinds: Vec<EventKind>,
    /// Of events about a camera, only those about these; `None` asks for all. What a principal may
    /// not see must be left out here (promise T-05).
    pub cameras: Option<Vec<CameraId>>,
    /// Whether events about no camera, but about the whole house, are asked for.
    pub house: bool,
    /// Only activity with this label.
    pub label: Option<Label>,
    /// Only at or after this time.
    pub from: Option<WallTime>,
    /// Only before this time.
    pub to: Option<WallTime>,
    /// Only what comes after this place in the list, that is, what is older.
    pub before: Option<EventCursor>,
    /// At most so many, and never more than [`EVENTS_PER_PAGE_MAX`].
    pub limit: u32,
}

impl Default for EventFilter {
    /// The newest 100 of everything.
    fn default() -> Self {
        Self {
            kinds: Vec::new(),
            cameras: None,
            house: true,
            label: None,
            from: None,
            to: None,
            before: None,
            limit: 100,
        }
    }
}

/// A part of the question that one index answers in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Lane {
    pub(crate) camera: Option<CameraId>,
    pub(crate) kind: Option<EventKind>,
    pub(crate) label: Option<Label>,
    /// Sifted row by row: what the index does not know.
    pub(crate) only_cameras: Vec<CameraId>,
    pub(crate) only_kinds: Vec<EventKind>,
}

/// Whether facts of a kind are about a camera; the others are about the house.
pub(crate) const fn is_about_camera(kind: EventKind) -> bool {
    match kind {
        EventKind::ActivityNoticed
        | EventKind::ActivityRecognized
        | EventKind::ActivityEnded
        | EventKind::CameraAdded
        | EventKind::CameraRemoved
        | EventKind::CameraStateChanged
        | EventKind::StreamChanged
        | EventKind::RecordingStopped
        | EventKind::RecordingResumed
        | EventKind::VisitBegan
        | EventKind::VisitChanged
        | EventKind::VisitEnded
        | EventKind::Ring
        | EventKind::RuleRan => true,
        EventKind::SpaceReclaimed
        | EventKind::EyesStopped
        | EventKind::EyesStarted
        | EventKind::ClockStepped
        | EventKind::IndexRebuilt
        | EventKind::SignedIn
        | EventKind::SignInFailed
        | EventKind::IncidentOpened
        | EventKind::IncidentEscalated
        | EventKind::IncidentAcknowledged
        | EventKind::IncidentResolved
        | EventKind::SecuritySummaryMade
        | EventKind::DeviceAdded
        | EventKind::DeviceRemoved
        | EventKind::DeviceStateChanged
        | EventKind::DeviceControlChanged
        | EventKind::DeviceScheduleMissed
        | EventKind::DeviceLimitReached
        | EventKind::DeviceNoticed
        | EventKind::HousePrivacyChanged
        | EventKind::AlarmChanged => false,
    }
}

impl EventFilter {
    /// The lanes whose rows, merged, are the answer.
    pub(crate) fn lanes(&self) -> Vec<Lane> {
        if let Some(label) = &self.label {
            return self.label_lanes(label);
        }
        if self.kinds.is_empty() && self.cameras.is_none() && self.house {
            return vec![Lane::default()];
        }
        let every = || EventKind::ALL.map(|row| row.0).to_vec();
        let kinds = if self.kinds.is_empty() { every() } else { self.kinds.clone() };
        let camera_kinds = kinds.iter().filter(|kind| is_about_camera(**kind)).count();
        let mut lanes = Vec::new();
        for kind in EventKind::ALL.map(|row| row.0) {
            if !kinds.contains(&kind) {
                continue;
            }
            let lane = Lane { kind: Some(kind), ..Lane::default() };
            match &self.cameras {
                _ if !is_about_camera(kind) => lanes.extend(self.house.then_some(lane)),
                None => lanes.push(lane),
                Some(cameras) if cameras.len() * camera_kinds <= LANES_MAX => {
                    let of = |camera: &CameraId| Lane { camera: Some(*camera), ..lane.clone() };
                    lanes.extend(cameras.iter().map(of));
                }
                Some(cameras) => lanes.push(Lane { only_cameras: cameras.clone(), ..lane }),
            }
        }
        lanes
    }

    fn label_lanes(&self, label: &Label) -> Vec<Lane> {
        let lane =
            Lane { label: Some(label.clone()), only_kinds: self.kinds.clone(), ..Lane::default() };
        match &self.cameras {
            None => vec![lane],
            Some(cameras) if cameras.len() <= LANES_MAX => {
                let of = |camera: &CameraId| Lane { camera: Some(*camera), ..lane.clone() };
                cameras.iter().map(of).collect()
            }
            Some(cameras) => vec![Lane { only_cameras: cameras.clone(), ..lane }],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_one_lane() {
        assert_eq!(EventFilter::default().lanes(), vec![Lane::default()]);
    }

    /// promise: T-05. No lane lets through a camera that was not asked for.
    #[test]
    fn every_lane_names_the_cameras_that_were_asked_for() {
        for count in [0, 1, 5, 200] {
            let cameras: Vec<CameraId> = (0..count).map(|_| CameraId::new()).collect();
            for label in [None, Label::new("person")] {
                let filter = EventFilter {
                    cameras: Some(cameras.clone()),
                    house: false,
                    label,
                    ..EventFilter::default()
                };
                for lane in filter.lanes() {
                    let named = lane.camera.is_some_and(|camera| cameras.contains(&camera));
                    let sifted = lane.only_cameras == cameras && count > 0;
                    assert!(named || sifted, "{lane:?}");
                }
            }
        }
    }

    #[test]
    fn the_house_is_left_out_unless_it_is_asked_for() {
        let filter = EventFilter { house: false, ..EventFilter::default() };
        assert!(filter.lanes().iter().all(|lane| lane.kind.is_some_and(is_about_camera)));
        let filter = EventFilter { cameras: Some(Vec::new()), ..EventFilter::default() };
        let lanes = filter.lanes();
        let of_house = EventKind::ALL.iter().filter(|row| !is_about_camera(row.0)).count();
        assert_eq!(lanes.len(), of_house);
        assert!(lanes.iter().all(|lane| lane.kind.is_some_and(|kind| !is_about_camera(kind))));
    }

    #[test]
    fn a_cursor_survives_its_text_form() {
        let cursor = EventCursor { at: WallTime::from_micros(-5), seq: 7 };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for bad in ["", "7", "_", "x_1", "1_2_3", "99999999999999999999_1"] {
            assert_eq!(bad.parse::<EventCursor>(), Err(EventCursorError), "{bad}");
        }
    }
}
