//! The `AVCDecoderConfigurationRecord` (ISO/IEC 14496-15, 5.3.3.1), body of the `avcC` box.

use bytes::{BufMut, Bytes, BytesMut};

use super::{PPS, SPS, Sps, unit_type};
use crate::{ParameterError, parameters::PARAMETER_SET_BYTES_MAX};

/// The record counts sequence parameter sets in five bits.
const SPS_COUNT_MAX: usize = 31;
/// The record counts picture parameter sets in eight bits.
const PPS_COUNT_MAX: usize = 255;

const WHAT: &str = "an avcC record";

/// The parts of an `AVCDecoderConfigurationRecord` that are used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigRecord {
    /// Bytes of the length before each NAL unit of a sample: 1, 2 or 4.
    pub nal_length_bytes: u8,
    /// Sequence parameter sets.
    pub sps: Vec<Bytes>,
    /// Picture parameter sets.
    pub pps: Vec<Bytes>,
}

impl ConfigRecord {
    /// Reads a record. Extensions after the picture parameter sets are passed over.
    ///
    /// # Errors
    /// If it ends early, has another version, or holds units of the wrong kind.
    pub fn parse(record: &[u8]) -> Result<Self, ParameterError> {
        let (head, rest) =
            record.split_first_chunk::<6>().ok_or(ParameterError::Truncated(WHAT))?;
        if head[0] != 1 {
            return Err(ParameterError::Unsupported(WHAT));
        }
        let nal_length_bytes = (head[4] & 3) + 1;
        if nal_length_bytes == 3 {
            return Err(ParameterError::Malformed(WHAT));
        }
        let (sps, rest) = units(rest, usize::from(head[5] & 0x1F), SPS)?;
        let (&pps_count, rest) = rest.split_first().ok_or(ParameterError::Truncated(WHAT))?;
        let (pps, _) = units(rest, usize::from(pps_count), PPS)?;
        Ok(Self { nal_length_bytes, sps, pps })
    }
}

fn units(mut data: &[u8], count: usize, kind: u8) -> Result<(Vec<Bytes>, &[u8]), ParameterError> {
    let mut found = Vec::new();
    for _ in 0..count {
        let (length, rest) =
            data.split_first_chunk::<2>().ok_or(ParameterError::Truncated(WHAT))?;
        let (unit, rest) = rest
            .split_at_checked(usize::from(u16::from_be_bytes(*length)))
            .ok_or(ParameterError::Truncated(WHAT))?;
        if unit_type(unit) != kind {
            return Err(ParameterError::Malformed(WHAT));
        }
        found.push(Bytes::copy_from_slice(unit));
        data = rest;
    }
    Ok((found, data))
}

/// Writes the record for samples with length prefixes of four bytes.
pub(super) fn build(first: &Sps, sps: &[&[u8]], pps: &[&[u8]]) -> Result<Bytes, ParameterError> {
    let mut record = BytesMut::new();
    record.put_u8(1);
    record.put_slice(&first.profile_constraints_level);
    record.put_u8(0b1111_1100 | 3);
    record.put_u8(0b1110_0000 | count(sps, SPS_COUNT_MAX)?);
    put_units(&mut record, sps, SPS)?;
    record.put_u8(count(pps, PPS_COUNT_MAX)?);
    put_units(&mut record, pps, PPS)?;
    if first.has_chroma_format {
        record.put_u8(0b1111_1100 | first.chroma_format);
        record.put_u8(0b1111_1000 | (first.bit_depth_luma - 8));
        record.put_u8(0b1111_1000 | (first.bit_depth_chroma - 8));
        record.put_u8(0); // No SPS extensions: they describe alpha planes only.
    }
    Ok(record.freeze())
}

fn count(units: &[&[u8]], max: usize) -> Result<u8, ParameterError> {
    if units.is_empty() {
        return Err(ParameterError::Truncated("a list of parameter sets"));
    }
    if units.len() > max {
        return Err(ParameterError::TooLarge("a list of parameter sets"));
    }
    u8::try_from(units.len()).map_err(|_| ParameterError::TooLarge("a list of parameter sets"))
}

fn put_units(record: &mut BytesMut, units: &[&[u8]], kind: u8) -> Result<(), ParameterError> {
    for unit in units {
        if unit_type(unit) != kind {
            return Err(ParameterError::Malformed("a parameter set"));
        }
        if unit.len() > PARAMETER_SET_BYTES_MAX {
            return Err(ParameterError::TooLarge("a parameter set"));
        }
        let length =
            u16::try_from(unit.len()).map_err(|_| ParameterError::TooLarge("a parameter set"))?;
        record.put_u16(length);
        record.put_slice(unit);
    }
    Ok(())
}
