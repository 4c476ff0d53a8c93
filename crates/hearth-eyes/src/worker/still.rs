//! Still pictures of a moment in a stream.

use std::time::{Duration, Instant};

use bytes::Bytes;
use hearth_media::{Frame, MediaTime, TrackKind};

use super::{
    decoder::{DecodeFault, Decoder},
    jpeg,
    picture::Picture,
};
use crate::wire::{StillFault, StillRequest};

/// Cameras wait while a still is made; a group of pictures of a 4K camera takes about this long.
const DURATION_MAX: Duration = Duration::from_secs(4);

/// Decodes up to the last frame and gives that one as a JPEG: width, height, time, image. `tick` is
/// called between pictures.
pub(crate) fn make(
    request: &StillRequest,
    mut tick: impl FnMut(),
) -> Result<(u16, u16, MediaTime, Bytes), StillFault> {
    let mut decoder = Decoder::new(request.video.clone()).map_err(StillFault::Undecodable)?;
    let started = Instant::now();
    let wanted = request.frames.last().map(|(pts, _)| *pts).ok_or(StillFault::Damaged)?;
    let mut last: Option<Picture> = None;
    for (index, (pts, data)) in request.frames.iter().enumerate() {
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
    let picture = held.or(last).ok_or(StillFault::Damaged)?;
    let width_max = request.width_max.map_or(picture.width, usize::from);
    let picture = jpeg::shrunk(&picture, width_max);
    let size = u16::try_from(picture.width).ok().zip(u16::try_from(picture.height).ok());
    let (width, height) = size.ok_or(StillFault::Damaged)?;
    let image = jpeg::encode(&picture).ok_or(StillFault::Damaged)?;
    Ok((width, height, picture.pts, image.into()))
}
