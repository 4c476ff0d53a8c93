//! The parameter sets of a video track: those of the session description, then those in band.
//!
//! Invariant: at most [`SETS_MAX`] sets of at most [`SET_BYTES_MAX`] bytes.

use base64::{
    Engine as _,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use hearth_media::{ParameterError, VideoParameters, h264, h265};

use super::video::NalCodec;
use crate::sdp::Format;

/// Cameras have one of each kind, few have several PPS.
const SETS_MAX: usize = 32;
/// Real ones are below 200 bytes.
const SET_BYTES_MAX: usize = 4_096;

/// Base64 as cameras write it: with, without or with too little padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// See the module.
#[derive(Debug)]
pub(super) struct ParameterSets {
    codec: NalCodec,
    sets: Vec<Set>,
    is_changed: bool,
}

#[derive(Debug)]
struct Set {
    unit_type: u8,
    id: u32,
    nal: Vec<u8>,
}

impl ParameterSets {
    /// With the sets of the session description.
    pub(super) fn new(codec: NalCodec, format: &Format) -> Self {
        let mut sets = Self { codec, sets: Vec::new(), is_changed: false };
        let names: &[&str] = match codec {
            NalCodec::H264 => &["sprop-parameter-sets"],
            NalCodec::H265 => &["sprop-vps", "sprop-sps", "sprop-pps"],
        };
        for encoded in names.iter().filter_map(|name| format.parameter(name)) {
            for part in encoded.split(',').take(SETS_MAX) {
                let nal = LENIENT.decode(part.trim()).unwrap_or_default();
                let nal = without_start_code(&nal);
                if codec.is_parameter_set(nal) {
                    sets.insert(nal);
                }
            }
        }
        sets
    }

    /// Takes a set as it came; a set that is known changes nothing.
    pub(super) fn insert(&mut self, nal: &[u8]) {
        // No NAL unit ends with a zero byte (H.264 7.4.1); some cameras add them.
        let trailing_zeros = nal.iter().rev().take_while(|byte| **byte == 0).count();
        let nal = nal.get(..nal.len() - trailing_zeros).unwrap_or_default();
        let unit_type = self.codec.unit_type(nal);
        let id = self.codec.parameter_set_id(nal);
        let at = self.sets.iter().position(|set| set.unit_type == unit_type && set.id == id);
        match at.and_then(|at| self.sets.get(at)) {
            Some(known) if known.nal == nal => return,
            None if self.sets.len() >= SETS_MAX => return,
            _ if nal.len() > SET_BYTES_MAX => return,
            _ => {}
        }
        if let Some(at) = at {
            self.sets.remove(at);
        }
        // The newest first: the first SPS is the one that tells the size.
        self.sets.insert(0, Set { unit_type, id, nal: nal.to_vec() });
        self.is_changed = true;
    }

    /// The parameters, if the sets are complete and changed since the last call.
    pub(super) fn take_changed(&mut self) -> Option<Result<VideoParameters, ParameterError>> {
        let of = |unit_type: u8| -> Vec<&[u8]> {
            let same = self.sets.iter().filter(|set| set.unit_type == unit_type);
            same.map(|set| set.nal.as_slice()).collect()
        };
        let made = match self.codec {
            NalCodec::H264 => {
                let (sps, pps) = (of(h264::SPS), of(h264::PPS));
                let complete = !sps.is_empty() && !pps.is_empty();
                complete.then(|| VideoParameters::from_h264_sets(&sps, &pps))
            }
            NalCodec::H265 => {
                let (vps, sps, pps) = (of(h265::VPS), of(h265::SPS), of(h265::PPS));
                let complete = !vps.is_empty() && !sps.is_empty() && !pps.is_empty();
                complete.then(|| VideoParameters::from_h265_sets(&vps, &sps, &pps))
            }
        };
        if !self.is_changed {
            return None;
        }
        self.is_changed = made.is_none();
        made
    }
}

fn without_start_code(nal: &[u8]) -> &[u8] {
    let zeros = nal.iter().take_while(|byte| **byte == 0).count();
    match nal.get(zeros..) {
        Some([1, rest @ ..]) if zeros >= 2 => rest,
        _ => nal,
    }
}
