//! Messages from the hub to its worker.

use bytes::Bytes;
use hearth_media::{Frame, MediaTime, TrackKind, VideoCodec, VideoParameters};
use hearth_model::{DetectionSettings, Rect};

use super::{Slot, WireError, fields::Reader, fields::Writer};
use crate::{Eyes, Model, PHOTO_BYTES_MAX, wiped::Wiped};

const MODEL: u8 = 1;
const WATCH: u8 = 2;
const UNWATCH: u8 = 3;
const PARAMETERS: u8 = 4;
const FRAME: u8 = 5;
const STILL: u8 = 6;
const FACES: u8 = 7;
const ANONYMOUS: u8 = 8;

/// A key frame of an 8K camera at its best quality has 4 MB.
pub(crate) const FRAME_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Settings with all zones and masks drawn to the last corner have about 200 KB of JSON.
const SETTINGS_BYTES_MAX: usize = 512 * 1024;

/// Parameter sets have a few hundred bytes.
const CONFIG_BYTES_MAX: usize = 64 * 1024;

/// Frames of a still with all their fields.
const GROUP_BYTES_MAX: usize =
    Eyes::STILL_BYTES_MAX + CONFIG_BYTES_MAX + OVERHEAD * Eyes::STILL_FRAMES_MAX;

/// Areas of one still that are hidden: as many as faces are looked for.
pub(crate) const HIDDEN_MAX: usize = 32;

/// Fields beside the data of a message.
const OVERHEAD: usize = 64;

/// Frames of which the last one is wanted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Group {
    pub(crate) video: VideoParameters,
    /// In decoding order, the first one a key frame.
    pub(crate) frames: Vec<(MediaTime, Bytes)>,
}

/// Decode these and give the last one as a JPEG.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StillRequest {
    pub(crate) id: u32,
    pub(crate) group: Group,
    pub(crate) width_max: Option<u16>,
    /// What nobody is to recognise.
    pub(crate) hidden: Vec<Rect>,
}

/// Describe the faces in a picture.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FacesRequest {
    pub(crate) id: u32,
    pub(crate) source: FaceSource,
}

/// Decode these, make everybody in the last one unrecognisable, and give it as a JPEG.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AnonymousRequest {
    pub(crate) id: u32,
    pub(crate) group: Group,
    pub(crate) width_max: u16,
    /// Where people are known to be.
    pub(crate) people: Vec<Rect>,
}

/// Where a picture with faces is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FaceSource {
    /// In a file.
    Photo(Bytes),
    /// At the end of these frames.
    Group(Group),
}

/// A message from the hub to its worker.
#[derive(Clone, Debug)]
pub(crate) enum ToWorker {
    /// Look with this model; always the first message, empty for none.
    Model(Bytes),
    /// Look at a new feed, or with other settings at one that is there.
    Watch(Slot, Box<DetectionSettings>),
    /// A feed ended.
    Unwatch(Slot),
    /// What the next frames of a feed are coded with.
    Parameters(Slot, Box<VideoParameters>),
    /// The next frame of a feed.
    Frame(Slot, Frame),
    /// Make a still picture.
    Still(Box<StillRequest>),
    /// Look for faces in one picture.
    Faces(Box<FacesRequest>),
    /// Make a picture in which nobody can be recognised.
    Anonymous(Box<AnonymousRequest>),
}

impl ToWorker {
    /// The most payload bytes a kind may have.
    pub(crate) fn limit(kind: u8) -> Option<usize> {
        match kind {
            MODEL => Some(Model::BYTES_MAX),
            WATCH => Some(SETTINGS_BYTES_MAX + OVERHEAD),
            UNWATCH => Some(OVERHEAD),
            PARAMETERS => Some(CONFIG_BYTES_MAX + 2 * OVERHEAD),
            FRAME => Some(FRAME_BYTES_MAX + OVERHEAD),
            STILL | ANONYMOUS => Some(GROUP_BYTES_MAX + OVERHEAD * HIDDEN_MAX),
            FACES => Some(GROUP_BYTES_MAX.max(PHOTO_BYTES_MAX + OVERHEAD)),
            _ => None,
        }
    }

    /// As bytes on the pipe.
    pub(crate) fn encode(&self) -> Wiped {
        let mut writer;
        match self {
            Self::Model(bytes) => {
                writer = Writer::new(MODEL);
                writer.rest(bytes);
            }
            Self::Watch(slot, settings) => {
                writer = Writer::new(WATCH);
                writer.u32(slot.0);
                // Plain data with string keys: turning it into JSON cannot fail.
                writer.rest(&serde_json::to_vec(settings).unwrap_or_default());
            }
            Self::Unwatch(slot) => {
                writer = Writer::new(UNWATCH);
                writer.u32(slot.0);
            }
            Self::Parameters(slot, video) => {
                writer = Writer::new(PARAMETERS);
                writer.u32(slot.0);
                write_video(&mut writer, video);
            }
            Self::Frame(slot, frame) => {
                writer = Writer::new(FRAME);
                writer.u32(slot.0);
                writer.time(frame.pts);
                writer.u8(u8::from(frame.is_key) | u8::from(frame.after_loss) << 1);
                writer.rest(&frame.data);
            }
            Self::Still(request) => {
                writer = Writer::new(STILL);
                write_still(&mut writer, request);
            }
            Self::Faces(request) => {
                writer = Writer::new(FACES);
                write_faces(&mut writer, request);
            }
            Self::Anonymous(request) => {
                writer = Writer::new(ANONYMOUS);
                writer.u32(request.id);
                writer.u16(request.width_max);
                write_areas(&mut writer, &request.people);
                write_group(&mut writer, &request.group);
            }
        }
        writer.finish()
    }

    /// From one message of the pipe.
    pub(crate) fn decode(kind: u8, payload: Bytes) -> Result<Self, WireError> {
        let mut reader = Reader::new(payload, "message to the worker");
        match kind {
            MODEL => Ok(Self::Model(reader.rest())),
            WATCH => {
                let slot = Slot(reader.u32()?);
                let settings =
                    serde_json::from_slice(&reader.rest()).map_err(|_| reader.malformed())?;
                Ok(Self::Watch(slot, Box::new(settings)))
            }
            UNWATCH => {
                let slot = Slot(reader.u32()?);
                reader.end(Self::Unwatch(slot))
            }
            PARAMETERS => {
                let slot = Slot(reader.u32()?);
                let video = read_video(&mut reader)?;
                reader.end(Self::Parameters(slot, Box::new(video)))
            }
            FRAME => {
                let slot = Slot(reader.u32()?);
                let pts = reader.time()?;
                let flags = reader.u8()?;
                if flags > 3 {
                    return Err(reader.malformed());
                }
                let frame = Frame {
                    track: TrackKind::Video,
                    pts,
                    duration_samples: None,
                    is_key: flags & 1 != 0,
                    after_loss: flags & 2 != 0,
                    data: reader.rest(),
                };
                Ok(Self::Frame(slot, frame))
            }
            STILL => read_still(reader),
            FACES => read_faces(reader),
            ANONYMOUS => read_anonymous(reader),
            _ => Err(WireError::UnknownKind(kind)),
        }
    }
}

fn write_video(writer: &mut Writer, video: &VideoParameters) {
    writer.u8(match video.codec {
        VideoCodec::H264 => 0,
        VideoCodec::H265 => 1,
        VideoCodec::Mjpeg => 2,
    });
    writer.u16(video.width);
    writer.u16(video.height);
    writer.u8(video.reorder_frames_max);
    writer.block(&video.config);
}

fn read_video(reader: &mut Reader) -> Result<VideoParameters, WireError> {
    let codec = match reader.u8()? {
        0 => VideoCodec::H264,
        1 => VideoCodec::H265,
        2 => VideoCodec::Mjpeg,
        _ => return Err(reader.malformed()),
    };
    Ok(VideoParameters {
        codec,
        width: reader.u16()?,
        height: reader.u16()?,
        reorder_frames_max: reader.u8()?,
        config: reader.block(CONFIG_BYTES_MAX)?,
        // Only containers need it.
        rfc6381: String::new(),
    })
}

fn write_group(writer: &mut Writer, group: &Group) {
    write_video(writer, &group.video);
    writer.u16(u16::try_from(group.frames.len()).unwrap_or(u16::MAX));
    for (pts, data) in &group.frames {
        writer.time(*pts);
        writer.block(data);
    }
}

fn read_group(reader: &mut Reader) -> Result<Group, WireError> {
    let video = read_video(reader)?;
    let count = usize::from(reader.u16()?);
    if count > Eyes::STILL_FRAMES_MAX {
        return Err(reader.malformed());
    }
    let mut frames = Vec::new();
    for _ in 0..count {
        frames.push((reader.time()?, reader.block(FRAME_BYTES_MAX)?));
    }
    Ok(Group { video, frames })
}

fn write_still(writer: &mut Writer, request: &StillRequest) {
    writer.u32(request.id);
    writer.u16(request.width_max.unwrap_or(0));
    write_areas(writer, &request.hidden);
    write_group(writer, &request.group);
}

fn write_areas(writer: &mut Writer, areas: &[Rect]) {
    let areas = areas.get(..HIDDEN_MAX).unwrap_or(areas);
    writer.u8(u8::try_from(areas.len()).unwrap_or(0));
    areas.iter().for_each(|area| writer.rect(area));
}

fn read_areas(reader: &mut Reader) -> Result<Vec<Rect>, WireError> {
    let count = usize::from(reader.u8()?);
    if count > HIDDEN_MAX {
        return Err(reader.malformed());
    }
    (0..count).map(|_| reader.rect()).collect()
}

fn read_still(mut reader: Reader) -> Result<ToWorker, WireError> {
    let id = reader.u32()?;
    let width_max = Some(reader.u16()?).filter(|&width| width > 0);
    let hidden = read_areas(&mut reader)?;
    let group = read_group(&mut reader)?;
    reader.end(ToWorker::Still(Box::new(StillRequest { id, group, width_max, hidden })))
}

fn write_faces(writer: &mut Writer, request: &FacesRequest) {
    writer.u32(request.id);
    match &request.source {
        FaceSource::Photo(file) => {
            writer.u8(0);
            writer.rest(file);
        }
        FaceSource::Group(group) => {
            writer.u8(1);
            write_group(writer, group);
        }
    }
}

fn read_faces(mut reader: Reader) -> Result<ToWorker, WireError> {
    let id = reader.u32()?;
    let source = match reader.u8()? {
        0 => FaceSource::Photo(reader.rest()),
        1 => FaceSource::Group(read_group(&mut reader)?),
        _ => return Err(reader.malformed()),
    };
    reader.end(ToWorker::Faces(Box::new(FacesRequest { id, source })))
}

fn read_anonymous(mut reader: Reader) -> Result<ToWorker, WireError> {
    let (id, width_max) = (reader.u32()?, reader.u16()?);
    let people = read_areas(&mut reader)?;
    let group = read_group(&mut reader)?;
    let request = AnonymousRequest { id, group, width_max, people };
    reader.end(ToWorker::Anonymous(Box::new(request)))
}

#[cfg(test)]
mod tests;
