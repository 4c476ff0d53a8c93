//! Faces on the pipe.

use hearth_face::{Flaw, Quality, TEMPLATE_BYTES, Template};

use super::{
    WireError,
    fields::{Reader, Writer},
    from_worker::{StillFault, is_jpeg, read_still_fault, write_still_fault},
};
use crate::{Eyes, PhotoRefused, SeenFace};

/// A face of 320 pixels at quality 82 has 10 to 40 KB.
const PICTURE_BYTES_MAX: usize = 128 * 1024;

/// A face with all its fields.
pub(super) const FACE_BYTES_MAX: usize = PICTURE_BYTES_MAX + TEMPLATE_BYTES + 128;

/// The bit of a flaw is its place here.
const FLAWS: [Flaw; 6] =
    [Flaw::TooSmall, Flaw::Blurred, Flaw::TurnedAway, Flaw::TooDark, Flaw::TooBright, Flaw::Flat];

const PHOTO_FAULTS: [PhotoRefused; 3] =
    [PhotoRefused::Format, PhotoRefused::Broken, PhotoRefused::TooLarge];
const PHOTO_FAULT: u8 = 16;
const NO_MODEL: u8 = 32;
const NO_OBJECT_MODEL: u8 = 33;
const TOO_MANY: u8 = 34;

/// Why no faces were looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FacesFault {
    /// There is no picture.
    Still(StillFault),
    /// The file is no photograph.
    Photo(PhotoRefused),
    /// The worker has no face model.
    NoModel,
    /// The worker has no object model, and so cannot say where people are.
    NoObjectModel,
    /// There are as many faces or people as are looked for, and perhaps more.
    TooMany,
}

pub(super) fn write_face(writer: &mut Writer, face: &SeenFace) {
    writer.rect(&face.area);
    let quality = &face.quality;
    [
        quality.eye_distance,
        quality.sharpness,
        quality.yaw,
        quality.pitch,
        quality.brightness,
        quality.contrast,
        quality.score,
    ]
    .into_iter()
    .for_each(|value| writer.f32(value));
    let bits = FLAWS.iter().enumerate().filter(|(_, flaw)| quality.flaws.contains(flaw));
    writer.u8(bits.fold(0, |bits, (place, _)| bits | 1 << place));
    writer.block(face.template.to_bytes().expose());
    writer.block(face.picture.as_deref().unwrap_or(&[]));
}

pub(super) fn read_face(reader: &mut Reader) -> Result<SeenFace, WireError> {
    let area = reader.rect()?;
    let mut quality = Quality {
        eye_distance: reader.number()?,
        sharpness: reader.number()?,
        yaw: reader.number()?,
        pitch: reader.number()?,
        brightness: reader.number()?,
        contrast: reader.number()?,
        score: reader.fraction()?,
        flaws: Vec::new(),
    };
    let bits = reader.u8()?;
    let has = |(place, _): &(usize, &Flaw)| bits & 1 << place != 0;
    quality.flaws = FLAWS.iter().enumerate().filter(has).map(|(_, flaw)| *flaw).collect();
    let template = reader.block(TEMPLATE_BYTES)?;
    let template = Template::from_bytes(&template).map_err(|_| reader.malformed())?;
    let picture = reader.block(PICTURE_BYTES_MAX)?;
    if !picture.is_empty() && !is_jpeg(&picture) {
        return Err(reader.malformed());
    }
    let picture = Some(picture).filter(|picture| !picture.is_empty());
    Ok(SeenFace { area, quality, template, picture })
}

pub(super) fn write_faces(writer: &mut Writer, result: &Result<Vec<SeenFace>, FacesFault>) {
    match result {
        Ok(faces) => {
            let faces = faces.get(..Eyes::FACES_MAX).unwrap_or(faces);
            writer.u8(0);
            writer.u8(u8::try_from(faces.len()).unwrap_or(0));
            faces.iter().for_each(|face| write_face(writer, face));
        }
        Err(fault) => write_faces_fault(writer, *fault),
    }
}

pub(super) fn write_faces_fault(writer: &mut Writer, fault: FacesFault) {
    match fault {
        FacesFault::Still(fault) => write_still_fault(writer, fault),
        FacesFault::Photo(fault) => {
            let place = PHOTO_FAULTS.iter().position(|known| *known == fault).unwrap_or(0);
            writer.u8(PHOTO_FAULT + u8::try_from(place).unwrap_or(0));
        }
        FacesFault::NoModel => writer.u8(NO_MODEL),
        FacesFault::NoObjectModel => writer.u8(NO_OBJECT_MODEL),
        FacesFault::TooMany => writer.u8(TOO_MANY),
    }
}

pub(super) type Faces = Result<Vec<SeenFace>, FacesFault>;

pub(super) fn read_faces(reader: &mut Reader) -> Result<Faces, WireError> {
    let code = reader.u8()?;
    match code {
        0 => {
            let count = usize::from(reader.u8()?);
            if count > Eyes::FACES_MAX {
                return Err(reader.malformed());
            }
            (0..count).map(|_| read_face(reader)).collect::<Result<_, _>>().map(Ok)
        }
        code => read_faces_fault(code, reader).map(Err),
    }
}

pub(super) fn read_faces_fault(code: u8, reader: &mut Reader) -> Result<FacesFault, WireError> {
    match code {
        NO_MODEL => Ok(FacesFault::NoModel),
        NO_OBJECT_MODEL => Ok(FacesFault::NoObjectModel),
        TOO_MANY => Ok(FacesFault::TooMany),
        PHOTO_FAULT.. => {
            let fault = PHOTO_FAULTS.get(usize::from(code - PHOTO_FAULT));
            fault.map(|fault| FacesFault::Photo(*fault)).ok_or(reader.malformed())
        }
        code => Ok(FacesFault::Still(read_still_fault(code, reader)?)),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A face as a worker could send it.
    pub(crate) fn face() -> SeenFace {
        let mut template = [0; TEMPLATE_BYTES];
        template[..4].copy_from_slice(&0.25_f32.to_le_bytes());
        SeenFace {
            area: hearth_model::Rect { x: 0.25, y: 0.5, w: 0.125, h: 0.25 },
            quality: Quality {
                eye_distance: 40.0,
                sharpness: 0.1,
                yaw: 0.2,
                pitch: 0.5,
                brightness: 110.0,
                contrast: 40.0,
                score: 0.75,
                flaws: vec![Flaw::Blurred, Flaw::Flat],
            },
            template: Template::from_bytes(&template).expect("small numbers"),
            picture: Some(bytes::Bytes::from_static(&[0xFF, 0xD8, 0xFF, 1, 0xFF, 0xD9])),
        }
    }

    #[test]
    fn a_face_survives_the_pipe() {
        let before = face();
        let mut writer = Writer::new(0);
        write_face(&mut writer, &before);
        let bytes = writer.finish().share(5);
        let mut reader = Reader::new(bytes, "test");
        let after = read_face(&mut reader).expect("well formed");
        assert_eq!((after.area, &after.quality), (before.area, &before.quality));
        assert_eq!(after.picture, before.picture);
        assert!(after.template.distance(&before.template) < 1e-9);
    }
}
