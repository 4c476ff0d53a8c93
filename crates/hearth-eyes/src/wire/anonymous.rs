//! Pictures in which nobody can be recognised, as bytes on the pipe.

use hearth_model::Label;

use super::{
    WireError,
    face::{FacesFault, read_faces_fault, write_faces_fault},
    fields::{Reader, Writer},
    from_worker::read_jpeg,
};
use crate::{AnonymousStill, Eyes, Jpeg, SeenThing};

/// The picture itself: of 640 pixels at quality 82 it has 30 to 120 KB.
const JPEG_BYTES_MAX: usize = 1024 * 1024;

/// One thing with all its fields.
const THING_BYTES_MAX: usize = Label::BYTES_MAX + 32;

/// All of it.
pub(super) const ANONYMOUS_BYTES_MAX: usize = JPEG_BYTES_MAX + Eyes::THINGS_MAX * THING_BYTES_MAX;

pub(super) type Anonymous = Result<AnonymousStill, FacesFault>;

pub(super) fn write_anonymous(writer: &mut Writer, result: &Anonymous) {
    let still = match result {
        Ok(still) => still,
        Err(fault) => return write_faces_fault(writer, *fault),
    };
    let things = still.things.get(..Eyes::THINGS_MAX).unwrap_or(&still.things);
    writer.u8(0);
    writer.u8(u8::try_from(things.len()).unwrap_or(0));
    for thing in things {
        writer.block(thing.label.as_str().as_bytes());
        writer.f32(thing.score);
        writer.rect(&thing.area);
    }
    writer.u16(still.jpeg.width);
    writer.u16(still.jpeg.height);
    writer.time(still.jpeg.at);
    writer.rest(&still.jpeg.bytes);
}

pub(super) fn read_anonymous(reader: &mut Reader) -> Result<Anonymous, WireError> {
    match reader.u8()? {
        0 => {
            let count = usize::from(reader.u8()?);
            if count > Eyes::THINGS_MAX {
                return Err(reader.malformed());
            }
            let things = (0..count).map(|_| read_thing(reader)).collect::<Result<_, _>>()?;
            let (width, height, at) = (reader.u16()?, reader.u16()?, reader.time()?);
            let bytes = read_jpeg(reader)?.ok_or(reader.malformed())?;
            Ok(Ok(AnonymousStill { jpeg: Jpeg { bytes, width, height, at }, things }))
        }
        code => read_faces_fault(code, reader).map(Err),
    }
}

fn read_thing(reader: &mut Reader) -> Result<SeenThing, WireError> {
    let text = reader.block(Label::BYTES_MAX)?;
    let label = std::str::from_utf8(&text).ok().and_then(Label::new);
    let label = label.ok_or(reader.malformed())?;
    Ok(SeenThing { label, score: reader.fraction()?, area: reader.rect()? })
}
