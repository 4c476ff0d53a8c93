//! Messages from the worker to the hub. The worker reads hostile pictures all day, so what it says
//! is checked like anything from outside.

use bytes::Bytes;
use hearth_media::MediaTime;
use hearth_model::{Direction, Label, Rect, ZoneId};

use super::{
    Slot, WireError,
    anonymous::{ANONYMOUS_BYTES_MAX, read_anonymous, write_anonymous},
    face::{FACE_BYTES_MAX, FacesFault, read_face, read_faces, write_face, write_faces},
    fields::{Reader, Writer},
};
use crate::{
    AnonymousStill, CameraCounters, Eyes, SandboxStatus, SeenFace, UndecodableReason, wiped::Wiped,
};

const HELLO: u8 = 1;
const READY: u8 = 2;
const ALIVE: u8 = 3;
const BUSY: u8 = 4;
const STATE: u8 = 5;
const STARTED: u8 = 6;
const UPDATED: u8 = 7;
const ENDED: u8 = 8;
const COUNTERS: u8 = 9;
const STILL_DONE: u8 = 10;
const FACE: u8 = 11;
const FACES_DONE: u8 = 12;
const ANONYMOUS_DONE: u8 = 13;

/// 480 px wide at quality 80 has 20 to 60 KB.
const THUMBNAIL_BYTES_MAX: usize = 512 * 1024;

/// A still of an 8K camera.
const STILL_JPEG_BYTES_MAX: usize = 24 * 1024 * 1024;

/// Zones of one camera, see [`hearth_model::DetectionSettings::AREAS_MAX`].
const ZONES_MAX: usize = hearth_model::DetectionSettings::AREAS_MAX;

/// Fields beside the data of a message.
const OVERHEAD: usize = 1_024;

/// Ways in the order of their bits; the first two and the last two are opposed.
const DIRECTIONS: [Direction; 4] =
    [Direction::Approaching, Direction::Leaving, Direction::Left, Direction::Right];

/// Stands for "no feed".
const NO_SLOT: u32 = u32::MAX;

/// What became of the object model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ModelState {
    None,
    Loaded,
    Refused,
}

/// Why there is no still picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StillFault {
    Undecodable(UndecodableReason),
    Damaged,
    Timeout,
}

/// What the worker says of one track.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Activity {
    pub(crate) slot: Slot,
    pub(crate) track: u32,
    pub(crate) at: MediaTime,
    pub(crate) label: Label,
    pub(crate) score: f32,
    pub(crate) area: Rect,
    pub(crate) zones: Vec<ZoneId>,
    pub(crate) directions: Vec<Direction>,
}

/// Counters the worker keeps; see [`CameraCounters`].
pub(crate) type WorkerCounters = CameraCounters;

/// A message from the worker to the hub.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FromWorker {
    /// Locked in; always the first message.
    Hello(SandboxStatus),
    /// Ready to look.
    Ready(ModelState),
    /// Still there.
    Alive,
    /// From now on it works on this feed's bytes, or on none: says whose fault a crash is.
    Busy(Option<Slot>),
    /// Whether a feed can be decoded.
    State(Slot, Option<UndecodableReason>),
    Started(Activity),
    Updated(Activity),
    Ended(Activity, Option<Bytes>),
    Counters(Slot, WorkerCounters),
    StillDone {
        id: u32,
        result: Result<(u16, u16, MediaTime, Bytes), StillFault>,
    },
    /// A face of a track that was told of.
    Face {
        slot: Slot,
        track: u32,
        at: MediaTime,
        face: Box<SeenFace>,
    },
    FacesDone {
        id: u32,
        result: Result<Vec<SeenFace>, FacesFault>,
    },
    AnonymousDone {
        id: u32,
        result: Result<AnonymousStill, FacesFault>,
    },
}

impl FromWorker {
    /// The most payload bytes a kind may have.
    pub(crate) fn limit(kind: u8) -> Option<usize> {
        match kind {
            HELLO..=UPDATED | COUNTERS => Some(OVERHEAD),
            ENDED => Some(THUMBNAIL_BYTES_MAX + OVERHEAD),
            STILL_DONE => Some(STILL_JPEG_BYTES_MAX + OVERHEAD),
            FACE => Some(FACE_BYTES_MAX + OVERHEAD),
            FACES_DONE => Some(Eyes::FACES_MAX * FACE_BYTES_MAX + OVERHEAD),
            ANONYMOUS_DONE => Some(ANONYMOUS_BYTES_MAX + OVERHEAD),
            _ => None,
        }
    }

    /// As bytes on the pipe.
    pub(crate) fn encode(&self) -> Wiped {
        let mut writer;
        match self {
            Self::Hello(sandbox) => {
                writer = Writer::new(HELLO);
                writer.u8(u8::from(sandbox.landlock));
                writer.u8(u8::from(sandbox.seccomp));
            }
            Self::Ready(model) => {
                writer = Writer::new(READY);
                writer.u8(match model {
                    ModelState::None => 0,
                    ModelState::Loaded => 1,
                    ModelState::Refused => 2,
                });
            }
            Self::Alive => writer = Writer::new(ALIVE),
            Self::Busy(slot) => {
                writer = Writer::new(BUSY);
                writer.u32(slot.map_or(NO_SLOT, |slot| slot.0));
            }
            Self::State(slot, reason) => {
                writer = Writer::new(STATE);
                writer.u32(slot.0);
                writer.u8(reason.map_or(0, reason_code));
            }
            Self::Started(activity) => {
                writer = Writer::new(STARTED);
                write_activity(&mut writer, activity);
            }
            Self::Updated(activity) => {
                writer = Writer::new(UPDATED);
                write_activity(&mut writer, activity);
            }
            Self::Ended(activity, thumbnail) => {
                writer = Writer::new(ENDED);
                write_activity(&mut writer, activity);
                writer.rest(thumbnail.as_deref().unwrap_or(&[]));
            }
            Self::Counters(slot, counters) => {
                writer = Writer::new(COUNTERS);
                writer.u32(slot.0);
                counter_fields(counters).into_iter().for_each(|value| writer.u64(value));
            }
            Self::StillDone { id, result } => {
                writer = Writer::new(STILL_DONE);
                writer.u32(*id);
                write_still(&mut writer, result);
            }
            Self::Face { slot, track, at, face } => {
                writer = Writer::new(FACE);
                writer.u32(slot.0);
                writer.u32(*track);
                writer.time(*at);
                write_face(&mut writer, face);
            }
            Self::FacesDone { id, result } => {
                writer = Writer::new(FACES_DONE);
                writer.u32(*id);
                write_faces(&mut writer, result);
            }
            Self::AnonymousDone { id, result } => {
                writer = Writer::new(ANONYMOUS_DONE);
                writer.u32(*id);
                write_anonymous(&mut writer, result);
            }
        }
        writer.finish()
    }

    /// From one message of the pipe.
    pub(crate) fn decode(kind: u8, payload: Bytes) -> Result<Self, WireError> {
        let mut reader = Reader::new(payload, "message from the worker");
        let message = match kind {
            HELLO => {
                Self::Hello(SandboxStatus { landlock: reader.flag()?, seccomp: reader.flag()? })
            }
            READY => Self::Ready(match reader.u8()? {
                0 => ModelState::None,
                1 => ModelState::Loaded,
                2 => ModelState::Refused,
                _ => return Err(reader.malformed()),
            }),
            ALIVE => Self::Alive,
            BUSY => Self::Busy(Some(reader.u32()?).filter(|&slot| slot != NO_SLOT).map(Slot)),
            STATE => Self::State(Slot(reader.u32()?), read_reason(&mut reader)?),
            STARTED => Self::Started(read_activity(&mut reader)?),
            UPDATED => Self::Updated(read_activity(&mut reader)?),
            ENDED => {
                let activity = read_activity(&mut reader)?;
                Self::Ended(activity, read_jpeg(&mut reader)?)
            }
            COUNTERS => Self::Counters(Slot(reader.u32()?), read_counters(&mut reader)?),
            STILL_DONE => Self::StillDone { id: reader.u32()?, result: read_still(&mut reader)? },
            FACE => Self::Face {
                slot: Slot(reader.u32()?),
                track: reader.u32()?,
                at: reader.time()?,
                face: Box::new(read_face(&mut reader)?),
            },
            FACES_DONE => Self::FacesDone { id: reader.u32()?, result: read_faces(&mut reader)? },
            ANONYMOUS_DONE => {
                Self::AnonymousDone { id: reader.u32()?, result: read_anonymous(&mut reader)? }
            }
            _ => return Err(WireError::UnknownKind(kind)),
        };
        reader.end(message)
    }
}

const REASONS: [UndecodableReason; 6] = [
    UndecodableReason::Interlaced,
    UndecodableReason::BitDepth,
    UndecodableReason::Chroma,
    UndecodableReason::TooLarge,
    UndecodableReason::Tool,
    UndecodableReason::Malformed,
];

fn reason_code(reason: UndecodableReason) -> u8 {
    let place = REASONS.iter().position(|known| *known == reason);
    place.and_then(|place| u8::try_from(place + 1).ok()).unwrap_or(0)
}

fn read_reason(reader: &mut Reader) -> Result<Option<UndecodableReason>, WireError> {
    match usize::from(reader.u8()?).checked_sub(1) {
        None => Ok(None),
        Some(place) => REASONS.get(place).copied().map(Some).ok_or(reader.malformed()),
    }
}

fn write_activity(writer: &mut Writer, activity: &Activity) {
    writer.u32(activity.slot.0);
    writer.u32(activity.track);
    writer.time(activity.at);
    writer.block(activity.label.as_str().as_bytes());
    writer.f32(activity.score);
    writer.rect(&activity.area);
    let zones = activity.zones.get(..ZONES_MAX).unwrap_or(&activity.zones);
    writer.u8(u8::try_from(zones.len()).unwrap_or(0));
    zones.iter().for_each(|zone| writer.rest(zone.as_bytes()));
    let is_told = |(place, way)| u8::from(activity.directions.contains(way)) << place;
    writer.u8(DIRECTIONS.iter().enumerate().map(is_told).sum());
}

fn read_activity(reader: &mut Reader) -> Result<Activity, WireError> {
    let (slot, track, at) = (Slot(reader.u32()?), reader.u32()?, reader.time()?);
    let text = reader.block(Label::BYTES_MAX)?;
    let label = std::str::from_utf8(&text).ok().and_then(Label::new);
    let label = label.ok_or(reader.malformed())?;
    let (score, area) = (reader.fraction()?, reader.rect()?);
    let count = usize::from(reader.u8()?);
    if count > ZONES_MAX {
        return Err(reader.malformed());
    }
    let mut zones = Vec::with_capacity(count);
    for _ in 0..count {
        let (high, low) = (reader.u64()?, reader.u64()?);
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&high.to_le_bytes());
        bytes[8..].copy_from_slice(&low.to_le_bytes());
        zones.push(ZoneId::from_bytes(bytes));
    }
    let directions = read_directions(reader)?;
    Ok(Activity { slot, track, at, label, score, area, zones, directions })
}

/// Nothing goes two opposed ways.
fn read_directions(reader: &mut Reader) -> Result<Vec<Direction>, WireError> {
    let bits = reader.u8()?;
    if bits >> DIRECTIONS.len() != 0 || bits & 0b0011 == 0b0011 || bits & 0b1100 == 0b1100 {
        return Err(reader.malformed());
    }
    let told = DIRECTIONS.iter().enumerate().filter(|(place, _)| bits >> place & 1 == 1);
    Ok(told.map(|(_, way)| *way).collect())
}

/// What is left, if it looks like a JPEG; `None` if nothing is left.
pub(super) fn read_jpeg(reader: &mut Reader) -> Result<Option<Bytes>, WireError> {
    let bytes = reader.rest();
    if bytes.is_empty() {
        return Ok(None);
    }
    if is_jpeg(&bytes) { Ok(Some(bytes)) } else { Err(reader.malformed()) }
}

/// Whether bytes are framed as a JPEG is.
pub(super) fn is_jpeg(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xFF, 0xD8, 0xFF]) && bytes.ends_with(&[0xFF, 0xD9])
}

fn counter_fields(counters: &CameraCounters) -> [u64; 10] {
    [
        counters.received,
        counters.dropped,
        counters.gate_skipped,
        counters.decoded,
        counters.failed,
        counters.analysed,
        counters.detector_runs,
        counters.wakeups_size,
        counters.wakeups_key,
        counters.wakeups_false,
    ]
}

fn read_counters(reader: &mut Reader) -> Result<CameraCounters, WireError> {
    Ok(CameraCounters {
        received: reader.u64()?,
        dropped: reader.u64()?,
        gate_skipped: reader.u64()?,
        decoded: reader.u64()?,
        failed: reader.u64()?,
        analysed: reader.u64()?,
        detector_runs: reader.u64()?,
        wakeups_size: reader.u64()?,
        wakeups_key: reader.u64()?,
        wakeups_false: reader.u64()?,
    })
}

fn write_still(writer: &mut Writer, result: &Result<(u16, u16, MediaTime, Bytes), StillFault>) {
    match result {
        Ok((width, height, at, jpeg)) => {
            writer.u8(0);
            writer.u16(*width);
            writer.u16(*height);
            writer.time(*at);
            writer.rest(jpeg);
        }
        Err(fault) => write_still_fault(writer, *fault),
    }
}

pub(super) fn write_still_fault(writer: &mut Writer, fault: StillFault) {
    match fault {
        StillFault::Damaged => writer.u8(1),
        StillFault::Timeout => writer.u8(2),
        StillFault::Undecodable(reason) => {
            writer.u8(3);
            writer.u8(reason_code(reason));
        }
    }
}

type Still = Result<(u16, u16, MediaTime, Bytes), StillFault>;

fn read_still(reader: &mut Reader) -> Result<Still, WireError> {
    Ok(match reader.u8()? {
        0 => {
            let (width, height, at) = (reader.u16()?, reader.u16()?, reader.time()?);
            let jpeg = read_jpeg(reader)?.ok_or(reader.malformed())?;
            Ok((width, height, at, jpeg))
        }
        code => Err(read_still_fault(code, reader)?),
    })
}

pub(super) fn read_still_fault(code: u8, reader: &mut Reader) -> Result<StillFault, WireError> {
    match code {
        1 => Ok(StillFault::Damaged),
        2 => Ok(StillFault::Timeout),
        3 => Ok(StillFault::Undecodable(read_reason(reader)?.ok_or(reader.malformed())?)),
        _ => Err(reader.malformed()),
    }
}

#[cfg(test)]
mod tests;
