//! Behaviour of the H.265 parser on bitstreams of x265 and on damaged ones.
//!
//! The parameter sets were made for these tests with x265 (Debian ffmpeg 5.1,
//! `ffmpeg -f lavfi -i testsrc=s=WxH:r=25 -c:v libx265 -x265-params OPTIONS`).

use proptest::prelude::*;

use super::*;
use crate::nal::to_length_prefixed;

/// 1916x1076, `keyint=10:bframes=3`.
const VPS_MAIN: &[u8] = b"\x40\x01\x0c\x01\xff\xff\x01\x60\x00\x00\x03\x00\x90\x00\x00\x03\x00\x00\
    \x03\x00\x78\x95\x94\x09";
const SPS_MAIN: &[u8] = b"\x42\x01\x01\x01\x60\x00\x00\x03\x00\x90\x00\x00\x03\x00\x00\x03\x00\x78\
    \xa0\x03\xc0\x80\x10\xe7\x77\x96\x56\x59\x24\xca\xf0\x16\x80\x80\x00\x00\x03\x00\x80\x00\x00\
    \x0c\x84";
const PPS_MAIN: &[u8] = b"\x44\x01\xc1\x72\xb4\x62\x40";
/// 320x240, `-pix_fmt yuv420p10le`, `bframes=0:scaling-list=default`.
const SPS_MAIN10: &[u8] = b"\x42\x01\x01\x02\x20\x00\x00\x03\x00\x90\x00\x00\x03\x00\x00\x03\x00\
    \x3c\xa0\x0a\x08\x0f\x13\x65\x92\xa4\x93\x95\xe0\x2d\x01\x00\x00\x03\x00\x01\x00\x00\x03\x00\
    \x19\x08";

#[test]
fn a_main_profile_set_tells_cropped_size_and_reordering() {
    let sps = Sps::parse(SPS_MAIN).expect("x265 is right");
    assert_eq!((sps.width, sps.height), (1916, 1076));
    assert_eq!((sps.chroma_format, sps.bit_depth_luma), (1, 8));
    assert_eq!((sps.reorder_frames_max, sps.temporal_layers), (2, 1));
    assert_eq!(sps.profile_tier_level.rfc6381(), "hvc1.1.6.L120.90");
}

#[test]
fn a_main_10_set_tells_its_bit_depth() {
    let sps = Sps::parse(SPS_MAIN10).expect("x265 is right");
    assert_eq!((sps.width, sps.height, sps.bit_depth_luma), (320, 240, 10));
    assert_eq!(sps.reorder_frames_max, 0);
    assert_eq!(sps.profile_tier_level.rfc6381(), "hvc1.2.4.L60.90");
}

#[test]
fn the_codecs_parameter_names_space_tier_and_constraints() {
    let general = ProfileTierLevel {
        space_tier_profile: 0x61,
        compatibility: 0x6000_0000,
        constraints: [0xB0, 0, 0x10, 0, 0, 0],
        level: 93,
    };
    assert_eq!(general.rfc6381(), "hvc1.A1.6.H93.B0.0.10");
}

#[test]
fn the_record_matches_what_ffmpeg_writes_and_reads_back() {
    let parameters =
        VideoParameters::from_h265(VPS_MAIN, SPS_MAIN, PPS_MAIN).expect("x265 is right");
    let head = b"\x01\x01\x60\x00\x00\x00\x90\x00\x00\x00\x00\x00\x78\xf0\x00\xfc\xfd\xf8\xf8\
        \x00\x00\x0f\x03\xa0\x00\x01\x00\x18";
    assert_eq!(&parameters.config[..head.len()], head);
    assert_eq!(VideoParameters::from_hvcc(&parameters.config), Ok(parameters.clone()));
    assert_eq!(parameters.parameter_sets(), [VPS_MAIN, SPS_MAIN, PPS_MAIN]);
}

#[test]
fn sets_of_the_wrong_kind_are_refused() {
    assert!(VideoParameters::from_h265(SPS_MAIN, SPS_MAIN, PPS_MAIN).is_err());
    assert!(VideoParameters::from_h265(VPS_MAIN, PPS_MAIN, PPS_MAIN).is_err());
    assert!(VideoParameters::from_h265(VPS_MAIN, SPS_MAIN, VPS_MAIN).is_err());
    assert!(VideoParameters::from_h265_sets(&[VPS_MAIN], &[SPS_MAIN], &[]).is_err());
}

#[test]
fn slices_tell_the_kind_of_picture() {
    let check = |unit: &[u8], kind, key| {
        let unit = to_length_prefixed([&[0x46, 0x01, 0x10][..], unit]);
        assert_eq!((picture_kind(&unit, 0), is_key(&unit)), (kind, key), "{unit:02x?}");
    };
    // First bytes of slices by x265.
    check(&[0x28, 0x01, 0xAF, 0x1D], PictureKind::Idr, true);
    check(&[0x2A, 0x01, 0xAF, 0x1D], PictureKind::I, true);
    check(&[0x02, 0x01, 0xD0, 0x21], PictureKind::P, false);
    check(&[0x00, 0x01, 0xE0, 0x24], PictureKind::B, false);
    check(&[0x02, 0x01, 0xD8, 0x21], PictureKind::I, false);
    check(&[0x02, 0x01, 0x50], PictureKind::Unknown, false);
    check(&[0x02], PictureKind::Unknown, false);
}

#[test]
fn extra_slice_header_bits_come_from_the_picture_parameter_set() {
    let parameters =
        VideoParameters::from_h265(VPS_MAIN, SPS_MAIN, PPS_MAIN).expect("x265 is right");
    assert_eq!(extra_slice_header_bits(&parameters.config), 0);
    // The same set with the three bits set to 2: 1 1 0 0 010 ...
    let parameters = VideoParameters::from_h265(VPS_MAIN, SPS_MAIN, &[0x44, 0x01, 0xC4, 0x80])
        .expect("only the start of a PPS is read");
    assert_eq!(extra_slice_header_bits(&parameters.config), 2);
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(data: Vec<u8>) {
        let prefixed = to_length_prefixed([&data[..]]);
        let _ = (picture_kind(&data, 7), picture_kind(&prefixed, 0), is_key(&prefixed));
        drop((Sps::parse(&data), VideoParameters::from_hvcc(&data)));
        let _ = extra_slice_header_bits(&data);
    }

    #[test]
    fn damaged_sets_never_panic(
        first: bool, at in 0usize..43, value: u8, cut in 1usize..44,
    ) {
        let mut set = if first { SPS_MAIN } else { SPS_MAIN10 }.to_vec();
        if let Some(byte) = set.get_mut(at) {
            *byte = value;
        }
        set.truncate(cut);
        if let Ok(parameters) = VideoParameters::from_h265(VPS_MAIN, &set, PPS_MAIN) {
            prop_assert!(parameters.width > 0 && parameters.height > 0);
            prop_assert_eq!(VideoParameters::from_hvcc(&parameters.config), Ok(parameters));
        }
    }
}
