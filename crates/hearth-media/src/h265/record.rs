//! The `HEVCDecoderConfigurationRecord` (ISO/IEC 14496-15, 8.3.3.1), body of the `hvcC` box.

use bytes::{BufMut, Bytes, BytesMut};

use super::{PPS, SPS, Sps, VPS, unit_type};
use crate::{ParameterError, parameters::PARAMETER_SET_BYTES_MAX};

/// Sets of one kind that are kept; the standard knows 16 VPS, 16 SPS and 64 PPS.
const SETS_MAX: usize = 64;
/// Bytes of the record before its arrays.
const HEAD_BYTES: usize = 22;

const WHAT: &str = "an hvcC record";

/// The parts of an `HEVCDecoderConfigurationRecord` that are used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigRecord {
    /// Bytes of the length before each NAL unit of a sample: 1, 2 or 4.
    pub nal_length_bytes: u8,
    /// Video parameter sets.
    pub vps: Vec<Bytes>,
    /// Sequence parameter sets.
    pub sps: Vec<Bytes>,
    /// Picture parameter sets.
    pub pps: Vec<Bytes>,
}

impl ConfigRecord {
    /// Reads a record. Arrays of other units (SEI) are passed over.
    ///
    /// # Errors
    /// If it ends early, has another version, or holds units of the wrong kind.
    pub fn parse(record: &[u8]) -> Result<Self, ParameterError> {
        let (head, rest) =
            record.split_first_chunk::<HEAD_BYTES>().ok_or(ParameterError::Truncated(WHAT))?;
        // Version 0 was written by early software with the same layout.
        if head[0] > 1 {
            return Err(ParameterError::Unsupported(WHAT));
        }
        let nal_length_bytes = (head[21] & 3) + 1;
        if nal_length_bytes == 3 {
            return Err(ParameterError::Malformed(WHAT));
        }
        let mut parsed =
            Self { nal_length_bytes, vps: Vec::new(), sps: Vec::new(), pps: Vec::new() };
        let (&arrays, mut rest) = rest.split_first().ok_or(ParameterError::Truncated(WHAT))?;
        for _ in 0..arrays {
            rest = parsed.read_array(rest)?;
        }
        Ok(parsed)
    }

    fn read_array<'a>(&mut self, data: &'a [u8]) -> Result<&'a [u8], ParameterError> {
        let (head, mut data) =
            data.split_first_chunk::<3>().ok_or(ParameterError::Truncated(WHAT))?;
        let kind = head[0] & 0x3F;
        for _ in 0..u16::from_be_bytes([head[1], head[2]]) {
            let (length, rest) =
                data.split_first_chunk::<2>().ok_or(ParameterError::Truncated(WHAT))?;
            let (unit, rest) = rest
                .split_at_checked(usize::from(u16::from_be_bytes(*length)))
                .ok_or(ParameterError::Truncated(WHAT))?;
            data = rest;
            let sets = match kind {
                VPS => &mut self.vps,
                SPS => &mut self.sps,
                PPS => &mut self.pps,
                _ => continue,
            };
            if unit_type(unit) != kind {
                return Err(ParameterError::Malformed(WHAT));
            }
            if sets.len() == SETS_MAX {
                return Err(ParameterError::TooLarge(WHAT));
            }
            sets.push(Bytes::copy_from_slice(unit));
        }
        Ok(data)
    }
}

/// Writes the record for samples with length prefixes of four bytes.
pub(super) fn build(
    first: &Sps,
    vps: &[&[u8]],
    sps: &[&[u8]],
    pps: &[&[u8]],
) -> Result<Bytes, ParameterError> {
    let mut record = BytesMut::new();
    let general = first.profile_tier_level;
    record.put_u8(1);
    record.put_u8(general.space_tier_profile);
    record.put_u32(general.compatibility);
    record.put_slice(&general.constraints);
    record.put_u8(general.level);
    record.put_u16(0xF000); // min_spatial_segmentation_idc: not known
    record.put_u8(0xFC); // parallelismType: not known
    record.put_u8(0xFC | first.chroma_format);
    record.put_u8(0xF8 | (first.bit_depth_luma - 8));
    record.put_u8(0xF8 | (first.bit_depth_chroma - 8));
    record.put_u16(0); // avgFrameRate: not known
    let nested = u8::from(first.is_temporal_id_nested) << 2;
    record.put_u8(first.temporal_layers << 3 | nested | 3);
    record.put_u8(3);
    for (kind, sets) in [(VPS, vps), (SPS, sps), (PPS, pps)] {
        put_array(&mut record, kind, sets)?;
    }
    Ok(record.freeze())
}

fn put_array(record: &mut BytesMut, kind: u8, sets: &[&[u8]]) -> Result<(), ParameterError> {
    const LIST: &str = "a list of parameter sets";
    const SET: &str = "a parameter set";
    if sets.is_empty() {
        return Err(ParameterError::Truncated(LIST));
    }
    if sets.len() > SETS_MAX {
        return Err(ParameterError::TooLarge(LIST));
    }
    record.put_u8(0x80 | kind); // array_completeness: none are in the samples
    record.put_u16(u16::try_from(sets.len()).map_err(|_| ParameterError::TooLarge(LIST))?);
    for set in sets {
        if unit_type(set) != kind {
            return Err(ParameterError::Malformed(SET));
        }
        if set.len() > PARAMETER_SET_BYTES_MAX {
            return Err(ParameterError::TooLarge(SET));
        }
        record.put_u16(u16::try_from(set.len()).map_err(|_| ParameterError::TooLarge(SET))?);
        record.put_slice(set);
    }
    Ok(())
}
