//! H.265, JPEG and sound.

use hearth_media::AudioCodec;

use super::*;

const VPS_265: &[u8] = b"\x40\x01\x0c\x01\xff\xff\x01\x60\x00\x00\x03\x00\x90\x00\x00\x03\x00\x00\
    \x03\x00\x78\x95\x94\x09";
const SPS_265: &[u8] = b"\x42\x01\x01\x01\x60\x00\x00\x03\x00\x90\x00\x00\x03\x00\x00\x03\x00\x78\
    \xa0\x03\xc0\x80\x10\xe7\x77\x96\x56\x59\x24\xca\xf0\x16\x80\x80\x00\x00\x03\x00\x80\x00\x00\
    \x0c\x84";
const PPS_265: &[u8] = b"\x44\x01\xc1\x72\xb4\x62\x40";
const IDR_265: &[u8] = b"\x26\x01\xaf\x01\x02\x03\x04\x05\x06\x07";
const TRAIL_265: &[u8] = b"\x02\x01\xd0\x01\x02\x03";

/// AAC LC, 16 kHz, one channel.
pub(super) const AAC_SDP: &str = "m=audio 0 RTP/AVP 96\na=rtpmap:96 mpeg4-generic/16000/1\n\
    a=fmtp:96 mode=AAC-hbr;config=1408;sizelength=13;indexlength=3;indexdeltalength=3\n";

#[test]
fn h265_comes_single_aggregated_and_fragmented() {
    let mut feed = Feed::new("m=video 0 RTP/AVP 96\na=rtpmap:96 H265/90000\n");
    let mut aggregate = vec![48 << 1, 1];
    for nal in [VPS_265, SPS_265, PPS_265] {
        aggregate.extend_from_slice(&u16::try_from(nal.len()).expect("short").to_be_bytes());
        aggregate.extend_from_slice(nal);
    }
    feed.push(0, false, &aggregate);
    let kind = (IDR_265[0] >> 1) & 0x3f;
    let fragment = |flags: u8, data: &[u8]| [&[49 << 1, 1, flags | kind][..], data].concat();
    feed.push(0, false, &fragment(0x80, &IDR_265[2..5]));
    feed.push(0, false, &fragment(0, &IDR_265[5..7]));
    feed.push(0, true, &fragment(0x40, &IDR_265[7..]));
    feed.push(1, true, TRAIL_265);
    assert_eq!(feed.units(), [[IDR_265.to_vec()], [TRAIL_265.to_vec()]]);
    assert_eq!(feed.shown(), "(hvc1.1.6.L120.90) K0 P1");
}

fn audio_units(feed: &mut Feed) -> Vec<(u32, Option<u32>, Vec<u8>, bool)> {
    feed.output
        .drain(..)
        .map(|item| match item {
            Depacketized::Unit(unit) => {
                (unit.timestamp, unit.duration_samples, unit.data.to_vec(), unit.after_loss)
            }
            Depacketized::VideoParameters(_) => panic!("pictures in a sound track"),
        })
        .collect()
}

#[test]
fn aac_comes_several_a_packet_or_in_pieces() {
    let mut feed = Feed::new(AAC_SDP);
    let parameters = feed.depacketizer.audio_parameters().expect("sound");
    assert_eq!((parameters.codec, parameters.sample_rate), (AudioCodec::Aac, 16_000));
    // Two headers of 16 bits: sizes 3 and 2.
    feed.push(100, true, &[0, 32, 0, 3 << 3, 0, 2 << 3, 1, 2, 3, 4, 5]);
    let expected =
        [(100, Some(1_024), vec![1, 2, 3], false), (1_124, Some(1_024), vec![4, 5], false)];
    assert_eq!(audio_units(&mut feed), expected);
    feed.push(200, false, &[0, 16, 0, 4 << 3, 1, 2]).push(200, true, &[0, 16, 0, 4 << 3, 3, 4]);
    assert_eq!(audio_units(&mut feed), [(200, Some(1_024), vec![1, 2, 3, 4], false)]);
    feed.push(300, false, &[0, 16, 0, 4 << 3, 1, 2]);
    feed.lose().push(400, true, &[0, 16, 0, 1 << 3, 9]);
    assert_eq!(audio_units(&mut feed), [(400, Some(1_024), vec![9], true)]);
    assert_eq!(feed.depacketizer.dropped(), 1);
}

#[test]
fn g711_and_opus_are_passed_through() {
    let mut feed = Feed::new("m=audio 0 RTP/AVP 8\n");
    feed.push(7, false, &[1; 160]).lose().push(167, false, &[2; 160]);
    let units = audio_units(&mut feed);
    assert_eq!((units[0].1, units[0].3, units[1].3), (Some(160), false, true));
    let mut feed = Feed::new("m=audio 0 RTP/AVP 96\na=rtpmap:96 opus/48000/2\n");
    feed.push(7, true, &[0x78, 1, 2]);
    assert_eq!(audio_units(&mut feed), [(7, Some(960), vec![0x78, 1, 2], false)]);
}

/// Main header of an image of 32x16 pixels with quality 50.
fn jpeg_header(offset: u8) -> [u8; 8] {
    [0, 0, 0, offset, 1, 50, 4, 2]
}

#[test]
fn jpeg_headers_are_put_back() {
    let mut feed = Feed::new("m=video 0 RTP/AVP 26\n");
    feed.push(0, false, &[&jpeg_header(0)[..], b"abc"].concat());
    feed.push(0, true, &[&jpeg_header(3)[..], b"def"].concat());
    let Some(Depacketized::Unit(unit)) = feed.output.get(1) else { panic!("no image") };
    assert!(unit.data.starts_with(&[0xff, 0xd8]) && unit.data.ends_with(b"abcdef\xff\xd9"));
    assert_eq!(hearth_media::jpeg::dimensions(&unit.data), Ok((32, 16)));
    // Quality 50 is the table of the standard itself; the first value of luminance is 16.
    assert_eq!(unit.data[2..8], [0xff, 0xdb, 0, 67, 0, 16]);
    assert_eq!(feed.shown(), "(mp4v.6c) K0");
    feed.push(1, false, &[&jpeg_header(0)[..], b"abc"].concat());
    feed.lose().push(1, true, &[&jpeg_header(9)[..], b"def"].concat());
    feed.push(2, true, &[&jpeg_header(0)[..], b"abc"].concat());
    assert_eq!(feed.shown(), "K2!");
}
