//! A visit that goes on: what is known of it so far.

use std::collections::{BTreeMap, BTreeSet};

use hearth_model::{CameraId, EventId, PersonId, VisitId, VisitState, VisitTrigger, WallTime};
use hearth_store::StoredVisit;

use super::{
    document::{VisitDocument, VisitFace},
    gathering::{Decision, Gathering},
};

/// Somebody who left comes back for the parcel: the visit waits this long before it is over.
const QUIET_MICROS: i64 = 10_000_000;

/// A visit that goes on for longer is somebody who stands there: the next minute is another visit.
const LENGTH_MICROS_MAX: i64 = 600_000_000;

/// A visit that goes on.
pub(crate) struct OpenVisit {
    pub(crate) id: VisitId,
    pub(crate) camera: CameraId,
    pub(crate) trigger: VisitTrigger,
    pub(crate) started_at: WallTime,
    pub(crate) state: VisitState,
    pub(crate) kept: bool,
    pub(crate) note: Option<String>,
    /// Whether anybody looked for faces.
    pub(crate) checked: bool,
    pub(crate) gathering: Gathering,
    /// Kept pictures of faces, by their place in the gathering, with the score of the view.
    pub(crate) kept_faces: BTreeMap<usize, (EventId, f32)>,
    /// The kept picture of the visit.
    pub(crate) picture: Option<EventId>,
    /// Tracks of people who are there.
    pub(crate) tracks: BTreeSet<u64>,
    pub(crate) last_signal: WallTime,
    /// What was told of it last.
    pub(crate) told: Option<Vec<(Decision, Option<PersonId>)>>,
    /// The faces of which was told that they are like one on the watch list.
    pub(crate) watch_told: BTreeSet<usize>,
}

impl OpenVisit {
    pub(crate) fn begin(camera: CameraId, trigger: VisitTrigger, now: WallTime) -> Self {
        Self {
            id: VisitId::new(),
            camera,
            trigger,
            started_at: now,
            state: VisitState::New,
            kept: false,
            note: None,
            checked: false,
            gathering: Gathering::default(),
            kept_faces: BTreeMap::new(),
            picture: None,
            tracks: BTreeSet::new(),
            last_signal: now,
            told: None,
            watch_told: BTreeSet::new(),
        }
    }

    /// Somebody was seen or heard again.
    pub(crate) fn signal(&mut self, now: WallTime) {
        self.last_signal = self.last_signal.max(now);
    }

    /// Whether it is over at a time.
    pub(crate) fn is_over(&self, now: WallTime) -> bool {
        let since = |then: WallTime| now.as_micros().saturating_sub(then.as_micros());
        let is_quiet = self.tracks.is_empty() && since(self.last_signal) >= QUIET_MICROS;
        is_quiet || since(self.started_at) >= LENGTH_MICROS_MAX
    }

    /// It is over: whoever rang and was not looked at was missed.
    pub(crate) fn end(&mut self) {
        let rang = self.trigger != VisitTrigger::Approach;
        if rang && self.state == VisitState::New {
            self.state = VisitState::Missed;
        }
    }

    pub(crate) fn document(&self, visitors: &BTreeMap<usize, u64>) -> VisitDocument {
        let faces = self.gathering.faces.iter().enumerate().map(|(place, face)| {
            let (decision, person) = face.decision();
            VisitFace {
                decision,
                person,
                quality: face.best().map_or(0.0, |(quality, _)| quality.score),
                picture: self.kept_faces.get(&place).map(|(picture, _)| *picture),
                visitor: visitors.get(&place).copied(),
                watch: face.watch_mark(),
            }
        });
        VisitDocument {
            trigger: self.trigger,
            note: self.note.clone(),
            checked: self.checked,
            picture: self.picture,
            faces: faces.collect(),
        }
    }

    pub(crate) fn stored(
        &self,
        document: &VisitDocument,
        sealed: Vec<u8>,
        ended_at: Option<WallTime>,
    ) -> StoredVisit {
        StoredVisit {
            id: self.id,
            camera: self.camera,
            started_at: self.started_at,
            ended_at,
            state: self.state,
            kept: self.kept,
            has_unknown: document.has_unknown(),
            has_pictures: !document.pictures().is_empty(),
            awaits_review: document.awaits_review(),
            sealed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> WallTime {
        WallTime::from_micros(second * 1_000_000)
    }

    #[test]
    fn a_visit_ends_when_nobody_is_there_and_never_goes_on_for_ever() {
        let mut visit = OpenVisit::begin(CameraId::new(), VisitTrigger::Approach, at(0));
        visit.tracks.insert(1);
        assert!(!visit.is_over(at(60)) && visit.is_over(at(600)));
        visit.tracks.clear();
        visit.signal(at(60));
        assert!(!visit.is_over(at(69)) && visit.is_over(at(70)));
    }

    #[test]
    fn only_whoever_rang_and_was_not_looked_at_was_missed() {
        let mut rang = OpenVisit::begin(CameraId::new(), VisitTrigger::Ring, at(0));
        rang.end();
        assert_eq!(rang.state, VisitState::Missed);
        let mut seen = OpenVisit::begin(CameraId::new(), VisitTrigger::Ring, at(0));
        seen.state = VisitState::Seen;
        seen.end();
        assert_eq!(seen.state, VisitState::Seen);
        let mut passed = OpenVisit::begin(CameraId::new(), VisitTrigger::Approach, at(0));
        passed.end();
        assert_eq!(passed.state, VisitState::New);
    }
}
