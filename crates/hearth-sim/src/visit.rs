//! Visits to order: people with the faces of photographs, who come to a camera when they are told to.
//!
//! Pure. A visit is a loop of its own that a camera plays once: they walk up, stand there, and go.
//! Not here: how a camera goes over to it and back again (`stream`).

use std::{ops::RangeInclusive, sync::Arc};

use hearth_model::Point;

use crate::{Crossing, Portrait, ReelSpec, SceneSpec, Subject, scene::PORTRAIT_CENTRE};

/// People at once: more hide each other.
const PEOPLE: RangeInclusive<usize> = 1..=4;
/// How long they stay; a reel is held in memory.
const SECONDS: RangeInclusive<f32> = 0.5..=60.0;
const HEIGHT: RangeInclusive<f32> = 0.2..=2.0;
const LIGHT: RangeInclusive<f32> = 0.05..=2.0;

/// Nobody is there yet, or any more.
const QUIET_SECONDS: f32 = 0.5;
/// Walking up, and walking away.
const WAY_SECONDS: f32 = 2.0;
/// How tall somebody is at the far end of the way, of what they are at the door.
const FAR: f32 = 0.45;
/// Where faces are, in heights of the picture.
const FACE_Y: f32 = 0.32;

/// Somebody who comes.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visitor {
    /// Whose face they have, as a place in [`HouseSpec::portraits`](crate::HouseSpec::portraits).
    pub portrait: usize,
    /// Where they stand: 0 is the left edge of the picture, 1 the right one.
    #[serde(default = "middle")]
    pub x: f32,
    /// How tall they are there, in heights of the picture: the taller, the nearer.
    #[serde(default = "as_photographed")]
    pub height: f32,
    /// How much light falls on their face, of what fell on it in the photograph.
    #[serde(default = "as_photographed")]
    pub light: f32,
}

fn middle() -> f32 {
    0.5
}

fn as_photographed() -> f32 {
    1.0
}

/// People who come together.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visit {
    /// Who.
    pub people: Vec<Visitor>,
    /// How long they stand there.
    pub seconds: f32,
}

/// When what happens, in seconds from the first picture of a visit.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct VisitTimes {
    /// They stand there.
    pub arrived: f32,
    /// They turn around.
    pub leaving: f32,
    /// The camera shows again what it usually does.
    pub over: f32,
}

impl Visit {
    /// When what happens.
    pub fn times(&self) -> VisitTimes {
        let arrived = QUIET_SECONDS + WAY_SECONDS;
        let leaving = arrived + self.seconds;
        VisitTimes { arrived, leaving, over: (leaving + WAY_SECONDS + QUIET_SECONDS).ceil() }
    }

    /// What a camera shows meanwhile that usually shows this.
    ///
    /// # Errors
    /// Says what is wrong with the visit.
    pub(crate) fn reel(
        &self,
        usual: &ReelSpec,
        portraits: &[Arc<Portrait>],
    ) -> Result<ReelSpec, &'static str> {
        self.check()?;
        let lit = |visitor: &Visitor| {
            portraits.get(visitor.portrait).map(|portrait| Arc::new(portrait.lit(visitor.light)))
        };
        let faces: Option<Vec<_>> = self.people.iter().map(lit).collect();
        let faces = faces.ok_or("nobody has that portrait")?;
        let crossings = (0..).zip(&self.people).flat_map(|(place, one)| self.ways(place, one));
        let scene = SceneSpec {
            seconds: self.times().over as u32,
            crossings: Some(crossings.collect()),
            portraits: faces,
            ..usual.scene.clone()
        };
        Ok(ReelSpec { scene, sound: None, ..usual.clone() })
    }

    fn check(&self) -> Result<(), &'static str> {
        let is_sane = |visitor: &Visitor| {
            (0.0..=1.0).contains(&visitor.x)
                && HEIGHT.contains(&visitor.height)
                && LIGHT.contains(&visitor.light)
        };
        match () {
            () if !PEOPLE.contains(&self.people.len()) => Err("one to four people come at once"),
            () if !SECONDS.contains(&self.seconds) => Err("they stay for 0.5 to 60 seconds"),
            () if !self.people.iter().all(is_sane) => {
                Err("x is 0 to 1, height 0.2 to 2, light 0.05 to 2")
            }
            () => Ok(()),
        }
    }

    /// The way up, the time at the door, and the way back.
    fn ways(&self, place: usize, visitor: &Visitor) -> [Crossing; 3] {
        let times = self.times();
        let (near, far) = (visitor.height, visitor.height * FAR);
        let foot = |height: f32| Point { x: visitor.x, y: FACE_Y + PORTRAIT_CENTRE * height };
        let way = |(from_seconds, to_seconds), from: f32, to: f32| Crossing {
            subject: Subject::Person,
            from_seconds,
            to_seconds,
            start: foot(from),
            end: foot(to),
            start_height: from,
            end_height: to,
            look: visitor.portrait as u32,
            portrait: Some(place),
        };
        [
            way((QUIET_SECONDS, times.arrived), far, near),
            way((times.arrived, times.leaving), near, near),
            way((times.leaving, times.leaving + WAY_SECONDS), near, far),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Scene, SceneKind};

    fn visit(people: &[Visitor]) -> Visit {
        Visit { people: people.to_vec(), seconds: 3.0 }
    }

    fn one() -> Visitor {
        Visitor { portrait: 0, x: 0.4, height: 1.0, light: 1.0 }
    }

    fn usual() -> ReelSpec {
        ReelSpec::new(SceneSpec::new(SceneKind::FrontDoor, 160, 96, 4), 0)
    }

    fn portraits() -> Vec<Arc<Portrait>> {
        vec![Arc::new(Portrait::new(2, 2, vec![200; 12]).expect("four pixels"))]
    }

    #[test]
    fn whoever_comes_is_gone_at_the_end() {
        let both = visit(&[one(), Visitor { x: 0.7, ..one() }]);
        let spec = both.reel(&usual(), &portraits()).expect("a visit");
        let scene = Scene::new(spec.scene);
        let there = |seconds: f32| scene.truth((seconds * 4.0) as u64).len();
        let times = both.times();
        assert_eq!((there(0.0), there(times.arrived + 0.5), there(times.over - 0.3)), (0, 2, 0));
        assert_eq!(scene.frames(), 4 * times.over as u64);
    }

    #[test]
    fn a_visit_that_makes_no_sense_is_refused() {
        let refused = |visit: Visit| visit.reel(&usual(), &portraits()).is_err();
        assert!(refused(visit(&[])) && refused(visit(&[one(); 5])));
        assert!(refused(visit(&[Visitor { portrait: 1, ..one() }])));
        assert!(refused(visit(&[Visitor { x: f32::NAN, ..one() }])));
        assert!(refused(visit(&[Visitor { height: 30.0, ..one() }])));
        assert!(refused(Visit { seconds: 1e9, ..visit(&[one()]) }));
        assert!(!refused(visit(&[one()])));
    }
}
