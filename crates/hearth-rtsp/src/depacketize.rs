//! RTP payloads become access units.
//!
//! Pure. One [`Depacketizer`] a track; packets go in in sequence order, with a word whether
//! something was lost before them. A unit that is known to be damaged is dropped and the next one
//! is marked.
//! Invariant: memory is bounded by [`ACCESS_UNIT_BYTES_MAX`] a track, whatever comes.
//! Not here: reordering and loss detection (`receive`), times (`hearth-stream`).

use std::collections::VecDeque;

use bytes::Bytes;
use hearth_media::{AudioParameters, ParameterError, VideoParameters};

use crate::{
    rtp::RtpPacket,
    sdp::{Format, MediaDescription, MediaKind},
};

mod aac;
mod assembly;
mod g711;
mod h264;
mod h265;
mod jpeg;
mod opus;
mod parameter_sets;
mod video;

/// A key frame of an 8K camera at high quality is below 4 MiB.
pub const ACCESS_UNIT_BYTES_MAX: usize = 8 * 1024 * 1024;
/// The most slices H.264 allows in a picture is in the hundreds (level 6.2), and each costs a prefix.
pub const ACCESS_UNIT_NALS_MAX: usize = 1_024;

/// Why a track cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DepacketizeError {
    /// The camera's parameter sets cannot be used.
    #[error("parameter sets of the camera: {0}")]
    Parameters(#[from] ParameterError),
}

/// What came out of a track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Depacketized {
    /// The video parameters changed; the next unit is a key frame.
    VideoParameters(VideoParameters),
    /// A whole access unit.
    Unit(AccessUnit),
}

/// One picture, or one packet of sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessUnit {
    /// On the track's RTP clock.
    pub timestamp: u32,
    /// Audio: length in units of the sample rate.
    pub duration_samples: Option<u32>,
    /// Decoding can start here.
    pub is_key: bool,
    /// Something was lost between the previous unit and this one.
    pub after_loss: bool,
    /// In the form of `hearth_media::Frame::data`.
    pub data: Bytes,
}

/// Where units are put; the caller empties it after each packet.
pub type Output = VecDeque<Depacketized>;

/// Turns the packets of one track into access units.
#[derive(Debug)]
pub struct Depacketizer(Kind);

#[derive(Debug)]
enum Kind {
    Video(Box<video::VideoDepacketizer>),
    Jpeg(Box<jpeg::JpegDepacketizer>),
    Aac(Box<aac::AacDepacketizer>),
    G711(g711::G711Depacketizer),
    Opus(opus::OpusDepacketizer),
}

impl Depacketizer {
    /// The first format of a media description that can be recorded.
    pub fn choose(media: &MediaDescription) -> Option<(Format, Self)> {
        media.formats.iter().find_map(|format| {
            Self::for_format(media.kind, format).map(|made| (format.clone(), made))
        })
    }

    fn for_format(media: MediaKind, format: &Format) -> Option<Self> {
        use video::{NalCodec, VideoDepacketizer};
        if format.clock_rate == 0 {
            return None;
        }
        let kind = match (media, format.encoding.as_str()) {
            (MediaKind::Video, "H264") => {
                Kind::Video(Box::new(VideoDepacketizer::new(NalCodec::H264, format)?))
            }
            (MediaKind::Video, "H265" | "HEVC") => {
                Kind::Video(Box::new(VideoDepacketizer::new(NalCodec::H265, format)?))
            }
            (MediaKind::Video, "JPEG") => Kind::Jpeg(Box::default()),
            (MediaKind::Audio, "MPEG4-GENERIC") => {
                Kind::Aac(Box::new(aac::AacDepacketizer::new(format)?))
            }
            (MediaKind::Audio, "PCMU" | "PCMA") => Kind::G711(g711::G711Depacketizer::new(format)),
            (MediaKind::Audio, "OPUS") => Kind::Opus(opus::OpusDepacketizer::new(format)),
            _ => return None,
        };
        Some(Self(kind))
    }

    /// Takes the next packet; `lost_before` says that the one before it never came.
    pub fn push(
        &mut self,
        packet: &RtpPacket<'_>,
        lost_before: bool,
        output: &mut Output,
    ) -> Result<(), DepacketizeError> {
        match &mut self.0 {
            Kind::Video(video) => video.push(packet, lost_before, output)?,
            Kind::Jpeg(jpeg) => jpeg.push(packet, lost_before, output),
            Kind::Aac(aac) => aac.push(packet, lost_before, output),
            Kind::G711(g711) => g711.push(packet, lost_before, output),
            Kind::Opus(opus) => opus.push(packet, lost_before, output),
        }
        Ok(())
    }

    /// Parameters of an audio track, which are known from the start.
    pub fn audio_parameters(&self) -> Option<AudioParameters> {
        match &self.0 {
            Kind::Video(_) | Kind::Jpeg(_) => None,
            Kind::Aac(aac) => Some(aac.parameters().clone()),
            Kind::G711(g711) => Some(g711.parameters().clone()),
            Kind::Opus(opus) => Some(opus.parameters().clone()),
        }
    }

    /// Units that came in part and were dropped.
    pub fn dropped(&self) -> u64 {
        match &self.0 {
            Kind::Video(video) => video.dropped(),
            Kind::Jpeg(jpeg) => jpeg.dropped(),
            Kind::Aac(aac) => aac.dropped(),
            Kind::G711(_) | Kind::Opus(_) => 0,
        }
    }
}

#[cfg(test)]
mod tests;
