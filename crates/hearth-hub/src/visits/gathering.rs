//! Whose faces a visit has: views of the same face are put together, and vote.
//!
//! Pure. A known face never hides an unknown one: each has a place of its own.

use bytes::Bytes;
use hearth_eyes::SeenFace;
use hearth_face::{BestShot, Identity, Quality, Template, TrackVote, Verdict};
use hearth_model::{PersonId, WatchedId};

use super::watched::{WatchMark, WatchState};

/// Faces of one visit; whoever comes with more is a crowd.
pub(crate) const FACES_MAX: usize = 8;

/// Views of one track this near are one face: tracks of two people who cross are taken for one.
const SAME_TRACK: f32 = 0.6;

/// Views this near are one face, whoever saw them.
const SAME_FACE: f32 = 0.5;

/// Faces of one visit.
#[derive(Clone, Default)]
pub(crate) struct Gathering {
    pub(crate) faces: Vec<GatheredFace>,
}

/// A face.
#[derive(Clone)]
pub(crate) struct GatheredFace {
    track: Option<u64>,
    vote: TrackVote<PersonId>,
    /// Who of the watch list it is like.
    watch: TrackVote<WatchedId>,
    good_views: u32,
    best: BestShot<Best>,
    /// Of whom somebody said that it is not theirs.
    pub(crate) rejected: Vec<PersonId>,
    /// What a person said of it and the watch list.
    pub(crate) reviewed: Option<WatchMark>,
}

/// The best view of a face.
#[derive(Clone)]
pub(crate) struct Best {
    pub(crate) template: Template,
    pub(crate) picture: Option<Bytes>,
}

/// Whose a face is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Somebody's who is known.
    Known,
    /// Nobody's who is known, or nobody can say (promise D-34).
    Unknown,
    /// It was never seen well enough.
    PoorView,
    /// Whoever asks may not know.
    Hidden,
}

impl Gathering {
    /// Takes a view of a face, whose it is, and who of the watch list it is like.
    pub(crate) fn take(
        &mut self,
        track: Option<u64>,
        face: SeenFace,
        identity: &Identity<PersonId>,
        watched: &Identity<WatchedId>,
    ) {
        let place = self.place_of(track, &face.template);
        let Some(place) = place.or_else(|| self.new_place(track)) else { return };
        let gathered = &mut self.faces[place];
        gathered.track = track.or(gathered.track);
        if face.quality.is_good() {
            gathered.good_views = gathered.good_views.saturating_add(1);
            gathered.vote.add(identity, face.quality.score);
            gathered.watch.add(watched, face.quality.score);
        }
        let SeenFace { quality, template, picture, .. } = face;
        // A track sends the picture of its best view only; a look at the whole picture always does.
        let before = gathered.best.best().and_then(|(_, best)| best.picture.clone());
        gathered.best.offer(quality, || Best { template, picture: picture.or(before) });
    }

    fn place_of(&self, track: Option<u64>, template: &Template) -> Option<usize> {
        let near = |face: &GatheredFace, limit: f32| {
            face.best
                .best()
                .map(|(_, best)| best.template.distance(template))
                .filter(|d| *d <= limit)
        };
        let of_track = self.faces.iter().position(|face| {
            track.is_some() && face.track == track && near(face, SAME_TRACK).is_some()
        });
        let nearest = || {
            let faces = self.faces.iter().enumerate();
            let near = faces.filter_map(|(place, face)| Some((near(face, SAME_FACE)?, place)));
            near.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, place)| place)
        };
        of_track.or_else(nearest)
    }

    fn new_place(&mut self, track: Option<u64>) -> Option<usize> {
        if self.faces.len() >= FACES_MAX {
            return None;
        }
        self.faces.push(GatheredFace {
            track,
            vote: TrackVote::default(),
            watch: TrackVote::default(),
            good_views: 0,
            best: BestShot::default(),
            rejected: Vec::new(),
            reviewed: None,
        });
        Some(self.faces.len() - 1)
    }

    /// Forgets the faces that were taken for a person: descriptions, pictures and votes. Gives their
    /// places, which stay.
    pub(crate) fn forget(&mut self, person: PersonId) -> Vec<usize> {
        let mut places = Vec::new();
        for (place, face) in self.faces.iter_mut().enumerate() {
            if face.decision().1 == Some(person) {
                (face.vote, face.best) = (TrackVote::default(), BestShot::default());
                places.push(place);
            }
        }
        places
    }

    /// Forgets that faces are like somebody's who is on the watch list no more.
    pub(crate) fn forget_watched(&mut self, watched: WatchedId) {
        for face in &mut self.faces {
            if face.watch_mark().is_some_and(|mark| mark.watched == watched && mark.is_waiting()) {
                face.watch = TrackVote::default();
            }
        }
    }

    /// What is said of each face.
    pub(crate) fn decisions(&self) -> Vec<(Decision, Option<PersonId>)> {
        self.faces.iter().map(GatheredFace::decision).collect()
    }
}

impl GatheredFace {
    pub(crate) fn decision(&self) -> (Decision, Option<PersonId>) {
        match self.vote.verdict() {
            Verdict::Known { person, .. } if !self.rejected.contains(&person) => {
                (Decision::Known, Some(person))
            }
            _ if self.good_views == 0 => (Decision::PoorView, None),
            _ => (Decision::Unknown, None),
        }
    }

    /// Whether it is like somebody's on the watch list. Whoever is known is not looked out for.
    pub(crate) fn watch_mark(&self) -> Option<WatchMark> {
        if self.reviewed.is_some() {
            return self.reviewed.clone();
        }
        let Verdict::Known { person: watched, share } = self.watch.verdict() else { return None };
        let waits = WatchMark {
            watched,
            share,
            state: WatchState::Waiting,
            reviewed_by: None,
            reviewed_at: None,
        };
        Some(waits).filter(|_| self.decision().0 != Decision::Known)
    }

    /// The best view and how good it is.
    pub(crate) fn best(&self) -> Option<&(Quality, Best)> {
        self.best.best()
    }
}

#[cfg(test)]
mod tests {
    use hearth_face::{Flaw, Nearest, TEMPLATE_BYTES, UnknownReason};
    use hearth_model::Rect;

    use super::*;

    fn face(place: f32, flaws: &[Flaw]) -> SeenFace {
        let mut bytes = [0; TEMPLATE_BYTES];
        bytes[..4].copy_from_slice(&place.to_le_bytes());
        SeenFace {
            area: Rect { x: 0.1, y: 0.1, w: 0.1, h: 0.1 },
            quality: Quality {
                eye_distance: 60.0,
                sharpness: 0.3,
                yaw: 0.1,
                pitch: 0.55,
                brightness: 120.0,
                contrast: 40.0,
                score: 0.8,
                flaws: flaws.to_vec(),
            },
            template: Template::from_bytes(&bytes).expect("small numbers"),
            picture: Some(Bytes::from_static(b"jpeg")),
        }
    }

    fn known(person: PersonId) -> Identity<PersonId> {
        Identity::Known(Nearest { person, distance: 0.3 })
    }

    const NOBODY: Identity<PersonId> = Identity::Unknown(UnknownReason::NobodyNear);
    const NOT_WATCHED: Identity<WatchedId> = Identity::Unknown(UnknownReason::NobodyNear);

    /// promise: D-34. Whoever comes with somebody known stays unknown.
    #[test]
    fn a_known_face_does_not_hide_an_unknown_one() {
        let (mut gathering, anna) = (Gathering::default(), PersonId::new());
        for view in 0..4 {
            let shift = view as f32 * 0.05;
            gathering.take(Some(1), face(shift, &[]), &known(anna), &NOT_WATCHED);
            gathering.take(Some(2), face(2.0 + shift, &[]), &NOBODY, &NOT_WATCHED);
        }
        let expected = [(Decision::Known, Some(anna)), (Decision::Unknown, None)];
        assert_eq!(gathering.decisions(), expected);
    }

    #[test]
    fn views_of_one_face_from_several_tracks_are_one_face() {
        let (mut gathering, anna) = (Gathering::default(), PersonId::new());
        gathering.take(Some(1), face(0.0, &[]), &known(anna), &NOT_WATCHED);
        gathering.take(None, face(0.1, &[]), &known(anna), &NOT_WATCHED);
        gathering.take(Some(7), face(0.2, &[]), &known(anna), &NOT_WATCHED);
        assert_eq!(gathering.decisions(), [(Decision::Known, Some(anna))]);
    }

    /// promise: D-34. One lucky view, or only bad ones, name nobody.
    #[test]
    fn too_few_or_bad_views_name_nobody() {
        let (mut gathering, anna) = (Gathering::default(), PersonId::new());
        gathering.take(Some(1), face(0.0, &[]), &known(anna), &NOT_WATCHED);
        assert_eq!(gathering.decisions(), [(Decision::Unknown, None)]);
        let mut blurred = Gathering::default();
        for _ in 0..5 {
            blurred.take(Some(1), face(0.0, &[Flaw::Blurred]), &NOBODY, &NOT_WATCHED);
        }
        assert_eq!(blurred.decisions(), [(Decision::PoorView, None)]);
    }

    /// promise: D-34. What somebody corrected stays corrected in this visit.
    #[test]
    fn a_face_that_is_not_somebodys_is_not_called_so_again() {
        let (mut gathering, anna) = (Gathering::default(), PersonId::new());
        for _ in 0..3 {
            gathering.take(Some(1), face(0.0, &[]), &known(anna), &NOT_WATCHED);
        }
        gathering.faces[0].rejected.push(anna);
        gathering.take(Some(1), face(0.0, &[]), &known(anna), &NOT_WATCHED);
        assert_eq!(gathering.decisions(), [(Decision::Unknown, None)]);
    }

    /// promise: V-16. Of somebody who is erased no view is remembered; whoever came along stays.
    #[test]
    fn the_faces_of_a_person_can_be_forgotten() {
        let (mut gathering, anna) = (Gathering::default(), PersonId::new());
        for _ in 0..3 {
            gathering.take(Some(1), face(0.0, &[]), &known(anna), &NOT_WATCHED);
            gathering.take(Some(2), face(2.0, &[]), &NOBODY, &NOT_WATCHED);
        }
        assert_eq!(gathering.forget(anna), [0]);
        assert!(gathering.faces[0].best().is_none() && gathering.faces[1].best().is_some());
        assert_eq!(gathering.decisions(), [(Decision::Unknown, None); 2]);
    }

    /// promise: D-34. Nobody is taken for somebody on the watch list by one view, whoever is known is not
    /// looked out for, and what a person said of a face stays.
    #[test]
    fn a_face_is_like_one_on_the_watch_list_by_several_views() {
        let (anna, watched) = (PersonId::new(), WatchedId::new());
        let alike = Identity::Known(Nearest { person: watched, distance: 0.2 });
        let mut gathering = Gathering::default();
        let mut mark = || {
            gathering.take(Some(1), face(0.0, &[]), &NOBODY, &alike);
            gathering.take(Some(2), face(2.0, &[]), &known(anna), &alike);
            gathering.clone()
        };
        assert!(mark().faces[0].watch_mark().is_none() && mark().faces[0].watch_mark().is_none());
        let seen = mark();
        let waits = seen.faces[0].watch_mark().expect("three views say so");
        assert!(waits.is_waiting() && waits.watched == watched);
        assert_eq!(seen.faces[0].decision(), (Decision::Unknown, None), "and it is nobody's");
        assert!(seen.faces[1].watch_mark().is_none(), "that is Anna");

        let mut seen = mark();
        let refused = WatchMark { state: WatchState::Refused, ..waits };
        seen.faces[0].reviewed = Some(refused.clone());
        seen.take(Some(1), face(0.0, &[]), &NOBODY, &alike);
        assert_eq!(seen.faces[0].watch_mark(), Some(refused));

        let mut seen = mark();
        seen.forget_watched(watched);
        assert!(seen.faces[0].watch_mark().is_none());
    }

    #[test]
    fn there_is_an_end_to_faces() {
        let mut gathering = Gathering::default();
        for number in 0..100_u16 {
            let place = f32::from(number % 9);
            gathering.take(Some(number.into()), face(place, &[]), &NOBODY, &NOT_WATCHED);
        }
        assert_eq!(gathering.faces.len(), FACES_MAX);
    }
}
