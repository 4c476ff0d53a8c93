//! H.264: parameter sets, the decoder configuration record and kinds of pictures.
//!
//! Pure. Reads no more of a stream than recording and showing it needs: sequence parameter sets in
//! full, of slices only the type, of SEI only the recovery point.
//! Not here: RTP packetization (`hearth-rtsp`), decoding (`hearth-eyes`).

mod record;
mod sps;
#[cfg(test)]
pub(crate) mod tests;

pub use record::ConfigRecord;
pub use sps::Sps;

pub use crate::PictureKind;
use crate::{
    ParameterError, VideoCodec, VideoParameters,
    bits::BitReader,
    nal::{length_prefixed, unescape},
};

/// `nal_unit_type` of a coded slice of a picture that is not IDR (ITU-T H.264, table 7-1).
pub const SLICE: u8 = 1;
/// `nal_unit_type` of data partition A, which carries the slice header.
pub const SLICE_PARTITION_A: u8 = 2;
/// `nal_unit_type` of a coded slice of an IDR picture.
pub const SLICE_IDR: u8 = 5;
/// `nal_unit_type` of supplemental enhancement information.
pub const SEI: u8 = 6;
/// `nal_unit_type` of a sequence parameter set.
pub const SPS: u8 = 7;
/// `nal_unit_type` of a picture parameter set.
pub const PPS: u8 = 8;
/// `nal_unit_type` of an access unit delimiter.
pub const ACCESS_UNIT_DELIMITER: u8 = 9;

/// Bytes of a slice that are looked at: `first_mb_in_slice` and `slice_type` are at most 63 bits.
const SLICE_HEADER_BYTES: usize = 9;
/// Bytes of an SEI unit that are looked at. Recovery points come first in every stream seen;
/// user data after them can be long.
const SEI_BYTES: usize = 512;
/// `payloadType` of a recovery point (ITU-T H.264 D.1.8).
const SEI_RECOVERY_POINT: u32 = 6;

/// The `nal_unit_type` of a unit; 0, which is unspecified, for an empty one.
pub fn unit_type(unit: &[u8]) -> u8 {
    unit.first().map_or(0, |header| header & 0x1F)
}

/// Whether the unit is a parameter set, which a [`Frame`](crate::Frame) leaves out.
pub fn is_parameter_set(unit: &[u8]) -> bool {
    matches!(unit_type(unit), SPS | PPS)
}

/// The kind of the picture in an access unit with length prefixes.
pub fn picture_kind(access_unit: &[u8]) -> PictureKind {
    length_prefixed(access_unit).fold(PictureKind::Unknown, |kind, unit| match unit_type(unit) {
        SLICE_IDR => kind.joined(PictureKind::Idr),
        SLICE | SLICE_PARTITION_A => kind.joined(slice_kind(unit)),
        _ => kind,
    })
}

/// Whether decoding can start at this access unit: an IDR picture, or an intra picture with a
/// recovery point that takes effect at once, as open groups of pictures have.
pub fn is_key(access_unit: &[u8]) -> bool {
    match picture_kind(access_unit) {
        PictureKind::Idr => true,
        PictureKind::I => length_prefixed(access_unit).any(recovers_at_once),
        PictureKind::P | PictureKind::B | PictureKind::Unknown => false,
    }
}

fn slice_kind(unit: &[u8]) -> PictureKind {
    let header = unescape(unit.get(1..).unwrap_or(&[]), SLICE_HEADER_BYTES);
    let mut bits = BitReader::new(&header, "an H.264 slice header");
    // first_mb_in_slice, then slice_type; 5..=9 promise that all slices are alike (table 7-6).
    match bits.ue().and_then(|_| bits.ue_max(9)).map(|slice_type| slice_type % 5) {
        Ok(2 | 4) => PictureKind::I,
        Ok(0 | 3) => PictureKind::P,
        Ok(_) => PictureKind::B,
        Err(_) => PictureKind::Unknown,
    }
}

fn recovers_at_once(unit: &[u8]) -> bool {
    if unit_type(unit) != SEI {
        return false;
    }
    let payload = unescape(unit.get(1..).unwrap_or(&[]), SEI_BYTES);
    let mut rest = payload.as_slice();
    while let Some((kind, size, body)) = sei_message(rest) {
        if kind == SEI_RECOVERY_POINT {
            return BitReader::new(body, "a recovery point").ue() == Ok(0);
        }
        rest = usize::try_from(size).ok().and_then(|size| body.get(size..)).unwrap_or(&[]);
    }
    false
}

/// `payloadType`, `payloadSize` and what follows (ITU-T H.264 7.3.2.3.1).
fn sei_message(data: &[u8]) -> Option<(u32, u32, &[u8])> {
    let (kind, data) = sei_number(data)?;
    let (size, data) = sei_number(data)?;
    Some((kind, size, data))
}

fn sei_number(data: &[u8]) -> Option<(u32, &[u8])> {
    let mut number = 0u32;
    for (at, &byte) in data.iter().enumerate() {
        number += u32::from(byte);
        if byte != 0xFF {
            return Some((number, &data[at + 1..]));
        }
    }
    None
}

impl VideoParameters {
    /// From one sequence and one picture parameter set, each a NAL unit without start code.
    ///
    /// # Errors
    /// If a set is not of its kind, or the SPS cannot be read.
    pub fn from_h264(sps: &[u8], pps: &[u8]) -> Result<Self, ParameterError> {
        Self::from_h264_sets(&[sps], &[pps])
    }

    /// From all parameter sets of a stream; the first SPS tells size and profile.
    ///
    /// # Errors
    /// If a set is not of its kind, there are none or too many, or the first SPS cannot be read.
    pub fn from_h264_sets(sps: &[&[u8]], pps: &[&[u8]]) -> Result<Self, ParameterError> {
        let first = Sps::parse(sps.first().ok_or(ParameterError::Truncated("the list of SPS"))?)?;
        let config = record::build(&first, sps, pps)?;
        let [profile, constraints, level] = first.profile_constraints_level;
        Ok(Self {
            codec: VideoCodec::H264,
            width: first.width,
            height: first.height,
            config,
            rfc6381: format!("avc1.{profile:02x}{constraints:02x}{level:02x}"),
            reorder_frames_max: first.reorder_frames_max,
        })
    }

    /// From an `AVCDecoderConfigurationRecord`, the body of an `avcC` box. The configuration of the
    /// result is in the canonical form with length prefixes of four bytes.
    ///
    /// # Errors
    /// If the record or its first SPS cannot be read.
    pub fn from_avcc(record: &[u8]) -> Result<Self, ParameterError> {
        let record = ConfigRecord::parse(record)?;
        let sps: Vec<&[u8]> = record.sps.iter().map(|set| &set[..]).collect();
        let pps: Vec<&[u8]> = record.pps.iter().map(|set| &set[..]).collect();
        Self::from_h264_sets(&sps, &pps)
    }
}
