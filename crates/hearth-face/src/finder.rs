//! Where faces are in a picture.

use crate::{
    align::{FacePoints, Similarity},
    networks::{SINGLE_SHOT_SIDE, SingleShotBox, SingleShotNetwork},
    picture::Picture,
    weights::{Pack, PackError},
};

/// Faces looked for in one picture; bounds what a hostile picture or model can cost.
pub const FACES_MAX: usize = 32;

/// Boxes that overlap more than this are one face (the detector's own value).
const OVERLAP_MAX: f32 = 0.5;

/// A face this sure is one: below lie pictures on walls and patterns.
const SCORE_MIN: f32 = 0.5;

/// The border, on each side, that a picture gets in which no face was found at first, as a fraction
/// of its longer side: a face that fills the picture is larger than any anchor.
const BORDER: f32 = 0.5;

/// A face in a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FoundFace {
    /// Left edge in pixels; may lie outside the picture.
    pub left: f32,
    /// Upper edge in pixels.
    pub top: f32,
    /// Width in pixels.
    pub width: f32,
    /// Height in pixels.
    pub height: f32,
    /// How sure the detector is, 0 to 1.
    pub score: f32,
    /// The five points, if the detector finds them.
    pub points: Option<FacePoints>,
}

impl FoundFace {
    /// Pixels it covers.
    pub fn area(&self) -> f32 {
        self.width * self.height
    }

    /// What both cover, as a fraction of what either covers.
    fn overlap(&self, other: &Self) -> f32 {
        let width =
            (self.left + self.width).min(other.left + other.width) - self.left.max(other.left);
        let height =
            (self.top + self.height).min(other.top + other.height) - self.top.max(other.top);
        let both = width.max(0.0) * height.max(0.0);
        both / (self.area() + other.area() - both)
    }

    /// Whether a network that answers anything at all could have meant this.
    fn is_sane(&self) -> bool {
        let numbers = [self.left, self.top, self.width, self.height, self.score];
        numbers.iter().all(|number| number.is_finite()) && self.width >= 1.0 && self.height >= 1.0
    }
}

/// Finds faces. There are two: the built-in network, and YuNet where it is installed.
pub trait FaceFinder {
    /// The faces in a picture, surest first, at most [`FACES_MAX`].
    fn find(&self, picture: &Picture) -> Vec<FoundFace>;
}

/// Keeps the surest of faces that overlap, and leaves out what makes no sense.
pub fn surest_faces(mut found: Vec<FoundFace>) -> Vec<FoundFace> {
    found.retain(FoundFace::is_sane);
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<FoundFace> = Vec::new();
    for face in found {
        if kept.len() == FACES_MAX {
            break;
        }
        if kept.iter().all(|better| better.overlap(&face) <= OVERLAP_MAX) {
            kept.push(face);
        }
    }
    kept
}

/// The built-in detector.
pub struct BuiltInFinder(SingleShotNetwork);

impl BuiltInFinder {
    /// The detector of a face model.
    ///
    /// # Errors
    /// [`PackError::Tensor`] if the model has none.
    pub fn new(pack: &Pack) -> Result<Self, PackError> {
        SingleShotNetwork::new(pack).map(Self)
    }
}

impl FaceFinder for BuiltInFinder {
    fn find(&self, picture: &Picture) -> Vec<FoundFace> {
        let longest = picture.width().max(picture.height()) as f32;
        let view = Similarity::scaling(longest / SINGLE_SHOT_SIDE as f32);
        let boxes = self.0.run(&picture.square(SINGLE_SHOT_SIDE, &view), SCORE_MIN);
        let face = |found: &SingleShotBox| FoundFace {
            left: found.left * longest,
            top: found.top * longest,
            width: (found.right - found.left) * longest,
            height: (found.bottom - found.top) * longest,
            score: found.score,
            points: None,
        };
        surest_faces(boxes.iter().map(face).collect())
    }
}

/// Looks once more, from further away, where no face was found: for pictures chosen by people, in
/// which there should be one. Twice the time for pictures without a face.
pub struct Thorough<'a>(pub &'a dyn FaceFinder);

impl FaceFinder for Thorough<'_> {
    fn find(&self, picture: &Picture) -> Vec<FoundFace> {
        let found = self.0.find(picture);
        if !found.is_empty() {
            return found;
        }
        let border = (picture.width().max(picture.height()) as f32 * BORDER) as usize;
        let Some(framed) = picture.framed(border) else { return found };
        let moved = |mut face: FoundFace| {
            let border = border as f32;
            face.left -= border;
            face.top -= border;
            if let Some(FacePoints(points)) = &mut face.points {
                points.iter_mut().flatten().for_each(|value| *value -= border);
            }
            face
        };
        self.0.find(&framed).into_iter().map(moved).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(score: f32, left: f32) -> FoundFace {
        FoundFace { left, top: 0.0, width: 10.0, height: 10.0, score, points: None }
    }

    #[test]
    fn the_surest_of_overlapping_faces_stays() {
        let kept = surest_faces(vec![face(0.6, 1.0), face(0.9, 0.0), face(0.7, 8.0)]);
        assert_eq!(kept, [face(0.9, 0.0), face(0.7, 8.0)]);
    }

    #[test]
    fn faces_without_size_or_sense_are_left_out() {
        let broken = FoundFace { width: f32::NAN, ..face(0.9, 0.0) };
        let flat = FoundFace { height: 0.0, ..face(0.9, 0.0) };
        assert_eq!(surest_faces(vec![broken, flat, face(f32::INFINITY, 0.0)]), []);
    }

    #[test]
    fn there_is_an_end_to_faces() {
        let crowd = (0..1_000).map(|number| face(0.9, 20.0 * number as f32)).collect();
        assert_eq!(surest_faces(crowd).len(), FACES_MAX);
    }

    struct OnlyFramed;

    impl FaceFinder for OnlyFramed {
        fn find(&self, picture: &Picture) -> Vec<FoundFace> {
            if picture.width() == 200 { vec![face(0.9, 60.0)] } else { Vec::new() }
        }
    }

    #[test]
    fn a_face_found_with_a_border_lies_where_it_lies_without() {
        let picture = Picture::from_rgb(100, 80, vec![9; 100 * 80 * 3]).expect("three bytes each");
        let found = Thorough(&OnlyFramed).find(&picture);
        assert_eq!((found[0].left, found[0].top), (10.0, -50.0));
    }
}
