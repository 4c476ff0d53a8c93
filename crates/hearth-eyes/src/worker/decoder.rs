//! Access units in, pictures out.
//!
//! One decoder a stream. Pictures come in decoding order with the presentation time of their own
//! access unit: nobody here plays video, and looking does not need every picture in order. H.264
//! gives each picture at once; H.265 gives it with the next access unit, or when asked to finish.
//! What cannot be decoded is said, never guessed.

use hearth_media::{Frame, VideoCodec, VideoParameters, annex_b_stream};
use rusty_h264_decoder::DecodeError;

use super::{jpeg, picture::Picture};
use crate::UndecodableReason;

/// Level 5.2 of H.264 and 5.1 of H.265: 4,096 x 2,304. More would take gigabytes of references.
pub(crate) const PIXELS_MAX: usize = 9_437_184;

/// Refusals of key frames in a row after which a stream counts as undecodable: damage happens,
/// but not to each key frame.
const REFUSALS_MAX: u32 = 3;

/// Why an access unit gave no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DecodeFault {
    /// This one is damaged; the next key frame may help.
    Damaged,
    /// This stream cannot be decoded.
    Undecodable(UndecodableReason),
}

/// Decodes one stream.
pub(crate) struct Decoder {
    video: VideoParameters,
    engine: Engine,
    refusals: u32,
}

enum Engine {
    H264(Box<rusty_h264_decoder::Decoder>),
    H265(Box<rusty_h265::Decoder>),
    Mjpeg,
}

impl Decoder {
    /// A decoder for these parameters, if they can be decoded at all.
    pub(crate) fn new(video: VideoParameters) -> Result<Self, UndecodableReason> {
        if usize::from(video.width) * usize::from(video.height) > PIXELS_MAX {
            return Err(UndecodableReason::TooLarge);
        }
        check_sets(&video)?;
        let engine = Engine::new(video.codec);
        Ok(Self { video, engine, refusals: 0 })
    }

    /// Forgets all pictures; the next access unit must be a key frame.
    pub(crate) fn restart(&mut self) {
        self.engine = Engine::new(self.video.codec);
    }

    /// Whether a key frame looked at by itself must be decoded again to go on after it.
    pub(crate) fn look_ends_sequence(&self) -> bool {
        matches!(self.engine, Engine::H265(_))
    }

    /// Decodes the next access unit; gives the pictures that became complete by it.
    pub(crate) fn decode(&mut self, frame: &Frame) -> Result<Vec<Picture>, DecodeFault> {
        let result = self.engine.decode(&self.video, frame);
        match result {
            Err(DecodeFault::Undecodable(_)) if frame.is_key => {
                self.refusals += 1;
                if self.refusals < REFUSALS_MAX {
                    return Err(DecodeFault::Damaged);
                }
            }
            // Between key frames a broken bit often reads like an unknown coding tool.
            Err(DecodeFault::Undecodable(_)) => return Err(DecodeFault::Damaged),
            Ok(_) if frame.is_key => self.refusals = 0,
            _ => {}
        }
        result
    }

    /// Gives the pictures still held back, in the order they are shown. Afterwards only a key frame
    /// can follow, if [`Self::look_ends_sequence`].
    pub(crate) fn finish(&mut self) -> Vec<Picture> {
        let Engine::H265(decoder) = &mut self.engine else { return Vec::new() };
        decoder.flush();
        let mut held = Vec::new();
        while let Ok(frame) = decoder.next_frame() {
            held.extend(h265_picture(&frame));
        }
        held
    }
}

impl Engine {
    fn new(codec: VideoCodec) -> Self {
        match codec {
            VideoCodec::H264 => Self::H264(Box::new(rusty_h264_decoder::Decoder::new())),
            VideoCodec::H265 => Self::H265(Box::new(rusty_h265::Decoder::new())),
            VideoCodec::Mjpeg => Self::Mjpeg,
        }
    }

    fn decode(
        &mut self,
        video: &VideoParameters,
        frame: &Frame,
    ) -> Result<Vec<Picture>, DecodeFault> {
        match self {
            Self::H264(decoder) => {
                let decoded = decoder.decode(&annex_b_stream(video, frame)).map_err(h264_fault)?;
                let Some(decoded) = decoded else { return Ok(Vec::new()) };
                let size = (decoded.width, decoded.height);
                let planes = [decoded.y, decoded.u, decoded.v];
                let picture = Picture::new(frame.pts, size, false, planes);
                picture.map(|picture| vec![picture]).ok_or(DecodeFault::Damaged)
            }
            Self::H265(decoder) => {
                let stream = annex_b_stream(video, frame);
                let pushed = decoder.push_annexb(&stream, Some(frame.pts.as_micros()));
                let mut shown = Vec::new();
                while let Ok(decoded) = decoder.next_frame() {
                    let bits = decoded.picture.bit_depth_luma;
                    if bits.max(decoded.picture.bit_depth_chroma) > 8 {
                        return Err(DecodeFault::Undecodable(UndecodableReason::BitDepth));
                    }
                    shown.extend(h265_picture(&decoded));
                }
                pushed.map_err(|error| h265_fault(&error))?;
                Ok(shown)
            }
            Self::Mjpeg => {
                let picture = jpeg::decode(&frame.data, frame.pts, PIXELS_MAX);
                picture.map(|picture| vec![picture]).ok_or(DecodeFault::Damaged)
            }
        }
    }
}

/// Refuses what the parameter sets already show to be undecodable.
fn check_sets(video: &VideoParameters) -> Result<(), UndecodableReason> {
    let (chroma, bits) = match video.codec {
        VideoCodec::Mjpeg => return Ok(()),
        VideoCodec::H264 => {
            let record = hearth_media::h264::ConfigRecord::parse(&video.config)
                .map_err(|_| UndecodableReason::Malformed)?;
            let set = record.sps.first().ok_or(UndecodableReason::Malformed)?;
            let sps =
                hearth_media::h264::Sps::parse(set).map_err(|_| UndecodableReason::Malformed)?;
            (sps.chroma_format, sps.bit_depth_luma.max(sps.bit_depth_chroma))
        }
        VideoCodec::H265 => {
            let record = hearth_media::h265::ConfigRecord::parse(&video.config)
                .map_err(|_| UndecodableReason::Malformed)?;
            let set = record.sps.first().ok_or(UndecodableReason::Malformed)?;
            let sps =
                hearth_media::h265::Sps::parse(set).map_err(|_| UndecodableReason::Malformed)?;
            (sps.chroma_format, sps.bit_depth_luma.max(sps.bit_depth_chroma))
        }
    };
    if bits > 8 {
        return Err(UndecodableReason::BitDepth);
    }
    if chroma != 1 { Err(UndecodableReason::Chroma) } else { Ok(()) }
}

fn h264_fault(error: DecodeError) -> DecodeFault {
    let DecodeError::Unsupported(tool) = error else { return DecodeFault::Damaged };
    let reason = if tool.contains("interlace") || tool.contains("field") {
        UndecodableReason::Interlaced
    } else if tool.contains("chroma") && tool.contains("4:2:0") {
        UndecodableReason::Chroma
    } else if tool.contains("bit depth") {
        UndecodableReason::BitDepth
    } else if tool.contains("too large") {
        UndecodableReason::TooLarge
    } else {
        UndecodableReason::Tool
    };
    DecodeFault::Undecodable(reason)
}

fn h265_fault(error: &rusty_h265::Error) -> DecodeFault {
    match error {
        rusty_h265::Error::Unsupported(what) if what.contains("chroma") => {
            DecodeFault::Undecodable(UndecodableReason::Chroma)
        }
        rusty_h265::Error::Unsupported(what) if what.contains("depth") => {
            DecodeFault::Undecodable(UndecodableReason::BitDepth)
        }
        rusty_h265::Error::Unsupported(_) | rusty_h265::Error::Unimplemented(_) => {
            DecodeFault::Undecodable(UndecodableReason::Tool)
        }
        _ => DecodeFault::Damaged,
    }
}

/// The cropped picture as 8-bit planes; `None` if it is not 4:2:0 with 8 bits.
fn h265_picture(frame: &rusty_h265::Frame) -> Option<Picture> {
    let picture = &frame.picture;
    let eight_bits = picture.bit_depth_luma == 8 && picture.bit_depth_chroma == 8;
    if picture.chroma_format_idc != 1 || !eight_bits {
        return None;
    }
    let (left, top, width, height) = picture.crop;
    let cut = |index: usize, left: usize, top: usize, width: usize, height: usize| {
        let plane = &picture.planes[index];
        let mut samples = Vec::with_capacity(width * height);
        for y in top..top + height {
            let start = y * plane.stride + left;
            let row = plane.data.get(start..start + width)?;
            // 8-bit samples in 16-bit storage: nothing is lost.
            samples.extend(row.iter().map(|&sample| sample as u8));
        }
        Some(samples)
    };
    let (colour_width, colour_height) = (width.div_ceil(2), height.div_ceil(2));
    let planes = [
        cut(0, left, top, width, height)?,
        cut(1, left / 2, top / 2, colour_width, colour_height)?,
        cut(2, left / 2, top / 2, colour_width, colour_height)?,
    ];
    let pts = hearth_media::MediaTime::from_micros(frame.pts.unwrap_or_default());
    Picture::new(pts, (width, height), false, planes)
}

#[cfg(test)]
mod tests;
