//! What is said to a camera, as packets (RFC 3551, 4.5.14; RFC 2326, 10.12).
//!
//! Pure: whoever sends them keeps the time.

use bytes::Bytes;
use hearth_media::{g711::Law, speech::PACKET_SAMPLES};

use crate::rtp::RtpHeader;

/// A camera's loudspeaker as it was set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speaker {
    /// How its samples are written.
    pub law: Law,
    /// The number of that in RTP headers.
    pub payload_type: u8,
    /// On which channel of the connection its packets travel.
    pub channel: u8,
}

/// Makes packets of one speech.
#[derive(Debug)]
pub struct VoicePackets {
    speaker: Speaker,
    next: RtpHeader,
}

impl VoicePackets {
    /// Begins at a random place, as RFC 3550, 5.1 wants it.
    pub fn new(speaker: Speaker, random: [u8; 16]) -> Self {
        let [s0, s1, s2, s3, n0, n1, t0, t1, t2, t3, ..] = random;
        let next = RtpHeader {
            // The first packet after silence is marked (RFC 3551, 4.1).
            marker: true,
            payload_type: speaker.payload_type,
            sequence: u16::from_be_bytes([n0, n1]),
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
            ssrc: u32::from_be_bytes([s0, s1, s2, s3]),
        };
        Self { speaker, next }
    }

    /// The packet of the next samples, at most [`PACKET_SAMPLES`]; what is missing is silence.
    pub fn packet(&mut self, codes: &[u8]) -> Bytes {
        const BYTES: u16 = (RtpHeader::BYTES + PACKET_SAMPLES) as u16;
        let [high, low] = BYTES.to_be_bytes();
        let mut packet = vec![b'$', self.speaker.channel, high, low];
        packet.extend_from_slice(&self.next.encode());
        packet.extend(codes.iter().take(PACKET_SAMPLES));
        let whole = packet.len() + PACKET_SAMPLES.saturating_sub(codes.len());
        packet.resize(whole, self.speaker.law.silence());
        self.next.marker = false;
        self.next.sequence = self.next.sequence.wrapping_add(1);
        self.next.timestamp = self.next.timestamp.wrapping_add(PACKET_SAMPLES as u32);
        packet.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        framing::{Framed, Framer},
        rtp::RtpPacket,
    };

    #[test]
    fn packets_count_on_across_the_end_of_their_numbers() {
        let speaker = Speaker { law: Law::A, payload_type: 8, channel: 4 };
        let mut packets = VoicePackets::new(speaker, [0xff; 16]);
        let read = |bytes: &Bytes| match Framer::new().next(bytes) {
            Ok(Framed::Packet { channel: 4, payload }) => {
                let packet = RtpPacket::parse(payload).expect("RTP");
                (packet.header, packet.payload.to_vec())
            }
            other => panic!("no packet: {other:?}"),
        };
        let (first, sound) = read(&packets.packet(&[1; 160]));
        assert_eq!((first.marker, first.payload_type, first.sequence), (true, 8, 0xffff));
        assert_eq!(sound, [1; 160]);
        let (second, sound) = read(&packets.packet(&[2; 40]));
        assert_eq!((second.marker, second.sequence, second.timestamp), (false, 0, 159));
        assert_eq!(second.ssrc, first.ssrc);
        assert_eq!((&sound[..40], &sound[40..]), (&[2; 40][..], &[0xd5; 120][..]));
    }
}
