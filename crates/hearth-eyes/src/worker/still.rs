//! Single pictures: as a JPEG, or for the faces in them.

use std::time::{Duration, Instant};

use bytes::Bytes;
use hearth_media::{Frame, MediaTime, TrackKind};
use hearth_vision::PixelRegion;

use super::{
    colour::coloured,
    decoder::{DecodeFault, Decoder},
    faces::Faces,
    hide::hide,
    jpeg,
    picture::Picture,
};
use crate::{
    SeenFace,
    photo::read_photo,
    wire::{FaceSource, FacesFault, FacesRequest, Group, StillFault, StillRequest},
};

/// Cameras wait while a still is made; a group of pictures of a 4K camera takes about this long.
const DURATION_MAX: Duration = Duration::from_secs(4);

/// Decodes up to the last frame and gives that one as a JPEG: width, height, time, image. `tick` is
/// called between pictures.
pub(crate) fn make(
    request: &StillRequest,
    tick: impl FnMut(),
) -> Result<(u16, u16, MediaTime, Bytes), StillFault> {
    let mut picture = last_of(&request.group, tick)?;
    request.hidden.iter().for_each(|area| hide(&mut picture, area));
    let width_max = request.width_max.map_or(picture.width, usize::from);
    let picture = jpeg::shrunk(&picture, width_max);
    let size = u16::try_from(picture.width).ok().zip(u16::try_from(picture.height).ok());
    let (width, height) = size.ok_or(StillFault::Damaged)?;
    let image = jpeg::encode(&picture).ok_or(StillFault::Damaged)?;
    Ok((width, height, picture.pts, image))
}

/// Describes the faces in a photograph, or in the last frame of a group.
pub(crate) fn faces(
    request: &FacesRequest,
    faces: Option<&Faces>,
    mut tick: impl FnMut(),
) -> Result<Vec<SeenFace>, FacesFault> {
    let faces = faces.ok_or(FacesFault::NoModel)?;
    let picture = match &request.source {
        FaceSource::Photo(file) => read_photo(file).map_err(FacesFault::Photo)?,
        FaceSource::Group(group) => {
            let picture = last_of(group, &mut tick).map_err(FacesFault::Still)?;
            let whole = PixelRegion::whole(picture.width, picture.height);
            coloured(&picture, whole).ok_or(FacesFault::Still(StillFault::Damaged))?
        }
    };
    tick();
    Ok(faces.of_picture(&picture, tick))
}

/// The last picture of a group.
pub(super) fn last_of(group: &Group, mut tick: impl FnMut()) -> Result<Picture, StillFault> {
    let mut decoder = Decoder::new(group.video.clone()).map_err(StillFault::Undecodable)?;
    let started = Instant::now();
    let wanted = group.frames.last().map(|(pts, _)| *pts).ok_or(StillFault::Damaged)?;
    let mut last: Option<Picture> = None;
    for (index, (pts, data)) in group.frames.iter().enumerate() {
        if started.elapsed() > DURATION_MAX {
            return Err(StillFault::Timeout);
        }
        tick();
        let frame = Frame {
            track: TrackKind::Video,
            pts: *pts,
            duration_samples: None,
            is_key: index == 0,
            after_loss: false,
            data: data.clone(),
        };
        match decoder.decode(&frame) {
            Ok(pictures) => last = pictures.into_iter().find(|shown| shown.pts == wanted).or(last),
            Err(DecodeFault::Undecodable(reason)) => return Err(StillFault::Undecodable(reason)),
            // A damaged picture in the middle spoils those after it.
            Err(DecodeFault::Damaged) => return Err(StillFault::Damaged),
        }
    }
    let held = decoder.finish().into_iter().find(|held| held.pts == wanted);
    held.or(last).ok_or(StillFault::Damaged)
}
