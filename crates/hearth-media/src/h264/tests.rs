//! Behaviour of the H.264 parser on bitstreams of x264 and on damaged ones.
//!
//! The parameter sets were made for these tests with x264 (Debian ffmpeg 5.1,
//! `ffmpeg -f lavfi -i testsrc=s=WxH:r=25 -c:v libx264 OPTIONS`); the options are beside each.

use proptest::prelude::*;

use super::*;
use crate::nal::to_length_prefixed;

/// 1920x1080, `-preset fast -bf 2 -g 12`.
pub(crate) const SPS_HIGH: &[u8] = b"\x67\x64\x00\x28\xac\xd9\x40\x78\x02\x27\xe5\xc0\x44\x00\x00\
    \x03\x00\x04\x00\x00\x03\x00\xc8\x3c\x60\xc6\x58";
pub(crate) const PPS_HIGH: &[u8] = b"\x68\xea\xe3\xcb\x22\xc0";
/// 1920x1080, `-profile:v baseline`.
const SPS_BASELINE: &[u8] = b"\x67\x42\xc0\x28\xd9\x00\x78\x02\x27\xe5\xc0\x44\x00\x00\x03\x00\x04\
    \x00\x00\x03\x00\xc8\x3c\x60\xc9\x20";
/// 638x360, `-x264-params cqm=jvt:interlaced=1:nal-hrd=vbr:vbv-maxrate=1000:vbv-bufsize=2000`.
const SPS_SCALING_LISTS: &[u8] = b"\x67\x64\x00\x1e\xac\xd9\x40\xa0\x63\xd4\xf8\x08\x80\x00\x00\
    \x03\x00\x80\x00\x00\x19\x30\x30\x00\x7a\x12\x00\x0f\x42\x53\x61\x80\x7c\x50\xa6\x58";
/// 320x240, `-pix_fmt yuv444p`.
const SPS_444: &[u8] = b"\x67\xf4\x00\x0d\x91\x9b\x28\x28\x3f\x60\x22\x00\x00\x03\x00\x02\x00\x00\
    \x03\x00\x64\x1e\x28\x53\x2c";

#[test]
fn a_high_profile_set_tells_cropped_size_rate_and_reordering() {
    let sps = Sps::parse(SPS_HIGH).expect("x264 is right");
    assert_eq!((sps.width, sps.height), (1920, 1080));
    assert_eq!(sps.frame_rate, Some((50, 2)));
    assert_eq!(sps.reorder_frames_max, 2);
    assert!(!sps.is_interlaced);

    let parameters = VideoParameters::from_h264(SPS_HIGH, PPS_HIGH).expect("x264 is right");
    assert_eq!(parameters.rfc6381, "avc1.640028");
}

#[test]
fn a_baseline_set_has_no_reordering() {
    let sps = Sps::parse(SPS_BASELINE).expect("x264 is right");
    assert_eq!((sps.width, sps.height, sps.reorder_frames_max), (1920, 1080, 0));
}

#[test]
fn scaling_lists_interlacing_and_buffer_models_are_passed_over() {
    let sps = Sps::parse(SPS_SCALING_LISTS).expect("x264 is right");
    assert_eq!((sps.width, sps.height), (638, 360));
    assert!(sps.is_interlaced);
    assert_eq!(sps.frame_rate, Some((50, 2)));
    assert_eq!(sps.reorder_frames_max, 2);
}

#[test]
fn scaling_lists_in_the_set_itself_are_passed_over() {
    // Written by hand: High profile, two lists sent (one of them ended early), 320x240.
    let mut writer = BitWriter::default();
    writer.ue(0); // seq_parameter_set_id
    for value in [1, 0, 0] {
        writer.ue(value); // chroma_format_idc, bit depths
    }
    writer.bits("01"); // bypass off, matrix present
    writer.bits("1");
    (0..16).for_each(|_| writer.ue(1)); // +1 each
    writer.bits("1");
    writer.ue(16); // -8: the list ends at once
    writer.bits("000000");
    for value in [0, 0, 0, 4] {
        writer.ue(value); // frame_num, order count type and length, references
    }
    writer.bits("0");
    writer.ue(19);
    writer.ue(14);
    writer.bits("1100"); // frames only, direct, no crop, no VUI
    let sps = Sps::parse(&writer.unit(&[0x67, 100, 0, 13])).expect("made to the standard");
    assert_eq!((sps.width, sps.height), (320, 240));
    // Level 1.3 holds 2,376 macroblocks, the picture has 300.
    assert_eq!(sps.reorder_frames_max, 7);
}

#[test]
fn chroma_444_has_its_own_crop_units() {
    let sps = Sps::parse(SPS_444).expect("x264 is right");
    assert_eq!((sps.width, sps.height, sps.chroma_format), (320, 240, 3));
}

#[test]
fn a_broken_vui_counts_as_absent() {
    let cut = &SPS_HIGH[..14];
    let sps = Sps::parse(cut).expect("what comes before the VUI is whole");
    assert_eq!((sps.width, sps.height, sps.frame_rate), (1920, 1080, None));
}

#[test]
fn the_record_matches_what_ffmpeg_writes_and_reads_back() {
    let parameters = VideoParameters::from_h264(SPS_HIGH, PPS_HIGH).expect("x264 is right");
    let mut expected = vec![1, 0x64, 0, 0x28, 0xFF, 0xE1, 0, 27];
    expected.extend_from_slice(SPS_HIGH);
    expected.extend_from_slice(&[1, 0, 6]);
    expected.extend_from_slice(PPS_HIGH);
    expected.extend_from_slice(&[0xFD, 0xF8, 0xF8, 0]);
    assert_eq!(parameters.config, expected);
    assert_eq!(VideoParameters::from_avcc(&parameters.config), Ok(parameters.clone()));
    assert_eq!(parameters.parameter_sets(), [SPS_HIGH, PPS_HIGH]);
}

#[test]
fn several_parameter_sets_are_kept() {
    let parameters =
        VideoParameters::from_h264_sets(&[SPS_HIGH, SPS_BASELINE], &[PPS_HIGH, PPS_HIGH])
            .expect("x264 is right");
    assert_eq!(parameters.parameter_sets(), [SPS_HIGH, SPS_BASELINE, PPS_HIGH, PPS_HIGH]);
    assert_eq!(VideoParameters::from_avcc(&parameters.config), Ok(parameters));
}

#[test]
fn sets_of_the_wrong_kind_are_refused() {
    assert!(VideoParameters::from_h264(PPS_HIGH, SPS_HIGH).is_err());
    assert!(VideoParameters::from_h264(SPS_HIGH, SPS_HIGH).is_err());
    assert!(VideoParameters::from_h264_sets(&[SPS_HIGH], &[]).is_err());
    assert!(VideoParameters::from_h264(&[0x67; 5_000], PPS_HIGH).is_err());
}

#[test]
fn slices_tell_the_kind_of_picture() {
    let check = |units: &[&[u8]], kind, key| {
        let unit = to_length_prefixed(units.iter().copied());
        assert_eq!((picture_kind(&unit), is_key(&unit)), (kind, key), "{units:02x?}");
    };
    // First bytes of slices by x264.
    let idr: &[u8] = &[0x65, 0x88, 0x84, 0x00, 0x2B];
    let p: &[u8] = &[0x41, 0x9A, 0x23, 0x6C];
    let b: &[u8] = &[0x01, 0x9E, 0x62, 0x44];
    let i: &[u8] = &[0x41, 0x88, 0x84, 0x00];
    let recovery: &[u8] = &[0x06, 0x06, 0x01, 0xC4, 0x80];
    check(&[idr], PictureKind::Idr, true);
    check(&[&[9, 0x10], idr], PictureKind::Idr, true);
    check(&[p], PictureKind::P, false);
    check(&[b], PictureKind::B, false);
    check(&[p, b, i], PictureKind::B, false);
    check(&[i], PictureKind::I, false);
    check(&[recovery, i], PictureKind::I, true);
    check(&[recovery, p], PictureKind::P, false);
    // User data before the recovery point, and a recovery point that takes 3 frames.
    check(&[&[0x06, 0x05, 0x02, 1, 2, 0x06, 0x01, 0xC4, 0x80], i], PictureKind::I, true);
    check(&[&[0x06, 0x06, 0x01, 0x24, 0x80], i], PictureKind::I, false);
    check(&[&[0x41]], PictureKind::Unknown, false);
    check(&[], PictureKind::Unknown, false);
}

/// Writes the few codes the hand-made set needs.
#[derive(Default)]
struct BitWriter(String);

impl BitWriter {
    fn bits(&mut self, bits: &str) {
        self.0.push_str(bits);
    }

    fn ue(&mut self, value: u32) {
        let code = format!("{:b}", value + 1);
        self.0.push_str(&"0".repeat(code.len() - 1));
        self.0.push_str(&code);
    }

    fn unit(mut self, head: &[u8]) -> Vec<u8> {
        self.0.push('1');
        let bytes = self.0.as_bytes().chunks(8).map(|chunk| {
            chunk.iter().enumerate().fold(0, |byte, (at, &bit)| byte | (bit - b'0') << (7 - at))
        });
        head.iter().copied().chain(bytes).collect()
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(data: Vec<u8>) {
        let prefixed = to_length_prefixed([&data[..]]);
        let _ = (picture_kind(&data), is_key(&data), picture_kind(&prefixed), is_key(&prefixed));
        drop((Sps::parse(&data), VideoParameters::from_avcc(&data)));
    }

    #[test]
    fn damaged_sets_never_panic(
        which in 0usize..4, at in 0usize..27, value: u8, cut in 1usize..40,
    ) {
        let mut set = [SPS_HIGH, SPS_BASELINE, SPS_SCALING_LISTS, SPS_444][which].to_vec();
        if let Some(byte) = set.get_mut(at) {
            *byte = value;
        }
        set.truncate(cut);
        if let Ok(parameters) = VideoParameters::from_h264(&set, PPS_HIGH) {
            prop_assert!(parameters.width > 0 && parameters.height > 0);
            prop_assert!(parameters.reorder_frames_max <= 16);
            prop_assert_eq!(VideoParameters::from_avcc(&parameters.config), Ok(parameters));
        }
    }

    #[test]
    fn seis_with_a_damaged_body_never_panic(body: Vec<u8>) {
        let mut sei = vec![SEI];
        sei.extend_from_slice(&body);
        let _ = is_key(&to_length_prefixed([&sei[..], &[0x41, 0x88, 0x84]]));
    }
}
