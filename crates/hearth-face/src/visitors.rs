//! Sorts the faces of people who are not known: who of them came before?

use crate::template::{TEMPLATE_NUMBERS, Template};

/// Visitors remembered; beyond, whoever was not seen for longest is forgotten.
pub const VISITORS_MAX: usize = 500;

/// A face this near to the mean of a visitor's is theirs. As strict as naming somebody.
const DISTANCE_MAX: f32 = 0.5;

/// Faces the mean is made of: later ones move it as much as the last of these, so that it follows
/// a beard but is not pulled away.
const FACES_IN_MEAN: u32 = 20;

/// A person who is not known, by the number they got when they came first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VisitorNumber(pub u64);

struct Visitor {
    number: VisitorNumber,
    mean: Template,
    faces: u32,
    last_seen: u64,
}

/// People who are not known.
#[derive(Default)]
pub struct Visitors {
    visitors: Vec<Visitor>,
    next: u64,
    seen: u64,
}

/// Who came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Who.
    pub visitor: VisitorNumber,
    /// How many faces of theirs were seen, with this one.
    pub faces: u32,
    /// Who was forgotten to make room.
    pub forgotten: Option<VisitorNumber>,
}

impl Visitors {
    /// Whose face this is; somebody new if nobody's is near.
    pub fn see(&mut self, face: &Template) -> Visit {
        self.seen += 1;
        let nearest = self
            .visitors
            .iter_mut()
            .map(|visitor| (visitor.mean.distance(face), visitor))
            .filter(|(distance, _)| *distance <= DISTANCE_MAX)
            .min_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, visitor)) = nearest {
            visitor.add(face);
            visitor.last_seen = self.seen;
            return Visit { visitor: visitor.number, faces: visitor.faces, forgotten: None };
        }
        let forgotten = self.make_room();
        let number = VisitorNumber(self.next);
        self.next += 1;
        let mean = face.clone();
        self.visitors.push(Visitor { number, mean, faces: 1, last_seen: self.seen });
        Visit { visitor: number, faces: 1, forgotten }
    }

    /// Forgets a visitor, for example because they are known from now on.
    pub fn forget(&mut self, visitor: VisitorNumber) -> bool {
        let before = self.visitors.len();
        self.visitors.retain(|one| one.number != visitor);
        self.visitors.len() < before
    }

    /// The mean of a visitor's faces.
    pub fn mean(&self, visitor: VisitorNumber) -> Option<&Template> {
        self.visitors.iter().find(|one| one.number == visitor).map(|one| &one.mean)
    }

    /// How many are remembered.
    pub fn len(&self) -> usize {
        self.visitors.len()
    }

    /// Whether nobody is remembered.
    pub fn is_empty(&self) -> bool {
        self.visitors.is_empty()
    }

    fn make_room(&mut self) -> Option<VisitorNumber> {
        if self.visitors.len() < VISITORS_MAX {
            return None;
        }
        let oldest = self.visitors.iter().min_by_key(|visitor| visitor.last_seen);
        let number = oldest.map(|visitor| visitor.number)?;
        self.forget(number).then_some(number)
    }
}

impl Visitor {
    fn add(&mut self, face: &Template) {
        self.faces = self.faces.saturating_add(1);
        let part = 1.0 / self.faces.min(FACES_IN_MEAN) as f32;
        let (mean, face) = (self.mean.numbers(), face.numbers());
        let moved: [f32; TEMPLATE_NUMBERS] =
            std::array::from_fn(|at| mean[at] + (face[at] - mean[at]) * part);
        // A mean of templates is one.
        if let Ok(mean) = Template::new(moved) {
            self.mean = mean;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(place: f32) -> Template {
        let mut numbers = [0.0; TEMPLATE_NUMBERS];
        numbers[7] = place;
        Template::new(numbers).expect("sane")
    }

    #[test]
    fn whoever_comes_again_has_the_same_number() {
        let mut visitors = Visitors::default();
        let first = visitors.see(&at(0.0));
        let other = visitors.see(&at(1.0));
        let again = visitors.see(&at(0.2));
        assert_ne!(first.visitor, other.visitor);
        assert_eq!((again.visitor, again.faces), (first.visitor, 2));
        let mean = visitors.mean(first.visitor).expect("remembered");
        assert!((mean.distance(&at(0.1))) < 1e-6);
    }

    #[test]
    fn faces_between_two_visitors_do_not_chain_them_together() {
        let mut visitors = Visitors::default();
        for step in 0..100 {
            visitors.see(&at(step as f32 * 0.1));
        }
        assert!(visitors.len() >= 8, "{} visitors over a distance of 10", visitors.len());
    }

    #[test]
    fn whoever_was_not_seen_for_longest_is_forgotten() {
        let mut visitors = Visitors::default();
        let place = |number: usize| {
            let mut numbers = [0.0; TEMPLATE_NUMBERS];
            (numbers[number % 100], numbers[100 + number / 100]) = (2.0, 3.0);
            Template::new(numbers).expect("sane")
        };
        for number in 0..VISITORS_MAX {
            assert_eq!(visitors.see(&place(number)).forgotten, None);
        }
        visitors.see(&place(0));
        let visit = visitors.see(&place(VISITORS_MAX + 5));
        assert_eq!(visit.forgotten, Some(VisitorNumber(1)));
        assert_eq!(visitors.len(), VISITORS_MAX);
        assert!(visitors.forget(visit.visitor) && !visitors.forget(visit.visitor));
    }
}
