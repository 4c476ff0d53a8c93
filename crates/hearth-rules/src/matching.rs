//! Whether something that happened is what a rule looks for.

use hearth_model::Direction;

use crate::{
    Happens, WhoIs,
    fact::{Happening, Who},
    known::Groups,
};

/// An answer that may be missing: what is not known is neither so nor not so.
pub(crate) type Maybe = Option<bool>;

impl Happens {
    /// Whether it is this. `None` if what is known fits and something needed is not known.
    pub(crate) fn fits(&self, happening: &Happening, groups: &Groups) -> Maybe {
        let percent = happening.score.map(|score| score * 100.0);
        // A float of a detector is compared with a whole number: 0.6 is 60 percent, not 60.000002.
        let beyond = |edge: Option<u8>, fits: fn(f32, f32) -> bool| match edge {
            None => Some(true),
            Some(edge) => percent.map(|percent| fits(percent, f32::from(edge))),
        };
        let answers = [
            one_of(&self.kinds, Some(&happening.kind)),
            one_of(&self.cameras, happening.camera.as_ref()),
            one_of(&self.labels, happening.label.as_ref()),
            one_of(&self.devices, happening.device.as_ref()),
            one_of(&self.what, happening.what.as_ref()),
            Some(self.zones.is_empty() || self.zones.iter().any(|z| happening.zones.contains(z))),
            beyond(self.confidence_min, |percent, edge| percent >= edge - 1e-3),
            beyond(self.confidence_max, |percent, edge| percent <= edge + 1e-3),
            self.who.as_ref().map_or(Some(true), |who| who.fits(happening.who?, groups)),
            self.direction.map_or(Some(true), |way| goes(&happening.directions, way)),
        ];
        let details = self.details.iter().map(|test| {
            let detail = happening.details.get(&test.detail)?;
            Some(test.is.fits(detail))
        });
        all(answers.into_iter().chain(details))
    }
}

impl WhoIs {
    fn fits(&self, who: Who, groups: &Groups) -> Maybe {
        match (self, who) {
            (Self::People(people), Who::Person(person)) => Some(people.contains(&person)),
            // A group that is not known any more has nobody in it that could be told.
            (Self::Group(group), Who::Person(person)) => {
                groups.get(group).map(|members| members.contains(&person))
            }
            (Self::Known, Who::Person(_))
            | (Self::Stranger, Who::Stranger)
            | (Self::FaceHidden, Who::FaceHidden) => Some(true),
            // Behind a hidden face may be anybody.
            (Self::FaceHidden, _) => Some(false),
            (_, Who::FaceHidden) => None,
            _ => Some(false),
        }
    }
}

/// What nobody saw go anywhere is not known to go or not to go this way.
fn goes(directions: &[Direction], way: Direction) -> Maybe {
    if directions.is_empty() { None } else { Some(directions.contains(&way)) }
}

fn one_of<T: PartialEq>(wanted: &[T], is: Option<&T>) -> Maybe {
    if wanted.is_empty() {
        return Some(true);
    }
    // What is about no camera is not at this one; that is known.
    Some(is.is_some_and(|is| wanted.contains(is)))
}

fn all(answers: impl Iterator<Item = Maybe>) -> Maybe {
    let mut is_known = true;
    for answer in answers {
        match answer {
            Some(true) => {}
            Some(false) => return Some(false),
            None => is_known = false,
        }
    }
    is_known.then_some(true)
}
