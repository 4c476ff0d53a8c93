//! What a decoder or a container must know before the first frame.

use bytes::Bytes;

use crate::{h264, h265};

/// Parameter sets beyond this are an attack: real ones have tens of bytes, with all scaling lists
/// and buffer models some hundred.
pub(crate) const PARAMETER_SET_BYTES_MAX: usize = 4_096;

/// Video codecs that are recorded as they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VideoCodec {
    /// ITU-T H.264.
    H264,
    /// ITU-T H.265.
    H265,
    /// A JPEG image a frame; each one is a key frame.
    Mjpeg,
}

/// Audio codecs that are passed through untouched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AudioCodec {
    /// MPEG-4 AAC.
    Aac,
    /// G.711 mu-law.
    Pcmu,
    /// G.711 A-law.
    Pcma,
    /// Opus.
    Opus,
}

/// Parameters of a video track. Two equal values can share one init segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VideoParameters {
    /// The codec.
    pub codec: VideoCodec,
    /// Picture width in pixels after cropping.
    pub width: u16,
    /// Picture height in pixels after cropping.
    pub height: u16,
    /// The decoder configuration record: `avcC` (ISO/IEC 14496-15, 5.3.3.1) or `hvcC` (8.3.3.1),
    /// without the box header. Empty for MJPEG.
    pub config: Bytes,
    /// The `codecs` parameter of RFC 6381, e.g. `avc1.64001f`; for MJPEG `mp4v.6c`.
    pub rfc6381: String,
    /// How many frames may come later in decoding order than they are shown, as far as the stream
    /// tells; 0 means that decoding order is presentation order.
    pub reorder_frames_max: u8,
}

/// Parameters of an audio track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AudioParameters {
    /// The codec.
    pub codec: AudioCodec,
    /// Samples a second (48,000 for Opus whatever was encoded, RFC 7587 4.1).
    pub sample_rate: u32,
    /// Number of channels.
    pub channels: u8,
    /// AAC: the `AudioSpecificConfig` (ISO/IEC 14496-3, 1.6.2.1). Otherwise empty.
    pub config: Bytes,
    /// The `codecs` parameter: `mp4a.40.2`, `opus`, `ulaw`, `alaw`.
    pub rfc6381: String,
}

/// Parameters of all tracks of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamParameters {
    /// The video track, if there is one.
    pub video: Option<VideoParameters>,
    /// The audio track, if there is one.
    pub audio: Option<AudioParameters>,
}

impl VideoParameters {
    /// The parameter sets in the configuration, each a NAL unit, in the order in which a decoder
    /// wants them. None for MJPEG.
    pub fn parameter_sets(&self) -> Vec<Bytes> {
        match self.codec {
            VideoCodec::H264 => h264::ConfigRecord::parse(&self.config)
                .map(|record| [record.sps, record.pps].concat())
                .unwrap_or_default(),
            VideoCodec::H265 => h265::ConfigRecord::parse(&self.config)
                .map(|record| [record.vps, record.sps, record.pps].concat())
                .unwrap_or_default(),
            VideoCodec::Mjpeg => Vec::new(),
        }
    }
}
