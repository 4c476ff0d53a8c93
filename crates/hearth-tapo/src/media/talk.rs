//! A-law sound (G.711, 8 kHz, mono) as the transport stream that cameras play.
//!
//! One program with one stream of type 0x90, which is what the cameras themselves send.

/// Length of a transport packet.
pub const TS_PACKET_BYTES: usize = 188;
const PAT_PID: u16 = 0;
const PMT_PID: u16 = 0x42;
const AUDIO_PID: u16 = 0x44;
const STREAM_TYPE_ALAW: u8 = 0x90;
/// Timestamps count at 90 kHz, sound has 8 samples a millisecond.
const TICKS_PER_SAMPLE: u64 = 90_000 / 8_000;
/// At most a quarter of a second at once: a PES packet's length has 16 bits.
const SAMPLES_MAX: usize = 2_000;

/// Makes packets.
#[derive(Debug, Default)]
pub struct AlawMuxer {
    samples: u64,
    counters: [u8; 3],
}

impl AlawMuxer {
    /// Starts at time zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// The packets for these samples, tables included.
    pub fn packets(&mut self, alaw: &[u8]) -> Vec<u8> {
        let mut packets = Vec::new();
        for samples in alaw.chunks(SAMPLES_MAX) {
            self.section(
                &mut packets,
                PAT_PID,
                0,
                &[
                    0,
                    0,
                    0xC1,
                    0,
                    0, // stream, version, first and last section
                    0,
                    1,
                    0xE0 | (PMT_PID >> 8) as u8,
                    PMT_PID as u8,
                ],
            );
            let (high, low) = (0xE0 | (AUDIO_PID >> 8) as u8, AUDIO_PID as u8);
            self.section(
                &mut packets,
                PMT_PID,
                2,
                &[
                    0,
                    1,
                    0xC1,
                    0,
                    0,
                    high,
                    low,
                    0xF0,
                    0, // program, version, clock, no descriptors
                    STREAM_TYPE_ALAW,
                    high,
                    low,
                    0xF0,
                    0,
                ],
            );
            let pes = self.pes(samples);
            self.payload(&mut packets, AUDIO_PID, &pes);
            self.samples += samples.len() as u64;
        }
        packets
    }

    /// A table in a packet of its own.
    fn section(&mut self, packets: &mut Vec<u8>, pid: u16, table: u8, body: &[u8]) {
        let length = body.len() + 4;
        let mut section = vec![table, 0xB0 | (length >> 8) as u8, length as u8];
        section.extend_from_slice(body);
        section.extend(crc(&section).to_be_bytes());
        let mut payload = vec![0];
        payload.extend(section);
        // Tables are padded behind, not in front.
        payload.resize(TS_PACKET_BYTES - 4, 0xFF);
        self.payload(packets, pid, &payload);
    }

    fn pes(&self, samples: &[u8]) -> Vec<u8> {
        let pts = self.samples * TICKS_PER_SAMPLE;
        let length = (samples.len() + 8) as u16;
        let mut pes = vec![0, 0, 1, 0xC0];
        pes.extend(length.to_be_bytes());
        pes.extend([0x80, 0x80, 5]);
        pes.extend([
            0x21 | (pts >> 29) as u8 & 0x0E,
            (pts >> 22) as u8,
            (pts >> 14) as u8 | 1,
            (pts >> 7) as u8,
            (pts << 1) as u8 | 1,
        ]);
        pes.extend_from_slice(samples);
        pes
    }

    /// Splits a payload into packets; the last one is filled up by an adaptation field.
    fn payload(&mut self, packets: &mut Vec<u8>, pid: u16, payload: &[u8]) {
        let index = match pid {
            PAT_PID => 0,
            PMT_PID => 1,
            _ => 2,
        };
        for (number, chunk) in payload.chunks(TS_PACKET_BYTES - 4).enumerate() {
            let counter = self.counters[index];
            self.counters[index] = (counter + 1) & 15;
            let start = if number == 0 { 0x40 } else { 0 };
            let missing = TS_PACKET_BYTES - 4 - chunk.len();
            let fields = if missing > 0 { 0x30 } else { 0x10 };
            packets.extend([0x47, start | (pid >> 8) as u8, pid as u8, fields | counter]);
            if missing > 0 {
                packets.push((missing - 1) as u8);
                if missing > 1 {
                    packets.push(0);
                    packets.resize(packets.len() + missing - 2, 0xFF);
                }
            }
            packets.extend_from_slice(chunk);
        }
    }
}

/// CRC-32 of MPEG-2 (ISO/IEC 13818-1, annex A): most significant bit first, not inverted.
fn crc(bytes: &[u8]) -> u32 {
    bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte) << 24, |crc, _| {
            if crc >> 31 == 1 { crc << 1 ^ 0x04C1_1DB7 } else { crc << 1 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_mpeg() {
        assert_eq!(crc(b"123456789"), 0x0376_E6E7);
    }

    proptest::proptest! {
        #[test]
        fn all_samples_come_out_in_whole_packets(alaw in proptest::collection::vec(0_u8.., 0..5_000)) {
            let packets = AlawMuxer::new().packets(&alaw);
            proptest::prop_assert!(packets.len().is_multiple_of(TS_PACKET_BYTES));
            let mut sound = Vec::new();
            for packet in packets.chunks(TS_PACKET_BYTES) {
                proptest::prop_assert_eq!(packet[0], 0x47);
                let pid = u16::from_be_bytes([packet[1] & 0x1F, packet[2]]);
                let skip = if packet[3] & 0x20 != 0 { 1 + usize::from(packet[4]) } else { 0 };
                let payload = &packet[4 + skip..];
                if pid == AUDIO_PID {
                    let header = if packet[1] & 0x40 != 0 { 14 } else { 0 };
                    sound.extend_from_slice(&payload[header..]);
                }
            }
            proptest::prop_assert_eq!(sound, alaw);
        }
    }
}
