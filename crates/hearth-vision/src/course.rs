//! Which way something that is followed goes.
//!
//! Pure: boxes go in, picture by picture; ways come out. A way counts once something went far enough
//! from where it turned, so that a box that trembles goes nowhere.

use hearth_model::{Direction, Rect};

/// Part of the picture's width: more than a box trembles, less than a walk past a door.
const ACROSS_MIN: f32 = 0.12;

/// Natural logarithm of the growth by a third. Size is as the inverse of distance: somebody who comes
/// from eight metres to six.
const ALONG_MIN: f32 = 0.29;

/// What is nearer to the edge of the picture is cut off there, and how large it is nobody knows.
const EDGE: f32 = 0.01;

/// The way of one track.
#[derive(Clone, Debug, Default)]
pub(crate) struct Course {
    across: Swing,
    along: Swing,
}

impl Course {
    /// Takes where it is now. `has_size` says whether the box is that of a whole thing and not of what
    /// moved of it.
    pub(crate) fn see(&mut self, area: &Rect, has_size: bool) {
        self.across.see(area.x + area.w / 2.0, ACROSS_MIN);
        let is_whole = area.x > EDGE
            && area.y > EDGE
            && area.x + area.w < 1.0 - EDGE
            && area.y + area.h < 1.0 - EDGE;
        // Height and not width: arms swing, and cars turn.
        if has_size && is_whole && area.h > 0.0 {
            self.along.see(area.h.ln(), ALONG_MIN);
        }
    }

    /// The ways it goes, or went last: one across the picture, one along the look of the camera.
    pub(crate) fn directions(&self) -> Vec<Direction> {
        let across = self.across.goes.map(|goes| match goes {
            Goes::Up => Direction::Right,
            Goes::Down => Direction::Left,
        });
        let along = self.along.goes.map(|goes| match goes {
            Goes::Up => Direction::Approaching,
            Goes::Down => Direction::Leaving,
        });
        along.into_iter().chain(across).collect()
    }
}

/// A measure that goes up and down.
#[derive(Clone, Debug, Default)]
struct Swing {
    /// Lowest and highest since it turned last.
    range: Option<(f32, f32)>,
    goes: Option<Goes>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goes {
    Up,
    Down,
}

impl Swing {
    fn see(&mut self, value: f32, least: f32) {
        if !value.is_finite() {
            return;
        }
        let (low, high) = self.range.unwrap_or((value, value));
        self.range = Some((low.min(value), high.max(value)));
        if value - low >= least && self.goes != Some(Goes::Up) {
            self.turn(Goes::Up, value);
        } else if high - value >= least && self.goes != Some(Goes::Down) {
            self.turn(Goes::Down, value);
        }
    }

    fn turn(&mut self, goes: Goes, value: f32) {
        (self.goes, self.range) = (Some(goes), Some((value, value)));
    }
}

#[cfg(test)]
mod tests {
    use hearth_model::Direction::{Approaching, Leaving, Left, Right};
    use proptest::prelude::*;

    use super::*;

    fn standing(x: f32, h: f32) -> Rect {
        Rect { x: x - 0.05, y: 0.9 - h, w: 0.1, h }
    }

    fn walked(path: impl IntoIterator<Item = (f32, f32)>) -> Vec<Direction> {
        let mut course = Course::default();
        path.into_iter().for_each(|(x, h)| course.see(&standing(x, h), true));
        course.directions()
    }

    #[test]
    fn a_way_is_told_once_something_went_far_enough() {
        assert_eq!(walked([(0.5, 0.3), (0.55, 0.32), (0.6, 0.3)]), []);
        assert_eq!(walked([(0.5, 0.3), (0.55, 0.3), (0.63, 0.3)]), [Right]);
        assert_eq!(walked([(0.5, 0.3), (0.37, 0.3)]), [Left]);
        assert_eq!(walked([(0.5, 0.3), (0.5, 0.41)]), [Approaching]);
        assert_eq!(walked([(0.5, 0.3), (0.6, 0.22), (0.7, 0.2)]), [Leaving, Right]);
    }

    #[test]
    fn whoever_turns_round_goes_the_other_way() {
        let there = [(0.5, 0.3), (0.5, 0.45), (0.5, 0.6)];
        assert_eq!(walked(there), [Approaching]);
        assert_eq!(walked(there.into_iter().chain([(0.5, 0.5)])), [Approaching]);
        assert_eq!(walked(there.into_iter().chain([(0.5, 0.5), (0.5, 0.4)])), [Leaving]);
    }

    #[test]
    fn what_the_edge_cuts_off_or_merely_moves_has_no_size() {
        let mut course = Course::default();
        for h in [0.1, 0.2, 0.4] {
            course.see(&Rect { x: 0.4, y: 1.0 - h, w: 0.1, h }, true);
        }
        for h in [0.1, 0.2, 0.4] {
            course.see(&standing(0.45, h), false);
        }
        assert_eq!(course.directions(), []);
    }

    proptest! {
        /// A box that trembles by less than a step goes nowhere, however long it stands there.
        #[test]
        fn trembling_is_no_way(
            steps in proptest::collection::vec((-0.05f32..0.05, 0.28f32..0.34), 1..200),
        ) {
            prop_assert_eq!(walked(steps.into_iter().map(|(x, h)| (0.5 + x, h))), []);
        }

        /// Whatever the boxes are, there is at most one way across and one along.
        #[test]
        fn there_are_at_most_two_ways(
            boxes in proptest::collection::vec(any::<(f32, f32, f32, f32)>(), 0..50),
        ) {
            let mut course = Course::default();
            for (x, y, w, h) in boxes {
                course.see(&Rect { x, y, w, h }, true);
            }
            let is_along = |way: &Direction| matches!(way, Approaching | Leaving);
            let ways = course.directions();
            prop_assert!(ways.len() <= 2);
            prop_assert!(ways.iter().filter(|way| is_along(way)).count() <= 1);
        }
    }
}
