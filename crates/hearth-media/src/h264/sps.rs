//! The sequence parameter set (ITU-T H.264 7.3.2.1.1 and Annex E).
//!
//! Cameras get their usability information (VUI) wrong more often than the rest, so a VUI that
//! cannot be read counts as absent; everything before it must be right.

use super::{SPS, unit_type};
use crate::{ParameterError, bits::BitReader, nal::unescape, parameters::PARAMETER_SET_BYTES_MAX};

/// `profile_idc` values whose SPS carries chroma format, bit depths and scaling lists (7.3.2.1.1).
const PROFILES_WITH_CHROMA_FORMAT: [u8; 13] =
    [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];
/// Profiles that are intra-only with `constraint_set3_flag` (E.2.1), so never reorder.
const PROFILES_INTRA_WITH_SET3: [u8; 6] = [44, 86, 100, 110, 122, 244];
const PROFILE_BASELINE: u8 = 66;
/// `MaxDpbFrames` is never above this (A.3.1 h).
const DPB_FRAMES_MAX: u32 = 16;

/// What a sequence parameter set tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sps {
    /// `profile_idc`, the byte of constraint flags, and `level_idc`.
    pub profile_constraints_level: [u8; 3],
    /// Width in pixels after cropping.
    pub width: u16,
    /// Height in pixels after cropping.
    pub height: u16,
    /// `chroma_format_idc`: 0 is monochrome, 1 is 4:2:0, 2 is 4:2:2, 3 is 4:4:4.
    pub chroma_format: u8,
    /// Bits of a luma sample, 8 to 14.
    pub bit_depth_luma: u8,
    /// Bits of a chroma sample, 8 to 14.
    pub bit_depth_chroma: u8,
    /// Whether pictures may be interlaced.
    pub is_interlaced: bool,
    /// An upper bound of the frames that precede a frame in decoding order and follow it in output
    /// order. Told by the VUI; else 0 where reordering is impossible (picture order count type 2,
    /// intra profiles) or unheard of (Baseline, at most one reference frame, as most cameras
    /// have it); else as many frames as the decoder's buffer holds (E.2.1).
    pub reorder_frames_max: u8,
    /// Frames a second from the VUI, as a fraction, if it tells.
    pub frame_rate: Option<(u32, u32)>,
    /// Whether the profile is one whose SPS carries the chroma format.
    pub(super) has_chroma_format: bool,
}

impl Sps {
    /// Reads a sequence parameter set, a NAL unit without start code.
    ///
    /// # Errors
    /// If it is not an SPS, too large, or breaks the standard before the VUI.
    pub fn parse(unit: &[u8]) -> Result<Self, ParameterError> {
        if unit_type(unit) != SPS {
            return Err(ParameterError::Malformed("an H.264 SPS"));
        }
        if unit.len() > PARAMETER_SET_BYTES_MAX {
            return Err(ParameterError::TooLarge("an H.264 SPS"));
        }
        let payload = unescape(unit.get(1..).unwrap_or(&[]), PARAMETER_SET_BYTES_MAX);
        let mut bits = BitReader::new(&payload, "an H.264 SPS");
        let profile_constraints_level = [bits.byte()?, bits.byte()?, bits.byte()?];
        bits.ue_max(31)?; // seq_parameter_set_id
        let has_chroma_format = PROFILES_WITH_CHROMA_FORMAT.contains(&profile_constraints_level[0]);
        let format = if has_chroma_format { Format::read(&mut bits)? } else { Format::BASIC };
        bits.ue_max(12)?; // log2_max_frame_num_minus4
        let order_count_type = skip_order_count(&mut bits)?;
        let reference_frames = bits.ue_max(DPB_FRAMES_MAX)?;
        bits.flag()?; // gaps_in_frame_num_value_allowed_flag
        let size = Size::read(&mut bits, &format)?;
        let vui =
            if bits.flag()? { Vui::read(&mut bits).unwrap_or_default() } else { Vui::default() };
        let reorder = vui.reorder_frames_max.unwrap_or_else(|| {
            inferred_reorder(profile_constraints_level, order_count_type, reference_frames, &size)
        });
        Ok(Self {
            profile_constraints_level,
            width: size.width,
            height: size.height,
            chroma_format: format.chroma,
            bit_depth_luma: format.luma_bits,
            bit_depth_chroma: format.chroma_bits,
            is_interlaced: size.is_interlaced,
            reorder_frames_max: u8::try_from(reorder.min(DPB_FRAMES_MAX)).unwrap_or(16),
            frame_rate: vui.frame_rate,
            has_chroma_format,
        })
    }
}

/// Chroma format and bit depths.
struct Format {
    chroma: u8,
    luma_bits: u8,
    chroma_bits: u8,
    /// Three colour planes coded like monochrome pictures.
    has_separate_planes: bool,
}

impl Format {
    const BASIC: Self =
        Self { chroma: 1, luma_bits: 8, chroma_bits: 8, has_separate_planes: false };

    fn read(bits: &mut BitReader<'_>) -> Result<Self, ParameterError> {
        let chroma = small(bits.ue_max(3)?);
        let has_separate_planes = chroma == 3 && bits.flag()?;
        let luma_bits = 8 + small(bits.ue_max(6)?);
        let chroma_bits = 8 + small(bits.ue_max(6)?);
        bits.flag()?; // qpprime_y_zero_transform_bypass_flag
        if bits.flag()? {
            for list in 0..if chroma == 3 { 12 } else { 8 } {
                if bits.flag()? {
                    skip_scaling_list(bits, if list < 6 { 16 } else { 64 })?;
                }
            }
        }
        Ok(Self { chroma, luma_bits, chroma_bits, has_separate_planes })
    }
}

/// For values already known to be small.
fn small(value: u32) -> u8 {
    value.to_le_bytes()[0]
}

/// 7.3.2.1.1.1: a list ends being sent where the next scale becomes 0.
fn skip_scaling_list(bits: &mut BitReader<'_>, length: usize) -> Result<(), ParameterError> {
    let mut scale = 8i64;
    for _ in 0..length {
        scale = (scale + bits.se()?).rem_euclid(256);
        if scale == 0 {
            break;
        }
    }
    Ok(())
}

/// Passes over the picture order count fields and returns their type.
fn skip_order_count(bits: &mut BitReader<'_>) -> Result<u32, ParameterError> {
    let order_count_type = bits.ue_max(2)?;
    if order_count_type == 0 {
        bits.ue_max(12)?; // log2_max_pic_order_cnt_lsb_minus4
    } else if order_count_type == 1 {
        bits.flag()?; // delta_pic_order_always_zero_flag
        bits.se()?; // offset_for_non_ref_pic
        bits.se()?; // offset_for_top_to_bottom_field
        for _ in 0..bits.ue_max(255)? {
            bits.se()?; // offset_for_ref_frame
        }
    }
    Ok(order_count_type)
}

/// Size of the pictures.
struct Size {
    width: u16,
    height: u16,
    macroblocks: u32,
    is_interlaced: bool,
}

impl Size {
    fn read(bits: &mut BitReader<'_>, format: &Format) -> Result<Self, ParameterError> {
        // 65,535 pixels are 4,096 macroblocks; the check of the result is below.
        let columns = bits.ue_max(4095)? + 1;
        let map_units = bits.ue_max(4095)? + 1;
        let is_interlaced = !bits.flag()?;
        if is_interlaced {
            bits.flag()?; // mb_adaptive_frame_field_flag
        }
        bits.flag()?; // direct_8x8_inference_flag
        let fields = if is_interlaced { 2 } else { 1 };
        let rows = map_units * fields;
        let crop = if bits.flag()? {
            [bits.ue_max(65_535)?, bits.ue_max(65_535)?, bits.ue_max(65_535)?, bits.ue_max(65_535)?]
        } else {
            [0; 4]
        };
        let (unit_x, unit_y) = match format.chroma {
            1 => (2, 2),
            2 => (2, 1),
            3 if !format.has_separate_planes => (1, 1),
            _ => (1, 1),
        };
        let width = cropped(columns * 16, (crop[0] + crop[1]) * unit_x);
        let height = cropped(rows * 16, (crop[2] + crop[3]) * unit_y * fields);
        match (width, height) {
            (Some(width), Some(height)) => {
                Ok(Self { width, height, macroblocks: columns * rows, is_interlaced })
            }
            _ => Err(bits.malformed()),
        }
    }
}

/// What is left after cropping, unless that is nothing.
fn cropped(full: u32, crop: u32) -> Option<u16> {
    full.checked_sub(crop).filter(|&left| left > 0).and_then(|left| u16::try_from(left).ok())
}

/// The parts of the video usability information that are used.
#[derive(Default)]
struct Vui {
    frame_rate: Option<(u32, u32)>,
    reorder_frames_max: Option<u32>,
}

impl Vui {
    /// E.1.1.
    fn read(bits: &mut BitReader<'_>) -> Result<Self, ParameterError> {
        if bits.flag()? && bits.byte()? == 255 {
            bits.skip(32)?; // Extended_SAR
        }
        if bits.flag()? {
            bits.skip(1)?; // overscan_appropriate_flag
        }
        if bits.flag()? {
            bits.skip(4)?; // video_format, video_full_range_flag
            if bits.flag()? {
                bits.skip(24)?; // colour description
            }
        }
        if bits.flag()? {
            bits.ue()?; // chroma_sample_loc_type_top_field
            bits.ue()?; // chroma_sample_loc_type_bottom_field
        }
        let frame_rate = if bits.flag()? { read_frame_rate(bits)? } else { None };
        let has_nal_hrd = skip_hrd(bits)?;
        let has_vcl_hrd = skip_hrd(bits)?;
        if has_nal_hrd || has_vcl_hrd {
            bits.skip(1)?; // low_delay_hrd_flag
        }
        bits.skip(1)?; // pic_struct_present_flag
        let reorder_frames_max = if bits.flag()? {
            bits.skip(1)?; // motion_vectors_over_pic_boundaries_flag
            for _ in 0..4 {
                bits.ue()?; // max_bytes_per_pic_denom .. log2_max_mv_length_vertical
            }
            Some(bits.ue_max(DPB_FRAMES_MAX)?)
        } else {
            None
        };
        Ok(Self { frame_rate, reorder_frames_max })
    }
}

/// A tick is a field, so a frame lasts two of them (E.2.1).
fn read_frame_rate(bits: &mut BitReader<'_>) -> Result<Option<(u32, u32)>, ParameterError> {
    let ticks = bits.bits(32)?;
    let scale = bits.bits(32)?;
    bits.skip(1)?; // fixed_frame_rate_flag
    Ok(ticks.checked_mul(2).filter(|&ticks| ticks > 0 && scale > 0).map(|ticks| (scale, ticks)))
}

/// Passes over hypothetical reference decoder parameters (E.1.2) and tells whether there are any.
fn skip_hrd(bits: &mut BitReader<'_>) -> Result<bool, ParameterError> {
    if !bits.flag()? {
        return Ok(false);
    }
    let buffers = bits.ue_max(31)? + 1;
    bits.skip(8)?; // bit_rate_scale, cpb_size_scale
    for _ in 0..buffers {
        bits.ue()?; // bit_rate_value_minus1
        bits.ue()?; // cpb_size_value_minus1
        bits.skip(1)?; // cbr_flag
    }
    bits.skip(20)?; // four lengths of five bits
    Ok(true)
}

/// See [`Sps::reorder_frames_max`].
fn inferred_reorder(
    [profile, constraints, level]: [u8; 3],
    order_count_type: u32,
    reference_frames: u32,
    size: &Size,
) -> u32 {
    let has_set3 = constraints & 0x10 != 0;
    let is_intra = has_set3 && PROFILES_INTRA_WITH_SET3.contains(&profile);
    if is_intra || order_count_type == 2 || profile == PROFILE_BASELINE || reference_frames <= 1 {
        return 0;
    }
    // MaxDpbMbs of table A-1; level 1b is written as 9 or as 11 with constraint_set3_flag.
    let buffer_macroblocks = match level {
        11 if has_set3 => 396,
        0..=10 => 396,
        11 => 900,
        12..=20 => 2_376,
        21 => 4_752,
        22..=30 => 8_100,
        31 => 18_000,
        32 => 20_480,
        33..=41 => 32_768,
        42 => 34_816,
        43..=50 => 110_400,
        51..=52 => 184_320,
        _ => 696_320,
    };
    (buffer_macroblocks / size.macroblocks).clamp(reference_frames, DPB_FRAMES_MAX)
}
