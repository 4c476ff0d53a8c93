//! Opus, one packet a packet (RFC 7587).

use bytes::Bytes;
use hearth_media::AudioParameters;

use super::{AccessUnit, Depacketized, Output};
use crate::{rtp::RtpPacket, sdp::Format};

/// See the module.
#[derive(Debug)]
pub(super) struct OpusDepacketizer {
    parameters: AudioParameters,
}

impl OpusDepacketizer {
    /// `rtpmap` always says two channels (RFC 7587, 7); `sprop-stereo` tells what is sent.
    pub(super) fn new(format: &Format) -> Self {
        let is_mono = format.parameter("sprop-stereo") == Some("0");
        Self { parameters: AudioParameters::opus(if is_mono { 1 } else { 2 }) }
    }

    pub(super) fn parameters(&self) -> &AudioParameters {
        &self.parameters
    }

    pub(super) fn push(&self, packet: &RtpPacket<'_>, lost_before: bool, output: &mut Output) {
        if let Some(samples) = duration_samples(packet.payload) {
            output.push_back(Depacketized::Unit(AccessUnit {
                timestamp: packet.header.timestamp,
                duration_samples: Some(samples),
                is_key: true,
                after_loss: lost_before,
                data: Bytes::copy_from_slice(packet.payload),
            }));
        }
    }
}

/// Length of an Opus packet at 48 kHz, from its first two bytes (RFC 6716, 3.1 and 3.2).
fn duration_samples(packet: &[u8]) -> Option<u32> {
    const MS_120: u32 = 5_760;
    let toc = *packet.first()?;
    let frame_samples = match toc >> 3 {
        config @ 0..=11 => [480, 960, 1_920, 2_880].get(usize::from(config & 3)).copied()?,
        config @ 12..=15 => 480 << (config & 1),
        config => 120 << (config & 3),
    };
    let frames = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u32::from(packet.get(1)? & 0x3f),
    };
    let samples = frame_samples * frames;
    (1..=MS_120).contains(&samples).then_some(samples)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_follow_the_table_of_contents() {
        for (packet, samples) in [
            (&[0x78][..], Some(960)),     // hybrid, 20 ms, one frame
            (&[0x00], Some(480)),         // SILK, 10 ms
            (&[0xe0], Some(120)),         // CELT, 2.5 ms
            (&[0xfd], Some(1_920)),       // CELT, 20 ms, two frames
            (&[0xff, 0x03], Some(2_880)), // CELT, 20 ms, three frames
            (&[0x1b, 0x03], None),        // 180 ms is more than a packet may hold
            (&[0xff, 0x00], None),
            (&[], None),
        ] {
            assert_eq!(duration_samples(packet), samples, "{packet:02x?}");
        }
    }
}
