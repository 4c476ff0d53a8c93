//! What is split here is put together again by the receiver of another crate.

use std::sync::Arc;

use bytes::Bytes;
use hearth_media::{AudioParameters, VideoParameters, nal};
use hearth_rtsp::{
    depacketize::{AccessUnit, Depacketized, Depacketizer, Output},
    rtp::{RtpHeader, RtpPacket},
    sdp::SessionDescription,
};
use proptest::prelude::*;

use super::*;
use crate::{Reel, ReelSpec, SceneKind, SceneSpec};

/// Sends payloads through a receiver that was chosen from a description.
fn received(sdp: &str, track: usize, units: &[Payloads]) -> Vec<AccessUnit> {
    let description = SessionDescription::parse(sdp).expect("a description");
    let (format, mut depacketizer) =
        Depacketizer::choose(&description.media[track]).expect("a known format");
    let mut output = Output::new();
    let mut sequence = 0;
    for (number, payloads) in units.iter().enumerate() {
        for (place, payload) in payloads.iter().enumerate() {
            let header = RtpHeader {
                marker: place + 1 == payloads.len(),
                payload_type: format.payload_type,
                sequence,
                timestamp: number as u32 * 3_000,
                ssrc: 1,
            };
            sequence += 1;
            let packet = [&header.encode()[..], payload].concat();
            let packet = RtpPacket::parse(&packet).expect("a packet");
            depacketizer.push(&packet, false, &mut output).expect("sound parameters");
        }
    }
    let units = output.into_iter().filter_map(|item| match item {
        Depacketized::Unit(unit) => Some(unit),
        Depacketized::VideoParameters(_) => None,
    });
    units.collect()
}

fn h264_parameters() -> Arc<StreamParameters> {
    let spec = ReelSpec::new(SceneSpec::new(SceneKind::Garage, 64, 64, 5), 0);
    Arc::clone(Reel::from_scene(spec).expect("a reel").parameters())
}

fn unit(track: TrackKind, is_key: bool, data: Bytes) -> Unit {
    Unit { track, send_us: 0, pts_us: 0, is_key, data }
}

fn h264_sdp(video: &VideoParameters) -> String {
    let encode =
        |set: &Bytes| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, set);
    let sets: Vec<String> = video.parameter_sets().iter().map(encode).collect();
    format!(
        "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n\
         a=fmtp:96 packetization-mode=1;sprop-parameter-sets={}\r\n",
        sets.join(",")
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn h264_of_any_size_arrives_as_it_was(sizes in prop::collection::vec(1_usize..6_000, 1..5)) {
        let parameters = h264_parameters();
        let video = parameters.video.as_ref().expect("video");
        // Slices of a key frame; the second byte has the bit that says: first slice.
        let slices: Vec<Vec<u8>> =
            sizes.iter().map(|&size| [vec![0x65, 0x88], vec![0xA5; size]].concat()).collect();
        let data = nal::to_length_prefixed(slices.iter().map(Vec::as_slice));
        let payloads = split(&parameters, &unit(TrackKind::Video, true, data.clone()));
        prop_assert!(payloads.iter().all(|payload| payload.len() <= PAYLOAD_MAX));
        let units = received(&h264_sdp(video), 0, &[payloads]);
        prop_assert_eq!(units.len(), 1);
        prop_assert!(units[0].is_key && !units[0].after_loss);
        prop_assert_eq!(&units[0].data, &data);
    }

    #[test]
    fn aac_of_any_size_arrives_as_it_was(size in 1_usize..8_000) {
        // AAC-LC, 48 kHz, stereo.
        let audio = AudioParameters::from_aac_config(&[0x11, 0x90]).expect("a configuration");
        let parameters = StreamParameters { video: None, audio: Some(audio) };
        let data = Bytes::from(vec![0x21; size]);
        let payloads = split(&parameters, &unit(TrackKind::Audio, true, data.clone()));
        let sdp = "v=0\r\nm=audio 0 RTP/AVP 97\r\na=rtpmap:97 MPEG4-GENERIC/48000/2\r\n\
                   a=fmtp:97 mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1190\r\n";
        let units = received(sdp, 0, &[payloads]);
        prop_assert_eq!(units.len(), 1);
        prop_assert_eq!(&units[0].data, &data);
    }
}

#[test]
fn g711_arrives_as_it_was() {
    let parameters = StreamParameters { video: None, audio: Some(AudioParameters::pcmu(8_000, 1)) };
    let data = Bytes::from_static(&[0x55; 320]);
    let payloads = split(&parameters, &unit(TrackKind::Audio, true, data.clone()));
    let units = received("v=0\r\nm=audio 0 RTP/AVP 0\r\n", 0, &[payloads]);
    assert_eq!(units.len(), 1);
    assert_eq!((&units[0].data, units[0].duration_samples), (&data, Some(320)));
}

#[test]
fn a_large_h265_unit_is_cut_as_the_rfc_says() {
    let large = [vec![19 << 1, 1], vec![0xB7; 4_000]].concat();
    let small = vec![1 << 1, 1, 0xC1];
    let data = nal::to_length_prefixed([large.as_slice(), small.as_slice()]);
    let sets = [vec![32 << 1, 1, 7], vec![33 << 1, 1, 8], vec![34 << 1, 1, 9]].map(Bytes::from);
    let mut payloads = Payloads::default();
    h265::split(&sets, &data, &mut payloads);
    let all: Vec<&[u8]> = payloads.iter().collect();
    let (aggregate, fragments, single) = (all[0], &all[1..all.len() - 1], all[all.len() - 1]);
    assert_eq!(aggregate, [48 << 1, 1, 0, 3, 64, 1, 7, 0, 3, 66, 1, 8, 0, 3, 68, 1, 9]);
    assert_eq!(single, small);
    let bits: Vec<u8> = fragments.iter().map(|fragment| fragment[2]).collect();
    assert_eq!(bits, [0x80 | 19, 19, 0x40 | 19]);
    assert!(fragments.iter().all(|fragment| fragment[..2] == [49 << 1, 1]));
    let body: Vec<u8> = fragments.iter().flat_map(|fragment| fragment[3..].to_vec()).collect();
    assert_eq!(body, large[2..]);
}
