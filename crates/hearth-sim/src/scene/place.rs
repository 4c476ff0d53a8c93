//! The places a scene can show, and who usually comes along.
//!
//! Pure. Each place paints its backdrop in design units; `texture` holds what they are built from.
//! The usual visitors leave quiet seconds at both ends of the loop, and between them.

mod front_door;
mod garage;
mod garden;
mod street;
mod texture;

use hearth_model::Point;

use super::{Crossing, SceneKind, Subject, canvas::Canvas, foliage::Crown, noise::chance};
use texture::{boards, bricks, concrete, door, grass, hedge, roof, sky, trunk, window};

impl SceneKind {
    /// Its name as it is burnt into the picture.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Street => "STREET",
            Self::FrontDoor => "FRONT DOOR",
            Self::Garden => "GARDEN",
            Self::Garage => "GARAGE",
        }
    }

    /// Paints what stands still.
    pub(super) fn paint(self, canvas: &mut Canvas, seed: u64) {
        match self {
            Self::Street => street::paint(canvas, seed),
            Self::FrontDoor => front_door::paint(canvas, seed),
            Self::Garden => garden::paint(canvas, seed),
            Self::Garage => garage::paint(canvas, seed),
        }
    }

    /// The tree that sways, where there is one.
    pub(super) fn crown(self) -> Option<Crown> {
        match self {
            Self::Street => Some(street::CROWN),
            Self::FrontDoor => Some(front_door::CROWN),
            Self::Garden => Some(garden::CROWN),
            Self::Garage => None,
        }
    }

    /// Who usually comes along in a loop of so many seconds. Those who would not be gone in time
    /// stay away.
    pub(super) fn usual_crossings(self, seconds: u32, seed: u64) -> Vec<Crossing> {
        // Nobody is punctual, but everybody is gone before the loop ends.
        let late = 0.8 * chance(seed, 1, 71);
        let rows: &[Row] = match self {
            Self::Street => &STREET,
            Self::FrontDoor => &FRONT_DOOR,
            Self::Garden => &GARDEN,
            Self::Garage => &GARAGE,
        };
        let looks = (chance(seed, 2, 72) * 1000.0) as u32;
        rows.iter()
            .map(|row| row.crossing(late, looks))
            .filter(|crossing| crossing.to_seconds < seconds as f32)
            .collect()
    }
}

/// A line of a timetable: who, from when to when, from where to where, how tall then and there.
struct Row {
    subject: Subject,
    seconds: (f32, f32),
    start: (f32, f32, f32),
    end: (f32, f32, f32),
    look: u32,
    portrait: Option<usize>,
}

impl Row {
    fn crossing(&self, late: f32, looks: u32) -> Crossing {
        Crossing {
            subject: self.subject,
            from_seconds: self.seconds.0 + late,
            to_seconds: self.seconds.1 + late,
            start: Point { x: self.start.0, y: self.start.1 },
            end: Point { x: self.end.0, y: self.end.1 },
            start_height: self.start.2,
            end_height: self.end.2,
            look: self.look + looks,
            portrait: self.portrait,
        }
    }
}

const fn person(
    seconds: (f32, f32),
    start: (f32, f32, f32),
    end: (f32, f32, f32),
    look: u32,
) -> Row {
    Row { subject: Subject::Person, seconds, start, end, look, portrait: None }
}

/// Somebody who has the face of a portrait, if there is one.
const fn with_face(of: usize, row: Row) -> Row {
    Row { portrait: Some(of), ..row }
}

const fn car(seconds: (f32, f32), start: (f32, f32, f32), end: (f32, f32, f32), look: u32) -> Row {
    Row { subject: Subject::Car, seconds, start, end, look, portrait: None }
}

const STREET: [Row; 6] = [
    car((2.0, 5.5), (-0.18, 0.72, 0.19), (1.18, 0.72, 0.19), 1),
    person((4.0, 10.5), (1.05, 0.625, 0.27), (-0.05, 0.625, 0.27), 12),
    car((13.0, 16.5), (1.22, 0.9, 0.235), (-0.22, 0.9, 0.235), 4),
    person((17.0, 26.0), (-0.06, 0.635, 0.28), (1.06, 0.635, 0.28), 3),
    person((18.5, 27.0), (-0.06, 0.62, 0.26), (1.06, 0.62, 0.26), 9),
    car((30.5, 33.5), (-0.2, 0.73, 0.2), (1.2, 0.73, 0.2), 6),
];

const FRONT_DOOR: [Row; 7] = [
    with_face(0, person((2.5, 9.0), (0.497, 0.425, 0.2), (0.5, 0.93, 0.66), 2)),
    with_face(0, person((9.0, 12.0), (0.5, 0.93, 0.66), (0.5, 0.93, 0.66), 2)),
    with_face(0, person((12.0, 17.5), (0.5, 0.93, 0.66), (0.497, 0.425, 0.2), 2)),
    car((20.0, 23.0), (-0.1, 0.385, 0.1), (1.1, 0.385, 0.1), 5),
    with_face(1, person((25.0, 30.0), (0.497, 0.425, 0.2), (0.47, 0.88, 0.6), 15)),
    with_face(1, person((30.0, 32.5), (0.47, 0.88, 0.6), (0.47, 0.88, 0.6), 15)),
    with_face(1, person((32.5, 37.0), (0.47, 0.88, 0.6), (0.497, 0.425, 0.2), 15)),
];

const GARDEN: [Row; 3] = [
    person((4.0, 13.0), (1.06, 0.66, 0.46), (-0.06, 0.62, 0.42), 5),
    person((19.0, 27.0), (0.76, 0.55, 0.36), (0.42, 0.93, 0.62), 8),
    person((27.0, 33.0), (0.42, 0.93, 0.62), (-0.09, 0.86, 0.58), 8),
];

const GARAGE: [Row; 4] = [
    person((3.0, 8.0), (-0.06, 0.74, 0.52), (0.6, 0.72, 0.51), 7),
    person((8.0, 13.0), (0.6, 0.72, 0.51), (0.6, 0.72, 0.51), 7),
    person((13.0, 17.5), (0.6, 0.72, 0.51), (-0.06, 0.78, 0.55), 7),
    person((26.0, 33.0), (1.07, 0.86, 0.62), (-0.07, 0.8, 0.57), 11),
];
