//! What kind of picture an access unit holds.

use crate::{VideoCodec, VideoParameters, h264, h265};

/// The kind of a coded picture, from its slice headers alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PictureKind {
    /// Decoding starts afresh here and nothing later refers to anything earlier.
    Idr,
    /// Every slice is intra coded, but later pictures may refer to earlier ones.
    I,
    /// Predicted from one list of pictures.
    P,
    /// Predicted from two lists. Not the same as reordered: H.265 encoders of cameras use such
    /// slices for pictures that refer to the past only.
    B,
    /// No slice header could be read.
    Unknown,
}

impl PictureKind {
    /// The kind of a picture that has slices of both kinds: the one that needs more.
    pub(crate) fn joined(self, other: Self) -> Self {
        if other.demand() > self.demand() { other } else { self }
    }

    const fn demand(self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::Idr => 1,
            Self::I => 2,
            Self::P => 3,
            Self::B => 4,
        }
    }
}

impl VideoParameters {
    /// The kind of the picture in `data`, a video [`Frame`](crate::Frame)'s data.
    pub fn picture_kind(&self, data: &[u8]) -> PictureKind {
        match self.codec {
            VideoCodec::H264 => h264::picture_kind(data),
            VideoCodec::H265 => {
                h265::picture_kind(data, h265::extra_slice_header_bits(&self.config))
            }
            VideoCodec::Mjpeg => PictureKind::Idr,
        }
    }

    /// Whether decoding can start at the picture in `data`.
    pub fn is_key(&self, data: &[u8]) -> bool {
        match self.codec {
            VideoCodec::H264 => h264::is_key(data),
            VideoCodec::H265 => h265::is_key(data),
            VideoCodec::Mjpeg => true,
        }
    }
}
