//! H.265: parameter sets, the decoder configuration record and kinds of pictures.
//!
//! Pure. The SPS is read as far as the reordering information, which comes before the parts that
//! are hard to parse (scaling lists, reference picture sets, VUI).
//! Not here: RTP packetization (`hearth-rtsp`), decoding (`hearth-eyes`).

mod record;
mod sps;
#[cfg(test)]
mod tests;

pub use record::ConfigRecord;
pub use sps::{ProfileTierLevel, Sps};

pub use crate::PictureKind;
use crate::{
    ParameterError, VideoCodec, VideoParameters,
    bits::BitReader,
    nal::{length_prefixed, unescape},
    parameters::PARAMETER_SET_BYTES_MAX,
};

/// `nal_unit_type` of a video parameter set (ITU-T H.265, table 7-1).
pub const VPS: u8 = 32;
/// `nal_unit_type` of a sequence parameter set.
pub const SPS: u8 = 33;
/// `nal_unit_type` of a picture parameter set.
pub const PPS: u8 = 34;
/// `nal_unit_type` of an access unit delimiter.
pub const ACCESS_UNIT_DELIMITER: u8 = 35;

/// Types of slices of pictures at which decoding can start (BLA, IDR, CRA and two reserved).
const RANDOM_ACCESS: std::ops::RangeInclusive<u8> = 16..=23;
/// Clean random access: earlier pictures may still be referred to by leading pictures.
const CLEAN_RANDOM_ACCESS: u8 = 21;
/// Types of slices of other pictures.
const TRAILING_AND_LEADING: std::ops::RangeInclusive<u8> = 0..=9;
/// Bytes of a slice that are looked at: flags, a PPS id, up to 7 extra bits and the type.
const SLICE_HEADER_BYTES: usize = 16;

/// The `nal_unit_type` of a unit; 63, which is unspecified, for an empty one.
pub fn unit_type(unit: &[u8]) -> u8 {
    unit.first().map_or(63, |header| header >> 1 & 0x3F)
}

/// Whether the unit is a parameter set, which a [`Frame`](crate::Frame) leaves out.
pub fn is_parameter_set(unit: &[u8]) -> bool {
    matches!(unit_type(unit), VPS | SPS | PPS)
}

/// Whether decoding can start at this access unit with length prefixes.
pub fn is_key(access_unit: &[u8]) -> bool {
    length_prefixed(access_unit)
        .map(unit_type)
        .find(|kind| TRAILING_AND_LEADING.contains(kind) || RANDOM_ACCESS.contains(kind))
        .is_some_and(|kind| RANDOM_ACCESS.contains(&kind))
}

/// The kind of the picture in an access unit with length prefixes.
///
/// `extra_bits` is what [`extra_slice_header_bits`] says of the stream. Only the first slice segment
/// of a picture is looked at: the others depend on more of the parameter sets.
pub fn picture_kind(access_unit: &[u8], extra_bits: u8) -> PictureKind {
    for unit in length_prefixed(access_unit) {
        let kind = unit_type(unit);
        if kind == CLEAN_RANDOM_ACCESS {
            return PictureKind::I;
        }
        if RANDOM_ACCESS.contains(&kind) {
            return PictureKind::Idr;
        }
        if TRAILING_AND_LEADING.contains(&kind) {
            return slice_kind(unit, extra_bits).unwrap_or(PictureKind::Unknown);
        }
    }
    PictureKind::Unknown
}

/// 7.3.6.1, of a picture that is not a random access point.
fn slice_kind(unit: &[u8], extra_bits: u8) -> Option<PictureKind> {
    let header = unescape(unit.get(2..)?, SLICE_HEADER_BYTES);
    let mut bits = BitReader::new(&header, "an H.265 slice header");
    if !bits.flag().ok()? {
        return None; // first_slice_segment_in_pic_flag: the first was lost.
    }
    bits.ue_max(63).ok()?; // slice_pic_parameter_set_id
    bits.skip(usize::from(extra_bits)).ok()?;
    match bits.ue_max(2).ok()? {
        0 => Some(PictureKind::B),
        1 => Some(PictureKind::P),
        _ => Some(PictureKind::I),
    }
}

/// `num_extra_slice_header_bits` of the first picture parameter set in a configuration record; 0 if
/// it cannot be read, which is what encoders of single-layer streams write.
pub fn extra_slice_header_bits(record: &[u8]) -> u8 {
    let read = || {
        let record = ConfigRecord::parse(record).ok()?;
        let payload = unescape(record.pps.first()?.get(2..)?, PARAMETER_SET_BYTES_MAX);
        let mut bits = BitReader::new(&payload, "an H.265 PPS");
        bits.ue_max(63).ok()?; // pps_pic_parameter_set_id
        bits.ue_max(15).ok()?; // pps_seq_parameter_set_id
        bits.skip(2).ok()?; // dependent_slice_segments_enabled_flag, output_flag_present_flag
        bits.bits(3).ok().map(|bits| bits.to_le_bytes()[0])
    };
    read().unwrap_or(0)
}

impl VideoParameters {
    /// From one set of each kind, each a NAL unit without start code.
    ///
    /// # Errors
    /// If a set is not of its kind, or the SPS cannot be read.
    pub fn from_h265(vps: &[u8], sps: &[u8], pps: &[u8]) -> Result<Self, ParameterError> {
        Self::from_h265_sets(&[vps], &[sps], &[pps])
    }

    /// From all parameter sets of a stream; the first SPS tells size and profile.
    ///
    /// # Errors
    /// If a set is not of its kind, there are none or too many, or the first SPS cannot be read.
    pub fn from_h265_sets(
        vps: &[&[u8]],
        sps: &[&[u8]],
        pps: &[&[u8]],
    ) -> Result<Self, ParameterError> {
        let first = Sps::parse(sps.first().ok_or(ParameterError::Truncated("the list of SPS"))?)?;
        Ok(Self {
            codec: VideoCodec::H265,
            width: first.width,
            height: first.height,
            config: record::build(&first, vps, sps, pps)?,
            rfc6381: first.profile_tier_level.rfc6381(),
            reorder_frames_max: first.reorder_frames_max,
        })
    }

    /// From an `HEVCDecoderConfigurationRecord`, the body of an `hvcC` box. The configuration of the
    /// result is in the canonical form with length prefixes of four bytes.
    ///
    /// # Errors
    /// If the record or its first SPS cannot be read.
    pub fn from_hvcc(record: &[u8]) -> Result<Self, ParameterError> {
        let record = ConfigRecord::parse(record)?;
        let vps: Vec<&[u8]> = record.vps.iter().map(|set| &set[..]).collect();
        let sps: Vec<&[u8]> = record.sps.iter().map(|set| &set[..]).collect();
        let pps: Vec<&[u8]> = record.pps.iter().map(|set| &set[..]).collect();
        Self::from_h265_sets(&vps, &sps, &pps)
    }
}
