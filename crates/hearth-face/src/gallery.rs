//! Who is known, and whose face a template is: the open-set decision.
//!
//! Somebody is known only if one person is near enough, clearly nearer than every other person, and
//! nobody has said of a face like this that it is not that person. Everybody else is unknown.

use serde::Serialize;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{
    operating_point::OperatingPoint,
    quality::Quality,
    template::{TEMPLATE_NUMBERS, Template, squared_distance},
};

/// Templates of all persons; a search takes about 0.2 ms for 10,000 of them.
pub const GALLERY_TEMPLATES_MAX: usize = 100_000;

/// Templates of one person: more views than there are lights and ages to a face.
pub const PERSON_TEMPLATES_MAX: usize = 50;

/// 'Not this person' of one person.
pub const PERSON_REJECTIONS_MAX: usize = 50;

/// How much nearer the nearest person has to be than the next one. On the faces of the test data the
/// right person was nearer by 0.32 at least, and for strangers the two nearest persons were 0.06
/// apart (median): whoever is about equally like two persons is probably neither.
const MARGIN_MIN: f32 = 0.1;

/// Why nothing was added to a gallery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum GalleryFull {
    /// The person has as many templates as a person may have.
    #[error("this person has {PERSON_TEMPLATES_MAX} pictures; remove one first")]
    Person,
    /// There are as many templates as there may be.
    #[error("there are {GALLERY_TEMPLATES_MAX} pictures; remove some first")]
    Gallery,
}

/// Templates of persons, in the clear and wiped when dropped or removed. `K` says whose they are.
pub struct Gallery<K> {
    persons: Vec<K>,
    templates: Zeroizing<Vec<[f32; TEMPLATE_NUMBERS]>>,
    rejections: Vec<(K, Template)>,
}

/// A person, and how far the nearest of their templates is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nearest<K> {
    /// Who.
    pub person: K,
    /// Distance of the nearest template.
    pub distance: f32,
}

/// Whose face it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Identity<K> {
    /// This person's.
    Known(Nearest<K>),
    /// Nobody's that can be named.
    Unknown(UnknownReason),
}

/// Why a face is nobody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownReason {
    /// Nobody's face is like it.
    NobodyNear,
    /// Two persons' faces are about equally like it.
    Ambiguous,
    /// It is most like a face of which somebody said that it is not that person.
    Rejected,
    /// It is not seen well enough to say.
    PoorView,
}

impl<K: Copy + Eq> Default for Gallery<K> {
    fn default() -> Self {
        Self { persons: Vec::new(), templates: Zeroizing::default(), rejections: Vec::new() }
    }
}

impl<K: Copy + Eq> Gallery<K> {
    /// Number of templates.
    pub fn len(&self) -> usize {
        self.persons.len()
    }

    /// Whether nobody is known.
    pub fn is_empty(&self) -> bool {
        self.persons.is_empty()
    }

    /// Adds a view of a person.
    ///
    /// # Errors
    /// [`GalleryFull`].
    pub fn insert(&mut self, person: K, template: &Template) -> Result<(), GalleryFull> {
        if self.persons.iter().filter(|known| **known == person).count() >= PERSON_TEMPLATES_MAX {
            return Err(GalleryFull::Person);
        }
        if self.len() >= GALLERY_TEMPLATES_MAX {
            return Err(GalleryFull::Gallery);
        }
        if self.templates.len() == self.templates.capacity() {
            // A vector that grows by itself leaves an unwiped copy behind.
            let room = (2 * self.templates.capacity()).max(64);
            let mut larger = Zeroizing::new(Vec::with_capacity(room));
            larger.extend_from_slice(&self.templates);
            self.templates = larger;
        }
        self.templates.push(*template.numbers());
        self.persons.push(person);
        Ok(())
    }

    /// Remembers of a face that it is not this person's. The oldest of very many is forgotten.
    pub fn reject(&mut self, person: K, template: &Template) {
        let is_of_person = |(rejected, _): &(K, Template)| *rejected == person;
        if self.rejections.iter().filter(|one| is_of_person(one)).count() >= PERSON_REJECTIONS_MAX
            && let Some(oldest) = self.rejections.iter().position(is_of_person)
        {
            self.rejections.remove(oldest);
        }
        self.rejections.push((person, template.clone()));
    }

    /// Forgets a person, and what was rejected for them; the number of templates wiped.
    pub fn remove(&mut self, person: K) -> usize {
        let before = self.len();
        let mut kept = Zeroizing::new(Vec::with_capacity(before));
        let of_others = self.persons.iter().zip(self.templates.iter());
        kept.extend(of_others.filter(|(known, _)| **known != person).map(|(_, numbers)| *numbers));
        self.templates = kept;
        self.persons.retain(|known| *known != person);
        self.rejections.retain(|(rejected, _)| *rejected != person);
        before - self.len()
    }

    /// The nearest person and the next nearest, whatever the distance and the rejections.
    pub fn nearest(&self, face: &Template) -> [Option<Nearest<K>>; 2] {
        self.two_nearest(face, &[])
    }

    /// Whose face this is. What was seen badly is nobody's.
    pub fn identify(
        &self,
        face: &Template,
        quality: &Quality,
        rule: &OperatingPoint,
    ) -> Identity<K> {
        if quality.is_good() {
            self.decide(face, rule)
        } else {
            Identity::Unknown(UnknownReason::PoorView)
        }
    }

    /// Whose face this is, if it was seen well.
    pub(crate) fn decide(&self, face: &Template, rule: &OperatingPoint) -> Identity<K> {
        let is_near = |one: &Nearest<K>| one.distance <= rule.threshold;
        let rejected = self.rejected(face);
        let [best, next] = self.two_nearest(face, &rejected);
        match best.filter(is_near) {
            None if rejected
                .iter()
                .any(|person| self.distance_to(*person, face) <= rule.threshold) =>
            {
                Identity::Unknown(UnknownReason::Rejected)
            }
            None => Identity::Unknown(UnknownReason::NobodyNear),
            Some(best) => {
                let is_clear = next.is_none_or(|next| next.distance - best.distance >= MARGIN_MIN);
                if is_clear {
                    Identity::Known(best)
                } else {
                    Identity::Unknown(UnknownReason::Ambiguous)
                }
            }
        }
    }

    /// Persons whose rejected faces are more like this one than their own.
    fn rejected(&self, face: &Template) -> Vec<K> {
        let mut rejected = Vec::new();
        for (person, rejection) in &self.rejections {
            if !rejected.contains(person)
                && rejection.distance(face) <= self.distance_to(*person, face)
            {
                rejected.push(*person);
            }
        }
        rejected
    }

    /// Distance of a person's nearest template; infinite without one.
    fn distance_to(&self, person: K, face: &Template) -> f32 {
        let of_person = self.persons.iter().zip(self.templates.iter());
        let of_person = of_person.filter(|(known, _)| **known == person);
        let squares = of_person.map(|(_, numbers)| squared_distance(numbers, face.numbers()));
        squares.fold(f32::INFINITY, f32::min).sqrt()
    }

    fn two_nearest(&self, face: &Template, left_out: &[K]) -> [Option<Nearest<K>>; 2] {
        let (mut best, mut next): (Option<Nearest<K>>, Option<Nearest<K>>) = (None, None);
        for (person, numbers) in self.persons.iter().zip(self.templates.iter()) {
            let distance = squared_distance(numbers, face.numbers());
            let is_nearer =
                |than: &Option<Nearest<K>>| than.is_none_or(|one| distance < one.distance);
            if !is_nearer(&next) && !is_nearer(&best) || left_out.contains(person) {
                continue;
            }
            let this = Some(Nearest { person: *person, distance });
            let is_best_person = best.is_some_and(|best| best.person == *person);
            if is_nearer(&best) {
                if !is_best_person {
                    next = best;
                }
                best = this;
            } else if !is_best_person {
                next = this;
            }
        }
        let root = |one: Nearest<K>| Nearest { distance: one.distance.sqrt(), ..one };
        [best.map(root), next.map(root)]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Distances between such templates are differences of their numbers.
    fn at(place: f32) -> Template {
        let mut numbers = [0.0; TEMPLATE_NUMBERS];
        numbers[0] = place;
        Template::new(numbers).expect("sane")
    }

    fn gallery(places: &[(char, f32)]) -> Gallery<char> {
        let mut gallery = Gallery::default();
        for (person, place) in places {
            gallery.insert(*person, &at(*place)).expect("few");
        }
        gallery
    }

    fn rule(threshold: f32) -> OperatingPoint {
        OperatingPoint { threshold, ..OperatingPoint::DEFAULT }
    }

    /// promise: D-34. Only somebody near, clearly nearer than anybody else, is known.
    #[test]
    fn whoever_is_not_clearly_one_person_is_unknown() {
        let gallery = gallery(&[('a', 0.0), ('b', 1.0), ('a', 0.2)]);
        let decide = |place: f32| gallery.decide(&at(place), &rule(0.5));
        assert!(matches!(decide(0.3), Identity::Known(Nearest { person: 'a', .. })));
        assert!(matches!(decide(0.9), Identity::Known(Nearest { person: 'b', .. })));
        assert_eq!(decide(0.6), Identity::Unknown(UnknownReason::Ambiguous));
        assert_eq!(decide(0.62), Identity::Unknown(UnknownReason::Ambiguous));
        assert_eq!(decide(1.6), Identity::Unknown(UnknownReason::NobodyNear));
        let nobody = Gallery::<char>::default().decide(&at(0.0), &rule(0.5));
        assert_eq!(nobody, Identity::Unknown(UnknownReason::NobodyNear));
    }

    /// promise: D-34. A bad view names nobody, however near it is.
    #[test]
    fn a_bad_view_is_nobodys() {
        let gallery = gallery(&[('a', 0.0)]);
        let mut quality = crate::quality::good();
        let identity = gallery.identify(&at(0.0), &quality, &rule(0.5));
        assert_eq!(identity, Identity::Known(Nearest { person: 'a', distance: 0.0 }));
        quality.flaws = vec![crate::Flaw::Blurred];
        let identity = gallery.identify(&at(0.0), &quality, &rule(0.5));
        assert_eq!(identity, Identity::Unknown(UnknownReason::PoorView));
    }

    /// promise: D-34. 'Not this person' holds for faces like the one it was said of, and only them.
    #[test]
    fn a_face_once_rejected_is_not_that_person_again() {
        let mut gallery = gallery(&[('a', 0.0)]);
        gallery.reject('a', &at(0.4));
        let decide = |gallery: &Gallery<char>, place| gallery.decide(&at(place), &rule(0.5));
        assert_eq!(decide(&gallery, 0.35), Identity::Unknown(UnknownReason::Rejected));
        assert!(matches!(decide(&gallery, 0.1), Identity::Known(Nearest { person: 'a', .. })));
        gallery.insert('b', &at(0.45)).expect("few");
        assert!(matches!(decide(&gallery, 0.4), Identity::Known(Nearest { person: 'b', .. })));
    }

    #[test]
    fn a_removed_person_is_known_no_more() {
        let mut gallery = gallery(&[('a', 0.0), ('b', 1.0), ('a', 0.1)]);
        gallery.reject('a', &at(0.9));
        assert_eq!((gallery.remove('a'), gallery.len()), (2, 1));
        let left = gallery.nearest(&at(0.0));
        assert_eq!(left, [Some(Nearest { person: 'b', distance: 1.0 }), None]);
        assert_eq!(gallery.remove('a'), 0);
    }

    #[test]
    fn a_person_has_a_limited_number_of_views() {
        let mut gallery = Gallery::default();
        for _ in 0..PERSON_TEMPLATES_MAX {
            gallery.insert('a', &at(0.0)).expect("fits");
        }
        assert_eq!(gallery.insert('a', &at(0.0)), Err(GalleryFull::Person));
        assert_eq!(gallery.insert('b', &at(0.0)), Ok(()));
        for _ in 0..2 * PERSON_REJECTIONS_MAX {
            gallery.reject('a', &at(0.3));
        }
        assert_eq!(gallery.rejections.len(), PERSON_REJECTIONS_MAX);
    }

    proptest! {
        /// The search agrees with looking at every person by itself.
        #[test]
        fn the_two_nearest_persons_are_found(
            places in prop::collection::vec((prop::char::range('a', 'e'), -5f32..5.0), 0..40),
            place in -5f32..5.0,
        ) {
            let gallery = gallery(&places);
            let mut persons: Vec<char> = places.iter().map(|(person, _)| *person).collect();
            persons.sort_unstable();
            persons.dedup();
            let distance = |person: char| gallery.distance_to(person, &at(place));
            persons.sort_by(|a, b| distance(*a).total_cmp(&distance(*b)));
            let found = gallery.nearest(&at(place));
            for (rank, found) in found.iter().enumerate() {
                let expected = persons.get(rank).map(|person| distance(*person));
                prop_assert_eq!(found.map(|one| one.distance), expected);
            }
        }
    }
}
