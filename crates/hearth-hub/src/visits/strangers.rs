//! Strangers who come again: in memory only, and not for long (promise D-03).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use hearth_face::{Template, VisitorNumber, Visitors};
use hearth_model::{PersonId, VisitId, WallTime};

use super::gathering::Gathering;

/// Visits whose faces are remembered, so that somebody can say a moment later who it was.
const REMEMBERED_MAX: usize = 200;

/// For how long.
const REMEMBERED_MICROS: i64 = 86_400_000_000;

/// Visits told of one stranger.
const VISITS_MAX: usize = 50;

/// A stranger who came more than once.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct StrangerView {
    /// By which visits name them.
    pub visitor: u64,
    /// How often their face was seen.
    pub faces: u32,
    /// When first.
    pub first_seen: WallTime,
    /// When last.
    pub last_seen: WallTime,
    /// In which visits, newest last.
    pub visits: Vec<VisitId>,
}

/// Strangers, and the faces of visits that are over.
#[derive(Default)]
pub(crate) struct Strangers {
    visitors: Visitors,
    seen: BTreeMap<VisitorNumber, StrangerView>,
    /// Those nobody wants to be shown again.
    ignored: BTreeSet<VisitorNumber>,
    ended: VecDeque<(VisitId, WallTime, Gathering)>,
}

impl Strangers {
    /// Somebody unknown came.
    pub(crate) fn see(&mut self, face: &Template, visit: VisitId, now: WallTime) -> u64 {
        let seen = self.visitors.see(face);
        if let Some(forgotten) = seen.forgotten {
            self.seen.remove(&forgotten);
            self.ignored.remove(&forgotten);
        }
        let stranger = self.seen.entry(seen.visitor).or_insert_with(|| StrangerView {
            visitor: seen.visitor.0,
            faces: 0,
            first_seen: now,
            last_seen: now,
            visits: Vec::new(),
        });
        (stranger.faces, stranger.last_seen) = (seen.faces, now);
        if stranger.visits.last() != Some(&visit) {
            stranger.visits.push(visit);
        }
        let too_many = stranger.visits.len().saturating_sub(VISITS_MAX);
        stranger.visits.drain(..too_many);
        seen.visitor.0
    }

    /// Those who came more than once, without the ignored.
    pub(crate) fn again(&self) -> Vec<StrangerView> {
        let shown = self.seen.iter().filter(|(visitor, stranger)| {
            stranger.visits.len() > 1 && !self.ignored.contains(visitor)
        });
        shown.map(|(_, stranger)| stranger.clone()).collect()
    }

    /// Shows somebody no more, however often they come. Whether they are remembered.
    pub(crate) fn ignore(&mut self, visitor: VisitorNumber) -> bool {
        let is_known = self.seen.contains_key(&visitor);
        if is_known {
            self.ignored.insert(visitor);
        }
        is_known
    }

    /// What was taken for one was several people: each is learned anew when they come. Whether there was
    /// such a one.
    pub(crate) fn split(&mut self, visitor: VisitorNumber) -> bool {
        self.visitors.forget(visitor);
        self.ignored.remove(&visitor);
        self.seen.remove(&visitor).is_some()
    }

    /// Remembers the faces of a visit that is over.
    pub(crate) fn remember(&mut self, visit: VisitId, now: WallTime, faces: Gathering) {
        self.ended.push_back((visit, now, faces));
        self.forget_old(now);
    }

    /// The faces of a visit that is over, as long as they are remembered.
    pub(crate) fn faces_of(&mut self, visit: VisitId) -> Option<&mut Gathering> {
        let mut ended = self.ended.iter_mut();
        ended.find(|(id, ..)| *id == visit).map(|(_, _, faces)| faces)
    }

    /// The faces of all visits that are remembered.
    pub(crate) fn gatherings(&mut self) -> impl Iterator<Item = &mut Gathering> {
        self.ended.iter_mut().map(|(_, _, faces)| faces)
    }

    /// Forgets a visit's faces.
    pub(crate) fn forget(&mut self, visit: VisitId) {
        self.ended.retain(|(id, ..)| *id != visit);
    }

    /// Forgets the faces of a person in all visits.
    pub(crate) fn forget_person(&mut self, person: PersonId) {
        for (_, _, gathering) in &mut self.ended {
            gathering.forget(person);
        }
    }

    /// Forgets what is old.
    pub(crate) fn forget_old(&mut self, now: WallTime) {
        let is_old =
            |at: WallTime| now.as_micros().saturating_sub(at.as_micros()) > REMEMBERED_MICROS;
        while self.ended.len() > REMEMBERED_MAX
            || self.ended.front().is_some_and(|(_, at, _)| is_old(*at))
        {
            self.ended.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use hearth_face::TEMPLATE_BYTES;

    use super::*;

    fn at(hour: i64) -> WallTime {
        WallTime::from_micros(hour * 3_600_000_000)
    }

    fn face(place: f32) -> Template {
        let mut bytes = [0; TEMPLATE_BYTES];
        bytes[..4].copy_from_slice(&place.to_le_bytes());
        Template::from_bytes(&bytes).expect("small numbers")
    }

    #[test]
    fn whoever_comes_again_is_one_stranger() {
        let mut strangers = Strangers::default();
        let (monday, tuesday) = (VisitId::new(), VisitId::new());
        let courier = strangers.see(&face(0.0), monday, at(1));
        strangers.see(&face(3.0), monday, at(1));
        assert!(strangers.again().is_empty());
        assert_eq!(strangers.see(&face(0.1), tuesday, at(25)), courier);
        let again = strangers.again();
        assert_eq!(again.len(), 1, "one came twice: {again:?}");
        assert_eq!((again[0].visitor, &again[0].visits[..]), (courier, &[monday, tuesday][..]));
    }

    #[test]
    fn whoever_is_ignored_is_not_shown_and_whoever_was_mixed_up_is_learned_anew() {
        let mut strangers = Strangers::default();
        let comes = |strangers: &mut Strangers, place, hour| {
            VisitorNumber(strangers.see(&face(place), VisitId::new(), at(hour)))
        };
        let postman = comes(&mut strangers, 0.0, 1);
        assert!(strangers.ignore(postman));
        assert_eq!(comes(&mut strangers, 0.0, 25), postman, "still one and the same");
        assert!(strangers.again().is_empty());

        let twins = comes(&mut strangers, 5.0, 1);
        assert_eq!(comes(&mut strangers, 5.2, 2), twins);
        assert_eq!(strangers.again().len(), 1);
        assert!(strangers.split(twins) && strangers.again().is_empty());
        assert_ne!(comes(&mut strangers, 5.0, 3), twins);
        assert!(!strangers.split(twins) && !strangers.ignore(twins), "nobody is called that now");
    }

    /// promise: D-03. Faces of visits are forgotten after a day, whoever they were.
    #[test]
    fn faces_of_visits_are_forgotten_after_a_day() {
        let mut strangers = Strangers::default();
        let visit = VisitId::new();
        strangers.remember(visit, at(0), Gathering::default());
        assert!(strangers.faces_of(visit).is_some());
        strangers.forget_old(at(24));
        assert!(strangers.faces_of(visit).is_some());
        strangers.forget_old(at(25));
        assert!(strangers.faces_of(visit).is_none());
        for _ in 0..=REMEMBERED_MAX {
            strangers.remember(VisitId::new(), at(25), Gathering::default());
        }
        assert_eq!(strangers.ended.len(), REMEMBERED_MAX);
    }
}
