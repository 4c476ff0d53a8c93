//! Finds and describes faces in pictures.

use bytes::Bytes;
use hearth_face::{
    FACE_MODEL_SHA256, FACES_MAX, FaceFinder, FaceModel, FoundFace, Picture as Coloured, Thorough,
    embedded_face_model,
};
use hearth_model::Rect;
use hearth_vision::PixelRegion;
use jpeg_encoder::{ColorType, Encoder};

use super::{colour::coloured, jpeg, picture::Picture};
use crate::{Eyes, SeenFace, wiped::Wiped};

/// Room around somebody in whom a face is looked for, as a fraction of the box.
const MARGIN: f32 = 0.08;

/// In a smaller region no face is large enough to be recognised.
const REGION_MIN: usize = 48;

/// What looks for faces: 50 MB of weights, loaded when the first camera wants it.
pub(crate) struct Faces {
    model: FaceModel,
}

impl Faces {
    /// The model that comes with the product; `None` if it was built without, or the model is not
    /// the one it has to be.
    pub(crate) fn load() -> Option<Self> {
        let model = FaceModel::load(embedded_face_model()?, &FACE_MODEL_SHA256).ok()?;
        Some(Self { model })
    }

    /// The largest face in an area of a picture, e.g. of the person who is followed there.
    pub(crate) fn of_person(&self, picture: &Picture, area: &Rect) -> Option<SeenFace> {
        let region = region_around(area, picture)?;
        let part = coloured(picture, region)?;
        let found = self.model.finder.find(&part);
        let largest = found.iter().max_by(|a, b| a.area().total_cmp(&b.area()))?;
        let corner = (region.left as f32, region.top as f32);
        let whole = (picture.width as f32, picture.height as f32);
        self.describe(&part, largest, corner, whole)
    }

    /// The faces in a whole picture, the largest first, with a second look from further away where
    /// none is found. `tick` is called between faces.
    pub(crate) fn of_picture(&self, picture: &Coloured, mut tick: impl FnMut()) -> Vec<SeenFace> {
        let mut found = Thorough(&self.model.finder).find(picture);
        found.sort_by(|a, b| b.area().total_cmp(&a.area()));
        let whole = (picture.width() as f32, picture.height() as f32);
        let described = found.iter().take(Eyes::FACES_MAX).filter_map(|face| {
            tick();
            self.describe(picture, face, (0.0, 0.0), whole)
        });
        described.collect()
    }

    /// Where faces are, whoever's: in the whole picture, and close up in each of these areas, where
    /// those are found that are too small for a look at the whole. `None` if there are as many as are
    /// looked for, so that there may be more. `tick` is called between looks.
    pub(crate) fn places(
        &self,
        picture: &Picture,
        people: &[Rect],
        mut tick: impl FnMut(),
    ) -> Option<Vec<Rect>> {
        let whole = PixelRegion::whole(picture.width, picture.height);
        let close = people.iter().filter_map(|area| region_around(area, picture));
        let mut places = Vec::new();
        for region in [whole].into_iter().chain(close) {
            tick();
            let found = Thorough(&self.model.finder).find(&coloured(picture, region)?);
            if found.len() >= FACES_MAX {
                return None;
            }
            let (width, height) = (picture.width as f32, picture.height as f32);
            let place = |face: &FoundFace| Rect {
                x: (region.left as f32 + face.left) / width,
                y: (region.top as f32 + face.top) / height,
                w: face.width / width,
                h: face.height / height,
            };
            places.extend(found.iter().map(|face| place(face).clamped()));
        }
        Some(places)
    }

    fn describe(
        &self,
        picture: &Coloured,
        face: &FoundFace,
        (left, top): (f32, f32),
        (width, height): (f32, f32),
    ) -> Option<SeenFace> {
        let reading = self.model.reader.read(picture, face).ok()?;
        let area = Rect {
            x: (left + face.left) / width,
            y: (top + face.top) / height,
            w: face.width / width,
            h: face.height / height,
        };
        Some(SeenFace {
            area: area.clamped(),
            quality: reading.quality,
            template: reading.template,
            picture: portrait(picture, face),
        })
    }
}

/// Where to look for the face of whoever fills this area.
fn region_around(area: &Rect, picture: &Picture) -> Option<PixelRegion> {
    let (width, height) = (picture.width as f32, picture.height as f32);
    let grown = area.grown(MARGIN);
    let (left, top) = ((grown.x * width) as usize, (grown.y * height) as usize);
    let right = ((grown.x + grown.w) * width).round() as usize;
    let bottom = ((grown.y + grown.h) * height).round() as usize;
    let region = PixelRegion {
        left,
        top,
        width: right.min(picture.width).saturating_sub(left),
        height: bottom.min(picture.height).saturating_sub(top),
    };
    (region.width.min(region.height) >= REGION_MIN).then_some(region)
}

/// The face with a border, as a JPEG.
fn portrait(picture: &Coloured, face: &FoundFace) -> Option<Bytes> {
    let part = picture.portrait(face, SeenFace::PICTURE_SIDE_MAX)?;
    let size = u16::try_from(part.width()).ok().zip(u16::try_from(part.height()).ok());
    let (width, height) = size?;
    let mut image = Wiped::default();
    let encoder = Encoder::new(&mut image, jpeg::QUALITY);
    encoder.encode(part.rgb(), width, height, ColorType::Rgb).ok()?;
    Some(image.share(0))
}

#[cfg(test)]
mod tests {
    use hearth_media::MediaTime;

    use super::*;

    #[test]
    fn somebody_too_small_is_not_looked_at() {
        let planes = [vec![90; 640 * 360], vec![128; 320 * 180], vec![128; 320 * 180]];
        let picture = Picture::new(MediaTime::default(), (640, 360), true, planes);
        let picture = picture.expect("planes cover it");
        let small = Rect { x: 0.5, y: 0.5, w: 0.05, h: 0.1 };
        assert_eq!(region_around(&small, &picture), None);
        let large = Rect { x: 0.9, y: 0.5, w: 0.1, h: 0.5 };
        let region = region_around(&large, &picture).expect("large enough");
        assert_eq!(region.left + region.width, 640);
        assert_eq!(region.top + region.height, 360);
    }
}
