//! From a face in a picture to its template: points, alignment, quality, description.

use thiserror::Error;
use zeroize::Zeroizing;

use crate::{
    align::{FacePoints, Similarity},
    finder::FoundFace,
    networks::{CHIP_SIDE, LANDMARK_SIDE, LandmarkNetwork, RecognitionNetwork},
    picture::Picture,
    quality::Quality,
    template::Template,
    weights::{Pack, PackError},
};

/// What the point network sees beyond the detector's box, as a factor of its longer side.
const POINT_VIEW: f32 = 1.0;

/// Why a face has no template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the face can't be described")]
pub struct Indescribable;

/// A face, described.
#[derive(Clone, Debug)]
pub struct FaceReading {
    /// Its description.
    pub template: Template,
    /// How good this view of it is. A reading with flaws is good for nothing but counting.
    pub quality: Quality,
    /// Where its points are.
    pub points: FacePoints,
}

/// Describes faces.
pub struct FaceReader {
    landmarks: LandmarkNetwork,
    recognition: RecognitionNetwork,
}

impl FaceReader {
    /// The point and recognition networks of a face model.
    ///
    /// # Errors
    /// [`PackError::Tensor`] if the model lacks one of them.
    pub fn new(pack: &Pack) -> Result<Self, PackError> {
        Ok(Self {
            landmarks: LandmarkNetwork::new(pack)?,
            recognition: RecognitionNetwork::new(pack)?,
        })
    }

    /// Describes a face of this picture.
    ///
    /// # Errors
    /// If its points are no face, or the network's answer is no template.
    pub fn read(&self, picture: &Picture, face: &FoundFace) -> Result<FaceReading, Indescribable> {
        let points = face.points.unwrap_or_else(|| self.points(picture, face));
        let chip = points.chip(CHIP_SIDE).ok_or(Indescribable)?;
        let chip = picture.square(CHIP_SIDE, &chip);
        let quality = Quality::measure(&chip, CHIP_SIDE, &points);
        let numbers = Zeroizing::new(self.recognition.run(&chip));
        let template = Template::new(*numbers).map_err(|_| Indescribable)?;
        Ok(FaceReading { template, quality, points })
    }

    /// The quality of a face without describing it: a third of the time, to choose the best view.
    ///
    /// # Errors
    /// If its points are no face.
    pub fn quality(&self, picture: &Picture, face: &FoundFace) -> Result<Quality, Indescribable> {
        let points = face.points.unwrap_or_else(|| self.points(picture, face));
        let chip = points.chip(CHIP_SIDE).ok_or(Indescribable)?;
        Ok(Quality::measure(&picture.square(CHIP_SIDE, &chip), CHIP_SIDE, &points))
    }

    /// The points of a face whose detector finds none.
    fn points(&self, picture: &Picture, face: &FoundFace) -> FacePoints {
        let side = face.width.max(face.height) * POINT_VIEW;
        let scale = side / LANDMARK_SIDE as f32;
        let corner = [face.left + (face.width - side) / 2.0, face.top + (face.height - side) / 2.0];
        let view = Similarity::scaling(scale).moved(corner);
        let found = self.landmarks.run(&picture.square(LANDMARK_SIDE, &view));
        // Fractions of the view's side, counted from the edge of its first pixel.
        let place = |point: [f32; 2]| [0, 1].map(|axis| corner[axis] + point[axis] * side - 0.5);
        FacePoints::of_68(&found.map(place))
    }
}
