//! Footage without a camera: frames that are drawn and encoded here, or read from files.

use std::{path::Path, sync::Arc};

use anyhow::{Context, bail};
use hearth_media::{Frame, MediaTime, StreamParameters, TrackKind};
use hearth_mp4::Reader;
use hearth_sim::{Content, HouseSpec, Reel, ReelSpec};

use crate::house::HouseInputs;

/// A run of pictures.
#[derive(Clone, Debug)]
pub(crate) struct Footage {
    /// What a decoder must know.
    pub(crate) parameters: Arc<StreamParameters>,
    /// The pictures in decoding order, timed from 0.
    pub(crate) frames: Vec<Frame>,
    /// Its length.
    pub(crate) micros: i64,
}

impl Footage {
    /// Draws and encodes a scene. Takes milliseconds a picture.
    pub(crate) fn drawn(spec: ReelSpec) -> anyhow::Result<Self> {
        let reel = Reel::from_scene(spec)?;
        let frames = reel.pictures().collect();
        Ok(Self { parameters: Arc::clone(reel.parameters()), frames, micros: reel.duration_us() })
    }

    /// What a camera of the simulated house shows, once round.
    pub(crate) fn of_house(inputs: &HouseInputs) -> anyhow::Result<Self> {
        let HouseInputs { width, height, fps, bitrate, .. } = *inputs;
        let house = HouseSpec::bench(1, width, height, fps, bitrate);
        match house.cameras.into_iter().next().context("no camera")?.main {
            Content::Scene(spec) => Self::drawn(spec),
            Content::Reel(_) | Content::File(_) => bail!("the camera draws no scene"),
        }
    }

    /// The pictures of an MP4 file.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let file = std::fs::File::open(path)?;
        let mut reader = Reader::open(std::io::BufReader::new(file))?;
        let parameters = Arc::clone(reader.parameters());
        let mut frames = Vec::new();
        while let Some(frame) = reader.next_frame()? {
            if frame.track == TrackKind::Video {
                frames.push(frame);
            }
        }
        let first = frames.iter().map(|frame| frame.pts).min().context("no picture")?;
        let micros = reader.end().micros_since(first);
        for frame in &mut frames {
            frame.pts = MediaTime::from_micros(frame.pts.micros_since(first));
        }
        Ok(Self { parameters, frames, micros })
    }

    /// The pictures over and over, from a time on.
    pub(crate) fn looped(&self, from: MediaTime) -> impl Iterator<Item = Frame> + '_ {
        (0..).flat_map(move |round: i64| {
            let start = from.plus_micros(round.saturating_mul(self.micros));
            self.frames.iter().map(move |frame| {
                let pts = start.plus_micros(frame.pts.as_micros());
                Frame { pts, ..frame.clone() }
            })
        })
    }
}
