//! G.711, one byte a sample (RFC 3551, 4.5.14).

use bytes::Bytes;
use hearth_media::AudioParameters;

use super::{AccessUnit, Depacketized, Output};
use crate::{rtp::RtpPacket, sdp::Format};

/// See the module.
#[derive(Debug)]
pub(super) struct G711Depacketizer {
    parameters: AudioParameters,
}

impl G711Depacketizer {
    pub(super) fn new(format: &Format) -> Self {
        let channels = format.channels.max(1);
        let parameters = if format.encoding == "PCMU" {
            AudioParameters::pcmu(format.clock_rate, channels)
        } else {
            AudioParameters::pcma(format.clock_rate, channels)
        };
        Self { parameters }
    }

    pub(super) fn parameters(&self) -> &AudioParameters {
        &self.parameters
    }

    pub(super) fn push(&self, packet: &RtpPacket<'_>, lost_before: bool, output: &mut Output) {
        let samples = packet.payload.len() / usize::from(self.parameters.channels.max(1));
        if samples > 0 {
            output.push_back(Depacketized::Unit(AccessUnit {
                timestamp: packet.header.timestamp,
                duration_samples: u32::try_from(samples).ok(),
                is_key: true,
                after_loss: lost_before,
                data: Bytes::copy_from_slice(packet.payload),
            }));
        }
    }
}
