//! Searches of an open set: each picture is looked for among all the others.

use serde::Serialize;

use crate::{
    gallery::{Gallery, Identity},
    operating_point::OperatingPoint,
    template::Template,
};

/// Faces that are looked for: the time grows with the square of their number.
const FACES_MAX: usize = 1_000;

/// Error rates of searches; `None` where no such search was possible.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SearchRates {
    /// Largest distance at which somebody is named.
    pub threshold: f32,
    /// Searches for somebody who is not among the others.
    pub stranger_searches: usize,
    /// Part of them that named somebody.
    pub fpir: Option<f64>,
    /// Searches for somebody of whom there is another picture.
    pub known_searches: usize,
    /// Part of them that did not name that person.
    pub fnir: Option<f64>,
    /// Part of them that named somebody else: worse than naming nobody.
    pub misnamed: Option<f64>,
}

/// Looks for each face among all other faces, once with its person's other faces and once without
/// them. Decides as at the door, but for the vote over several views. Of very many faces only the
/// first 1,000 take part.
pub fn search_rates(faces: &[(usize, Template)], rule: &OperatingPoint) -> SearchRates {
    let faces = &faces[..faces.len().min(FACES_MAX)];
    let (mut strangers, mut named) = (0, 0);
    let (mut known, mut missed, mut misnamed) = (0, 0, 0);
    for (at, (person, face)) in faces.iter().enumerate() {
        let others = faces.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, one)| one);
        let without = gallery(others.clone().filter(|(other, _)| other != person));
        if !without.is_empty() {
            strangers += 1;
            named += usize::from(matches!(without.decide(face, rule), Identity::Known(_)));
        }
        if others.clone().any(|(other, _)| other == person) {
            known += 1;
            match gallery(others).decide(face, rule) {
                Identity::Known(found) if found.person == *person => {}
                Identity::Known(_) => {
                    missed += 1;
                    misnamed += 1;
                }
                Identity::Unknown(_) => missed += 1,
            }
        }
    }
    let part = |some: usize, all: usize| (all > 0).then(|| some as f64 / all as f64);
    SearchRates {
        threshold: rule.threshold,
        stranger_searches: strangers,
        fpir: part(named, strangers),
        known_searches: known,
        fnir: part(missed, known),
        misnamed: part(misnamed, known),
    }
}

fn gallery<'a>(faces: impl Iterator<Item = &'a (usize, Template)>) -> Gallery<usize> {
    let mut gallery = Gallery::default();
    for (person, template) in faces {
        // A person with more pictures than a gallery takes is represented by the first ones.
        gallery.insert(*person, template).ok();
    }
    gallery
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::TEMPLATE_NUMBERS;

    fn at(place: f32) -> Template {
        let mut numbers = [0.0; TEMPLATE_NUMBERS];
        numbers[0] = place;
        Template::new(numbers).expect("sane")
    }

    #[test]
    fn searches_are_counted_with_and_without_the_person() {
        let faces: Vec<_> = [(0, 0.0), (0, 0.1), (1, 1.0), (1, 2.0), (2, 2.1)]
            .map(|(who, place)| (who, at(place)))
            .into();
        let rule = OperatingPoint { threshold: 0.5, ..OperatingPoint::DEFAULT };
        let rates = search_rates(&faces, &rule);
        // 2.0 and 2.1 are different persons and near each other; 1.0 and 2.0 are one and are not.
        assert_eq!((rates.stranger_searches, rates.fpir), (5, Some(0.4)));
        assert_eq!((rates.known_searches, rates.fnir), (4, Some(0.5)));
        assert_eq!(rates.misnamed, Some(0.25));
    }

    #[test]
    fn without_faces_there_are_no_rates() {
        let rates = search_rates(&[(0, at(0.0))], &OperatingPoint::DEFAULT);
        assert_eq!((rates.fpir, rates.fnir, rates.misnamed), (None, None, None));
    }
}
