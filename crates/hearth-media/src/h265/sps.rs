//! The sequence parameter set (ITU-T H.265 7.3.2.2.1), up to the reordering information.

use super::{SPS, unit_type};
use crate::{ParameterError, bits::BitReader, nal::unescape, parameters::PARAMETER_SET_BYTES_MAX};

/// `MaxDpbSize` is never above this (A.4.2).
const DPB_FRAMES_MAX: u32 = 16;

/// What a sequence parameter set tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sps {
    /// Profile, tier and level of the whole stream.
    pub profile_tier_level: ProfileTierLevel,
    /// Width in pixels after the conformance window.
    pub width: u16,
    /// Height in pixels after the conformance window.
    pub height: u16,
    /// `chroma_format_idc`: 0 is monochrome, 1 is 4:2:0, 2 is 4:2:2, 3 is 4:4:4.
    pub chroma_format: u8,
    /// Bits of a luma sample, 8 to 16.
    pub bit_depth_luma: u8,
    /// Bits of a chroma sample, 8 to 16.
    pub bit_depth_chroma: u8,
    /// `sps_max_num_reorder_pics` of the highest temporal layer.
    pub reorder_frames_max: u8,
    /// How many temporal layers there are, 1 to 7.
    pub temporal_layers: u8,
    /// `sps_temporal_id_nesting_flag`.
    pub is_temporal_id_nested: bool,
}

/// The general part of `profile_tier_level()` (7.3.3), as coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProfileTierLevel {
    /// `general_profile_space`, `general_tier_flag` and `general_profile_idc`.
    pub space_tier_profile: u8,
    /// `general_profile_compatibility_flag[0]` is the highest bit.
    pub compatibility: u32,
    /// The six bytes of constraint indicator flags.
    pub constraints: [u8; 6],
    /// `general_level_idc`, 30 times the level.
    pub level: u8,
}

impl ProfileTierLevel {
    /// The `codecs` parameter by ISO/IEC 14496-15, Annex E.3, e.g. `hvc1.1.6.L120.90`.
    pub fn rfc6381(&self) -> String {
        let space = ["", "A", "B", "C"][usize::from(self.space_tier_profile >> 6)];
        let tier = if self.space_tier_profile & 0x20 == 0 { 'L' } else { 'H' };
        let profile = self.space_tier_profile & 0x1F;
        let compatibility = self.compatibility.reverse_bits();
        let mut text = format!("hvc1.{space}{profile}.{compatibility:X}.{tier}{}", self.level);
        let used = 6 - self.constraints.iter().rev().take_while(|&&byte| byte == 0).count();
        for byte in &self.constraints[..used] {
            text.push_str(&format!(".{byte:X}"));
        }
        text
    }

    fn read(bits: &mut BitReader<'_>, layers: u8) -> Result<Self, ParameterError> {
        let space_tier_profile = bits.byte()?;
        let compatibility = bits.bits(32)?;
        let mut constraints = [0; 6];
        for byte in &mut constraints {
            *byte = bits.byte()?;
        }
        let level = bits.byte()?;
        skip_sub_layers(bits, layers)?;
        Ok(Self { space_tier_profile, compatibility, constraints, level })
    }
}

fn skip_sub_layers(bits: &mut BitReader<'_>, layers: u8) -> Result<(), ParameterError> {
    if layers <= 1 {
        return Ok(());
    }
    let mut length = 0;
    for _ in 1..layers {
        length += if bits.flag()? { 88 } else { 0 }; // sub_layer_profile_present_flag
        length += if bits.flag()? { 8 } else { 0 }; // sub_layer_level_present_flag
    }
    let reserved = 2 * usize::from(9 - layers); // reserved_zero_2bits up to eight layers
    bits.skip(reserved + length)
}

impl Sps {
    /// Reads a sequence parameter set, a NAL unit without start code.
    ///
    /// # Errors
    /// If it is not an SPS of the base layer, too large, or breaks the standard in what is read.
    pub fn parse(unit: &[u8]) -> Result<Self, ParameterError> {
        if unit_type(unit) != SPS {
            return Err(ParameterError::Malformed("an H.265 SPS"));
        }
        if unit.len() > PARAMETER_SET_BYTES_MAX {
            return Err(ParameterError::TooLarge("an H.265 SPS"));
        }
        let payload = unescape(unit.get(2..).unwrap_or(&[]), PARAMETER_SET_BYTES_MAX);
        let mut bits = BitReader::new(&payload, "an H.265 SPS");
        bits.skip(4)?; // sps_video_parameter_set_id
        let temporal_layers = small(bits.bits(3)?) + 1;
        if temporal_layers == 8 {
            return Err(bits.malformed());
        }
        let is_temporal_id_nested = bits.flag()?;
        let profile_tier_level = ProfileTierLevel::read(&mut bits, temporal_layers)?;
        bits.ue_max(15)?; // sps_seq_parameter_set_id
        let chroma_format = small(bits.ue_max(3)?);
        if chroma_format == 3 {
            bits.flag()?; // separate_colour_plane_flag
        }
        let (width, height) = read_size(&mut bits, chroma_format)?;
        let bit_depth_luma = 8 + small(bits.ue_max(8)?);
        let bit_depth_chroma = 8 + small(bits.ue_max(8)?);
        bits.ue_max(12)?; // log2_max_pic_order_cnt_lsb_minus4
        let reorder_frames_max = read_reorder(&mut bits, temporal_layers)?;
        Ok(Self {
            profile_tier_level,
            width,
            height,
            chroma_format,
            bit_depth_luma,
            bit_depth_chroma,
            reorder_frames_max,
            temporal_layers,
            is_temporal_id_nested,
        })
    }
}

/// For values already known to be small.
fn small(value: u32) -> u8 {
    value.to_le_bytes()[0]
}

fn read_size(bits: &mut BitReader<'_>, chroma_format: u8) -> Result<(u16, u16), ParameterError> {
    let full_width = bits.ue_max(65_535)?;
    let full_height = bits.ue_max(65_535)?;
    let mut window = [0; 4];
    if bits.flag()? {
        for offset in &mut window {
            *offset = bits.ue_max(65_535)?;
        }
    }
    let (unit_x, unit_y) = match chroma_format {
        1 => (2, 2),
        2 => (2, 1),
        _ => (1, 1),
    };
    let left = |full: u32, cut: u32| {
        full.checked_sub(cut).filter(|&left| left > 0).and_then(|left| u16::try_from(left).ok())
    };
    let width = left(full_width, (window[0] + window[1]) * unit_x);
    let height = left(full_height, (window[2] + window[3]) * unit_y);
    width.zip(height).ok_or_else(|| bits.malformed())
}

/// The figures of the highest layer, which come last.
fn read_reorder(bits: &mut BitReader<'_>, temporal_layers: u8) -> Result<u8, ParameterError> {
    let is_per_layer = bits.flag()?; // sps_sub_layer_ordering_info_present_flag
    let mut reorder = 0;
    for _ in 0..if is_per_layer { temporal_layers } else { 1 } {
        bits.ue_max(DPB_FRAMES_MAX - 1)?; // sps_max_dec_pic_buffering_minus1
        reorder = bits.ue_max(DPB_FRAMES_MAX - 1)?;
        bits.ue()?; // sps_max_latency_increase_plus1
    }
    Ok(small(reorder))
}
