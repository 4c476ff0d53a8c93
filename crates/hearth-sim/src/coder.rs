//! Turns pictures into encoded frames.
//!
//! Pure, but slow: milliseconds a frame. H.264 without B-frames and without looking ahead, so that
//! each picture that goes in comes out at once, as in a camera.

use bytes::Bytes;
use hearth_media::{VideoParameters, h264, nal};
use rusty_h264_common::YuvPlanes;
use rusty_h264_encoder::{Encoder, EncoderConfig};

use crate::{Coding, Picture, ReelError, ReelSpec};

/// Quantiser with constant quality: small differences are invisible, streams stay small.
const QUANTISER: u8 = 28;
/// Quality of JPEG frames, as cameras have it.
const JPEG_QUALITY: u8 = 70;

/// One encoder.
#[derive(Debug)]
pub(crate) enum Coder {
    /// H.264, and the parameter sets of the last key frame.
    H264 {
        /// Keeps the reference picture.
        encoder: Box<Encoder>,
        /// Of the last key frame.
        parameters: Option<VideoParameters>,
    },
    /// JPEG has no memory.
    Jpeg,
}

impl Coder {
    /// An encoder for a reel.
    pub(crate) fn new(spec: &ReelSpec) -> Result<Self, ReelError> {
        if spec.coding == Coding::Jpeg {
            return Ok(Self::Jpeg);
        }
        let mut config = EncoderConfig::baseline(spec.scene.width, spec.scene.height);
        config.level_idc = level(spec.scene.width * spec.scene.height, spec.scene.fps);
        config.gop_size = spec.key_interval_frames;
        config.min_keyint = spec.key_interval_frames;
        config.framerate = spec.scene.fps as f32;
        config.bitrate = spec.bitrate;
        config.qp = QUANTISER;
        let encoder = Encoder::new(config).map_err(|error| ReelError::Encode(error.to_string()))?;
        Ok(Self::H264 { encoder: Box::new(encoder), parameters: None })
    }

    /// Encodes the next picture; tells whether it is a key frame. A picture that the encoder
    /// refuses becomes an empty frame.
    pub(crate) fn encode(&mut self, picture: &Picture) -> (bool, Bytes) {
        let (encoder, parameters) = match self {
            Self::Jpeg => return (true, picture.to_jpeg(JPEG_QUALITY).into()),
            Self::H264 { encoder, parameters } => (encoder, parameters),
        };
        let planes = YuvPlanes {
            width: picture.width,
            height: picture.height,
            y: &picture.y,
            u: &picture.u,
            v: &picture.v,
            stride_y: picture.width,
            stride_c: picture.width / 2,
        };
        let stream = encoder.encode_planes(&planes).unwrap_or_default();
        let units: Vec<&[u8]> = nal::annex_b(&stream).collect();
        let of_type = |kind: u8| units.iter().find(|unit| h264::unit_type(unit) == kind);
        if let (Some(sps), Some(pps)) = (of_type(h264::SPS), of_type(h264::PPS)) {
            *parameters = VideoParameters::from_h264(sps, pps).ok();
        }
        let is_key = of_type(h264::SLICE_IDR).is_some();
        let slices = units.iter().filter(|unit| !h264::is_parameter_set(unit)).copied();
        (is_key, nal::to_length_prefixed(slices))
    }

    /// The parameters of the last key frame; `None` for JPEG and before the first one.
    pub(crate) fn parameters(&self) -> Option<VideoParameters> {
        match self {
            Self::H264 { parameters, .. } => parameters.clone(),
            Self::Jpeg => None,
        }
    }
}

/// The lowest level that allows so many pixels (ITU-T H.264, table A-1).
fn level(pixels: usize, fps: u32) -> u8 {
    // Macroblocks a frame and a second.
    const LEVELS: [(usize, usize, u8); 6] = [
        (1_620, 40_500, 30),
        (3_600, 108_000, 31),
        (5_120, 216_000, 32),
        (8_192, 245_760, 40),
        (22_080, 589_824, 50),
        (36_864, 983_040, 51),
    ];
    let blocks = pixels.div_ceil(256);
    let rate = blocks * fps as usize;
    let fits = |row: &&(usize, usize, u8)| blocks <= row.0 && rate <= row.1;
    LEVELS.iter().find(fits).map_or(52, |row| row.2)
}
