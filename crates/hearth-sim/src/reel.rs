//! One loop of encoded media: what a camera plays over and over.
//!
//! A reel of a scene encodes each frame when it is first asked for and keeps it, so that a camera
//! starts at once and costs nothing after its first round. A reel of a file is read as a whole.
//! Invariant: unit 0 is a key frame, so that the end of the loop fits its beginning; units come in
//! the order in which they leave the camera.
//! Not here: when units are due in real time (`stream`), packets (`packet`).

mod drawn;
mod filed;

use std::{path::Path, sync::Arc};

use bytes::Bytes;
use hearth_media::{Frame, MediaTime, StreamParameters, TrackKind};

use crate::SceneSpec;
use drawn::DrawnReel;
use filed::FiledReel;

/// Sound track codecs that drawn scenes come with.
///
/// There is no AAC or Opus encoder among them: no maintained, permissively licensed one exists in
/// Rust. Replayed files bring their AAC along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sound {
    /// G.711 mu-law.
    Pcmu,
    /// G.711 A-law.
    Pcma,
}

/// How pictures are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Coding {
    /// H.264.
    H264,
    /// A JPEG image a frame.
    Jpeg,
}

/// How a scene becomes a reel.
#[derive(Clone, Debug, PartialEq)]
pub struct ReelSpec {
    /// What is drawn.
    pub scene: SceneSpec,
    /// How it is encoded.
    pub coding: Coding,
    /// Bits a second, on average; 0 encodes with constant quality. Without effect on JPEG.
    pub bitrate: u32,
    /// Frames from one key frame to the next.
    pub key_interval_frames: u32,
    /// The sound, if there is one.
    pub sound: Option<Sound>,
}

impl ReelSpec {
    /// A silent H.264 reel with a key frame every two seconds.
    pub fn new(scene: SceneSpec, bitrate: u32) -> Self {
        let key_interval_frames = scene.fps.max(1) * 2;
        Self { scene, coding: Coding::H264, bitrate, key_interval_frames, sound: None }
    }
}

/// Why there is no reel.
#[derive(Debug, thiserror::Error)]
pub enum ReelError {
    /// The file could not be opened or read.
    #[error("the file cannot be read")]
    Read(#[source] std::io::Error),
    /// The file is no MP4 that can be replayed.
    #[error("the file cannot be replayed")]
    Mp4(#[from] hearth_mp4::Mp4Error),
    /// The file has no picture, or no key frame.
    #[error("the file has no video that starts with a key frame")]
    NoVideo,
    /// The file is larger than a reel may be.
    #[error("the file holds more than {} MiB of media", Reel::BYTES_MAX >> 20)]
    TooLarge,
    /// The encoder does not take the scene.
    #[error("the scene cannot be encoded: {0}")]
    Encode(String),
}

impl ReelError {
    /// The thread that encodes is gone.
    pub(crate) fn stopped() -> Self {
        Self::Encode("the encoder stopped".to_owned())
    }
}

/// One frame or packet of a reel.
#[derive(Clone, Debug)]
pub(crate) struct Unit {
    /// Which track it belongs to.
    pub(crate) track: TrackKind,
    /// When it leaves the camera, in microseconds from the start of the loop.
    pub(crate) send_us: i64,
    /// When it is shown or heard, in microseconds from the start of the loop.
    pub(crate) pts_us: i64,
    /// Whether decoding can start here.
    pub(crate) is_key: bool,
    /// As in [`hearth_media::Frame`].
    pub(crate) data: Bytes,
}

/// One loop of encoded media, shared by all who play it.
#[derive(Debug)]
pub struct Reel(Kind);

#[derive(Debug)]
enum Kind {
    Drawn(Box<DrawnReel>),
    Filed(FiledReel),
}

impl Reel {
    /// A reel is held in memory: an hour at 1 Mbit/s, or as much as a small machine can spare.
    pub const BYTES_MAX: u64 = 512 << 20;

    /// A reel that draws and encodes its frames when they are first asked for, and keeps them.
    ///
    /// Draws the backdrop and encodes the first frame right away: up to some hundred milliseconds.
    pub fn from_scene(spec: ReelSpec) -> Result<Self, ReelError> {
        Ok(Self(Kind::Drawn(Box::new(DrawnReel::new(spec)?))))
    }

    /// Reads a whole MP4 file into memory. Blocks while it reads.
    pub fn from_file(path: &Path) -> Result<Self, ReelError> {
        let file = std::fs::File::open(path).map_err(ReelError::Read)?;
        Ok(Self(Kind::Filed(FiledReel::read(std::io::BufReader::new(file))?)))
    }

    /// Draws and encodes what is not there yet. Takes seconds; call it where blocking is fine.
    pub fn complete(&self) {
        if let Kind::Drawn(reel) = &self.0 {
            reel.complete();
        }
    }

    /// What a decoder must know.
    pub fn parameters(&self) -> &Arc<StreamParameters> {
        match &self.0 {
            Kind::Drawn(reel) => reel.parameters(),
            Kind::Filed(reel) => reel.parameters(),
        }
    }

    /// Length of the loop in microseconds.
    pub fn duration_us(&self) -> i64 {
        match &self.0 {
            Kind::Drawn(reel) => reel.duration_us(),
            Kind::Filed(reel) => reel.duration_us(),
        }
    }

    /// What it was made of, if it was drawn.
    pub fn spec(&self) -> Option<&ReelSpec> {
        match &self.0 {
            Kind::Drawn(reel) => Some(reel.spec()),
            Kind::Filed(_) => None,
        }
    }

    /// The pictures of the loop in decoding order, timed from its start. Blocks while they are
    /// encoded; for those who want footage without a camera around it.
    pub fn pictures(&self) -> impl Iterator<Item = Frame> + '_ {
        let units = (0..self.count()).map_while(|place| self.unit(place));
        units.filter(|unit| unit.track == TrackKind::Video).map(|unit| Frame {
            track: unit.track,
            pts: MediaTime::from_micros(unit.pts_us),
            duration_samples: None,
            is_key: unit.is_key,
            after_loss: false,
            data: unit.data,
        })
    }

    /// How many units the loop has.
    pub(crate) fn count(&self) -> usize {
        match &self.0 {
            Kind::Drawn(reel) => reel.count(),
            Kind::Filed(reel) => reel.count(),
        }
    }

    /// A unit of the loop if it is there already.
    pub(crate) fn ready(&self, place: usize) -> Option<Unit> {
        match &self.0 {
            Kind::Drawn(reel) => reel.ready(place),
            Kind::Filed(reel) => reel.unit(place),
        }
    }

    /// A unit of the loop; blocks while it is encoded.
    pub(crate) fn unit(&self, place: usize) -> Option<Unit> {
        match &self.0 {
            Kind::Drawn(reel) => reel.unit(place),
            Kind::Filed(reel) => reel.unit(place),
        }
    }
}
