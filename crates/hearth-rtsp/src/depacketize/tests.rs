use base64::Engine as _;
use proptest::prelude::*;

use super::*;
use crate::{rtp::RtpHeader, sdp::SessionDescription};

mod other_codecs;

/// By x264: 1920x1080 High, baseline, and a picture parameter set.
const SPS: &[u8] = b"\x67\x64\x00\x28\xac\xd9\x40\x78\x02\x27\xe5\xc0\x44\x00\x00\x03\x00\x04\x00\
    \x00\x03\x00\xc8\x3c\x60\xc6\x58";
const SPS_BASELINE: &[u8] = b"\x67\x42\xc0\x28\xd9\x00\x78\x02\x27\xe5\xc0\x44\x00\x00\x03\x00\x04\
    \x00\x00\x03\x00\xc8\x3c\x60\xc9\x20";
const PPS: &[u8] = b"\x68\xea\xe3\xcb\x22\xc0";
const IDR: &[u8] = b"\x65\x88\x84\x00\x2b\x11\x22\x33\x44\x55";
const P: &[u8] = b"\x41\x9a\x23\x6c\x01\x02\x03\x04";
/// A slice that is not the first of its picture.
const P_SECOND: &[u8] = b"\x41\x4a\x23\x6c\x05\x06";
const SEI: &[u8] = b"\x06\x05\x02\x01\x02\x80";

fn depacketizer(sdp: &str) -> Depacketizer {
    let description = SessionDescription::parse(sdp).expect("valid");
    Depacketizer::choose(&description.media[0]).expect("supported").1
}

fn h264_sdp(sprop: bool) -> String {
    let encode = |set: &[u8]| base64::engine::general_purpose::STANDARD.encode(set);
    let sets = format!(";sprop-parameter-sets={},{}", encode(SPS), encode(PPS));
    let sets = if sprop { sets.as_str() } else { "" };
    format!("m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=fmtp:96 packetization-mode=1{sets}\n")
}

/// Feeds payloads and shows what came out.
struct Feed {
    depacketizer: Depacketizer,
    output: Output,
    lost: bool,
}

impl Feed {
    fn new(sdp: &str) -> Self {
        Self { depacketizer: depacketizer(sdp), output: Output::new(), lost: false }
    }

    fn h264() -> Self {
        Self::new(&h264_sdp(true))
    }

    fn lose(&mut self) -> &mut Self {
        self.lost = true;
        self
    }

    fn push(&mut self, timestamp: u32, marker: bool, payload: &[u8]) -> &mut Self {
        let header = RtpHeader { marker, payload_type: 96, sequence: 0, timestamp, ssrc: 0 };
        let lost = std::mem::take(&mut self.lost);
        let packet = RtpPacket { header, payload };
        self.depacketizer.push(&packet, lost, &mut self.output).expect("usable parameters");
        self
    }

    /// `K` for key frames, `P` for others, `!` behind those after a loss, `(w)` for parameters.
    fn shown(&mut self) -> String {
        self.output
            .drain(..)
            .map(|item| match item {
                Depacketized::VideoParameters(video) => format!("({})", video.rfc6381),
                Depacketized::Unit(unit) => {
                    let kind = if unit.is_key { 'K' } else { 'P' };
                    format!("{kind}{}{}", unit.timestamp, if unit.after_loss { "!" } else { "" })
                }
            })
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn units(&self) -> Vec<Vec<Vec<u8>>> {
        let units = self.output.iter().filter_map(|item| match item {
            Depacketized::Unit(unit) => Some(unit),
            Depacketized::VideoParameters(_) => None,
        });
        units
            .map(|unit| {
                hearth_media::nal::length_prefixed(&unit.data).map(<[u8]>::to_vec).collect()
            })
            .collect()
    }
}

fn stap_a(nals: &[&[u8]]) -> Vec<u8> {
    let mut payload = vec![24];
    for nal in nals {
        let length = u16::try_from(nal.len()).expect("short");
        payload.extend_from_slice(&length.to_be_bytes());
        payload.extend_from_slice(nal);
    }
    payload
}

/// FU-A payloads with a reserved bit set, as some cameras do.
fn fu_a(nal: &[u8], size: usize) -> Vec<Vec<u8>> {
    let pieces: Vec<&[u8]> = nal[1..].chunks(size).collect();
    let last = pieces.len() - 1;
    let one = |(index, piece): (usize, &&[u8])| {
        let flags = u8::from(index == 0) << 7 | u8::from(index == last) << 6 | 0x20;
        [&[nal[0] & 0xe0 | 28, flags | nal[0] & 0x1f][..], piece].concat()
    };
    pieces.iter().enumerate().map(one).collect()
}

#[test]
fn single_aggregated_and_fragmented_units_are_put_together() {
    let mut feed = Feed::h264();
    feed.push(0, false, &stap_a(&[SPS, PPS, SEI]));
    let pieces = fu_a(IDR, 4);
    for (index, piece) in pieces.iter().enumerate() {
        feed.push(0, index + 1 == pieces.len(), piece);
    }
    feed.push(10, false, P).push(10, true, P_SECOND);
    assert_eq!(
        feed.units(),
        [vec![SEI.to_vec(), IDR.to_vec()], vec![P.to_vec(), P_SECOND.to_vec()]]
    );
    assert_eq!(feed.shown(), "(avc1.640028) K0 P10");
}

#[test]
fn nothing_comes_out_before_parameters_and_a_key_frame() {
    let mut feed = Feed::new(&h264_sdp(false));
    feed.push(0, true, IDR).push(1, true, P).push(2, false, SPS).push(2, false, PPS);
    assert_eq!(feed.shown(), "");
    feed.push(2, true, P).push(3, true, IDR).push(4, true, P);
    assert_eq!(feed.shown(), "(avc1.640028) K3 P4");
}

#[test]
fn parameters_that_change_in_band_take_effect_at_a_key_frame() {
    let mut feed = Feed::h264();
    feed.push(0, true, IDR);
    feed.push(1, false, SPS).push(1, false, PPS).push(1, true, IDR);
    assert_eq!(feed.shown(), "(avc1.640028) K0 K1", "the same sets are no change");
    feed.push(2, false, SPS_BASELINE).push(2, true, P);
    assert_eq!(feed.shown(), "P2");
    feed.push(3, true, IDR);
    assert_eq!(feed.shown(), "(avc1.42c028) K3");
}

#[test]
fn a_marker_on_parameter_sets_or_sei_ends_nothing() {
    let mut feed = Feed::h264();
    feed.push(0, true, SPS).push(0, true, PPS).push(0, true, SEI).push(0, true, IDR);
    assert_eq!(feed.units(), [[SEI.to_vec(), IDR.to_vec()]]);
}

#[test]
fn without_markers_a_new_timestamp_ends_a_picture() {
    let mut feed = Feed::h264();
    feed.push(0, false, IDR).push(1, false, P).push(1, false, P_SECOND).push(2, false, P);
    assert_eq!(feed.shown(), "(avc1.640028) K0 P1");
}

#[test]
fn a_marker_on_every_slice_is_learned_to_be_useless() {
    let mut feed = Feed::h264();
    feed.push(0, true, IDR).push(1, true, P).push(1, true, P_SECOND);
    feed.push(2, true, P).push(2, true, P_SECOND).push(3, true, P).push(3, true, P_SECOND);
    feed.push(4, true, P);
    assert_eq!(feed.shown(), "(avc1.640028) K0 P1 P2! P3");
}

#[test]
fn start_codes_inside_of_packets_are_taken_out() {
    let mut feed = Feed::h264();
    let framed = [SPS, b"\0\0\0\x01", PPS, b"\0\0\x01", IDR].concat();
    feed.push(0, true, &framed);
    feed.push(1, true, &[b"\0\0\0\x01", P].concat());
    let pieces = fu_a(&[SPS, b"\0\0\0\x01", PPS, b"\0\0\0\x01", IDR].concat(), 9);
    for (index, piece) in pieces.iter().enumerate() {
        feed.push(2, index + 1 == pieces.len(), piece);
    }
    assert_eq!(feed.units(), [[IDR.to_vec()], [P.to_vec()], [IDR.to_vec()]]);
}

#[test]
fn a_picture_that_lost_a_part_is_dropped_and_the_next_is_marked() {
    let mut feed = Feed::h264();
    feed.push(0, true, IDR);
    let pieces = fu_a(P, 3);
    feed.push(1, false, &pieces[0]).lose().push(1, true, &pieces[2]).push(2, true, P);
    assert_eq!(feed.shown(), "(avc1.640028) K0 P2!", "its middle");
    feed.push(3, false, P).lose().push(4, true, P).push(5, true, P);
    assert_eq!(feed.shown(), "P4! P5", "its end");
    feed.lose().push(6, false, &pieces[1]).push(6, true, &pieces[2]).push(7, true, P);
    assert_eq!(feed.shown(), "P7!", "its beginning");
    feed.lose().push(8, true, P_SECOND).push(9, true, P);
    assert_eq!(feed.shown(), "P9!", "its first slice");
    feed.lose().push(10, true, P);
    assert_eq!(feed.shown(), "P10!", "a whole picture before it");
    assert_eq!(feed.depacketizer.dropped(), 4);
}

#[test]
fn a_unit_over_the_limit_is_dropped() {
    let mut feed = Feed::h264();
    feed.push(0, true, IDR).push(1, false, P);
    let middle = [&[0x5c, 0x01][..], &[0xaa; 60_000]].concat();
    feed.push(1, false, &[0x5c, 0x81, 0x9a]);
    for _ in 0..(ACCESS_UNIT_BYTES_MAX / 60_000 + 1) {
        feed.push(1, false, &middle);
    }
    feed.push(1, true, &[0x5c, 0x41, 0x00]).push(2, true, P);
    assert_eq!(feed.shown(), "(avc1.640028) K0 P2!");
    feed.push(3, false, P);
    (0..ACCESS_UNIT_NALS_MAX).for_each(|_| {
        feed.push(3, false, P_SECOND);
    });
    feed.push(4, true, P);
    assert_eq!(feed.shown(), "P4!");
}

#[test]
fn formats_that_cannot_be_recorded_are_not_chosen() {
    for sdp in [
        "m=video 0 RTP/AVP 96\na=rtpmap:96 VP8/90000\n",
        "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=fmtp:96 packetization-mode=2\n",
        "m=video 0 RTP/AVP 96\na=rtpmap:96 H265/90000\na=fmtp:96 sprop-max-don-diff=3\n",
        "m=audio 0 RTP/AVP 97\na=rtpmap:97 MP4A-LATM/90000\n",
        "m=audio 0 RTP/AVP 97\na=rtpmap:97 mpeg4-generic/16000\n",
    ] {
        let description = SessionDescription::parse(sdp).expect("valid");
        assert!(Depacketizer::choose(&description.media[0]).is_none(), "{sdp}");
    }
}

proptest! {
    #[test]
    fn a_picture_comes_out_as_it_was_cut_up(
        mut slice in prop::collection::vec(1u8.., 3..3_000), size in 1usize..1_500,
    ) {
        (slice[0], slice[1]) = (0x65, 0x88);
        let mut feed = Feed::h264();
        let pieces = fu_a(&slice, size);
        for (index, piece) in pieces.iter().enumerate() {
            feed.push(0, index + 1 == pieces.len(), piece);
        }
        prop_assert_eq!(feed.units(), [[slice]]);
    }

    /// promise: K-03. A malformed payload is an error or nothing, never a panic.
    #[test]
    fn arbitrary_payloads_never_panic(
        packets in prop::collection::vec(
            (0u32..4, any::<bool>(), any::<bool>(), prop::collection::vec(any::<u8>(), 0..60)),
            0..60,
        ),
        kind in 0usize..5,
    ) {
        let sdp = [
            h264_sdp(true),
            h264_sdp(false),
            "m=video 0 RTP/AVP 96\na=rtpmap:96 H265/90000\n".to_owned(),
            "m=video 0 RTP/AVP 26\n".to_owned(),
            other_codecs::AAC_SDP.to_owned(),
        ];
        let mut depacketizer = depacketizer(&sdp[kind]);
        let mut output = Output::new();
        for (timestamp, marker, lost, payload) in packets {
            let header = RtpHeader { marker, payload_type: 96, sequence: 0, timestamp, ssrc: 0 };
            let packet = RtpPacket { header, payload: &payload };
            if depacketizer.push(&packet, lost, &mut output).is_err() {
                break;
            }
        }
    }

    #[test]
    fn damaged_streams_never_panic_and_units_stay_whole(
        order in prop::collection::vec((0usize..12, any::<bool>(), 0u32..3, 0usize..40), 0..60),
    ) {
        let mut payloads = vec![stap_a(&[SPS, PPS]), SPS_BASELINE.to_vec(), IDR.to_vec(), P.to_vec()];
        payloads.extend(fu_a(IDR, 3));
        payloads.extend(fu_a(P, 2));
        let mut feed = Feed::h264();
        let mut timestamp = 0;
        for (index, lost, step, cut) in order {
            timestamp += step;
            feed.lost |= lost;
            let payload = &payloads[index % payloads.len()];
            let payload = &payload[..payload.len() - cut.min(payload.len() - 1) / 8];
            let header =
                RtpHeader { marker: step == 1, payload_type: 96, sequence: 0, timestamp, ssrc: 0 };
            let packet = RtpPacket { header, payload };
            let lost = std::mem::take(&mut feed.lost);
            if feed.depacketizer.push(&packet, lost, &mut feed.output).is_err() {
                break;
            }
        }
        for item in &feed.output {
            if let Depacketized::Unit(unit) = item {
                let units = hearth_media::nal::length_prefixed(&unit.data);
                prop_assert_eq!(units.map(|nal| nal.len() + 4).sum::<usize>(), unit.data.len());
            }
        }
    }
}
