//! Faces as the worker describes them to the hub.

use std::fmt;

use bytes::Bytes;
use hearth_face::{Quality, Template};
use hearth_model::Rect;

/// A face in a picture. Whose it is, the hub decides: the worker knows nobody.
#[derive(Clone)]
pub struct SeenFace {
    /// Where in the picture.
    pub area: Rect,
    /// How good this view of it is.
    pub quality: Quality,
    /// Its description.
    pub template: Template,
    /// The face with a border, a JPEG of at most [`SeenFace::PICTURE_SIDE_MAX`] pixels a side; of a
    /// track only with its best view so far.
    pub picture: Option<Bytes>,
}

impl SeenFace {
    /// Enough to recognise somebody in a list.
    pub const PICTURE_SIDE_MAX: usize = 320;
}

/// Biometric data: shows where, not what. promise: D-27.
impl fmt::Debug for SeenFace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SeenFace({:?}, {:.2})", self.area, self.quality.score)
    }
}

/// For messages that are compared; equal descriptions are of the same picture.
impl PartialEq for SeenFace {
    fn eq(&self, other: &Self) -> bool {
        (self.area, &self.quality, &self.picture) == (other.area, &other.quality, &other.picture)
            && self.template.distance(&other.template) == 0.0
    }
}

/// What faces are looked for in.
#[derive(Clone, Debug)]
pub enum FacesIn {
    /// The bytes of a JPEG or PNG file.
    Photo(Bytes),
    /// The last of these frames, which begin with a key frame.
    Frames(std::sync::Arc<hearth_media::StreamParameters>, Vec<hearth_media::Frame>),
}
