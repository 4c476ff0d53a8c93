//! What several targets share: packets cut out of arbitrary bytes, fed to one track.

#![forbid(unsafe_code)]

use hearth_rtsp::{
    depacketize::{Depacketized, Depacketizer, Output},
    rtp::{RtpHeader, RtpPacket},
    sdp::SessionDescription,
};

/// Feeds a track of an SDP with packets, and hands each unit that comes out to `check`.
///
/// Input is a row of packets: one byte of flags (1 marker, 2 loss before it, 4 a later time), one
/// byte of length, payload.
pub fn feed(sdp: &str, mut input: &[u8], check: impl Fn(&[u8])) {
    let description = SessionDescription::parse(sdp).expect("a constant that is valid");
    let (_, mut track) = Depacketizer::choose(&description.media[0]).expect("a supported codec");
    let (mut output, mut timestamp) = (Output::new(), 0_u32);
    while let [flags, length, rest @ ..] = input {
        let (payload, rest) = rest.split_at(usize::from(*length).min(rest.len()));
        input = rest;
        timestamp = timestamp.wrapping_add(u32::from(flags >> 2 & 1) * 3_000);
        let marker = flags & 1 != 0;
        let header = RtpHeader { marker, payload_type: 96, sequence: 0, timestamp, ssrc: 0 };
        let packet = RtpPacket { header, payload };
        if track.push(&packet, flags & 2 != 0, &mut output).is_err() {
            return;
        }
        for item in output.drain(..) {
            if let Depacketized::Unit(unit) = item {
                check(&unit.data);
            }
        }
    }
}

/// Whether an access unit is nothing but whole length-prefixed NAL units.
pub fn is_whole(unit: &[u8]) -> bool {
    hearth_media::nal::length_prefixed(unit).map(|nal| nal.len() + 4).sum::<usize>() == unit.len()
}
