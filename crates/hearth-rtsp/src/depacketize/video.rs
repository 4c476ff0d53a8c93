//! H.264 and H.265: NAL units become access units.
//!
//! Tolerates what cameras do: the marker on a packet without picture, on every NAL unit or
//! nowhere; start codes inside of packets; missing end bits; parameter sets that change in band.

use hearth_media::{VideoParameters, h264 as avc, h265 as hevc, nal::annex_b};

use super::{
    AccessUnit, DepacketizeError, Depacketized, Output, assembly::Assembly, h264, h265,
    parameter_sets::ParameterSets,
};
use crate::{rtp::RtpPacket, sdp::Format};

/// A payload that breaks its format: as good as lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MalformedPacket;

/// The header of a NAL unit that comes in fragments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NalHeader {
    /// H.264.
    One([u8; 1]),
    /// H.265.
    Two([u8; 2]),
}

impl NalHeader {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::One(bytes) => bytes,
            Self::Two(bytes) => bytes,
        }
    }
}

/// A part of a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// A NAL unit.
    Whole(&'a [u8]),
    /// A part of a NAL unit.
    Fragment {
        /// Of the whole unit.
        header: NalHeader,
        /// Without header.
        data: &'a [u8],
        /// The first part.
        is_first: bool,
        /// The last part.
        is_last: bool,
    },
}

/// Which of the two codecs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NalCodec {
    H264,
    H265,
}

impl NalCodec {
    pub(super) fn unit_type(self, nal: &[u8]) -> u8 {
        match self {
            Self::H264 => avc::unit_type(nal),
            Self::H265 => hevc::unit_type(nal),
        }
    }

    pub(super) fn is_parameter_set(self, nal: &[u8]) -> bool {
        match self {
            Self::H264 => avc::is_parameter_set(nal),
            Self::H265 => hevc::is_parameter_set(nal),
        }
    }

    /// The identifier of a parameter set where several of a kind are in use: SPS and PPS of H.264,
    /// PPS of H.265. It is an Exp-Golomb code at a fixed place.
    pub(super) fn parameter_set_id(self, nal: &[u8]) -> u32 {
        let at = match (self, self.unit_type(nal)) {
            (Self::H264, avc::SPS) => 4,
            (Self::H264, avc::PPS) => 1,
            (Self::H265, hevc::PPS) => 2,
            _ => return 0,
        };
        let bytes = nal.get(at..).and_then(|rest| rest.first_chunk::<4>());
        let Some(word) = bytes.map(|bytes| u32::from_be_bytes(*bytes)) else { return 0 };
        // Identifiers are at most 255: at most 8 leading zeros, 17 bits in all.
        let zeros = word.leading_zeros().min(8);
        (word >> (31 - 2 * zeros)).saturating_sub(1)
    }

    fn is_slice(self, nal: &[u8]) -> bool {
        match self {
            Self::H264 => (1..=5).contains(&self.unit_type(nal)),
            Self::H265 => self.unit_type(nal) < hevc::VPS,
        }
    }

    /// Whether a slice is the first of its picture: `first_mb_in_slice` is 0 (H.264, 7.3.3), or
    /// `first_slice_segment_in_pic_flag` is set (H.265, 7.3.6.1). Both are the first bit.
    fn starts_picture(self, slice: &[u8]) -> bool {
        let at = match self {
            Self::H264 => 1,
            Self::H265 => 2,
        };
        slice.get(at).is_some_and(|byte| byte & 0x80 != 0)
    }

    /// Bytes that only keep a rate constant.
    fn is_filler(self, nal: &[u8]) -> bool {
        match self {
            Self::H264 => self.unit_type(nal) == 12,
            Self::H265 => self.unit_type(nal) == 38,
        }
    }

    fn is_key(self, access_unit: &[u8]) -> bool {
        match self {
            Self::H264 => avc::is_key(access_unit),
            Self::H265 => hevc::is_key(access_unit),
        }
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct VideoDepacketizer {
    codec: NalCodec,
    sets: ParameterSets,
    parameters: Option<VideoParameters>,
    assembly: Assembly,
    last_timestamp: Option<u32>,
    /// The camera sets the marker on more than the last packet of a picture: only a new timestamp
    /// ends one.
    is_marker_useless: bool,
    has_lost: bool,
    dropped: u64,
}

impl VideoDepacketizer {
    /// `None` for formats that are not supported: interleaved H.264, H.265 with order numbers.
    pub(super) fn new(codec: NalCodec, format: &Format) -> Option<Self> {
        let is_interleaved = match codec {
            NalCodec::H264 => format.parameter("packetization-mode") == Some("2"),
            NalCodec::H265 => {
                format.parameter("sprop-max-don-diff").is_some_and(|text| text.trim() != "0")
            }
        };
        (!is_interleaved).then(|| Self {
            codec,
            sets: ParameterSets::new(codec, format),
            parameters: None,
            assembly: Assembly::default(),
            last_timestamp: None,
            is_marker_useless: false,
            has_lost: false,
            dropped: 0,
        })
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }

    pub(super) fn push(
        &mut self,
        packet: &RtpPacket<'_>,
        lost_before: bool,
        output: &mut Output,
    ) -> Result<(), DepacketizeError> {
        if lost_before {
            self.has_lost = true;
            // Either its middle or its end is missing.
            self.assembly.is_damaged |= self.assembly.is_begun;
        }
        let timestamp = packet.header.timestamp;
        if self.assembly.is_begun && self.assembly.timestamp != timestamp {
            self.finish(output)?;
        }
        if !self.assembly.is_begun {
            self.assembly.begin(timestamp);
        }
        let codec = self.codec;
        let put = |piece: Piece<'_>| self.take(piece);
        let read = match codec {
            NalCodec::H264 => h264::split(packet.payload, put),
            NalCodec::H265 => h265::split(packet.payload, put),
        };
        if read.is_err() {
            self.assembly.is_damaged = true;
        }
        let ends = packet.header.marker && !self.is_marker_useless;
        // A marker on parameter sets or SEI does not end the picture that follows them.
        if ends && (self.assembly.has_slice || self.assembly.is_open()) {
            self.finish(output)?;
        }
        Ok(())
    }

    fn take(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Whole(nal) => {
                self.end_nal();
                self.take_nal(nal);
            }
            Piece::Fragment { header, data, is_first, is_last } => {
                if is_first {
                    self.end_nal();
                    self.assembly.open(header.bytes());
                }
                self.assembly.append(data);
                if is_last {
                    self.end_nal();
                }
            }
        }
    }

    /// Ends a NAL unit that came in fragments.
    fn end_nal(&mut self) {
        let Some(nal) = self.assembly.open_nal() else { return };
        let stays = self.codec.is_slice(nal) && !starts_with_start_code(nal);
        if stays {
            self.note_slice(self.codec.starts_picture(nal));
            self.assembly.close();
        } else {
            let nal = self.assembly.withdraw();
            self.take_nal(&nal);
        }
    }

    fn take_nal(&mut self, nal: &[u8]) {
        // Only where cameras were seen to do it: at the start, or behind parameter sets and SEI.
        // Slices, which are nearly all bytes, are not searched.
        let may_hold_more = !self.codec.is_slice(nal) || starts_with_start_code(nal);
        if may_hold_more && nal.windows(3).any(|window| window == [0, 0, 1]) {
            let framed = [&[0, 0, 1], nal].concat();
            annex_b(&framed).for_each(|part| self.take_plain_nal(part));
        } else {
            self.take_plain_nal(nal);
        }
    }

    fn take_plain_nal(&mut self, nal: &[u8]) {
        if nal.is_empty() || self.codec.is_filler(nal) {
            return;
        }
        if self.codec.is_parameter_set(nal) {
            self.sets.insert(nal);
            return;
        }
        if self.codec.is_slice(nal) {
            self.note_slice(self.codec.starts_picture(nal));
        }
        self.assembly.add(nal);
    }

    fn note_slice(&mut self, starts_picture: bool) {
        if !self.assembly.has_slice && !starts_picture {
            self.assembly.is_damaged = true;
            let continues = self.last_timestamp == Some(self.assembly.timestamp);
            self.is_marker_useless |= continues && !self.has_lost;
        }
        self.assembly.has_slice = true;
    }

    fn finish(&mut self, output: &mut Output) -> Result<(), DepacketizeError> {
        self.end_nal();
        let (is_damaged, has_slice) = (self.assembly.is_damaged, self.assembly.has_slice);
        if is_damaged {
            self.has_lost = true;
            self.dropped += 1;
        } else if has_slice {
            self.last_timestamp = Some(self.assembly.timestamp);
            self.emit(output)?;
        }
        self.assembly.clear();
        Ok(())
    }

    fn emit(&mut self, output: &mut Output) -> Result<(), DepacketizeError> {
        let is_key = self.codec.is_key(self.assembly.bytes());
        if is_key && let Some(changed) = self.sets.take_changed() {
            let changed = changed?;
            if self.parameters.as_ref() != Some(&changed) {
                self.parameters = Some(changed.clone());
                output.push_back(Depacketized::VideoParameters(changed));
            }
        }
        // Before the first parameters there is no key frame either; nothing could be decoded.
        if self.parameters.is_some() {
            output.push_back(Depacketized::Unit(AccessUnit {
                timestamp: self.assembly.timestamp,
                duration_samples: None,
                is_key,
                after_loss: std::mem::take(&mut self.has_lost),
                data: self.assembly.to_bytes(),
            }));
        }
        Ok(())
    }
}

fn starts_with_start_code(nal: &[u8]) -> bool {
    nal.starts_with(&[0, 0, 1]) || nal.starts_with(&[0, 0, 0, 1])
}
